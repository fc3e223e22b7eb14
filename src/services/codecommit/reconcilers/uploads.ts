import type { Readable } from 'node:stream';
import { S3Client } from '@aws-sdk/client-s3';
import { defineReconciler } from '../../../engine/engine.ts';
import { GitLimitError } from '../../../git/bounds.ts';
import { GitError } from '../../../git/process.ts';
import { uploadStream } from '../../../kit/s3-upload.ts';
import type { Platform } from '../../../kit/service.ts';
import { lookEvery } from '../../../lib/look-every.ts';
import { isRefusal } from '../../../lib/refusal.ts';
import { checkKey } from '../keys/data-key.ts';
import { limits } from '../limits.ts';
import { findRepositoryById } from '../store/repositories.ts';
import { endUpload, findUpload, type UploadRecord, type UploadResult } from '../store/uploads.ts';

/** Name of the reconciler that uploads a commit's archive. Its key is the upload id. */
export const UPLOADS = 'codecommit/uploads';

/** Uploads that end on another server are looked for this often. */
const LOOK_EVERY_MS = 1_000;

/** Those in this process that wait for the end of an upload. */
const listeners = new Map<string, Set<() => void>>();

/** Hears of the end of an upload; in any case after a second, and no later than `until` (epoch milliseconds) or the signal. */
export function uploadEnded(
  platform: Platform,
  uploadId: string,
  until: number,
  signal: AbortSignal,
) {
  const { promise, resolve: settle } = Promise.withResolvers<void>();
  const resolve = () => settle();
  const waiting = listeners.get(uploadId) ?? new Set();
  listeners.set(uploadId, waiting.add(resolve));
  const again = Math.min(until, platform.clock.now().getTime() + LOOK_EVERY_MS);
  const cancelTimer = platform.clock.at(new Date(again), resolve);
  signal.addEventListener('abort', resolve, { once: true });
  const cancel = () => {
    cancelTimer();
    signal.removeEventListener('abort', resolve);
    waiting.delete(resolve);
    if (waiting.size === 0 && listeners.get(uploadId) === waiting) listeners.delete(uploadId);
  };
  return { heard: promise.then(cancel), cancel };
}

/** Uploads that this process is at: aborting one ends its work. */
const running = new Map<string, AbortController>();

/** Why the work on an upload ends while it is under way. */
class UploadEndedError extends Error {}

/** Tells those in this process who do the upload, or wait for it, that it has ended otherwise. */
export function tellOfEnd(uploadId: string): void {
  running.get(uploadId)?.abort(new UploadEndedError('The upload was cancelled'));
  for (const heard of listeners.get(uploadId) ?? []) heard();
}

/** Writes the archive of a commit to S3, for whom asked. Written again after a crash: the same bytes to the same key. */
export const uploads = defineReconciler<Platform>({
  name: UPLOADS,
  async reconcile(platform, uploadId, signal) {
    const upload = await findUpload(platform.db, uploadId);
    if (upload?.status !== 'InProgress') return undefined;
    const work = new AbortController();
    running.set(uploadId, work);
    const forget = watch(platform, uploadId, work);
    try {
      const result = await send(platform, upload, AbortSignal.any([signal, work.signal]));
      await platform.transaction((tx) => endUpload(tx, uploadId, result));
    } catch (error) {
      if (!work.signal.aborted) throw error;
    } finally {
      forget();
      running.delete(uploadId);
    }
    for (const heard of listeners.get(uploadId) ?? []) heard();
    return undefined;
  },
});

/** Looks whether the upload was cancelled, by way of another server, or went with its repository. @returns what ends that */
function watch(platform: Platform, uploadId: string, work: AbortController): () => void {
  return lookEvery(platform.clock, LOOK_EVERY_MS, async () => {
    const goesOn = (await findUpload(platform.db, uploadId))?.status === 'InProgress';
    if (!goesOn) work.abort(new UploadEndedError('The upload has ended'));
    return goesOn;
  });
}

async function send(
  platform: Platform,
  upload: UploadRecord,
  signal: AbortSignal,
): Promise<UploadResult> {
  let archive: Readable | undefined;
  try {
    archive = await archiveOf(platform, upload, signal);
    return await write(platform, upload, archive, signal);
  } catch (error) {
    signal.throwIfAborted();
    const ended = endOf(error, platform.clock.now().getTime() - upload.created);
    if (!ended) throw error;
    return { status: 'Failed', ...ended };
  } finally {
    archive?.destroy();
  }
}

/**
 * @throws GitLimitError for more than an archive may hold, before git reads it
 * @throws the exceptions of encryption keys where whom it is for may not open the repository
 */
async function archiveOf(
  platform: Platform,
  { repositoryId, commitId, principal }: UploadRecord,
  signal: AbortSignal,
): Promise<Readable> {
  const record = await findRepositoryById(platform.db, repositoryId);
  if (!record) throw new ArchiveError('The repository was deleted');
  await checkKey(platform, { principal }, record);
  await platform.git.create(repositoryId);
  const git = platform.git.repository(repositoryId);
  const commit = await git.commit(commitId);
  if (!commit) throw new ArchiveError(`There is no commit ${commitId} any more`);
  await git.measure(commit.tree, limits.archive, signal);
  const archive = await git.archive(commitId, signal);
  archive.on('error', () => undefined); // whoever reads it is told
  return archive;
}

async function write(
  platform: Platform,
  upload: UploadRecord,
  archive: Readable,
  signal: AbortSignal,
): Promise<UploadResult> {
  const { principal, region, kmsKeyId } = upload;
  const s3 = platform.client(S3Client, { principal, region, via: ['codecommit'] });
  const { versionId, etag } = await uploadStream(
    s3,
    {
      Bucket: upload.s3Bucket,
      Key: upload.s3Key,
      ContentType: 'application/zip',
      ...(kmsKeyId && { ServerSideEncryption: 'aws:kms', SSEKMSKeyId: kmsKeyId }),
    },
    archive,
    signal,
  );
  return { status: 'Succeeded', s3VersionId: versionId, s3ETag: etag };
}

/** What cannot be archived, at the next try either. */
class ArchiveError extends Error {}

/**
 * Why an upload has ended, or undefined where it is tried again: what S3 or KMS refuses, and what git cannot do, stays
 * so; all else may be better in a while.
 */
function endOf(
  error: unknown,
  age: number,
): { errorCode: string; errorMessage: string } | undefined {
  if (isRefusal(error)) return { errorCode: error.name, errorMessage: error.message };
  if (error instanceof GitLimitError) {
    const errorMessage = `The commit is too large for an archive: ${error.message}`;
    return { errorCode: 'ArchiveTooLarge', errorMessage };
  }
  if (error instanceof ArchiveError || error instanceof GitError)
    return { errorCode: 'ArchiveFailed', errorMessage: error.message };
  if (age < limits.uploadMs) return undefined;
  const errorMessage = `The archive could not be written in time: ${(error as Error).message}`;
  return { errorCode: 'UploadTimedOut', errorMessage };
}
