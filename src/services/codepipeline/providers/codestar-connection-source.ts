import { CodeStarConnectionsClient } from '@aws-sdk/client-codestar-connections';
import {
  type GetUploadArchiveToS3StatusOutput,
  ListCommitFilesCommand,
  PassConnectionCommand,
} from '../../../aws/internal/connection-operations.ts';
import { ownValue } from '../../../lib/own.ts';
import { invalidAction } from '../errors.ts';
import type { Action } from '../model/declaration.ts';
import type { Outcome } from '../model/outcome.ts';
import { defineActionType, type Job, requiredSetting } from './action-type.ts';
import { type ConnectedSource, createdAt, overrideOf, uploadCommit } from './connection-upload.ts';
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
    const upload = await uploadCommit(job, client, source, signal);
    return succeeded(source, upload, overrideOf(job)?.variables);
  },
});

function sourceOf(job: Job): ConnectedSource {
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

function succeeded(
  { connection, repository, branch }: ConnectedSource,
  upload: GetUploadArchiveToS3StatusOutput,
  triggered: Record<string, string> = {},
): Outcome {
  const { CommitId = '', CommitMessage = '', AuthorDate = '', ProviderType } = upload;
  const message = CommitMessage.trimEnd();
  // As AWS has it, for a person to read.
  const summary = JSON.stringify({ ProviderType, CommitMessage: message });
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
      ...createdAt(AuthorDate),
    },
  };
}
