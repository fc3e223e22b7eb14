import { randomInt } from 'node:crypto';

const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';
const SECRET_ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';

/** What the ids of roles begin with that do not exist, in relaxed mode: no id that is made has a 0. */
export const ABSENT_ROLE_PREFIX = 'AROA0';

/** `length` characters of which ids of IAM consist. */
export function randomId(length: number): string {
  return random(ALPHABET, length);
}

/** `AKIA…`: 20 characters. */
export function newAccessKeyId(): string {
  return `AKIA${randomId(16)}`;
}

/** 40 characters, as AWS's secret access keys are. */
export function newSecretAccessKey(): string {
  return random(SECRET_ALPHABET, 40);
}

function random(alphabet: string, length: number): string {
  return Array.from({ length }, () => alphabet[randomInt(alphabet.length)]).join('');
}
