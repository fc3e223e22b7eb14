import { expect, test } from 'vitest';
import { DatabaseGoneError } from './database-gone.ts';
import { failureWords } from './failure-words.ts';

const system = (code: string, path: string) =>
  Object.assign(new Error(`${code}: no such file or directory, open '${path}'`), {
    code,
    syscall: 'open',
    path,
  });

const DENIED =
  'User: arn:aws:sts::111111111111:assumed-role/Pipeline/run-1 is not authorized to perform: s3:PutObject on resource: arn:aws:s3:::bucket/some/key because no identity-based policy allows the s3:PutObject action';

test.each([
  [Object.assign(new Error(DENIED), { name: 'AccessDenied' }), `AccessDenied: ${DENIED}`],
  [new TypeError("Cannot read properties of undefined (reading 'x')"), /^TypeError: Cannot read/],
  [new Error("The build can't go on"), "Error: The build can't go on"],
  [new Error('Build 3d5c1f0e-8b2a-4c7e-9a51-0123456789ab is gone'), /3d5c1f0e/],
  [
    new DatabaseGoneError(new Error('connect ECONNREFUSED 10.1.2.3:5432')),
    'its database does not answer',
  ],
  [system('ENOENT', '/srv/data/master.key'), 'ENOENT (open)'],
  ['thrown text', 'unknown'],
  [undefined, 'unknown'],
])('%s is told', (error, words) => {
  const said = failureWords(error);
  if (typeof words === 'string') expect(said).toBe(words);
  else expect(said).toMatch(words);
});

test.each([
  [
    'what a parser quotes',
    new SyntaxError('Unexpected token \'p\', "pw=hunter2" is not valid JSON'),
  ],
  ['a quote that is cut off', new Error(`bad value "${'x'.repeat(3_000)} hunter2"`)],
  ['a path', new Error('fatal: cannot open /srv/hunter2/x.git: denied')],
  ['a path in quotes', new Error("fatal: not a git repository: '/srv/hunter2'")],
  ['a path of this directory', new Error('cannot open ./hunter2')],
  ['a path of Windows', new Error('cannot open C:\\hunter2')],
  ['a URL with a password', new Error('cannot reach postgres://me:hunter2@db.internal/x')],
  ['a named secret', new Error('login failed, password=hunter2')],
  ['a named secret with a colon', new Error('login failed; Token: hunter2')],
])('not %s', (_what, error) => {
  expect(failureWords(error)).not.toContain('hunter2');
});

test.each([
  'AKIAIOSFODNN7EXAMPLE',
  'wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY',
  `eyJ${'a1'.repeat(40)}`,
])('not %s, which looks like a key', (key) => {
  expect(failureWords(new Error(`signed by ${key} in vain`))).toBe('Error: signed by … in vain');
});

test('it is short, and quick for whatever text', () => {
  for (const part of ['"', "'", 'a/', 'key=', '://', 'a1', ' /', '\\'])
    expect(failureWords(new Error(part.repeat(100_000))).length).toBeLessThanOrEqual(300);
});
