import { createHash } from 'node:crypto';
import type { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { S3Location } from '@aws-sdk/client-codedeploy';
import { GetObjectCommand, HeadObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { forwarded } from '../../../kit/forwarded.ts';
import type { ServiceContext } from '../../../kit/service.ts';
import { isRefusal } from '../../../lib/refusal.ts';

/** Bundles are asked for by each host at each of its events. */
const KEPT = 1000;
const known = new Map<string, Promise<Bundle>>();

/** What a bundle has to be. */
export interface Bundle {
  /** SHA-256 in Base64. */
  checksum: string;
  /** Its length. */
  bytes: number;
}

/**
 * SHA-256 and length of the bundle that the calling host is about to download, read with the host's own permission.
 * Undefined when it may not read it or there is none: its download will say so.
 */
export async function bundleOf(
  ctx: ServiceContext,
  location: S3Location,
): Promise<Bundle | undefined> {
  const { bucket: Bucket, key: Key, version: VersionId } = location;
  const s3 = ctx.client(S3Client, forwarded(ctx, 'codedeploy'));
  const object = { Bucket, Key, VersionId };
  try {
    const head = await s3.send(new HeadObjectCommand(object));
    const { ETag: IfMatch, VersionId: version, ContentLength, LastModified } = head;
    const state = [IfMatch, version, ContentLength, LastModified?.getTime()];
    const place = [ctx.accountId, ctx.region, Bucket, Key, ...state].join('\n');
    return await once(place, async () => {
      const { Body } = await s3.send(new GetObjectCommand({ ...object, IfMatch }));
      const hash = createHash('sha256');
      let bytes = 0;
      await pipeline(Body as Readable, async (chunks: AsyncIterable<Buffer>) => {
        for await (const chunk of chunks) {
          hash.update(chunk);
          bytes += chunk.length;
        }
      });
      return { checksum: hash.digest('base64'), bytes };
    });
  } catch (error) {
    if (isRefusal(error)) return undefined;
    throw error;
  }
}

/** Does `work` once for a key that is not known yet, whoever asks at the same time. */
async function once(key: string, work: () => Promise<Bundle>): Promise<Bundle> {
  const earlier = known.get(key);
  if (earlier) return earlier;
  const made = work();
  known.set(key, made);
  made.catch(() => known.delete(key));
  // Oldest first: a Map keeps the order of insertion.
  if (known.size > KEPT) known.delete(known.keys().next().value ?? '');
  return made;
}
