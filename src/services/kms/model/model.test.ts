import { randomBytes, randomUUID } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decrypt, encrypt, keyIdOf } from './ciphertext.ts';
import { keyArn, parseKeyReference } from './key-id.ts';

const place = { accountId: '123456789012', region: 'eu-west-1' };
const keyId = '11111111-2222-3333-4444-555555555555';

it.each([
  [keyId, { kind: 'key', keyId, ...place }],
  [keyArn(place, keyId), { kind: 'key', keyId, ...place }],
  ['alias/a/b', { kind: 'alias', aliasName: 'alias/a/b', ...place }],
  [
    'arn:aws:kms:us-east-1:999999999999:alias/a',
    { kind: 'alias', aliasName: 'alias/a', accountId: '999999999999', region: 'us-east-1' },
  ],
  ['nonsense', undefined],
  ['', undefined],
  ['arn:aws:s3:::bucket', undefined],
  ['arn:aws:kms:eu-west-1:123456789012:key/../x', undefined],
])('the key argument %s', (argument, expected) =>
  expect(parseKeyReference(argument, place)).toEqual(expected),
);

describe('ciphertexts', () => {
  const material = randomBytes(32);

  it('open with their key and context, which may be listed in any order', () => {
    const pairs = fc.uniqueArray(fc.tuple(fc.string(), fc.string()), {
      selector: ([name]) => name,
    });
    fc.assert(
      fc.property(fc.uint8Array(), pairs, (plaintext, context) => {
        const id = randomUUID();
        const sealed = encrypt(id, material, plaintext, Object.fromEntries(context));
        expect(keyIdOf(sealed)).toBe(id);
        const opened = decrypt(material, sealed, Object.fromEntries([...context].reverse()));
        expect(opened && Buffer.compare(opened, plaintext)).toBe(0);
      }),
    );
  });

  it('do not open when any byte is changed', () => {
    const sealed = encrypt(keyId, material, Buffer.from('text'), { a: 'b' });
    for (let at = 0; at < sealed.length; at++) {
      const changed = Buffer.from(sealed);
      changed[at] = (changed[at] ?? 0) ^ 1;
      expect(decrypt(material, changed, { a: 'b' }), `byte ${at}`).toBeUndefined();
    }
  });

  it('do not confuse one context with another', () => {
    const sealed = encrypt(keyId, material, Buffer.from('text'), { a: 'b', c: 'd' });
    for (const context of [{}, { a: 'b' }, { 'a":"b': 'c', c: 'd' }, { a: 'd', c: 'b' }] as Record<
      string,
      string
    >[]) {
      expect(decrypt(material, sealed, context)).toBeUndefined();
    }
  });

  it('that are none name no key', () => {
    expect(keyIdOf(Buffer.alloc(10))).toBeUndefined();
    expect(keyIdOf(Buffer.alloc(100))).toBeUndefined();
  });
});
