import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { cpuTime } from '../../../lib/cpu-time.ts';
import { compileExpression } from './expression.ts';
import { FilterPatternError } from './matcher.ts';

describe('regular expressions in filter patterns', () => {
  it.each([
    ['AUTHORIZED', ['[ERROR 401] UNAUTHORIZED REQUEST'], ['authorized']],
    ['^[hc]at', ['hat', 'cat'], ['bat', 'the cat']],
    ['[hc]at$', ['hat', 'the cat'], ['cats']],
    ['colou?r', ['color', 'colour'], ['colouur']],
    ['a{3,5}', ['aaa', 'xaaaay'], ['aa']],
    ['^a{2}$', ['aa'], ['a', 'aaa']],
    ['^a{2,}$', ['aa', 'aaaaa'], ['a']],
    ['gray|grey', ['gray', 'a grey day'], ['griy']],
    ['^a|b$', ['ax', 'xb'], ['xax']],
    ['12*3', ['13', '123', '12223'], ['143']],
    ['10+', ['10', '1000'], ['1']],
    ['\\d{1,3}\\.\\d{1,3}\\.\\d{1,3}\\.\\d{1,3}', ['from 10.0.0.1:80'], ['1.2.3']],
    ['\\x41\\x7a', ['Az'], ['az']],
    ['[^a-c\\d]', ['abcd'], ['abc123']],
    ['\\!\\(\\%', ['!(%'], ['!%']],
    ['^.$', ['a', 'é', '\u{1F680}'], ['ab', '\n']],
    ['^\\W+$', ['é \u{1F680}'], ['e']],
    ['a^b', [], ['ab', 'a', 'b']],
    ['a*^b$c*', ['b'], ['ab', 'bc']],
    ['', ['', 'anything'], []],
  ])('%s', (expression, matching, other) => {
    const matches = compileExpression(expression);
    expect(matching.filter((text) => !matches(text))).toEqual([]);
    expect(other.filter((text) => matches(text))).toEqual([]);
  });

  // https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/regex-expressions.html
  it.each([
    ['(a+)+$', 'parentheses'],
    ['something!', 'a symbol that is not supported'],
    ['é', 'a character of several bytes'],
    ['*a', 'a quantifier of nothing'],
    ['a**', 'a quantifier of a quantifier'],
    ['^*', 'a quantifier of a place'],
    ['a{2,1}', 'a range backwards'],
    ['a{', 'a brace that is no quantifier'],
    ['[a', 'a class without end'],
    ['[b-a]', 'a range of a class backwards'],
    ['a\\', 'an escape of nothing'],
    ['\\1', 'a back reference'],
    ['[a!]', 'a symbol in a class'],
    ['x{1000}x{1000}', 'more than it may hold'],
  ])('refuses %s: %s', (expression) => {
    expect(() => compileExpression(expression)).toThrow(FilterPatternError);
  });

  it('says what a backtracking engine says', () => {
    const atom = fc.constantFrom('a', 'b', '.', '[ab]', '[^a]', '\\d', '\\W', '\\.', '^', '$');
    const quantifier = fc.constantFrom(
      '',
      '',
      '*',
      '+',
      '?',
      '{2}',
      '{1,3}',
      '{0,2}',
      '{2,}',
      '{0}',
    );
    const item = fc
      .tuple(atom, quantifier)
      .map(([text, many]) => (text === '^' || text === '$' ? text : text + many));
    const alternative = fc.array(item, { maxLength: 14 }).map((items) => items.join(''));
    const expression = fc.array(alternative, { minLength: 1, maxLength: 4 });
    const text = fc.string({ unit: fc.constantFrom('a', 'b', '1', '.', '\n', '\u{1F680}') });
    fc.assert(
      fc.property(expression, text, (alternatives, message) => {
        const source = alternatives.join('|');
        // Of JavaScript's line ends only the one that RE2 knows is in these texts.
        expect(compileExpression(source)(message)).toBe(new RegExp(source, 'u').test(message));
      }),
      { numRuns: 10_000 },
    );
  });

  it.each([
    ['endings of endings', 'a*a*a*a*a*a*a*a*a*c'],
    ['a number of states that doubles with each', 'a[ab]{500}c'],
    ['much that may be left out', `${'a?'.repeat(400)}c`],
  ])('the largest event takes no time to speak of: %s', (_what, expression) => {
    const event = 'abaabb'.repeat(170_000);
    const taken = cpuTime();
    expect(compileExpression(expression)(event)).toBe(false);
    expect(taken()).toBeLessThan(2_000);
  });
});
