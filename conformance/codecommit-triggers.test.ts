import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  CodeCommitClient,
  CreateBranchCommand,
  CreateRepositoryCommand,
  PutFileCommand,
} from '@aws-sdk/client-codecommit';
import {
  type ActionDeclaration,
  CodePipelineClient,
  CreatePipelineCommand,
  ListActionExecutionsCommand,
  ListPipelineExecutionsCommand,
  type PipelineTriggerDeclaration,
} from '@aws-sdk/client-codepipeline';
import {
  CreateRoleCommand,
  CreateServiceSpecificCredentialCommand,
  CreateUserCommand,
  IAMClient,
  PutRolePolicyCommand,
  PutUserPolicyCommand,
} from '@aws-sdk/client-iam';
import { CreateBucketCommand, S3Client } from '@aws-sdk/client-s3';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { trust } from '../src/cli/demo/policies.ts';
import { gitClient } from '../src/git/testing.ts';
import { eventually } from './eventually.ts';
import { startServer, type TestServer } from './server.ts';

describe('triggers of CodeCommit', () => {
  let server: TestServer;
  let iam: IAMClient;
  let pipelines: CodePipelineClient;
  let codecommit: CodeCommitClient;

  const policy = (...Action: string[]) =>
    JSON.stringify({
      ...{ Version: '2012-10-17', Statement: [{ Effect: 'Allow', Action, Resource: '*' }] },
    });

  beforeAll(async () => {
    server = await startServer();
    iam = new IAMClient(server.client);
    pipelines = new CodePipelineClient(server.client);
    codecommit = new CodeCommitClient(server.client);
    const s3 = new S3Client({ ...server.client, forcePathStyle: true });
    await s3.send(new CreateBucketCommand({ Bucket: 'artifacts' }));
    const AssumeRolePolicyDocument = trust('codepipeline.amazonaws.com');
    await iam.send(new CreateRoleCommand({ RoleName: 'pipeline', AssumeRolePolicyDocument }));
    const PolicyDocument = policy('s3:*', 'codecommit:*');
    const given = { RoleName: 'pipeline', PolicyName: 'all', PolicyDocument };
    await iam.send(new PutRolePolicyCommand(given));
  });
  afterAll(() => server?.stop());

  const type = (category: 'Source' | 'Approval', provider: string) => ({
    actionTypeId: { category, owner: 'AWS' as const, provider, version: '1' },
  });
  async function create(triggers: PipelineTriggerDeclaration[]) {
    const source: ActionDeclaration = {
      ...{ name: 'Commit', ...type('Source', 'CodeCommit') },
      configuration: { RepositoryName: 'tagged', BranchName: 'main' },
      outputArtifacts: [{ name: 'Source' }],
    };
    const approval: ActionDeclaration = { name: 'Ok', ...type('Approval', 'Manual') };
    const pipeline = {
      ...{ name: 'triggered', roleArn: `arn:aws:iam::${server.accountId}:role/pipeline` },
      artifactStore: { type: 'S3' as const, location: 'artifacts' },
      stages: [
        { name: 'Source', actions: [source] },
        { name: 'Go', actions: [approval] },
      ],
      ...{ pipelineType: 'V2' as const, triggers },
    };
    await pipelines.send(new CreatePipelineCommand({ pipeline }));
    await eventually('the first execution', async () =>
      (await actions('triggered')).some(({ status }) => status === 'Succeeded'),
    );
  }

  async function actions(pipelineName: string) {
    const answer = await pipelines.send(new ListActionExecutionsCommand({ pipelineName }));
    return answer.actionExecutionDetails ?? [];
  }

  async function executions(pipelineName: string) {
    const answer = await pipelines.send(new ListPipelineExecutionsCommand({ pipelineName }));
    return answer.pipelineExecutionSummaries ?? [];
  }

  test('CP-C41: an addition, triggers of CodeCommit by tags, branches and files', async () => {
    await codecommit.send(new CreateRepositoryCommand({ repositoryName: 'tagged' }));
    const put = async (filePath: string, parentCommitId?: string) => {
      const its = { repositoryName: 'tagged', branchName: 'main', filePath, parentCommitId };
      const fileContent = Buffer.from(filePath);
      const { commitId } = await codecommit.send(new PutFileCommand({ ...its, fileContent }));
      return commitId;
    };
    const first = await put('a.txt');
    const filters = [
      { branches: { includes: ['ma*'] }, filePaths: { includes: ['src/**'] } },
      { branches: { includes: ['rel/*'] } },
      { tags: { includes: ['v*'] } },
    ];
    const gitConfiguration = { sourceActionName: 'Commit', push: filters };
    const triggers = [{ providerType: 'CodeStarSourceConnection' as const, gitConfiguration }];
    await create(triggers);
    const second = await put('docs/b.txt', first);
    const third = await put('src/c.txt', second);
    const release = { repositoryName: 'tagged', branchName: 'rel/1', commitId: second };
    await codecommit.send(new CreateBranchCommand(release));
    const revisions = await eventually('three executions', async () => {
      const all = (await executions('triggered')).map(
        (one) => one.sourceRevisions?.[0]?.revisionId,
      );
      return all.length >= 3 && all.every((one) => one !== undefined) && all;
    });
    // The first execution is that of the pipeline's creation; what changed documents alone started none.
    expect(revisions.sort()).toEqual([first, second, third].sort());
    const released = (await actions('triggered')).find(
      ({ output }) => output?.outputVariables?.BranchName === 'rel/1',
    );
    expect(released?.output?.outputVariables?.CommitId).toBe(second);
    await pushTags('tagged', third ?? '', 'v1', 'other');
    const tagged = await eventually('an execution of the tag', async () =>
      (await actions('triggered')).find(
        ({ output }) =>
          output?.executionResult?.externalExecutionId && output.outputVariables?.TagName,
      ),
    );
    // An annotated tag is an object of its own; what is built is its commit.
    expect(tagged.output?.outputVariables).toMatchObject({ TagName: 'v1', CommitId: third });
    expect(await executions('triggered')).toHaveLength(4);
  });

  /** Annotated tags, by git and a git credential. */
  async function pushTags(repository: string, commitId: string, ...names: string[]) {
    const asked = { UserName: 'tagger', ServiceName: 'codecommit.amazonaws.com' };
    await iam.send(new CreateUserCommand({ UserName: asked.UserName }));
    const PolicyDocument = policy('codecommit:*');
    const given = { UserName: asked.UserName, PolicyName: 'git', PolicyDocument };
    await iam.send(new PutUserPolicyCommand(given));
    const { ServiceSpecificCredential: key } = await iam.send(
      new CreateServiceSpecificCredentialCommand(asked),
    );
    const url = new URL(`${server.endpoint}/v1/repos/${repository}`);
    url.username = key?.ServiceUserName ?? '';
    url.password = key?.ServicePassword ?? '';
    const clone = mkdtempSync(join(tmpdir(), 'slipway-tags-'));
    const git = (...args: string[]) => gitClient(clone, args);
    await git('clone', '--quiet', url.href, '.');
    for (const name of names) await git('tag', '-a', name, '-m', name, commitId);
    await git('push', '--quiet', '--tags');
    rmSync(clone, { recursive: true });
  }
});
