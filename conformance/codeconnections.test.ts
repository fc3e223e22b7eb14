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
import { aws, awsError, noAws } from './aws.ts';
import { eventually } from './eventually.ts';
import { run } from './run.ts';
import { startServer, type TestServer } from './server.ts';

const UUID = '[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}';

/** AWS's documented examples, in their shapes. */
describe.skipIf(noAws)('the aws command with connections', () => {
  let server: TestServer;
  beforeAll(async () => {
    server = await startServer();
  });
  afterAll(() => server?.stop());

  test('CX-OP-01, CX-OP-09, CX-OP-16, CX-OP-05: a connection', async () => {
    const made = await aws(server)`codestar-connections create-connection
      --provider-type Bitbucket --connection-name MyConnection`;
    const pattern = `^arn:aws:codestar-connections:us-east-1:000000000000:connection/${UUID}$`;
    expect(made).toEqual({ ConnectionArn: expect.stringMatching(pattern) });
    const arn = String(made.ConnectionArn);
    const view = {
      ...{ ConnectionName: 'MyConnection', ConnectionArn: arn, ProviderType: 'Bitbucket' },
      ...{ OwnerAccountId: '000000000000', ConnectionStatus: 'PENDING' },
    };
    expect(await aws(server)`codestar-connections get-connection --connection-arn ${arn}`).toEqual({
      Connection: view,
    });
    expect(
      await aws(server)`codestar-connections list-connections
        --provider-type Bitbucket --max-results 5`,
    ).toEqual({ Connections: [view] });
    expect(await aws(server)`codestar-connections list-connections --provider-type GitHub`).toEqual(
      { Connections: [] },
    );
    expect(
      await aws(server)`codestar-connections delete-connection --connection-arn ${arn}`,
    ).toEqual({});
    expect(
      await awsError(server)`codestar-connections get-connection --connection-arn ${arn}`,
    ).toMatch(/^ResourceNotFoundException: /);
  });

  test('CX-OP-02, CX-OP-10, CX-OP-17, CX-OP-24, CX-OP-06: a host, and a connection to it', async () => {
    // Version 1 of aws reads what is at a URL that it is given.
    const host = {
      ProviderType: 'GitHubEnterpriseServer',
      ProviderEndpoint: 'https://my-instance.dev',
    };
    const made = await aws(server)`codestar-connections create-host
      --cli-input-json ${JSON.stringify({ Name: 'MyHost', ...host })}`;
    const pattern = '^arn:aws:codestar-connections:us-east-1:000000000000:host/MyHost-[0-9a-f]{8}$';
    expect(made).toEqual({ HostArn: expect.stringMatching(pattern) });
    const arn = String(made.HostArn);
    const its = { Name: 'MyHost', ProviderType: 'GitHubEnterpriseServer' };
    const endpoint = { ProviderEndpoint: 'https://my-instance.dev', Status: 'PENDING' };
    expect(await aws(server)`codestar-connections get-host --host-arn ${arn}`).toEqual({
      ...{ ...its, ...endpoint },
    });
    expect(await aws(server)`codestar-connections list-hosts`).toEqual({
      Hosts: [{ ...its, ...endpoint, HostArn: arn }],
    });
    const { ConnectionArn } = await aws(server)`codestar-connections create-connection
      --host-arn ${arn} --connection-name there`;
    expect(await awsError(server)`codestar-connections delete-host --host-arn ${arn}`).toMatch(
      /^ResourceUnavailableException: /,
    );
    await aws(server)`codestar-connections delete-connection
      --connection-arn ${String(ConnectionArn)}`;
    const update = { HostArn: arn, ProviderEndpoint: 'https://other.dev' };
    await aws(server)`codestar-connections update-host --cli-input-json ${JSON.stringify(update)}`;
    expect(await aws(server)`codestar-connections get-host --host-arn ${arn}`).toMatchObject({
      ProviderEndpoint: 'https://other.dev',
    });
    expect(await aws(server)`codestar-connections delete-host --host-arn ${arn}`).toEqual({});
    const vpc = {
      ...{ VpcId: 'vpc-12345678', SubnetIds: ['subnet-12345678'] },
      SecurityGroupIds: ['sg-12345678'],
    };
    expect(
      await awsError(server)`codestar-connections create-host
        --cli-input-json ${JSON.stringify({ Name: 'v', ...host, VpcConfiguration: vpc })}`,
    ).toMatch(/^NotImplemented: .*VpcConfiguration/);
  });

  test('CX-OP-21, CX-OP-22, CX-OP-23: tags', async () => {
    const { ConnectionArn } = await aws(server)`codestar-connections create-connection
      --provider-type GitHub --connection-name tagged --tags Key=ReadOnly,Value=true`;
    const arn = String(ConnectionArn);
    expect(
      await aws(server)`codestar-connections tag-resource --resource-arn ${arn}
        --tags Key=Project,Value=ProjectA Key=IscontainerBased,Value=true`,
    ).toEqual({});
    await aws(server)`codestar-connections untag-resource --resource-arn ${arn}
      --tag-keys IscontainerBased`;
    const { Tags } = await aws(server)`codestar-connections list-tags-for-resource
      --resource-arn ${arn}`;
    expect(Tags).toHaveLength(2);
    expect(Tags).toEqual(
      expect.arrayContaining([
        { Key: 'Project', Value: 'ProjectA' },
        { Key: 'ReadOnly', Value: 'true' },
      ]),
    );
  });

  test('CX-OP-03, CX-OP-04: repository links need a complete connection, and what cannot be synced is refused', async () => {
    const { ConnectionArn } = await aws(server)`codestar-connections create-connection
      --provider-type GitHub --connection-name linked`;
    const arn = String(ConnectionArn);
    const link = () => aws(server)`codestar-connections create-repository-link
      --connection-arn ${arn} --owner-id me --repository-name app`;
    await expect(link()).rejects.toThrow('InvalidInputException');
    expect((await slipway(server, ['connection', 'complete', arn])).code).toBe(0);
    const { RepositoryLinkInfo } = await link();
    const { RepositoryLinkId: id } = RepositoryLinkInfo as Record<string, string>;
    expect(RepositoryLinkInfo).toMatchObject({ OwnerId: 'me', RepositoryName: 'app' });
    await expect(link()).rejects.toThrow('ResourceAlreadyExistsException');
    const role = `arn:aws:iam::${server.accountId}:role/sync`;
    expect(
      await awsError(server)`codestar-connections create-sync-configuration --branch main
        --config-file stack.yaml --repository-link-id ${id ?? ''} --resource-name stack
        --role-arn ${role} --sync-type CFN_STACK_SYNC`,
    ).toMatch(/^NotImplemented: .*CFN_STACK_SYNC/);
    expect(
      await aws(server)`codestar-connections list-sync-configurations
        --repository-link-id ${id ?? ''} --sync-type CFN_STACK_SYNC`,
    ).toEqual({ SyncConfigurations: [] });
    await aws(server)`codestar-connections delete-repository-link --repository-link-id ${id ?? ''}`;
    expect(await aws(server)`codestar-connections list-repository-links`).toEqual({
      RepositoryLinks: [],
    });
  });
});

