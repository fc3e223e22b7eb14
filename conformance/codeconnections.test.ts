import {
  BatchGetBuildsCommand,
  CodeBuildClient,
  CreateProjectCommand,
  StartBuildCommand,
} from '@aws-sdk/client-codebuild';
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
  CreateAccessKeyCommand,
  CreateRoleCommand,
  CreateServiceSpecificCredentialCommand,
  CreateUserCommand,
  IAMClient,
  PutRolePolicyCommand,
  PutUserPolicyCommand,
} from '@aws-sdk/client-iam';
import {
  CreateBucketCommand,
  GetObjectCommand,
  PutBucketVersioningCommand,
  S3Client,
} from '@aws-sdk/client-s3';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { trust } from '../src/cli/demo/policies.ts';
import { signedByGitHub } from '../src/services/codeconnections/testing.ts';
import { eventually } from './eventually.ts';
import { startServer, type TestServer } from './server.ts';
import { slipway } from './slipway.ts';

/** Pipelines whose repository is another server's, which stands for GitHub: real git over HTTP with a name and a password. */
describe('pipelines from connections', () => {
  let server: TestServer;
  let provider: TestServer;
  let iam: IAMClient;
  let s3: S3Client;
  let pipelines: CodePipelineClient;
  let connection: string;
  let webhook: { url: string; secret: string };
  let password: string;
  let userName: string;

  const policy = (Action: string[], Resource = '*') =>
    JSON.stringify({
      ...{ Version: '2012-10-17', Statement: [{ Effect: 'Allow', Action, Resource }] },
    });
  const roleArn = (name: string) => `arn:aws:iam::${server.accountId}:role/${name}`;

  async function makeRole(name: string, actions: string[]) {
    const AssumeRolePolicyDocument = trust('codepipeline.amazonaws.com');
    await iam.send(new CreateRoleCommand({ RoleName: name, AssumeRolePolicyDocument }));
    const PolicyDocument = policy(actions);
    await iam.send(new PutRolePolicyCommand({ RoleName: name, PolicyName: name, PolicyDocument }));
  }

  beforeAll(async () => {
    [server, provider] = await Promise.all([
      startServer({ flags: ['--connection-poll', '1'] }),
      startServer(),
    ]);
    iam = new IAMClient(server.client);
    s3 = new S3Client({ ...server.client, forcePathStyle: true });
    pipelines = new CodePipelineClient(server.client);
    await s3.send(new CreateBucketCommand({ Bucket: 'artifacts' }));
    const VersioningConfiguration = { Status: 'Enabled' as const };
    await s3.send(new PutBucketVersioningCommand({ Bucket: 'artifacts', VersioningConfiguration }));
    await s3.send(new CreateBucketCommand({ Bucket: 'site' }));
    await makeRole('pipeline', ['s3:*', 'codestar-connections:UseConnection']);
    await makeRole('no-connection', ['s3:*']);
    await gitUser();
    await repository('app');
    connection = await connect();
  });
  afterAll(async () => {
    await Promise.all([server?.stop(), provider?.stop()]);
  });

  /** A user of the provider's, by whose name and password git reads there. */
  async function gitUser() {
    const there = new IAMClient(provider.client);
    await there.send(new CreateUserCommand({ UserName: 'git' }));
    const PolicyDocument = policy(['codecommit:GitPull']);
    const given = { UserName: 'git', PolicyName: 'pull', PolicyDocument };
    await there.send(new PutUserPolicyCommand(given));
    const asked = { UserName: 'git', ServiceName: 'codecommit.amazonaws.com' };
    const { ServiceSpecificCredential: credential } = await there.send(
      new CreateServiceSpecificCredentialCommand(asked),
    );
    userName = credential?.ServiceUserName ?? '';
    password = credential?.ServicePassword ?? '';
  }

  const heads = new Map<string, string>();
  async function repository(name: string) {
    const there = new CodeCommitClient(provider.client);
    await there.send(new CreateRepositoryCommand({ repositoryName: name }));
    await commit(name, 'index.html', 'first');
  }

  async function commit(name: string, filePath: string, text: string, branchName = 'main') {
    const there = new CodeCommitClient(provider.client);
    const file = { filePath, fileContent: Buffer.from(text), commitMessage: `Write ${filePath}` };
    const at = `${name} ${branchName}`;
    const parent = { parentCommitId: heads.get(at) ?? heads.get(`${name} main`) };
    if (branchName !== 'main' && !heads.has(at)) {
      const commitId = parent.parentCommitId;
      await there.send(new CreateBranchCommand({ repositoryName: name, branchName, commitId }));
    }
    const put = new PutFileCommand({ repositoryName: name, branchName, ...parent, ...file });
    const { commitId = '' } = await there.send(put);
    heads.set(at, commitId);
    return commitId;
  }

  async function connect() {
    const made = await slipwayAws('create-connection', '--provider-type', 'GitHub', 'hub');
    const complete = ['connection', 'complete', made, '--url', 'https://github.invalid', '--json'];
    const { stdout } = await slipway(server, complete);
    const { WebhookUrl, WebhookSecret } = JSON.parse(stdout);
    webhook = { url: WebhookUrl, secret: WebhookSecret };
    const url = `${provider.endpoint}/v1/repos/app`;
    const map = ['connection', 'map', 'me/app', '--url', url, '--username', userName];
    const mapped = await slipway(server, [...map, '--password-stdin'], `${password}\n`);
    expect(mapped).toMatchObject({ code: 0, stderr: '' });
    return made;
  }

  async function slipwayAws(...[, , type, name]: string[]) {
    const { CodeStarConnectionsClient, CreateConnectionCommand } = await import(
      '@aws-sdk/client-codestar-connections'
    );
    const client = new CodeStarConnectionsClient(server.client);
    const asked = { ProviderType: type as 'GitHub', ConnectionName: name };
    return (await client.send(new CreateConnectionCommand(asked))).ConnectionArn ?? '';
  }

  const source = (more: Record<string, string> = {}): ActionDeclaration => ({
    ...{ name: 'Source', namespace: 'src' },
    actionTypeId: {
      ...{ category: 'Source', owner: 'AWS', version: '1' },
      provider: 'CodeStarSourceConnection',
    },
    configuration: {
      ...{ ConnectionArn: connection, FullRepositoryId: 'me/app', BranchName: 'main' },
      ...more,
    },
    outputArtifacts: [{ name: 'App' }],
  });
  const deploy = (key: string): ActionDeclaration => ({
    name: 'Site',
    actionTypeId: { category: 'Deploy', owner: 'AWS', provider: 'S3', version: '1' },
    configuration: { BucketName: 'site', Extract: 'true', ObjectKey: key },
    inputArtifacts: [{ name: 'App' }],
  });
  const declared = (
    name: string,
    {
      role = 'pipeline',
      triggers,
    }: { role?: string; triggers?: PipelineTriggerDeclaration[] } = {},
    configuration: Record<string, string> = {},
  ) => ({
    ...{
      name,
      roleArn: roleArn(role),
      artifactStore: { type: 'S3' as const, location: 'artifacts' },
    },
    stages: [
      { name: 'Source', actions: [source(configuration)] },
      { name: 'Deploy', actions: [deploy(`${name}/#{src.BranchName}`)] },
    ],
    ...(triggers && { pipelineType: 'V2' as const, triggers }),
  });
  const create = (...given: Parameters<typeof declared>) =>
    pipelines.send(new CreatePipelineCommand({ pipeline: declared(...given) }));

  async function executions(pipelineName: string) {
    const answer = await pipelines.send(new ListPipelineExecutionsCommand({ pipelineName }));
    return answer.pipelineExecutionSummaries ?? [];
  }
  const ended = (name: string, count: number) =>
    eventually(`${count} executions of ${name}`, async () => {
      const all = await executions(name);
      return all.length >= count && all.every((e) => e.status !== 'InProgress') && all;
    });
  const built = (name: string, revision: string) =>
    eventually(`an execution of ${name} with ${revision}`, async () => {
      const all = (await executions(name)).flatMap(({ sourceRevisions = [] }) => sourceRevisions);
      return all.some(({ revisionId }) => revisionId === revision);
    });
  async function textOf(Key: string) {
    const { Body } = await s3.send(new GetObjectCommand({ Bucket: 'site', Key }));
    return Body?.transformToString();
  }
  async function failureOf(pipelineName: string) {
    await ended(pipelineName, 1);
    const answer = await pipelines.send(new ListActionExecutionsCommand({ pipelineName }));
    return answer.actionExecutionDetails?.[0]?.output?.executionResult?.errorDetails;
  }

  test('CP-B4: what is pushed to the provider is deployed, and told as AWS tells it', async () => {
    await create('site');
    expect((await ended('site', 1)).map(({ status }) => status)).toEqual(['Succeeded']);
    expect(await textOf('site/main/index.html')).toBe('first');
    const pushed = await commit('app', 'index.html', 'second');
    const [newest] = await ended('site', 2);
    expect(newest).toMatchObject({
      status: 'Succeeded',
      trigger: { triggerType: 'WebhookV2', triggerDetail: connection },
      sourceRevisions: [{ actionName: 'Source', revisionId: pushed }],
    });
    expect(JSON.parse(newest?.sourceRevisions?.[0]?.revisionSummary ?? '')).toEqual({
      ...{ ProviderType: 'GitHub', CommitMessage: 'Write index.html' },
    });
    expect(await textOf('site/main/index.html')).toBe('second');
    const asked = new ListActionExecutionsCommand({ pipelineName: 'site' });
    const { actionExecutionDetails = [] } = await pipelines.send(asked);
    const its = actionExecutionDetails.find(({ actionName }) => actionName === 'Source');
    expect(its?.output?.outputVariables).toEqual({
      ...{ AuthorDate: expect.stringMatching(/Z$/), BranchName: 'main', CommitId: pushed },
      ...{ CommitMessage: 'Write index.html', ConnectionArn: connection },
      FullRepositoryName: 'me/app',
    });
  });

  test('a connection that is PENDING, and a role that may not use it, fail where they are used', async () => {
    const pending = await slipwayAws('create-connection', '--provider-type', 'GitHub', 'pending');
    await create('pending', {}, { ConnectionArn: pending, DetectChanges: 'false' });
    expect(await failureOf('pending')).toEqual({
      code: 'ConfigurationError',
      message: `Connection ${pending} is not available`,
    });
    const { stdout } = await slipway(server, ['explain', 'pending']);
    expect(stdout).toContain(`  mend   slipway connection complete ${pending}\n`);
    await create('not-allowed', { role: 'no-connection' }, { DetectChanges: 'false' });
    expect(await failureOf('not-allowed')).toEqual({
      code: 'PermissionError',
      message: `Unable to use Connection: ${connection}. The provided role does not have sufficient permissions.`,
    });
    await create('no-branch', {}, { BranchName: 'none', DetectChanges: 'false' });
    expect(await failureOf('no-branch')).toEqual({
      code: 'ConfigurationError',
      message: 'No Branch [none] found for FullRepositoryName [me/app]',
    });
  });

  test('CP-B31: a build clones with all of the history, by the connection and its own role', async () => {
    await repository('history');
    const pushed = await commit('history', 'more.txt', 'more');
    const url = `${provider.endpoint}/v1/repos/history`;
    const map = ['connection', 'map', 'me/history', '--url', url, '--username', userName];
    // There is a second connection by now.
    const options = ['--connection', connection, '--password-stdin'];
    const mapped = await slipway(server, [...map, ...options], `${password}\n`);
    expect(mapped).toMatchObject({ code: 0, stderr: '' });
    const build = async (name: string, uses: object) => {
      const Statement = [
        { Action: ['s3:*', 'logs:*'] },
        { Action: 'codestar-connections:UseConnection', ...uses },
      ];
      const PolicyDocument = JSON.stringify({
        Version: '2012-10-17',
        Statement: Statement.map((each) => ({ Effect: 'Allow', Resource: '*', ...each })),
      });
      await makeRole(name, ['s3:*']);
      await iam.send(
        new PutRolePolicyCommand({ RoleName: name, PolicyName: name, PolicyDocument }),
      );
      const format = {
        OutputArtifactFormat: 'CODEBUILD_CLONE_REF',
        FullRepositoryId: 'me/history',
      };
      const commands = [
        'git log --format=%H%n%s > log.txt',
        'git config --list >> log.txt; env >> log.txt',
      ];
      const actionTypeId = {
        category: 'Compute',
        owner: 'AWS',
        provider: 'Commands',
        version: '1',
      } as const;
      const run = {
        name: 'Run',
        actionTypeId,
        commands,
        inputArtifacts: [{ name: 'App' }],
        outputArtifacts: [{ name: 'Log' }],
      };
      const site = { ...deploy(name), inputArtifacts: [{ name: 'Log' }] };
      const stages = [source(format), run, site].map((action, i) => ({
        name: `S${i}`,
        actions: [action],
      }));
      const pipeline = { ...declared(name, { role: name }), stages };
      await pipelines.send(new CreatePipelineCommand({ pipeline }));
      return (await ended(name, 1))[0]?.status;
    };
    expect(await build('cloner', {})).toBe('Succeeded');
    const log = await textOf('cloner/log.txt');
    expect(log?.split('\n').slice(0, 4)).toEqual([
      pushed,
      'Write more.txt',
      expect.any(String),
      'Write index.html',
    ]);
    expect(log).not.toContain(password);
    // The pipeline may have the reference made, and the build may not clone.
    const actions = ['StartUploadArchiveToS3', 'GetUploadArchiveToS3Status'];
    const StringEquals = { 'codestar-connections:ProviderAction': actions };
    expect(await build('no-cloner', { Condition: { StringEquals } })).toBe('Failed');
  });

  test('CB-C8: a project reads its source by a connection, where its role may have the connection’s token', async () => {
    const codebuild = new CodeBuildClient(server.client);
    const AssumeRolePolicyDocument = trust('codebuild.amazonaws.com');
    await iam.send(new CreateRoleCommand({ RoleName: 'source', AssumeRolePolicyDocument }));
    const may = (actions: string[]) =>
      iam.send(
        new PutRolePolicyCommand({
          ...{ RoleName: 'source', PolicyName: 'source', PolicyDocument: policy(actions) },
        }),
      );
    const commands = ['ls index.html', 'git config --list', 'git remote get-url origin'];
    await codebuild.send(
      new CreateProjectCommand({
        ...{ name: 'source', serviceRole: roleArn('source'), artifacts: { type: 'NO_ARTIFACTS' } },
        source: {
          ...{ type: 'GITHUB', location: 'https://github.com/me/app' },
          auth: { type: 'CODECONNECTIONS', resource: connection },
          buildspec: JSON.stringify({ version: 0.2, phases: { build: { commands } } }),
        },
        environment: {
          ...{ type: 'LINUX_CONTAINER', computeType: 'BUILD_GENERAL1_SMALL' },
          image: process.env.SLIPWAY_TEST_IMAGE ?? 'alpine',
        },
      }),
    );
    const build = async () => {
      const { build: started } = await codebuild.send(
        new StartBuildCommand({ projectName: 'source' }),
      );
      const found = async () => {
        const command = new BatchGetBuildsCommand({ ids: [started?.id ?? ''] });
        return (await codebuild.send(command)).builds?.find((one) => one.buildComplete);
      };
      return eventually('the build ends', found);
    };
    await may(['logs:*', 'codestar-connections:UseConnection']);
    expect((await build()).buildStatus).toBe('FAILED');
    await may(['logs:*', 'codestar-connections:GetConnectionToken']);
    const there = await build();
    expect(there).toMatchObject({
      ...{ buildStatus: 'SUCCEEDED', resolvedSourceVersion: heads.get('app main') },
    });
  });

  test('CP-B5, CP-A45: GitHub’s first action type reads by the connection that knows its repository', async () => {
    const name = 'first-type';
    await makeRole(name, [
      's3:*',
      'codestar-connections:UseConnection',
      'codestar-connections:ListConnections',
    ]);
    const legacy = (Repo: string): ActionDeclaration => ({
      ...{ name: 'Source', namespace: 'src', outputArtifacts: [{ name: 'App' }] },
      actionTypeId: { category: 'Source', owner: 'ThirdParty', provider: 'GitHub', version: '1' },
      configuration: { Owner: 'me', Repo, Branch: 'main', OAuthToken: 'open sesame' },
    });
    const make = async (pipelineName: string, Repo: string) => {
      const { stages, ...more } = declared(pipelineName, { role: name });
      const pipeline = {
        ...more,
        stages: [{ name: 'Source', actions: [legacy(Repo)] }, ...stages.slice(1)],
      };
      return pipelines.send(new CreatePipelineCommand({ pipeline }));
    };
    const made = await make(name, 'App');
    expect(made.pipeline?.stages?.[0]?.actions?.[0]?.configuration?.OAuthToken).toBe('****');
    expect((await ended(name, 1))[0]?.status).toBe('Succeeded');
    const pushed = await commit('app', 'first-type.txt', 'first type');
    const [newest] = await ended(name, 2);
    expect(newest).toMatchObject({
      ...{ status: 'Succeeded', trigger: { triggerType: 'PollForSourceChanges' } },
      sourceRevisions: [{ actionName: 'Source', revisionId: pushed }],
    });
    expect(await textOf(`${name}/main/first-type.txt`)).toBe('first type');
    const answer = await pipelines.send(new ListActionExecutionsCommand({ pipelineName: name }));
    const variables = answer.actionExecutionDetails?.find(
      ({ actionName, pipelineExecutionId }) =>
        actionName === 'Source' && pipelineExecutionId === newest?.pipelineExecutionId,
    )?.output?.outputVariables;
    expect(variables).toEqual({
      ...{
        BranchName: 'main',
        CommitId: pushed,
        CommitMessage: 'Write first-type.txt',
        RepositoryName: 'App',
      },
      ...{ CommitUrl: `https://github.com/me/App/commit/${pushed}` },
      ...{ AuthorDate: expect.stringMatching(/Z$/), CommitterDate: expect.stringMatching(/Z$/) },
    });
  });

  test('who may not pass a connection makes no pipeline with it', async () => {
    const [UserName, PolicyName] = ['maker', 'make'];
    await iam.send(new CreateUserCommand({ UserName }));
    const PolicyDocument = policy(['codepipeline:*', 'iam:PassRole']);
    await iam.send(new PutUserPolicyCommand({ UserName, PolicyName, PolicyDocument }));
    const { AccessKey: key } = await iam.send(new CreateAccessKeyCommand({ UserName }));
    const credentials = {
      accessKeyId: key?.AccessKeyId ?? '',
      secretAccessKey: key?.SecretAccessKey ?? '',
    };
    const theirs = new CodePipelineClient({ ...server.client, credentials });
    const command = new CreatePipelineCommand({ pipeline: declared('passed') });
    await expect(theirs.send(command)).rejects.toMatchObject({
      name: 'AccessDeniedException',
      message: expect.stringContaining('codestar-connections:PassConnection'),
    });
    const more = policy(['codepipeline:*', 'iam:PassRole', 'codestar-connections:PassConnection']);
    const given = { UserName, PolicyName, PolicyDocument: more };
    await iam.send(new PutUserPolicyCommand(given));
    await theirs.send(command);
  });

  test('what is pushed while the server is killed is seen when it is back', async () => {
    // Made, pushed to, and pushed to again for GitHub's first action type.
    const before = await ended('site', 3);
    await server.kill();
    const pushed = await commit('app', 'index.html', 'while it was down');
    await server.restart();
    await eventually('an execution of what was pushed', async () => {
      const [newest] = await executions('site');
      const its = newest?.sourceRevisions?.[0]?.revisionId;
      return its === pushed && newest?.status === 'Succeeded';
    });
    expect(await textOf('site/main/index.html')).toBe('while it was down');
    expect(await executions('site')).toHaveLength(before.length + 1);
  });

  test('CP-C41, CP-C42: triggers take branches and files as they say', async () => {
    const branches = { includes: ['feature/*'] };
    const filePaths = { includes: ['src/**'], excludes: ['**/*.md'] };
    const triggers = (push: object) => ({
      triggers: [
        {
          providerType: 'CodeStarSourceConnection' as const,
          gitConfiguration: { sourceActionName: 'Source', push: [push] },
        },
      ],
    });
    await create('filtered', triggers({ branches, filePaths }));
    await create('any-file', triggers({ branches }));
    await ended('filtered', 1);
    await ended('any-file', 1);
    await commit('app', 'index.html', 'third');
    const readMe = await commit('app', 'src/README.md', 'no', 'feature/one');
    // The new branch is seen before its first commit, or with it; two commits on end may be one push.
    await built('any-file', readMe);
    const wanted = await commit('app', 'src/main.ts', 'yes', 'feature/one');
    const [newest, ...others] = await ended('filtered', 2);
    expect(others).toHaveLength(1);
    expect(newest?.sourceRevisions?.[0]?.revisionId).toBe(wanted);
    // It runs on the branch that was pushed, and not on its own.
    expect(await textOf('filtered/feature/one/src/main.ts')).toBe('yes');
    await built('any-file', wanted);
  });

  test('a pull request starts what asks for it, as the provider tells of it', async () => {
    const pullRequest = [{ events: ['OPEN' as const], branches: { includes: ['main'] } }];
    const gitConfiguration = { sourceActionName: 'Source', pullRequest };
    const providerType = 'CodeStarSourceConnection';
    await create('reviewed', { triggers: [{ providerType, gitConfiguration }] });
    await ended('reviewed', 1);
    const sha = heads.get('app feature/one') ?? '';
    const pull_request = {
      ...{ number: 7, title: 'Better', user: { login: 'me' }, merged: false },
      ...{ head: { ref: 'feature/one', sha }, base: { ref: 'main', sha: heads.get('app main') } },
    };
    const repository = { full_name: 'me/app' };
    const told = { action: 'opened', repository, pull_request };
    const { headers, body } = signedByGitHub(webhook.secret, 'pull_request', told);
    const answer = await fetch(webhook.url, { method: 'POST', headers, body });
    expect([answer.status, await answer.text()]).toEqual([200, 'Heard.\n']);
    const [newest] = await ended('reviewed', 2);
    expect(newest).toMatchObject({
      ...{ status: 'Succeeded', sourceRevisions: [{ revisionId: sha }] },
    });
    const asked = new ListActionExecutionsCommand({ pipelineName: 'reviewed' });
    const { actionExecutionDetails = [] } = await pipelines.send(asked);
    const its = actionExecutionDetails.find(
      ({ actionName, output }) => actionName === 'Source' && output?.outputVariables?.PullRequestId,
    );
    expect(its?.output?.outputVariables).toMatchObject({
      ...{ BranchName: 'feature/one', DestinationBranchName: 'main', PullRequestId: '7' },
      ...{ PullRequestTitle: 'Better', CommitId: sha },
    });
  });

  test('what was mapped is listed, without its password', async () => {
    const { code, stdout } = await slipway(server, ['connection', 'list', '--json']);
    expect(code).toBe(0);
    expect(stdout).not.toContain(password);
    const all = JSON.parse(stdout) as { ConnectionArn: string; Targets: unknown[] }[];
    expect(all.find(({ ConnectionArn }) => ConnectionArn === connection)?.Targets).toEqual([
      { Url: 'https://github.invalid' },
      ...['app', 'history'].map((name) => ({
        ...{ FullRepositoryId: `me/${name}`, Url: `${provider.endpoint}/v1/repos/${name}` },
        UserName: userName,
      })),
    ]);
    expect(server.log()).not.toContain(password);
  });

  test('slipway connection says what is wrong', async () => {
    expect(await slipway(server, ['connection', 'complete', 'nothing'])).toMatchObject({
      ...{ code: 1, stderr: expect.stringContaining('ResourceNotFoundException') },
    });
    expect(
      await slipway(server, [
        'connection',
        'map',
        'me/x',
        '--url',
        'file:///etc',
        '--connection',
        connection,
      ]),
    ).toMatchObject({ code: 1, stderr: expect.stringContaining('--allow-file-remotes') });
    expect((await slipway(server, ['connection', 'map', 'me/x'])).code).toBe(2);
    expect((await slipway(server, ['connection'])).code).toBe(2);
  });
});
