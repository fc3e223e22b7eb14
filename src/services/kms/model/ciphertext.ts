import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';

/*
 * A ciphertext blob: VERSION (1 byte), key id (16), number of the key material (2; always 0 until keys
 * rotate), IV (12), tag (16), ciphertext. Everything before the IV and the encryption context are
 * authenticated with it.
 */
const VERSION = 1;
const KEY_ID_AT = 1;
const IV_AT = KEY_ID_AT + 16 + 2;
const TAG_AT = IV_AT + 12;
const BODY_AT = TAG_AT + 16;

export type EncryptionContext = Record<string, string>;

/** @param material 32 bytes of the key's material */
export function encrypt(
  keyId: string,
  material: Uint8Array,
  plaintext: Uint8Array,
  context: EncryptionContext = {},
): Buffer {
  const header = Buffer.alloc(IV_AT);
  header[0] = VERSION;
  Buffer.from(keyId.replaceAll('-', ''), 'hex').copy(header, KEY_ID_AT);
  const iv = randomBytes(12);
  const cipher = createCipheriv('aes-256-gcm', material, iv).setAAD(authenticated(header, context));
  const body = Buffer.concat([cipher.update(plaintext), cipher.final()]);
  return Buffer.concat([header, iv, cipher.getAuthTag(), body]);
}

/** The id of the key that made this ciphertext, or undefined when it is none of ours. */
export function keyIdOf(ciphertext: Uint8Array): string | undefined {
  if (ciphertext.length < BODY_AT || ciphertext[0] !== VERSION) return undefined;
  const hex = Buffer.from(ciphertext.subarray(KEY_ID_AT, KEY_ID_AT + 16)).toString('hex');
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
}

/** The plaintext, or undefined when the ciphertext, the key or the context is not the one it was made with. */
export function decrypt(
  material: Uint8Array,
  ciphertext: Uint8Array,
  context: EncryptionContext = {},
): Buffer | undefined {
  // Without its length a shortened tag would pass.
  const options = { authTagLength: BODY_AT - TAG_AT };
  const iv = ciphertext.subarray(IV_AT, TAG_AT);
  const decipher = createDecipheriv('aes-256-gcm', material, iv, options)
    .setAAD(authenticated(ciphertext.subarray(0, IV_AT), context))
    .setAuthTag(ciphertext.subarray(TAG_AT, BODY_AT));
  try {
    return Buffer.concat([decipher.update(ciphertext.subarray(BODY_AT)), decipher.final()]);
  } catch {
    return undefined;
  }
}

/** Pairs in byte order of their names, so that the order in which a caller lists them does not count. */
function authenticated(header: Uint8Array, context: EncryptionContext): Buffer {
  const pairs = Object.entries(context).sort(([a], [b]) =>
    Buffer.compare(Buffer.from(a), Buffer.from(b)),
  );
  return Buffer.concat([header, Buffer.from(JSON.stringify(pairs))]);
}
