import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as codecommit from '@aws-sdk/client-codecommit';
import * as codepipeline from '@aws-sdk/client-codepipeline';
import * as iam from '@aws-sdk/client-iam';
import * as s3 from '@aws-sdk/client-s3';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { gitClient, treeBomb } from '../src/git/testing.ts';
import { eventually } from './eventually.ts';
import { startServer, type TestServer } from './server.ts';

/** A dozen objects that stand for ten thousand million files, pushed to a real server. */

const repositoryName = 'bomb';
let server: TestServer;
let client: codecommit.CodeCommitClient;
let work: string;

beforeAll(async () => {
  server = await startServer({ flags: ['--data', ':memory:', '--auth', 'relaxed'] });
  client = new codecommit.CodeCommitClient({ ...server.client, maxAttempts: 1 });
  await client.send(new codecommit.CreateRepositoryCommand({ repositoryName }));
  work = mkdtempSync(join(tmpdir(), 'slipway-bomb-'));
  await gitClient(work, ['init', '--quiet']);
  const { commit } = treeBomb(work);
  const url = `${server.endpoint}/v1/repos/${repositoryName}`;
  await gitClient(work, ['push', '--quiet', url, `${commit}:refs/heads/main`]);
}, 60_000);
afterAll(async () => {
  await server?.stop();
  rmSync(work, { recursive: true, force: true });
});

const compare = (NextToken?: string) =>
  client.send(
    new codecommit.GetDifferencesCommand({
      ...{ repositoryName, afterCommitSpecifier: 'main', MaxResults: 10, NextToken },
    }),
  );
const paths = ({ differences = [] }: codecommit.GetDifferencesCommandOutput) =>
  differences.map(({ afterBlob }) => afterBlob?.path);

test('GetDifferences answers page by page', async () => {
  const one = await compare();
  expect(paths(one)).toEqual([...'0123456789'].map((n) => `${'d0/'.repeat(9)}f${n}`));
  const two = await compare(one.NextToken);
  expect(paths(two)[0]).toBe(`${'d0/'.repeat(8)}d1/f0`);
  expect(two.NextToken).toBeDefined();
});

test('ListFileCommitHistory, for which git would hold every path, is refused with the reason', async () => {
  const filePath = `${'d0/'.repeat(9)}f0`;
  const list = new codecommit.ListFileCommitHistoryCommand({ repositoryName, filePath });
  await expect(client.send(list)).rejects.toMatchObject({
    name: 'NotImplemented',
    message: expect.stringContaining('of this size'),
  });
}, 60_000);

test('a pipeline that has it for its source fails, and says why', async () => {
  const roles = new iam.IAMClient(server.client);
  const trust = { Effect: 'Allow', Principal: { Service: 'codepipeline.amazonaws.com' } };
  const policy = (statement: object) =>
    JSON.stringify({ Version: '2012-10-17', Statement: [statement] });
  await roles.send(
    new iam.CreateRoleCommand({
      RoleName: 'pipeline',
      AssumeRolePolicyDocument: policy({ ...trust, Action: 'sts:AssumeRole' }),
    }),
  );
  const all = policy({ Effect: 'Allow', Action: '*', Resource: '*' });
  const role = { RoleName: 'pipeline', PolicyName: 'all', PolicyDocument: all };
  await roles.send(new iam.PutRolePolicyCommand(role));
  const buckets = new s3.S3Client({ ...server.client, forcePathStyle: true });
  await buckets.send(new s3.CreateBucketCommand({ Bucket: 'artifacts' }));
  const pipelines = new codepipeline.CodePipelineClient(server.client);
  const action = (category: 'Source' | 'Approval', owner: 'AWS', provider: string) => ({
    name: provider,
    actionTypeId: { category, owner, provider, version: '1' },
  });
  await pipelines.send(
    new codepipeline.CreatePipelineCommand({
      pipeline: {
        name: 'bomb',
        roleArn: `arn:aws:iam::${server.accountId}:role/pipeline`,
        artifactStore: { type: 'S3', location: 'artifacts' },
        stages: [
          {
            name: 'Source',
            actions: [
              {
                ...action('Source', 'AWS', 'CodeCommit'),
                configuration: { RepositoryName: repositoryName, BranchName: 'main' },
                outputArtifacts: [{ name: 'source' }],
              },
            ],
          },
          { name: 'Wait', actions: [action('Approval', 'AWS', 'Manual')] },
        ],
      },
    }),
  );
  const state = () => pipelines.send(new codepipeline.GetPipelineStateCommand({ name: 'bomb' }));
  const ended = await eventually('the end of the source', async () => {
    const { stageStates } = await state();
    const execution = stageStates?.[0]?.actionStates?.[0]?.latestExecution;
    return execution?.status !== 'InProgress' && execution;
  });
  expect(ended).toMatchObject({
    status: 'Failed',
    errorDetails: { message: expect.stringContaining('too large for an archive') },
  });
}, 60_000);
