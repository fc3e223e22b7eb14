import { generateKeyPairSync } from 'node:crypto';

/** The public half of a new key, as IAM takes it for git over SSH. */
export function newPublicKey(): string {
  const { publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  return publicKey.export({ format: 'pem', type: 'spki' }).toString();
}
