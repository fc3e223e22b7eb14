import { createWriteStream } from 'node:fs';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { type _Object, GetObjectCommand, ListObjectsV2Command, S3Client } from '@aws-sdk/client-s3';
import { pack as newPack, type Pack } from 'tar-stream';
import { isAwsError } from '../../../aws/errors.ts';
import { pathOf } from '../../../executors/archive-entries.ts';
import { packed, writeEntry } from '../../../executors/tree-tar.ts';
import { PhaseFailure } from '../model/build-state.ts';
import { readS3Location, type S3Location } from '../model/s3-location.ts';
import { clientOf, type Session } from '../run/session.ts';
import { type FetchedSource, MAX_TEXT_BYTES, TooLarge } from './source.ts';
import { zipSource } from './zip.ts';

/** `bucket/path/object.zip`, `bucket/path/folder/` or `arn:aws:s3:::bucket/key`. */
function parseS3Location(location: string): S3Location {
  const { bucket, key } = readS3Location(location);
  if (!bucket || key === undefined) {
    throw new PhaseFailure('CLIENT_ERROR', `Invalid S3 source location: ${location}`);
  }
  return { bucket, key };
}

/** Fetches an object (a ZIP file) or a folder under the service role. @param directory for temporary files */
export async function fetchS3(
  session: Session,
  location: string,
  version: string | undefined,
  directory: string,
): Promise<FetchedSource> {
  const { bucket, key } = parseS3Location(location);
  const s3 = clientOf(session, S3Client);
  if (key === '' || key.endsWith('/')) return folderSource(s3, bucket, key);
  const file = join(directory, 'source.zip');
  const { Body } = await download(() =>
    s3.send(
      new GetObjectCommand({ Bucket: bucket, Key: key, ...(version && { VersionId: version }) }),
    ),
  );
  const { signal } = session;
  await pipeline(Body as Readable, createWriteStream(file, { mode: 0o600 }), { signal });
  return zipSource(file);
}

/** One object as text, where there is one: a buildspec that lies in S3. @throws TooLarge */
export async function fetchS3Text(session: Session, arn: string): Promise<string | undefined> {
  const { bucket, key } = parseS3Location(arn);
  const s3 = clientOf(session, S3Client);
  // No more than may be: a buildspec is read into memory.
  const Range = `bytes=0-${MAX_TEXT_BYTES}`;
  const found = await download(() =>
    s3.send(new GetObjectCommand({ Bucket: bucket, Key: key, Range })).catch((error) => {
      if (isAwsError(error, 'NoSuchKey')) return undefined;
      throw error;
    }),
  );
  if (!found) return undefined;
  const { Body, ContentRange = '' } = found;
  const size = Number(ContentRange.split('/')[1]);
  if (size > MAX_TEXT_BYTES) throw new TooLarge(arn);
  return (await Body?.transformToString()) ?? '';
}

function folderSource(s3: S3Client, bucket: string, prefix: string): FetchedSource {
  return {
    tar() {
      const pack = newPack();
      void packFolder(s3, bucket, prefix, pack).then(
        () => pack.finalize(),
        (error: Error) => pack.destroy(error),
      );
      return packed(pack);
    },
    async readText(path) {
      try {
        const { Body, ContentLength = 0 } = await s3.send(
          new GetObjectCommand({ Bucket: bucket, Key: prefix + path }),
        );
        if (ContentLength > MAX_TEXT_BYTES) {
          (Body as Readable).destroy();
          throw new TooLarge(path);
        }
        return await Body?.transformToString();
      } catch (error) {
        if (isAwsError(error, 'NoSuchKey')) return undefined;
        throw error;
      }
    },
  };
}

async function packFolder(s3: S3Client, bucket: string, prefix: string, pack: Pack): Promise<void> {
  let token: string | undefined;
  do {
    const list = new ListObjectsV2Command({
      Bucket: bucket,
      Prefix: prefix,
      ContinuationToken: token,
    });
    const page = await download(() => s3.send(list));
    for (const object of page.Contents ?? []) await packObject(s3, bucket, prefix, object, pack);
    token = page.NextContinuationToken;
  } while (token);
}

async function packObject(
  s3: S3Client,
  bucket: string,
  prefix: string,
  { Key = '' }: _Object,
  pack: Pack,
): Promise<void> {
  const name = Key.slice(prefix.length);
  if (name === '' || name.endsWith('/')) return;
  const { Body, ContentLength = 0 } = await download(() =>
    s3.send(new GetObjectCommand({ Bucket: bucket, Key })),
  );
  // Keys may have slashes that no path has.
  const path = pathOf(name.replace(/^\/+/, '')).join('/');
  await writeEntry(pack, { name: path, size: ContentLength }, Body as Readable);
}

async function download<T>(call: () => Promise<T>): Promise<T> {
  try {
    return await call();
  } catch (error) {
    const { name, message } = error as Error;
    if (
      !isAwsError(
        error,
        'NoSuchKey',
        'NoSuchBucket',
        'AccessDenied',
        'AccessDeniedException',
        'NoSuchVersion',
      )
    ) {
      throw error;
    }
    throw new PhaseFailure('CLIENT_ERROR', `${name}: ${message}`);
  }
}
