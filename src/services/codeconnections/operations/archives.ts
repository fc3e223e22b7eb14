import { randomUUID } from 'node:crypto';
import type {
  GetUploadArchiveToS3StatusInput,
  GetUploadArchiveToS3StatusOutput,
  ListCommitFilesInput,
  ListCommitFilesOutput,
  StartUploadArchiveToS3Input,
  StartUploadArchiveToS3Output,
} from '../../../aws/internal/connection-operations.ts';
import { isObjectId } from '../../../git/names.ts';
import { operation } from '../../../kit/operation.ts';
import { on } from '../../../kit/resource.ts';
import type { ServiceContext } from '../../../kit/service.ts';
import { invalidInput, notFound, unavailable } from '../errors.ts';
import { UPLOAD_KEPT_MS } from '../limits.ts';
import type { Connection } from '../model/connection.ts';
import { isFullRepositoryId } from '../model/repository.ts';
import { UPLOADS, uploadTopic } from '../reconcilers/names.ts';
import { connection } from '../resources/connection.ts';
import { changedFiles } from '../sources/changed-files.ts';
import { asAnswer } from '../sources/failure.ts';
import { installationOf } from '../sources/remote.ts';
import { watchRepository } from '../sources/watching.ts';
import {
  deleteEndedUploads,
  findUpload,
  findUploadTo,
  saveUpload,
  type Upload,
} from '../store/uploads.ts';
import { conditionsOf } from './connections.ts';
import { ofBoth } from './declare.ts';

/*
 * What a connection is used for. IAM is asked for UseConnection, and which of these it is stands in a condition key, as AWS
 * has it: https://docs.aws.amazon.com/dtconsole/latest/userguide/security_iam_id-based-policy-examples-connections.html
 */

interface UsesConnection {
  ConnectionArn: string | undefined;
  FullRepositoryId: string | undefined;
  BranchName?: string | undefined;
}

/** @param providerAction as `codeconnections:ProviderAction` has it */
function using<I extends UsesConnection>(providerAction: string) {
  const rule = on(connection, ({ ConnectionArn }: I) => ConnectionArn, {
    conditions: (_ctx: ServiceContext, { FullRepositoryId, BranchName }) => ({
      ...conditionsOf('provideraction', providerAction),
      ...conditionsOf('providerpermissionsrequired', 'read_only'),
      ...conditionsOf('fullrepositoryid', FullRepositoryId),
      ...conditionsOf('branchname', BranchName),
    }),
  });
  return { ...rule, action: 'codeconnections:UseConnection' };
}

/** @throws ResourceUnavailableException, InvalidInputException */
async function requireUsable(
  ctx: ServiceContext,
  found: Connection,
  repository = '',
): Promise<void> {
  if (!isFullRepositoryId(repository))
    throw invalidInput(`${repository} is no name of a repository.`);
  if (!(await installationOf(ctx.db, found, repository)))
    throw unavailable(`Connection ${found.arn} is not available`);
}

/** How long GetUploadArchiveToS3Status waits for the end, so that nobody has to ask often. */
const LONGEST_WAIT_MS = 20_000;

/** Commits the upload and wakes who does it; for the same place there is one upload. */
export const startUploadArchiveToS3 = ofBoth(
  operation(
    'codeconnections',
    'startUploadArchiveToS3',
    using<StartUploadArchiveToS3Input>('StartUploadArchiveToS3'),
    async (
      ctx: ServiceContext,
      input: StartUploadArchiveToS3Input,
      found,
    ): Promise<StartUploadArchiveToS3Output> => {
      const { FullRepositoryId: repository = '', CommitId: commitId } = input;
      await requireUsable(ctx, found, repository);
      if (commitId !== undefined && !isObjectId(commitId))
        throw invalidInput(`${commitId} is no id of a commit.`);
      const fresh = newUpload(ctx, input, found.arn);
      return ctx.transaction(async (tx) => {
        await watchRepository(ctx, tx, found.arn, repository);
        const known = await findUploadTo(tx, fresh);
        if (known && known.status !== 'Failed') return { UploadId: known.id };
        await deleteEndedUploads(tx, fresh.created - UPLOAD_KEPT_MS);
        const id = known?.id ?? fresh.id;
        await saveUpload(tx, { ...fresh, id });
        await ctx.engine.wake(tx, UPLOADS, id);
        return { UploadId: id };
      });
    },
  ),
);

