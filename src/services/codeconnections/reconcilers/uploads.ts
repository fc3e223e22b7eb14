import { Readable } from 'node:stream';
import { S3Client } from '@aws-sdk/client-s3';
import { ZipFile } from 'yazl';
import { defineReconciler } from '../../../engine/engine.ts';
import type { GitRepository, Remote } from '../../../git/git-host.ts';
import { uploadStream } from '../../../kit/s3-upload.ts';
import type { Platform } from '../../../kit/service.ts';
import { isRefusal } from '../../../lib/refusal.ts';
import { ARCHIVE, UNAVAILABLE_MS, UPLOAD_MS } from '../limits.ts';
import { sourceFailure } from '../sources/failure.ts';
import { openRemote, RemoteRefused } from '../sources/remote.ts';
import { findConnectionByArn } from '../store/connections.ts';
import { findUpload, saveUpload, type Upload } from '../store/uploads.ts';
import { sweeps } from '../sweeps.ts';
import { UPLOADS, uploadTopic } from './names.ts';

/** What cannot be uploaded, at the next try either. */
class UploadRefused extends Error {
  readonly code: string;
  constructor(code: string, message: string) {
    super(message);
    this.code = code;
  }
}

/** Writes a commit of a repository elsewhere to S3, for whom asked. Written again after a crash: the same bytes to the same key. */
export const uploads = defineReconciler<Platform>({
  name: UPLOADS,
  concurrency: 8,
  longestMs: UPLOAD_MS,
  async reconcile(platform, id, signal) {
    const upload = await findUpload(platform.db, id);
    if (upload?.status !== 'InProgress') return undefined;
    try {
      await end(platform, upload, await send(platform, upload, signal));
    } catch (error) {
      if (signal.aborted) return undefined;
      const failure = endOf(error, platform.clock.now().getTime() - upload.created);
      if (!failure) throw error;
      await end(platform, upload, { status: 'Failed', error: failure });
    }
    return undefined;
  },
  sweep: sweeps[UPLOADS],
});

async function end(platform: Platform, { id }: Upload, its: Partial<Upload>): Promise<void> {
  await platform.transaction(async (tx) => {
    const now = await findUpload(tx, id);
    if (now?.status !== 'InProgress') return;
    await saveUpload(tx, { ...now, ...its });
    await platform.engine.ring(tx, uploadTopic(id));
  });
}

async function send(
  platform: Platform,
  upload: Upload,
  signal: AbortSignal,
): Promise<Partial<Upload>> {
  const { connectionArn, fullRepositoryId } = upload;
  const connection = await findConnectionByArn(platform.db, connectionArn);
  if (!connection) throw new RemoteRefused('The connection does not exist any more');
  const remote = await openRemote(platform, connection, fullRepositoryId, signal);
  const commitId = upload.commitId ?? (await headOf(platform, upload, remote, signal));
  const fetch = { commitIds: [commitId], signal, treesOnly: upload.isReference === true };
  return platform.git.fetched(remote, fetch, async (repository) => {
    const told = await write(platform, { ...upload, commitId }, repository, signal);
    return { status: 'Succeeded', commitId, ...told };
  });
}

/** The commit at the head of the branch, which is this upload's from now on. */
async function headOf(
  platform: Platform,
  { id, branchName, fullRepositoryId }: Upload,
  remote: Remote,
  signal: AbortSignal,
): Promise<string> {
  const references = await platform.git.remoteReferences(remote, signal);
  const commitId = references.get(`refs/heads/${branchName}`);
  if (commitId === undefined)
    throw new UploadRefused(
      'BranchNotFound',
      `No Branch [${branchName}] found for FullRepositoryName [${fullRepositoryId}]`,
    );
  await platform.transaction(async (tx) => {
    const now = await findUpload(tx, id);
    if (now) await saveUpload(tx, { ...now, commitId });
  });
  return commitId;
}

async function write(
  platform: Platform,
  upload: Upload & { commitId: string },
  repository: GitRepository,
  signal: AbortSignal,
): Promise<Partial<Upload>> {
  const { commitId, principal, region, s3Bucket, s3Key, kmsKeyId } = upload;
  const commit = await repository.commit(commitId);
  if (!commit) throw new UploadRefused('CommitNotFound', `${commitId} is no commit`);
  const archive = upload.isReference
    ? reference(upload)
    : await archiveOf(repository, { commitId, tree: commit.tree }, signal);
  archive.on('error', () => undefined); // whoever reads it is told
  try {
    const s3 = platform.client(S3Client, { principal, region, via: ['codeconnections'] });
    const key = kmsKeyId !== undefined && {
      ServerSideEncryption: 'aws:kms' as const,
      SSEKMSKeyId: kmsKeyId,
    };
    const to = { Bucket: s3Bucket, Key: s3Key, ContentType: 'application/zip', ...key };
    await uploadStream(s3, to, archive, signal);
  } finally {
    archive.destroy();
  }
  const [authorDate, committerDate] = [isoDate(commit.author.date), isoDate(commit.committer.date)];
  return { commitMessage: commit.message, authorDate, committerDate };
}

async function archiveOf(
  repository: GitRepository,
  { commitId, tree }: { commitId: string; tree: string },
  signal: AbortSignal,
): Promise<Readable> {
  await repository.measure(tree, ARCHIVE, signal);
  return repository.archive(commitId, signal);
}

/** What a build finds in place of a source, and clones under its own role (CP-B31). The same bytes whenever it is written. */
function reference({
  connectionArn,
  fullRepositoryId,
  branchName,
  commitId,
  created,
}: Upload): Readable {
  const zip = new ZipFile();
  const text = JSON.stringify({ connectionArn, fullRepositoryId, branchName, commitId });
  zip.addBuffer(Buffer.from(text), 'codebuild_clone_ref.json', { mtime: new Date(created) });
  zip.end();
  return Readable.from(zip.outputStream);
}

/** git's `1572319941 -0700`. */
function isoDate(date: string): string {
  const [, seconds] = /^(\d{1,11}) [+-]\d{4}$/.exec(date) ?? [];
  return seconds === undefined
    ? ''
    : new Date(Number(seconds) * 1000).toISOString().replace('.000Z', 'Z');
}

/** Why an upload has ended, or undefined where it is tried again. */
function endOf(error: unknown, age: number): Upload['error'] | undefined {
  if (error instanceof UploadRefused) return { code: error.code, message: error.message };
  if (isRefusal(error)) return { code: error.name, message: error.message };
  const failure = sourceFailure(error);
  if (failure && (!failure.passes || age > UNAVAILABLE_MS))
    return { code: failure.code, message: failure.message };
  if (age < UPLOAD_MS) return undefined;
  return { code: 'UploadTimedOut', message: `The upload did not end in time: ${String(error)}` };
}
