import { randomBytes } from 'node:crypto';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { makeVault } from './vault.ts';

const vault = makeVault(randomBytes(32));

test('property: what was sealed opens under the same context', () => {
  fc.assert(
    fc.property(fc.string(), fc.string(), (text, context) => {
      expect(vault.open(vault.seal(text, context), context).toString()).toBe(text);
    }),
  );
});

test('another context, another key, a changed byte and a shortened text do not open', () => {
  const sealed = vault.seal('secret', 'a');
  expect(() => vault.open(sealed, 'b')).toThrow();
  expect(() => makeVault(randomBytes(32)).open(sealed, 'a')).toThrow();
  const bytes = Buffer.from(sealed, 'base64');
  for (let index = 0; index < bytes.length; index += 1) {
    const changed = Buffer.from(bytes);
    changed[index] = (changed[index] ?? 0) ^ 1;
    expect(() => vault.open(changed.toString('base64'), 'a')).toThrow();
    expect(() => vault.open(bytes.subarray(0, index).toString('base64'), 'a')).toThrow();
  }
});
