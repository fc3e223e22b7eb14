import { createHmac, createSecretKey, hash, type KeyObject } from 'node:crypto';

/** The part of a credential that follows the key id. */
export interface Scope {
  /** `YYYYMMDD` */
  date: string;
  region: string;
  service: string;
}

export const ALGORITHM = 'AWS4-HMAC-SHA256';
export const EMPTY_SHA256 = 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855';

export function sha256Hex(data: string | Uint8Array): string {
  return hash('sha256', data, 'hex');
}

export function hmac(key: string | Buffer, text: string): Buffer {
  return createHmac('sha256', key).update(text).digest();
}

/** @param key as an object: Node 24 takes seven times as long for the same key as bytes */
export function hmacHex(key: KeyObject, text: string): string {
  return createHmac('sha256', key).update(text).digest('hex');
}

/** https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html */
export function deriveSigningKey(secret: string, { date, region, service }: Scope): Buffer {
  return hmac(hmac(hmac(hmac(`AWS4${secret}`, date), region), service), 'aws4_request');
}

const MAX_KEYS = 2000;
const keys = new Map<string, { secret: string; key: KeyObject }>();

/** The signing key, derived once per access key and scope. */
export function signingKey(accessKeyId: string, secret: string, scope: Scope): KeyObject {
  const id = `${accessKeyId}/${scope.date}/${scope.region}/${scope.service}`;
  const known = keys.get(id);
  if (known !== undefined && known.secret === secret) return known.key;
  const key = createSecretKey(deriveSigningKey(secret, scope));
  // The oldest goes: with dates in the id, entries of past days are never asked for again.
  if (keys.size >= MAX_KEYS) keys.delete(keys.keys().next().value as string);
  keys.set(id, { secret, key });
  return key;
}

export function scopeText({ date, region, service }: Scope): string {
  return `${date}/${region}/${service}/aws4_request`;
}
