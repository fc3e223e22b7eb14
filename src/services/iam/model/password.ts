import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';

/** A git password: 32 random bytes in base64, as AWS's look. */
export function newPassword(): string {
  return randomBytes(32).toString('base64');
}

function digest(salt: Buffer, password: string): Buffer {
  return createHash('sha256').update(salt).update(password).digest();
}

/** What is stored of a password. One salted hash is enough: the passwords are ours, and too long to be guessed. */
export function hashPassword(password: string): string {
  const salt = randomBytes(16);
  return `${salt.toString('hex')}:${digest(salt, password).toString('hex')}`;
}

export function passwordMatches(password: string, hash: string): boolean {
  const [salt = '', expected = ''] = hash.split(':');
  return timingSafeEqual(digest(Buffer.from(salt, 'hex'), password), Buffer.from(expected, 'hex'));
}
