import { Agent as HttpsAgent } from 'node:https';
import { addAbortSignal, Readable } from 'node:stream';
import { GetObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { atMost } from '../lib/at-most.ts';
import type { Patience } from './ask.ts';
import type { AgentCredentials } from './config.ts';
import { bringInto, receive, roomFor, type Watch } from './receive.ts';
import type { S3Revision } from './revision.ts';

export interface S3Options {
  region: string;
  credentials(): AgentCredentials | Promise<AgentCredentials>;
  /** Undefined: AWS's own. */
  endpoint?: string;
  ca?: string;
  patience?: Partial<Patience> | undefined;
}

/** S3's errors have a few hundred bytes. */
const LONGEST_ERROR = 256 * 1024;

/**
 * Downloads a revision into `file`, and checks that it is the one that was deployed (CD-REV-03) and the one that the
 * signed specification is about. While S3 does not answer it is tried again. What S3 sends is bounded: by the length in
 * the specification, and in time. @throws Error, and there is no file then
 */
export async function downloadBundle(
  options: S3Options,
  revision: S3Revision,
  file: string,
): Promise<void> {
  const { patience } = options;
  await bringInto(file, { whom: 'S3', patience }, async (watch) => {
    checkBundle(revision, await download(options, revision, { file, watch }));
  });
}

interface Downloaded {
  etag: string | undefined;
  checksum: string;
}

function checkBundle(revision: S3Revision, { etag, checksum }: Downloaded): void {
  const bare = (text = '') => text.replaceAll('"', '');
  if (revision.etag !== undefined && bare(revision.etag) !== bare(etag)) {
    throw new Error(
      `Expected deployment artifact bundle etag ${revision.etag} but was actually ${etag}`,
    );
  }
  if (checksum !== revision.checksum && !revision.unchecked) {
    throw new Error(
      `The bundle has the SHA-256 ${checksum}; the deployment specification says ${revision.checksum}.`,
    );
  }
}

async function download(
  options: S3Options,
  revision: S3Revision,
  { file, watch }: { file: string; watch: Watch },
): Promise<Downloaded> {
  const { bucket: Bucket, key: Key, version: VersionId } = revision;
  const client = makeClient(options, watch.signal);
  try {
    const { Body, ETag: etag } = await client.send(
      new GetObjectCommand({ Bucket, Key, VersionId }),
      { abortSignal: watch.signal },
    );
    const body = Body as Readable;
    const most = await mostOf(revision, file).catch((error) => {
      body.destroy();
      throw error;
    });
    return { etag, checksum: await receive(body, { file, most, watch }) };
  } finally {
    client.destroy();
  }
}

/** @param signal ends what S3 answers, in the middle too */
function makeClient(options: S3Options, signal: AbortSignal): S3Client {
  const client = new S3Client({
    region: options.region,
    credentials: async () => options.credentials(),
    maxAttempts: 1,
    ...(options.endpoint && { endpoint: options.endpoint, forcePathStyle: true }),
    ...(options.ca && { requestHandler: { httpsAgent: new HttpsAgent({ ca: options.ca }) } }),
  });
  // The SDK reads errors whole, however long they are.
  client.middlewareStack.add(
    (next) => async (args) => {
      const result = await next(args);
      const response = result.response as { statusCode: number; body: Readable };
      addAbortSignal(signal, response.body);
      if (response.statusCode >= 300)
        response.body = Readable.from(atMost(response.body, LONGEST_ERROR, "S3's answer"));
      return result;
    },
    { name: 'bounds', step: 'deserialize', priority: 'low' },
  );
  return client;
}

/** How long the bundle may be. @throws Error when nothing says which bundle it is */
async function mostOf(revision: S3Revision, file: string): Promise<number> {
  const { checksum, bytes, unchecked } = revision;
  if (!checksum && !unchecked) {
    throw new Error(
      "The deployment specification has no SHA-256 of the bundle: the server could not read it with the host's permission.",
    );
  }
  if (bytes !== undefined) return bytes;
  // A server of before it said so.
  return roomFor(file);
}