/** `slipway …` as the environment of the aws command says. */
function slipway(server: TestServer, args: string[], input = '') {
  const main = join(import.meta.dirname, '..', 'src', 'cli', 'main.ts');
  const env = { ...server.env, AWS_ENDPOINT_URL: server.endpoint };
  return run(process.execPath, [...process.execArgv, main, ...args], { env, input });
}

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
    await server.kill();
    const pushed = await commit('app', 'index.html', 'while it was down');
    await server.restart();
    await eventually('an execution of what was pushed', async () => {
      const [newest] = await executions('site');
      const its = newest?.sourceRevisions?.[0]?.revisionId;
      return its === pushed && newest?.status === 'Succeeded';
    });
    expect(await textOf('site/main/index.html')).toBe('while it was down');
    expect(await executions('site')).toHaveLength(3);
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
    await commit('app', 'src/README.md', 'no', 'feature/one');
    await ended('any-file', 2);
    const wanted = await commit('app', 'src/main.ts', 'yes', 'feature/one');
    const [newest, ...others] = await ended('filtered', 2);
    expect(others).toHaveLength(1);
    expect(newest?.sourceRevisions?.[0]?.revisionId).toBe(wanted);
    // It runs on the branch that was pushed, and not on its own.
    expect(await textOf('filtered/feature/one/src/main.ts')).toBe('yes');
    expect(await executions('any-file')).toHaveLength(3);
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
      {
        ...{ FullRepositoryId: 'me/app', Url: `${provider.endpoint}/v1/repos/app` },
        UserName: userName,
      },
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