/** @throws InvalidInputException */
function isReference(format = 'CODE_ZIP'): boolean {
  if (!['CODE_ZIP', 'CODEBUILD_CLONE_REF'].includes(format))
    throw invalidInput(`${format} is no format of an artifact.`);
  return format === 'CODEBUILD_CLONE_REF';
}

function newUpload(
  ctx: ServiceContext,
  input: StartUploadArchiveToS3Input,
  connectionArn: string,
): Upload {
  const { S3Bucket: s3Bucket = '', S3Key: s3Key = '', CommitId, KmsKeyId } = input;
  if (!s3Bucket || !s3Key) throw invalidInput('An S3 bucket and key are required.');
  return {
    ...{ id: randomUUID(), connectionArn, s3Bucket, s3Key, status: 'InProgress' },
    created: ctx.clock.now().getTime(),
    fullRepositoryId: input.FullRepositoryId ?? '',
    branchName: input.BranchName ?? '',
    ...{ principal: ctx.principal, region: ctx.region },
    ...(CommitId !== undefined && { commitId: CommitId }),
    ...(KmsKeyId !== undefined && { kmsKeyId: KmsKeyId }),
    ...(isReference(input.OutputArtifactFormat) && { isReference: true }),
  };
}

export const getUploadArchiveToS3Status = ofBoth(
  operation(
    'codeconnections',
    'getUploadArchiveToS3Status',
    using<GetUploadArchiveToS3StatusInput>('GetUploadArchiveToS3Status'),
    async (
      ctx: ServiceContext,
      { UploadId: id = '', FullRepositoryId }: GetUploadArchiveToS3StatusInput,
      found,
    ): Promise<GetUploadArchiveToS3StatusOutput> => {
      const its = async () => {
        const upload = await findUpload(ctx.db, id);
        const same =
          upload?.connectionArn === found.arn && upload.fullRepositoryId === FullRepositoryId;
        if (!upload || !same) throw notFound(`There is no upload ${id}.`);
        return upload;
      };
      const ended = async () => {
        const upload = await its();
        return upload.status === 'InProgress' ? undefined : upload;
      };
      const until = new Date(ctx.clock.now().getTime() + LONGEST_WAIT_MS);
      const wait = { until, signal: ctx.signal };
      const upload = (await ctx.engine.heard(uploadTopic(id), ended, wait)) ?? (await its());
      return { ...statusOf(upload), ProviderType: found.providerType };
    },
  ),
);

const statusOf = (upload: Upload): GetUploadArchiveToS3StatusOutput => ({
  Status: upload.status,
  ...(upload.error && { ErrorCode: upload.error.code, ErrorMessage: upload.error.message }),
  ...(upload.commitId !== undefined && { CommitId: upload.commitId }),
  ...(upload.commitMessage !== undefined && { CommitMessage: upload.commitMessage }),
  ...(upload.authorDate !== undefined && { AuthorDate: upload.authorDate }),
  ...(upload.committerDate !== undefined && { CommitterDate: upload.committerDate }),
});

export const listCommitFiles = ofBoth(
  operation(
    'codeconnections',
    'listCommitFiles',
    using<ListCommitFilesInput>('ListCommitFiles'),
    async (
      ctx: ServiceContext,
      input: ListCommitFilesInput,
      found,
    ): Promise<ListCommitFilesOutput> => {
      const {
        FullRepositoryId: repository = '',
        CommitId: after = '',
        BaseCommitId: before,
      } = input;
      await requireUsable(ctx, found, repository);
      if (!isObjectId(after) || (before !== undefined && !isObjectId(before)))
        throw invalidInput('This is no id of a commit.');
      try {
        const { paths, truncated } = await changedFiles(ctx, found, { repository, after, before });
        return { FilePaths: paths, Truncated: truncated };
      } catch (error) {
        throw asAnswer(error);
      }
    },
  ),
);
