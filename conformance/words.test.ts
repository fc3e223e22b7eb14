import fc from 'fast-check';
import { expect, test } from 'vitest';
import { words } from './words.ts';

test('a command is split as a shell would', () => {
  expect(words`s3 cp big.bin   's3://b/big file.bin' --no-progress`).toEqual([
    ...['s3', 'cp', 'big.bin', 's3://b/big file.bin', '--no-progress'],
  ]);
  expect(words`
    kms create-key
      --description "it's" --policy '{"a": []}' --empty ''
  `).toEqual([
    'kms',
    'create-key',
    '--description',
    "it's",
    '--policy',
    '{"a": []}',
    '--empty',
    '',
  ]);
  expect(words`a='b c'd`).toEqual(['a=b cd']);
});

test('a value is one word, or part of one, whatever is in it', () => {
  fc.assert(
    fc.property(fc.string(), (value) => {
      expect(words`put --value ${value} s3://${value}/key '${value} '`).toEqual([
        ...['put', '--value', value, `s3://${value}/key`, `${value} `],
      ]);
    }),
  );
});

test('a list is as many words', () => {
  expect(words`list ${[]} ${['--max', 'a b']} x`).toEqual(['list', '--max', 'a b', 'x']);
  expect(() => words`list --a=${['b']}`).toThrow('A list stands by itself');
});

test('a quote has to be closed', () => {
  expect(() => words`say 'a`).toThrow("A ' is not closed");
});
