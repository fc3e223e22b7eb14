import fc from 'fast-check';
import { expect, test } from 'vitest';
import { cpuTime } from '../lib/cpu-time.ts';
import { parseSignature } from './objects.ts';

test.each([
  ['A B <a@b> 1 +0000', { name: 'A B', email: 'a@b', date: '1 +0000' }],
  ['A <a@b>', { name: 'A', email: 'a@b', date: '0 +0000' }],
  ['A <b>c <d@e> 12 -0800', { name: 'A <b>c', email: 'd@e', date: '12 -0800' }],
  ['nobody', { name: 'nobody', email: '', date: '0 +0000' }],
  ['<> ', { name: '', email: '', date: '' }],
])('the signature %s', (text, signature) => {
  expect(parseSignature(text)).toEqual(signature);
});

test('of malformed signatures as much is read as makes sense', () => {
  fc.assert(
    fc.property(fc.string({ unit: fc.constantFrom('<', '>', ' ', 'a'), maxLength: 9 }), (text) => {
      const match = /^(.*?) ?<([^>]*)>(?: (.*))?$/s.exec(text);
      const [, name, email, date = '0 +0000'] = match ?? ['', text, ''];
      expect(parseSignature(text)).toEqual({ name, email, date });
    }),
    { numRuns: 3000 },
  );
});

test('a line of brackets is read at once', () => {
  const taken = cpuTime();
  for (const text of ['<'.repeat(300_000), '>'.repeat(300_000), '<>'.repeat(150_000)])
    expect(parseSignature(`${text}a`).email).toBe('');
  expect(taken()).toBeLessThan(1_000);
});
