import { gunzipSync } from 'node:zlib';
import { MAX_USER_DATA } from '../limits.ts';

/** What user data is for an instance, or why it cannot be had. */
export type UserData =
  | { kind: 'script' | 'nothing'; bytes: Buffer }
  | { kind: 'invalid' | 'unsupported'; reason: string };

/** Base64 in lines is longer by what is between them: no more is read of it than that. */
const MAX_TEXT = 2 * MAX_USER_DATA;
const BASE64 = /^[A-Za-z0-9+/]*={0,2}$/;
const BLANK = /\s+/g;
const tooLong = {
  ...{ kind: 'invalid' as const, reason: `User data is limited to ${MAX_USER_DATA} bytes` },
};

/** Reads user data as RunInstances brings it: base64 of a script, which runs; of anything else, which lies there. */
export function readUserData(text: string): UserData {
  if (text.length > MAX_TEXT) return tooLong;
  if (!BASE64.test(text.replaceAll(BLANK, '')))
    return { kind: 'invalid', reason: 'Invalid BASE64 encoding of user data.' };
  const bytes = Buffer.from(text, 'base64');
  if (bytes.length > MAX_USER_DATA) return tooLong;
  const plain = unzipped(bytes);
  const head = plain.subarray(0, 64).toString('latin1');
  if (head.startsWith('#!')) return { kind: 'script', bytes: plain };
  const directive =
    /^(#cloud-config|#include|#cloud-boothook|#upstart-job|## template|Content-Type: multipart|MIME-Version:)/i.exec(
      head,
    );
  if (directive)
    return { kind: 'unsupported', reason: `user data that begins with ${directive[1]}` };
  return { kind: 'nothing', bytes: plain };
}

/** As cloud-init takes it too: no more than a script may be, however well it is packed. */
function unzipped(bytes: Buffer): Buffer {
  if (bytes[0] !== 0x1f || bytes[1] !== 0x8b) return bytes;
  try {
    return gunzipSync(bytes, { maxOutputLength: 64 * MAX_USER_DATA });
  } catch {
    return bytes;
  }
}
