import { createCipheriv, createDecipheriv, createSecretKey, randomBytes } from 'node:crypto';

/** Seals secrets that the database keeps: key material, secret access keys, git passwords. */
export interface Vault {
  /** @param context bound to the sealed text: it opens only with the same. Returns base64. */
  seal(plaintext: Uint8Array | string, context: string): string;
  /** @throws Error when it was changed or sealed with another key or context. */
  open(sealed: string, context: string): Buffer;
}

const IV_BYTES = 12;
const TAG_BYTES = 16;

/** AES-256-GCM under the server's master key (32 bytes). */
export function makeVault(masterKey: Uint8Array): Vault {
  // Made once: from bytes every cipher makes it anew, which costs as much as the deciphering.
  const key = createSecretKey(masterKey);
  return {
    seal(plaintext, context) {
      const iv = randomBytes(IV_BYTES);
      const cipher = createCipheriv('aes-256-gcm', key, iv).setAAD(Buffer.from(context));
      const body = Buffer.concat([cipher.update(plaintext), cipher.final()]);
      return Buffer.concat([iv, cipher.getAuthTag(), body]).toString('base64');
    },
    open(sealed, context) {
      const bytes = Buffer.from(sealed, 'base64');
      // Without its length a shortened tag would pass, which is easier to guess.
      const options = { authTagLength: TAG_BYTES };
      const decipher = createDecipheriv('aes-256-gcm', key, bytes.subarray(0, IV_BYTES), options)
        .setAAD(Buffer.from(context))
        .setAuthTag(bytes.subarray(IV_BYTES, IV_BYTES + TAG_BYTES));
      return Buffer.concat([
        decipher.update(bytes.subarray(IV_BYTES + TAG_BYTES)),
        decipher.final(),
      ]);
    },
  };
}
