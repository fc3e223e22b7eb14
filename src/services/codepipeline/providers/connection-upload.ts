import type { CodeStarConnectionsClient } from '@aws-sdk/client-codestar-connections';
import {
  GetUploadArchiveToS3StatusCommand,
  type GetUploadArchiveToS3StatusOutput,
  StartUploadArchiveToS3Command,
} from '../../../aws/internal/connection-operations.ts';
import { type Job, onlyOutput, setting } from './action-type.ts';
import { ActionFailure, describe, explain, isDenied } from './failure.ts';

// What the source actions share that get a commit by a connection.

export interface ConnectedSource {
  connection: string;
  repository: string;
  branch: string;
}

export const overrideOf = (job: Job) =>
  job.run.input.sourceOverrides.find((o) => o.revisionType === 'COMMIT_ID');

/** The repository cannot be had by this connection, for all that is known by another one. */
export class NotByThisConnection extends ActionFailure {}

/** Codes of uploads from a connection that does not lead to the repository, or not with its credentials. */
const ELSEWHERE = new Set(['RepositoryNotFound', 'ProviderAccessDenied', 'ConnectionUnusable']);

/** Has the commit written to the output artifact. @throws ActionFailure, NotByThisConnection */
export async function uploadCommit(
  job: Job,
  client: CodeStarConnectionsClient,
  source: ConnectedSource,
  signal: AbortSignal,
): Promise<GetUploadArchiveToS3StatusOutput> {
  const { bucket, key } = onlyOutput(job);
  const override = overrideOf(job);
  const start = new StartUploadArchiveToS3Command({
    ...{ ConnectionArn: source.connection, FullRepositoryId: source.repository },
    ...{ BranchName: source.branch, S3Bucket: bucket, S3Key: key },
    KmsKeyId: job.store.encryptionKey?.id ?? 'alias/aws/s3',
    ...(override && { CommitId: override.revisionValue }),
    OutputArtifactFormat: setting(job, 'OutputArtifactFormat'),
  });
  const { UploadId } = await begun(client.send(start), source);
  return uploaded(client, source, UploadId, signal);
}

/** Of a connection that is PENDING, or that the role may not use, this is known at once. */
async function begun<T>(call: Promise<T>, source: ConnectedSource): Promise<T> {
  try {
    return await call;
  } catch (error) {
    const isOther = isDenied(error) || (error as Error).name === 'ResourceUnavailableException';
    const { code, message } = failure(source)(error as Error);
    if (isOther) throw new NotByThisConnection(code, message);
    return explain(Promise.reject(error), failure(source));
  }
}

/** When a revision was made, where that is known. */
export function createdAt(date: string): { created?: number } {
  const created = Date.parse(date);
  return Number.isNaN(created) ? {} : { created };
}

/** Waits for the end of an upload. @throws ActionFailure where it has failed */
async function uploaded(
  client: CodeStarConnectionsClient,
  source: ConnectedSource,
  UploadId: string | undefined,
  signal: AbortSignal,
): Promise<GetUploadArchiveToS3StatusOutput> {
  const { connection: ConnectionArn, repository: FullRepositoryId } = source;
  for (;;) {
    // The answer comes when the upload has ended, so asking again is no polling.
    const asked = { ConnectionArn, FullRepositoryId, UploadId };
    const ask = new GetUploadArchiveToS3StatusCommand(asked);
    const upload = await explain(client.send(ask, { abortSignal: signal }), failure(source));
    if (upload.Status === 'Succeeded') return upload;
    signal.throwIfAborted();
    if (upload.Status === 'InProgress') continue;
    throw uploadFailure(source, upload);
  }
}

/** In AWS's words where they are known. */
function uploadFailure(
  { connection, repository }: ConnectedSource,
  { ErrorCode: code = '', ErrorMessage: message = '' }: GetUploadArchiveToS3StatusOutput,
): ActionFailure {
  if (code === 'BranchNotFound') return new ActionFailure('ConfigurationError', message);
  const Failure = ELSEWHERE.has(code) ? NotByThisConnection : ActionFailure;
  if (/AccessDenied/.test(code))
    return new Failure('PermissionError', `${message} (Error Code: ${code})`);
  return new Failure(
    'ConfigurationError',
    `Could not get the source of the repository ${repository} by the connection ${connection}: ${message} (Error Code: ${code})`,
  );
}

function failure({ connection, repository }: ConnectedSource) {
  return (error: Error) => {
    if (isDenied(error)) {
      return {
        code: 'PermissionError' as const,
        message: `Unable to use Connection: ${connection}. The provided role does not have sufficient permissions.`,
      };
    }
    if (error.name === 'ResourceUnavailableException') {
      return {
        code: 'ConfigurationError' as const,
        message: `Connection ${connection} is not available`,
      };
    }
    return {
      code: 'ConfigurationError' as const,
      message: `Could not get the source of the repository ${repository} by the connection ${connection}. Error: ${describe(error, 'AWSCodeStarConnections')}`,
    };
  };
}
