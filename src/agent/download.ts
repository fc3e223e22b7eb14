import { createHash } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { rm } from 'node:fs/promises';
import { Agent as HttpsAgent } from 'node:https';
import type { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { GetObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { isRefusal, statusOf } from '../lib/refusal.ts';
import type { AgentCredentials } from './config.ts';
import type { S3Revision } from './specification.ts';
import { tryAgain } from './try-again.ts';

export interface S3Options {
  region: string;
  credentials(): AgentCredentials;
  /** Undefined: AWS's own. */
  endpoint?: string;
  ca?: string;
}

/** A server that starts again is back by then; beyond it, the deployment has to be told. */
const TRY_FOR_MS = 60_000;

/**
 * Downloads a revision into `file`, and checks that it is the one that was deployed (CD-REV-03) and the one that the
 * signed specification is about. While S3 does not answer it is tried again.
 */
export async function downloadBundle(
  options: S3Options,
  revision: S3Revision,
  file: string,
): Promise<void> {
  const client = new S3Client({
    region: options.region,
    credentials: async () => options.credentials(),
    maxAttempts: 1,
    ...(options.endpoint && { endpoint: options.endpoint, forcePathStyle: true }),
    ...(options.ca && { requestHandler: { httpsAgent: new HttpsAgent({ ca: options.ca }) } }),
  });
  try {
    const { etag, checksum } = await tryAgain(() => download(client, revision, file), {
      isPassing,
      forMs: TRY_FOR_MS,
    });
    const bare = (text = '') => text.replaceAll('"', '');
    if (revision.etag !== undefined && bare(revision.etag) !== bare(etag)) {
      throw new Error(
        `Expected deployment artifact bundle etag ${revision.etag} but was actually ${etag}`,
      );
    }
    if (checksum !== revision.checksum) {
      await rm(file);
      throw new Error(
        `The bundle has the SHA-256 ${checksum}; the deployment specification says ${revision.checksum ?? 'none'}.`,
      );
    }
  } finally {
    client.destroy();
  }
}

async function download(
  client: S3Client,
  { bucket: Bucket, key: Key, version: VersionId }: S3Revision,
  file: string,
): Promise<{ etag: string | undefined; checksum: string }> {
  const object = await client.send(new GetObjectCommand({ Bucket, Key, VersionId }));
  const hash = createHash('sha256');
  await pipeline(
    object.Body as Readable,
    async function* (chunks: AsyncIterable<Buffer>) {
      for await (const chunk of chunks) {
        hash.update(chunk);
        yield chunk;
      }
    },
    createWriteStream(file),
  );
  return { etag: object.ETag, checksum: hash.digest('base64') };
}

const NETWORK_FAILURES = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'EPIPE',
  'ETIMEDOUT',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'EAI_AGAIN',
  'ERR_STREAM_PREMATURE_CLOSE',
]);

/** No answer or half of one, throttling, or a fault of S3. */
function isPassing(error: unknown): boolean {
  const { name, code } = error as { name?: string; code?: string };
  if (statusOf(error) !== undefined) return !isRefusal(error);
  return name === 'TimeoutError' || NETWORK_FAILURES.has(code ?? '');
}
