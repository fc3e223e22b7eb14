import { randomBytes } from 'node:crypto';
import { expect, test } from 'vitest';
import { makeVault } from '../lib/vault.ts';
import { makeTokenSealer } from './tokens.ts';

const tokens = makeTokenSealer(makeVault(randomBytes(32)));

test('a token opens where it was made, and nowhere else', () => {
  const token = tokens.seal('here', { at: 1 });
  expect(tokens.open('here', token)).toEqual({ at: 1 });
  expect(tokens.open('there', token)).toBeUndefined();
  expect(tokens.open('here', token.slice(1))).toBeUndefined();
});

test('no token begins with a dash: the aws command would take it for an option', () => {
  // One of 64 base64url texts begins with one.
  const starts = new Set(Array.from({ length: 2000 }, (_, n) => tokens.seal('here', n)[0]));
  expect([...starts].join('')).toMatch(/^[A-Za-z0-9]+$/);
});
