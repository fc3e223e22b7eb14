import {
  CodeStarConnectionsClient,
  type Connection,
  ListConnectionsCommand,
} from '@aws-sdk/client-codestar-connections';
import type { GetUploadArchiveToS3StatusOutput } from '../../../aws/internal/connection-operations.ts';
import { append } from '../../../lib/append.ts';
import type { Outcome } from '../model/outcome.ts';
import { defineActionType, type Job, requiredSetting } from './action-type.ts';
import { createdAt, NotByThisConnection, overrideOf, uploadCommit } from './connection-upload.ts';
import { ActionFailure, callFailure, explain } from './failure.ts';
import { gitHubRepository } from './watches.ts';

/** GitHub's first action type, which names no connection: the one is used here that knows the repository (CP-B5). */
export const gitHubSource = defineActionType({
  categories: ['Source'],
  owner: 'ThirdParty',
  provider: 'GitHub',
  inputs: [0, 0],
  outputs: [1, 1],
  timeoutMinutes: 60,
  configuration: [
    { name: 'Owner', required: true, key: true, description: 'The owner of the repository.' },
    { name: 'Repo', required: true, key: true, description: 'The repository.' },
    { name: 'Branch', required: true, key: true, description: 'The branch to watch.' },
    { name: 'OAuthToken', required: true, secret: true, description: 'A token of GitHub.' },
    {
      ...{ name: 'PollForSourceChanges', type: 'Boolean', default: 'true' },
      description: 'Start when the branch moves (default true).',
    },
  ],
  outputVariables: [
    ...['AuthorDate', 'BranchName', 'CommitId', 'CommitMessage', 'CommitterDate'],
    ...['CommitUrl', 'RepositoryName'],
  ],
  revisions: { COMMIT_ID: {} },
  watches: gitHubRepository,
  links: {
    revision: {
      address: 'https://github.com/{Config:Owner}/{Config:Repo}/commit/{ExternalExecutionId}',
    },
  },

  async start(job, signal) {
    const [owner, repo] = [requiredSetting(job, 'Owner'), requiredSetting(job, 'Repo')];
    const branch = requiredSetting(job, 'Branch');
    const client = job.client(CodeStarConnectionsClient);
    const repository = `${owner}/${repo}`;
    const failures: NotByThisConnection[] = [];
    for (const { ConnectionArn: connection = '' } of await connections(client)) {
      const source = { connection, repository, branch };
      const upload = await uploadCommit(job, client, source, signal).catch((error) => {
        if (error instanceof NotByThisConnection) return void failures.push(error);
        throw error;
      });
      if (upload) return succeeded(job, { repository, repo, branch }, upload);
    }
    throw noneLeadsTo(repository, failures);
  },
});

/** With what each connection has said that is there. */
function noneLeadsTo(repository: string, failures: readonly NotByThisConnection[]): ActionFailure {
  const said = failures.map(({ message }) => ` ${message}.`).join('');
  const [denied] = failures.filter(({ code }) => code === 'PermissionError');
  return new ActionFailure(
    denied?.code ?? 'ConfigurationError',
    `No connection of the provider type GitHub leads to the repository ${repository}: complete one, or map the repository (slipway connection map ${repository} --url …).${said}`,
  );
}

/** Those to GitHub, the oldest name first. */
async function connections(client: CodeStarConnectionsClient): Promise<Connection[]> {
  const found: Connection[] = [];
  let NextToken: string | undefined;
  do {
    const command = new ListConnectionsCommand({ ProviderTypeFilter: 'GitHub', NextToken });
    const page = await explain(
      client.send(command),
      callFailure('AWSCodeStarConnections', 'listConnections'),
    );
    append(found, page.Connections ?? []);
    NextToken = page.NextToken;
  } while (NextToken !== undefined);
  return found;
}

function succeeded(
  job: Job,
  { repository, repo, branch }: { repository: string; repo: string; branch: string },
  upload: GetUploadArchiveToS3StatusOutput,
): Outcome {
  const { CommitId = '', CommitMessage = '', AuthorDate = '', CommitterDate = '' } = upload;
  const message = CommitMessage.trimEnd();
  const CommitUrl = `https://github.com/${repository}/commit/${CommitId}`;
  return {
    state: 'succeeded',
    progress: { externalExecutionId: CommitId, summary: message },
    outputVariables: {
      ...{ AuthorDate, BranchName: branch, CommitId, CommitMessage: message, CommitterDate },
      ...{ CommitUrl, RepositoryName: repo },
      ...overrideOf(job)?.variables,
    },
    revision: {
      ...{ revisionId: CommitId, revisionChangeIdentifier: CommitId },
      ...{ revisionSummary: message, revisionUrl: CommitUrl },
      ...createdAt(CommitterDate),
    },
  };
}
