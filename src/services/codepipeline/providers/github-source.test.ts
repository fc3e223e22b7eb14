import { expect, test } from 'vitest';
import type { Job } from './action-type.ts';
import { gitHubSource } from './github-source.ts';

const signal = new AbortController().signal;
const configuration = { Owner: 'me', Repo: 'app', Branch: 'main', OAuthToken: 'secret' };

/** Starts an action where there are connections of these names, the last of which knows the repository. */
async function start(
  connections: string[],
  refusal = 'ResourceUnavailableException',
  ends: Record<string, string> = {},
) {
  const asked: [name: string, connection: string | undefined][] = [];
  const answers: Record<string, (input: { ConnectionArn?: string; NextToken?: string }) => object> =
    {
      // A page each.
      ListConnections: ({ NextToken = '0' }) => ({
        Connections: connections
          .slice(Number(NextToken), Number(NextToken) + 1)
          .map((ConnectionArn) => ({ ConnectionArn })),
        ...(Number(NextToken) + 1 < connections.length && {
          NextToken: `${Number(NextToken) + 1}`,
        }),
      }),
      StartUploadArchiveToS3: ({ ConnectionArn }) => {
        if (ConnectionArn === connections.at(-1)) return { UploadId: 'u' };
        if (ends[ConnectionArn ?? '']) return { UploadId: ConnectionArn };
        throw Object.assign(new Error('no'), {
          name: refusal,
          $metadata: { httpStatusCode: 400 },
          $fault: 'client',
        });
      },
      GetUploadArchiveToS3Status: ({ ConnectionArn = '' }) =>
        ends[ConnectionArn]
          ? { Status: 'Failed', ErrorCode: ends[ConnectionArn], ErrorMessage: 'no' }
          : {
              ...{ Status: 'Succeeded', CommitId: 'c', CommitMessage: 'm\n' },
              ...{ AuthorDate: '2026-01-01T00:00:00Z', CommitterDate: '2026-01-02T00:00:00Z' },
            },
    };
  const client = {
    async send(command: { constructor: { name: string }; input: { ConnectionArn?: string } }) {
      const name =
        Object.keys(answers).find((one) => command.constructor.name === `${one}Command`) ?? '';
      asked.push([name, command.input.ConnectionArn]);
      return answers[name]?.(command.input);
    },
  };
  const job = {
    ...{ type: gitHubSource, store: {}, client: () => client },
    run: {
      ...{ actionName: 'Source', outputArtifacts: [{ bucket: 'b', key: 'k' }] },
      input: { resolvedConfiguration: configuration, sourceOverrides: [] },
    },
  } as unknown as Job;
  return { outcome: await gitHubSource.start(job, signal), asked };
}

test('CP-B5: the first connection that knows the repository is used', async () => {
  const { outcome, asked } = await start(['pending', 'knowing']);
  expect(outcome).toMatchObject({
    state: 'succeeded',
    outputVariables: { RepositoryName: 'app', CommitMessage: 'm' },
    revision: { created: Date.parse('2026-01-02T00:00:00Z') },
  });
  const started = asked.filter(([name]) => name === 'StartUploadArchiveToS3');
  expect(started.map(([, connection]) => connection)).toEqual(['pending', 'knowing']);
});

test.each(['RepositoryNotFound', 'ProviderAccessDenied', 'ConnectionUnusable'])(
  'CP-B5: a complete connection that ends with %s is not the last that is asked',
  async (code) => {
    const { outcome, asked } = await start(['other', 'knowing'], 'x', { other: code });
    expect(outcome).toMatchObject({ state: 'succeeded' });
    expect(asked.at(-1)).toEqual(['GetUploadArchiveToS3Status', 'knowing']);
  },
);

test('CP-B5: a connection that the role may not use is not the last that is asked', async () => {
  const { outcome } = await start(['forbidden', 'knowing'], 'AccessDeniedException');
  expect(outcome).toMatchObject({ state: 'succeeded' });
});

test('without one it fails; so does what the one that knows the repository does not have', async () => {
  await expect(start([])).rejects.toMatchObject({ code: 'ConfigurationError' });
  const none = start(['other'], 'x', { other: 'RepositoryNotFound' });
  await expect(none).rejects.toThrow(/leads to the repository me\/app.*Error Code: Repository/);
  const branch = start(['knowing', 'other'], 'x', { knowing: 'BranchNotFound' });
  await expect(branch).rejects.toThrow(/^no$/);
});
