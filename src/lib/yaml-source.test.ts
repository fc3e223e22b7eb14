import { expect, test } from 'vitest';
import { isMap, isScalar, isSeq, type Node } from 'yaml';
import { cpuTime } from './cpu-time.ts';
import { isPlain, scalarText, YamlError, YamlSource } from './yaml-source.ts';

/** Lists and maps as arrays; scalars as their text, quoted ones in quotes. */
function read(text: string): unknown {
  const source = new YamlSource(text);
  const dump = (node: Node | null): unknown => {
    const meant = source.resolve(node);
    if (isScalar(meant))
      return isPlain(meant) ? scalarText(meant) : JSON.stringify(scalarText(meant));
    if (isSeq(meant)) return meant.items.map((item) => dump(item as Node));
    if (isMap(meant))
      return meant.items.map((pair) => [dump(pair.key as Node), dump(pair.value as Node)]);
    return meant;
  };
  return dump(source.root);
}

test('every scalar is the text that was written, whatever YAML takes it for', () => {
  const written = ['010', '1e3', 'yes', '1.10', '2020-01-01', '12:30', '.inf', '~', 'null', '0x1F'];
  expect(read(written.map((text) => `- ${text}\n`).join(''))).toEqual(written);
  expect(read('- !!int 5\n- !!float 1.0\n- !thing x')).toEqual(['5', '1.0', 'x']);
  expect(
    read("- \"a\\tb\"\n- 'it''s'\n- |\n  two\n  lines\n- >-\n  one\n  line\n- on\n  two"),
  ).toEqual(['"a\\tb"', '"it\'s"', '"two\\nlines\\n"', '"one line"', 'on two']);
});

test('an alias means the last anchor before it', () => {
  expect(read('- &a 1\n- *a\n- &a 2\n- *a')).toEqual(['1', '1', '2', '2']);
});

test('of several documents the first counts, whatever the others are', () => {
  expect(read('a\n---\n[')).toBe('a');
  expect(read('---\na\n---\n')).toBe('a');
  expect(read('')).toBe(null);
});

test.each([
  ['a: [\n', 2],
  ['a: *.jar', 1, 'did not find expected alphabetic or numeric character'],
  ['- a\n- **/*', 2, 'did not find expected alphabetic or numeric character'],
  ['- a\n- *a', 2, "unknown anchor 'a' referenced"],
  ['- *a\n- &a b', 1, "unknown anchor 'a' referenced"],
  ['- &a [*a]', 1, "anchor 'a' value contains itself"],
  ['[ '.repeat(20_000), 1, 'exceeded max depth'],
  ['a: 1\nb: \u001b[0m', 2, 'control characters are not allowed'],
])('error %#, at its line', (text, line, message = expect.any(String)) => {
  let error: unknown;
  try {
    read(text);
  } catch (thrown) {
    error = thrown;
  }
  expect(error).toBeInstanceOf(YamlError);
  expect(error).toMatchObject({ line, message });
});

const FULL = 1024 * 1024;
const full = (part: string) => part.repeat(FULL / part.length);

test.each([
  ['[', 'exceeded max depth'],
  ['[ ', 'exceeded max depth'],
  ['{', 'exceeded max depth'],
  ['- ', 'exceeded max depth'],
  ['? ', 'exceeded max depth'],
  ['a: ', 'exceeded max depth'],
  ['[,', 'exceeded max depth'],
  [']', 'Unexpected flow-seq-end token in YAML document: "]"'],
  ['[]', 'Unexpected flow-seq-start at node end'],
  ['- !a x\n', 'the file has too many parts'],
  ['- &a x\n', 'the file has too many parts'],
  ['- []\n', 'the file has too many parts'],
  ['%a\n', 'the file has too many parts'],
  ['- a: - b\n', 'the file has too many parts'],
])('a mebibyte of %j is refused by its beginning', (part, message) => {
  const taken = cpuTime();
  expect(() => new YamlSource(full(part))).toThrow(message);
  // A fifth of a second; the machines that run tests are slow, but it took ten before.
  expect(taken()).toBeLessThan(1500);
});

test('thousands of lines, and a long script in one, are no trouble', () => {
  expect(read('- a b\n'.repeat(15_000))).toHaveLength(15_000);
  const script = '  for i in [ a ]; do {}; done\n'.repeat(20_000);
  expect(String(read(`a: |\n${script}`)).match(/for i in/g)).toHaveLength(20_000);
});
