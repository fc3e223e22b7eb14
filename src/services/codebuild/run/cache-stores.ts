import type { Readable } from 'node:stream';
import {
  GetObjectCommand,
  HeadObjectCommand,
  ListObjectsV2Command,
  S3Client,
} from '@aws-sdk/client-s3';
import { isAwsError } from '../../../aws/errors.ts';
import { uploadStream } from '../../../kit/s3-upload.ts';
import type { Buildspec } from '../model/buildspec.ts';
import {
  cachePlace,
  cacheScope,
  customKind,
  entriesNamed,
  entriesPlace,
  entryName,
  proposedBy,
} from '../model/cache.ts';
import type { S3Location } from '../model/s3-location.ts';
import { sealingOf } from './artifact-objects.ts';
import { cachedProject } from './cached-project.ts';
import { keepLocal, localArchive } from './local-caches.ts';
import { clientOf, type Session } from './session.ts';

/** Where the archives of a build's cache are. */
export interface CacheStore {
  /** The archive for this build, and by which key it was found where there are keys. */
  find(): Promise<{ archive: Readable; key?: string } | undefined>;
  /** Why it is not kept; undefined where it may be. */
  refuses?(): Promise<string | undefined>;
  keep(archive: Readable): Promise<void>;
}

/** The cache of a build; undefined where it has none. @param keys as the driver has worked them out */
export async function cacheStore(
  session: Session,
  { cachePaths }: Buildspec,
  keys: string[] | undefined,
): Promise<CacheStore | undefined> {
  const { cache } = session.stored.build;
  if (cachePaths.length === 0 || !cache || cache.type === 'NO_CACHE') return undefined;
  const project = await cachedProject(session);
  if (!project) return undefined;
  if (cache.type === 'LOCAL') {
    if (!cache.modes?.includes('LOCAL_CUSTOM_CACHE')) return undefined;
    const scope = cacheScope(project);
    const kind = customKind(session.stored.inputs);
    return {
      async find() {
        const archive = await localArchive(session.platform, scope, kind);
        return archive && { archive };
      },
      keep: (archive) => keepLocal(session, scope, archive, kind),
    };
  }
  const shared = keys
    ? keyedStore(session, entriesPlace(cache, project, cachePaths), keys)
    : singleStore(session, cachePlace(cache, project));
  // All builds of the project read it, by what a key begins with, too: a fork's would have what it likes run in them.
  if (shared && proposedBy(session.stored.inputs) !== undefined)
    return { ...shared, refuses: async () => 'pull requests do not write to a cache in S3' };
  return shared;
}

function singleStore(session: Session, place: S3Location | undefined): CacheStore | undefined {
  if (!place) return undefined;
  return { find: () => objectAt(session, place), keep: (tar) => put(session, place, tar) };
}

const keyedStore = (session: Session, below: S3Location | undefined, keys: string[]) =>
  below && entries(session, below, keys);

/** A cache with keys: its entries never change (CB-A23, CB-F3). */
function entries(session: Session, below: S3Location, [own = '', ...others]: string[]): CacheStore {
  const name = entryName(own);
  const place = { ...below, key: below.key + name };
  return {
    async find() {
      const exact = name && (await objectAt(session, place));
      if (exact) return { ...exact, key: own };
      for (const other of others) {
        const found = await lastNamed(session, below, other);
        const object = found && (await objectAt(session, { ...below, key: found.key }));
        if (object) return { ...object, key: found.of };
      }
      return undefined;
    },
    async refuses() {
      if (!name) return `its key is empty or too long: ${own.slice(0, 100)}`;
      return (await isThere(session, place)) ? `there is one with the key ${own}` : undefined;
    },
    keep: (archive) => put(session, place, archive, { IfNoneMatch: '*' }),
  };
}

/** The entry that was made last of those whose keys begin so. */
async function lastNamed(
  session: Session,
  { bucket, key }: S3Location,
  beginning: string,
): Promise<{ key: string; of: string } | undefined> {
  const begins = entriesNamed(beginning);
  if (!begins) return undefined;
  let last: { key: string; at: number } | undefined;
  let ContinuationToken: string | undefined;
  do {
    const page = { Bucket: bucket, Prefix: key + begins, ContinuationToken };
    const found = await clientOf(session, S3Client).send(new ListObjectsV2Command(page), {
      abortSignal: session.signal,
    });
    for (const { Key = '', LastModified } of found.Contents ?? []) {
      const at = LastModified?.getTime() ?? 0;
      if (!last || at >= last.at) last = { key: Key, at };
    }
    ContinuationToken = found.NextContinuationToken;
  } while (ContinuationToken);
  return last && { key: last.key, of: keyOf(last.key.slice(key.length)) };
}

/** Whatever lies in the bucket: it is only shown. */
function keyOf(name: string): string {
  const [encoded = ''] = name.split('/');
  try {
    return decodeURIComponent(encoded);
  } catch {
    return encoded;
  }
}

async function objectAt(
  session: Session,
  { bucket: Bucket, key: Key }: S3Location,
): Promise<{ archive: Readable } | undefined> {
  const get = new GetObjectCommand({ Bucket, Key });
  const object = await clientOf(session, S3Client)
    .send(get, { abortSignal: session.signal })
    .catch((error) => {
      if (!isAwsError(error, 'NoSuchKey')) throw error;
      return undefined;
    });
  return object && { archive: object.Body as Readable };
}

async function isThere(session: Session, { bucket: Bucket, key: Key }: S3Location) {
  const head = new HeadObjectCommand({ Bucket, Key });
  return clientOf(session, S3Client)
    .send(head, { abortSignal: session.signal })
    .then(
      () => true,
      (error) => {
        if (isAwsError(error, 'NotFound', 'NoSuchKey')) return false;
        throw error;
      },
    );
}

async function put(
  session: Session,
  { bucket, key }: S3Location,
  archive: Readable,
  more: { IfNoneMatch?: '*' } = {},
): Promise<void> {
  const target = {
    ...{ Bucket: bucket, Key: key, ContentType: 'application/gzip', ...more },
    ...sealingOf(false, session.stored.inputs.encryptionKey),
  };
  await uploadStream(clientOf(session, S3Client), target, archive, session.signal);
}
