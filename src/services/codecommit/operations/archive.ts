import { randomUUID } from 'node:crypto';
import { AwsError } from '../../../aws/errors.ts';
import type {
  CancelUploadArchiveInput,
  CancelUploadArchiveOutput,
  GetUploadArchiveStatusInput,
  GetUploadArchiveStatusOutput,
  UploadArchiveInput,
  UploadArchiveOutput,
} from '../../../aws/internal/codecommit-archive.ts';
import { operation } from '../../../kit/operation.ts';
import type { ServiceContext } from '../../../kit/service.ts';
import { needCommit } from '../history/commits.ts';
import { tellOfEnd, UPLOADS, uploadEnded } from '../reconcilers/uploads.ts';
import { atRepository, openRepository } from '../resources/repository.ts';
import {
  endUpload,
  findUpload,
  findUploadTo,
  insertUpload,
  restartUpload,
  type UploadRecord,
} from '../store/uploads.ts';
import { checkCommitId } from './arguments.ts';

/** How long GetUploadArchiveStatus waits for the end, so that nobody has to ask often. */
const LONGEST_WAIT_MS = 20_000;

const invalid = (message: string) => new AwsError('ValidationException', message);

/** Commits the upload and wakes who does it; for the same commit and place there is one upload. */
export const uploadArchive = operation(
  'codecommit',
  'uploadArchive',
  atRepository,
  async (ctx: ServiceContext, input: UploadArchiveInput, located): Promise<UploadArchiveOutput> => {
    const { s3Bucket, s3Key, kmsKeyId } = input;
    const commitId = checkCommitId(input.commitId);
    if (!s3Bucket || !s3Key) throw invalid('An S3 bucket and key are required.');
    const { record, git } = await openRepository(ctx, located);
    await needCommit(git, commitId);
    const { accountId, region, principal } = ctx;
    const target = { repositoryId: record.repositoryId, commitId, s3Bucket, s3Key };
    const fresh = { ...target, uploadId: randomUUID(), accountId, region, principal, kmsKeyId };
    const uploadId = await ctx.transaction(async (tx) => {
      const known = await findUploadTo(tx, target);
      if (known && known.status !== 'Failed') return known.uploadId;
      const now = ctx.clock.now();
      if (known) await restartUpload(tx, known.uploadId, { principal, kmsKeyId, now });
      else await insertUpload(tx, { ...fresh, now });
      const id = known?.uploadId ?? fresh.uploadId;
      await ctx.engine.wake(tx, UPLOADS, id);
      return id;
    });
    return { uploadId };
  },
);

export const getUploadArchiveStatus = operation(
  'codecommit',
  'getUploadArchiveStatus',
  atRepository,
  async (
    ctx: ServiceContext,
    input: GetUploadArchiveStatusInput,
    located,
  ): Promise<GetUploadArchiveStatusOutput> => {
    if (!input.uploadId) throw invalid('An upload ID is required.');
    const { record } = await openRepository(ctx, located);
    const upload = await waitForEnd(ctx, input.uploadId);
    if (upload?.repositoryId !== record.repositoryId) throw invalid('No such upload.');
    const { uploadId, status, errorCode, errorMessage, s3VersionId, s3ETag } = upload;
    return { uploadId, status, errorCode, errorMessage, s3VersionId, s3ETag };
  },
);

/** Ends an upload that is under way, as a failed one; one that has ended stays as it is. */
export const cancelUploadArchive = operation(
  'codecommit',
  'cancelUploadArchive',
  atRepository,
  async (
    ctx: ServiceContext,
    input: CancelUploadArchiveInput,
    located,
  ): Promise<CancelUploadArchiveOutput> => {
    if (!input.uploadId) throw invalid('An upload ID is required.');
    const { record } = await openRepository(ctx, located);
    const upload = await findUpload(ctx.db, input.uploadId);
    if (upload?.repositoryId !== record.repositoryId) throw invalid('No such upload.');
    const { uploadId } = upload;
    const errorMessage = 'The upload was cancelled';
    await ctx.transaction((tx) =>
      endUpload(tx, uploadId, { status: 'Failed', errorCode: 'Cancelled', errorMessage }),
    );
    tellOfEnd(uploadId);
    return { uploadId };
  },
);

/** The upload once it has ended, or as it is after the longest wait. */
async function waitForEnd(
  ctx: ServiceContext,
  uploadId: string,
): Promise<UploadRecord | undefined> {
  const until = ctx.clock.now().getTime() + LONGEST_WAIT_MS;
  for (;;) {
    const ended = uploadEnded(ctx, uploadId, until, ctx.signal); // listens before it looks
    const upload = await findUpload(ctx.db, uploadId);
    const waiting = upload?.status === 'InProgress' && ctx.clock.now().getTime() < until;
    if (!waiting || ctx.signal.aborted) {
      ended.cancel();
      return upload;
    }
    await ended.heard;
  }
}
