import { spawnSync } from 'node:child_process';
import { expect, test } from 'vitest';
import { extendedPattern } from './retry-pattern.ts';

/** As the build's own shell does it. */
const grep = (pattern: string, text: string) =>
  spawnSync('grep', ['-qE', '-e', pattern], { input: `${text}\n` }).status;

test.each([
  ['.*timed out.*', 'it timed out', 'it went well'],
  ['exit status \\d{1,2}$', 'exit status 12', 'exit status 137'],
  ['^\\w+\\s\\S+?$', 'a_1 b-c', 'a-1 b'],
  ['(?:ECONN|E)RESET', 'ECONNRESET', 'ENOENT'],
  ['a.*?b', 'axb', 'ax'],
  ['[\\d\\-\\]]x', '-x', 'ax'],
  ['^[a\\-z]$', '-', 'b'],
  ['[^\\s\\\\]', 'a', ' \\'],
  ['[[:digit:]_]', '1', 'a'],
  ['\\$\\(A\\)\\.', '$(A).', '$(A)x'],
  ['a\\tb', 'a\tb', 'atb'],
])('CB-A17: %s matches %j and not %j', (given, matched, other) => {
  const { pattern, problem } = extendedPattern(given);
  expect([problem, grep(pattern, matched), grep(pattern, other)]).toEqual([undefined, 0, 1]);
});

test.each(['(?i)error', 'a(?=b)', '\\bword', '(a', '[a', '*', '[\\D]', 'x'.repeat(2000)])(
  'what grep has no words for is refused, not passed over: %s',
  (given) => expect(extendedPattern(given).problem).toBeTruthy(),
);
