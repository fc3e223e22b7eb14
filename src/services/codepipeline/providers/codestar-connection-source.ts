import { CodeStarConnectionsClient } from '@aws-sdk/client-codestar-connections';
import {
  GetUploadArchiveToS3StatusCommand,
  type GetUploadArchiveToS3StatusOutput,
  ListCommitFilesCommand,
  PassConnectionCommand,
  StartUploadArchiveToS3Command,
} from '../../../aws/internal/connection-operations.ts';
import { ownValue } from '../../../lib/own.ts';
import { invalidAction } from '../errors.ts';
import type { Action } from '../model/declaration.ts';
import type { Outcome } from '../model/outcome.ts';
import { defineActionType, type Job, onlyOutput, requiredSetting } from './action-type.ts';
import { ActionFailure, describe, explain, isDenied } from './failure.ts';
import { SERVICE_PRINCIPAL } from './role.ts';
import { connectedRepository } from './watches.ts';

/** A commit of a repository at GitHub, GitLab, Bitbucket or anywhere else, by a connection (CP-B4). */
export const codeStarSourceConnection = defineActionType({
  categories: ['Source'],
  provider: 'CodeStarSourceConnection',
  inputs: [0, 0],
  outputs: [1, 1],
  timeoutMinutes: 60,
  configuration: [
    {
      ...{ name: 'ConnectionArn', required: true, key: true },
      description: 'The connection to the provider.',
    },
    {
      ...{ name: 'FullRepositoryId', required: true, key: true },
      description: 'The repository: its owner, a slash, and its name.',
    },
    { name: 'BranchName', required: true, key: true, description: 'The branch to watch.' },
    {
      name: 'OutputArtifactFormat',
      description: 'CODE_ZIP (default) or CODEBUILD_CLONE_REF.',
      default: 'CODE_ZIP',
      values: ['CODE_ZIP', 'CODEBUILD_CLONE_REF'],
      unsupported: ['CODEBUILD_CLONE_REF'],
    },
    {
      name: 'DetectChanges',
      description: 'Start when the branch moves (default true).',
      type: 'Boolean',
      default: 'true',
    },
  ],
  rules: checkNames,
  outputVariables: [
    ...['AuthorDate', 'BranchName', 'CommitId', 'CommitMessage', 'ConnectionArn'],
    'FullRepositoryName',
    // Of triggers.
    ...['TagName', 'PullRequestId', 'PullRequestTitle', 'SourceBranchName'],
    'DestinationBranchName',
  ],
  revisions: { COMMIT_ID: {} },
  watches: connectedRepository,

  async given({ configuration }, client) {
    const [ConnectionArn, FullRepositoryId] = [
      ownValue(configuration, 'ConnectionArn'),
      ownValue(configuration, 'FullRepositoryId'),
    ];
    const passed = { ConnectionArn, FullRepositoryId, PassedToService: SERVICE_PRINCIPAL };
    await client(CodeStarConnectionsClient).send(new PassConnectionCommand(passed));
  },

  async changedFiles(client, { detail }) {
    const { connectionArn, fullRepositoryId, ...its } = detail as Record<string, string>;
    const CommitId = its.sourceCommit ?? its.commitId;
    const BaseCommitId = its.sourceCommit ? its.destinationCommit : its.oldCommitId;
    const asked = { ConnectionArn: connectionArn, FullRepositoryId: fullRepositoryId, CommitId };
    const command = new ListCommitFilesCommand({ ...asked, ...(BaseCommitId && { BaseCommitId }) });
    const { FilePaths, Truncated } = await client(CodeStarConnectionsClient).send(command);
    return Truncated ? undefined : FilePaths;
  },

  async start(job, signal) {
    const source = sourceOf(job);
    const client = job.client(CodeStarConnectionsClient);
    const { bucket, key } = onlyOutput(job);
    const override = job.run.input.sourceOverrides.find((o) => o.revisionType === 'COMMIT_ID');
    const start = new StartUploadArchiveToS3Command({
      ...{ ConnectionArn: source.connection, FullRepositoryId: source.repository },
      ...{ BranchName: source.branch, S3Bucket: bucket, S3Key: key },
      KmsKeyId: job.store.encryptionKey?.id ?? 'alias/aws/s3',
      ...(override && { CommitId: override.revisionValue }),
    });
    const { UploadId } = await explain(client.send(start), failure(source));
    const upload = await uploaded(client, source, UploadId, signal);
    return succeeded(source, upload, override?.variables);
  },
});

interface Source {
  connection: string;
  repository: string;
  branch: string;
}

function sourceOf(job: Job): Source {
  return {
    connection: requiredSetting(job, 'ConnectionArn'),
    repository: requiredSetting(job, 'FullRepositoryId'),
    branch: requiredSetting(job, 'BranchName'),
  };
}

/** @throws InvalidActionDeclarationException */
function checkNames({ name, configuration }: Action): void {
  const { ConnectionArn: arn = '', FullRepositoryId: repository = '' } = configuration;
  const wrong = (key: string, what: string) =>
    invalidAction(`Action configuration for action '${name}': ${key} must be ${what}`);
  if (!arn.includes('#{') && !/^arn:aws(-\w+)*:[^:]+:[^:]+:\d{12}:connection\/.+$/.test(arn))
    throw wrong('ConnectionArn', 'the ARN of a connection');
  if (!repository.includes('#{') && !/^[^/\s]+(\/[^/\s]+)+$/.test(repository))
    throw wrong(
      'FullRepositoryId',
      "the repository's owner and its name with a slash between them",
    );
}

/** Waits for the end of an upload. @throws ActionFailure where it has failed */
async function uploaded(
  client: CodeStarConnectionsClient,
  source: Source,
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
  { connection, repository }: Source,
  { ErrorCode: code = '', ErrorMessage: message = '' }: GetUploadArchiveToS3StatusOutput,
): ActionFailure {
  if (code === 'BranchNotFound') return new ActionFailure('ConfigurationError', message);
  if (/AccessDenied/.test(code))
    return new ActionFailure('PermissionError', `${message} (Error Code: ${code})`);
  return new ActionFailure(
    'ConfigurationError',
    `Could not get the source of the repository ${repository} by the connection ${connection}: ${message} (Error Code: ${code})`,
  );
}

function succeeded(
  { connection, repository, branch }: Source,
  upload: GetUploadArchiveToS3StatusOutput,
  triggered: Record<string, string> = {},
): Outcome {
  const { CommitId = '', CommitMessage = '', AuthorDate = '', ProviderType } = upload;
  const message = CommitMessage.trimEnd();
  // As AWS has it, for a person to read.
  const summary = JSON.stringify({ ProviderType, CommitMessage: message });
  const created = Date.parse(AuthorDate);
  return {
    state: 'succeeded',
    progress: { externalExecutionId: CommitId, summary },
    outputVariables: {
      ...{ AuthorDate, BranchName: branch, CommitId, CommitMessage: message },
      ...{ ConnectionArn: connection, FullRepositoryName: repository },
      ...triggered,
    },
    revision: {
      ...{ revisionId: CommitId, revisionChangeIdentifier: CommitId, revisionSummary: summary },
      ...(!Number.isNaN(created) && { created }),
    },
  };
}

function failure({ connection, repository }: Source) {
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
