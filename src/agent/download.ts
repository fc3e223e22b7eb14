import { createWriteStream } from 'node:fs';
import { Agent as HttpsAgent } from 'node:https';
import type { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { GetObjectCommand, S3Client } from '@aws-sdk/client-s3';
import type { AgentCredentials } from './config.ts';
import type { S3Revision } from './specification.ts';

export interface S3Options {
  region: string;
  credentials(): AgentCredentials;
  /** Undefined: AWS's own. */
  endpoint?: string;
  ca?: string;
}

/** Downloads a revision into `file`, and checks that it is the one that was deployed (CD-REV-03). */
export async function downloadBundle(
  options: S3Options,
  revision: S3Revision,
  file: string,
): Promise<void> {
  const client = new S3Client({
    region: options.region,
    credentials: async () => options.credentials(),
    ...(options.endpoint && { endpoint: options.endpoint, forcePathStyle: true }),
    ...(options.ca && { requestHandler: { httpsAgent: new HttpsAgent({ ca: options.ca }) } }),
  });
  try {
    const { bucket: Bucket, key: Key, version: VersionId } = revision;
    const object = await client.send(new GetObjectCommand({ Bucket, Key, VersionId }));
    await pipeline(object.Body as Readable, createWriteStream(file));
    const bare = (etag = '') => etag.replaceAll('"', '');
    if (revision.etag !== undefined && bare(revision.etag) !== bare(object.ETag)) {
      throw new Error(
        `Expected deployment artifact bundle etag ${revision.etag} but was actually ${object.ETag}`,
      );
    }
  } finally {
    client.destroy();
  }
}
