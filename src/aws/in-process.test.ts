import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { expect, test } from 'vitest';
import { AuthFailure } from './auth/failure.ts';
import type { Dispatcher } from './dispatcher.ts';
import type { InternalCaller } from './http.ts';
import { inProcessConfig } from './in-process.ts';

test('a stream that breaks is a body that ends too early to its reader, and its own error to its sender', async () => {
  const seen: unknown[] = [];
  const dispatch: Dispatcher = async ({ body }) => {
    seen.push(await buffer(body).catch((error) => error));
    return { status: seen.at(-1) instanceof Buffer ? 200 : 400, headers: {}, body: '' };
  };
  const place = { service: 's3', region: 'us-east-1', endpoint: 'http://test' };
  const s3 = new S3Client(inProcessConfig(dispatch, async () => ({}) as InternalCaller, place));
  const put = (Body: Readable) =>
    s3.send(new PutObjectCommand({ Bucket: 'b', Key: 'k', Body, ContentLength: 5 }));
  const breaks = async function* () {
    yield Buffer.from('he');
    throw new Error('the archive is damaged');
  };
  await expect(put(Readable.from(breaks()))).rejects.toThrow('the archive is damaged');
  expect(seen[0]).toBeInstanceOf(AuthFailure);
  await put(Readable.from([Buffer.from('hello')]));
  expect(String(seen[1])).toBe('hello');
});
