import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CreateProjectCommand } from '@aws-sdk/client-codebuild';
import { CreateRepositoryCommand, PutFileCommand } from '@aws-sdk/client-codecommit';
import { CreatePipelineCommand, type StageDeclaration } from '@aws-sdk/client-codepipeline';
import { CreateRoleCommand, PutRolePolicyCommand } from '@aws-sdk/client-iam';
import { CreateKeyCommand, KMSClient, PutKeyPolicyCommand } from '@aws-sdk/client-kms';
import { CreateBucketCommand, PutBucketPolicyCommand } from '@aws-sdk/client-s3';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { trust } from '../src/cli/demo/policies.ts';
import { type Clients, makeClients } from '../src/cli/demo/resources.ts';
import { eventually } from './eventually.ts';
import { lastExecution } from './permissions.ts';
import { startServer, type TestServer } from './server.ts';
import { stageOf } from './stage-of.ts';
import { may, OTHER, OWNER, policy, rootOf } from './two-accounts.ts';

// The pattern of two roles: pipeline, bucket and key in one account, the role that deploys in another. With any of the
// statements taken away, `slipway explain` names it, asked by the first account alone. And what else goes wrong.

const MINUTE = 60_000;
const SITE = 'explained-site';
const cli = join(import.meta.dirname, '..', 'src', 'cli', 'main.ts');
const directory = mkdtempSync(join(tmpdir(), 'slipway-explain-'));

let server: TestServer;
let owner: Clients;
let other: Clients;
let kms: KMSClient;

const pipelineRole = (name: string) => `arn:aws:iam::${OWNER}:role/pipeline-${name}`;
const deployRole = (name: string) => `arn:aws:iam::${OTHER}:role/deploy-${name}`;
const bucketOf = (name: string) => `explained-${name}`;
const root = (account: string) => ({ AWS: `arn:aws:iam::${account}:root` });

/** What is taken away. */
type Part = 'trust' | 'pipeline' | 'assume' | 'deploy' | 'bucket' | 'key';

async function policiesOf(name: string, without: Part | undefined) {
  const key = (await kms.send(new CreateKeyCommand({}))).KeyMetadata?.Arn ?? '';
  const objects = `arn:aws:s3:::${bucketOf(name)}/*`;
  const only = (part: Part, ...statements: object[]) => (without === part ? [] : statements);
  const to = (Resource: string, Action: string) => ({
    ...{ ...may(Resource, Action), Principal: { AWS: deployRole(name) } },
  });
  return {
    key,
    pipeline: policy(
      may(`arn:aws:codecommit:us-east-1:${OWNER}:app`, 'codecommit:*'),
      may(key, 'kms:GenerateDataKey'),
      may(`arn:aws:codebuild:us-east-1:${OWNER}:project/*`, 'codebuild:*'),
      ...only('pipeline', may(objects, 's3:PutObject', 's3:GetObject')),
      ...only('assume', may(deployRole(name), 'sts:AssumeRole')),
    ),
    deploy: policy(
      may(`arn:aws:s3:::${SITE}/*`, 's3:PutObject'),
      may(key, 'kms:Decrypt'),
      ...only('deploy', may(objects, 's3:GetObject')),
    ),
    bucket: policy(...only('bucket', to(objects, 's3:GetObject')), to(objects, 's3:PutObject')),
    keyPolicy: policy(
      { ...may('*', 'kms:*'), Principal: root(OWNER) },
      ...only('key', to('*', 'kms:Decrypt')),
    ),
    trusted: policy({
      ...{ Effect: 'Allow', Action: 'sts:AssumeRole' },
      Principal: root(without === 'trust' ? OTHER : OWNER),
    }),
  };
}

async function makeRole(clients: Clients, RoleName: string, trusted: string, document: string) {
  const AssumeRolePolicyDocument = trusted;
  await clients.iam.send(new CreateRoleCommand({ RoleName, AssumeRolePolicyDocument }));
  await clients.iam.send(
    new PutRolePolicyCommand({ RoleName, PolicyName: 'p', PolicyDocument: document }),
  );
}

const code = [{ name: 'Code' }];
const SOURCE = stageOf(
  ...(['Source', 'CodeCommit', { RepositoryName: 'app', BranchName: 'main' }] as const),
  { outputArtifacts: code },
);
const deployBy = (name: string) =>
  stageOf(...(['Deploy', 'S3', { BucketName: SITE, Extract: 'true', ObjectKey: name }] as const), {
    roleArn: deployRole(name),
    inputArtifacts: code,
  });

/** Makes a pipeline and waits for its end. @returns its declaration's file */
async function run(name: string, without?: Part, stages?: StageDeclaration[]): Promise<string> {
  const policies = await policiesOf(name, without);
  const { key: id } = policies;
  await makeRole(owner, `pipeline-${name}`, trust('codepipeline.amazonaws.com'), policies.pipeline);
  await makeRole(other, `deploy-${name}`, policies.trusted, policies.deploy);
  const Bucket = bucketOf(name);
  await owner.s3.send(new CreateBucketCommand({ Bucket }));
  await owner.s3.send(new PutBucketPolicyCommand({ Bucket, Policy: policies.bucket }));
  await kms.send(new PutKeyPolicyCommand({ KeyId: id, Policy: policies.keyPolicy }));
  const pipeline = {
    ...{ name, roleArn: pipelineRole(name), stages: stages ?? [SOURCE, deployBy(name)] },
    artifactStore: {
      ...{ type: 'S3' as const, location: Bucket },
      encryptionKey: { id, type: 'KMS' as const },
    },
  };
  await owner.codepipeline.send(new CreatePipelineCommand({ pipeline }));
  await eventually(`the end of ${name}`, async () => {
    const { status = 'InProgress' } = (await lastExecution(owner, name)) ?? {};
    return status !== 'InProgress';
  });
  const file = join(directory, `${name}.json`);
  writeFileSync(file, JSON.stringify({ pipeline }, null, 2));
  return file;
}

beforeAll(async () => {
  server = await startServer({ flags: ['--auth', 'relaxed'] });
  owner = makeClients(rootOf(server, OWNER));
  other = makeClients(rootOf(server, OTHER));
  kms = new KMSClient(rootOf(server, OWNER));
  await owner.codecommit.send(new CreateRepositoryCommand({ repositoryName: 'app' }));
  const file = { repositoryName: 'app', branchName: 'main', filePath: 'buildspec.yml' };
  const fileContent = Buffer.from('version: 0.2\nphases: {build: {commands: [echo no, exit 3]}}\n');
  await owner.codecommit.send(new PutFileCommand({ ...file, fileContent }));
  await other.s3.send(new CreateBucketCommand({ Bucket: SITE }));
}, MINUTE);
afterAll(async () => {
  await server?.stop();
  rmSync(directory, { recursive: true, force: true });
});

interface Ran {
  code: unknown;
  stdout: string;
  stderr: string;
}

/** Runs a command for an account, whose rights are all that it has. */
function slipway(account: string, ...args: string[]): Promise<Ran> {
  const key = { AWS_ACCESS_KEY_ID: account, AWS_SECRET_ACCESS_KEY: 'x' };
  const env = { PATH: process.env.PATH, ...server.env, ...key };
  return new Promise((resolve) => {
    const all = [...process.execArgv, cli, ...args];
    execFile(process.execPath, all, { env, timeout: MINUTE }, (error, stdout, stderr) =>
      resolve({ code: error?.code ?? 0, stdout, stderr }),
    );
  });
}

async function explained(name: string, ...args: string[]) {
  const { code, stdout, stderr } = await slipway(OWNER, 'explain', name, '--json', ...args);
  expect([code, stderr]).toEqual([0, '']);
  return JSON.parse(stdout);
}

describe('each of the statements that a deployment across accounts takes', () => {
  test(
    'with all of them it succeeds, and why it ran is told',
    async () => {
      await run('whole');
      const report = await explained('whole');
      expect(report).toMatchObject({ kind: 'execution', status: 'Succeeded', failures: [] });
      expect(report.why).toBe(`the pipeline was created by arn:aws:iam::${OWNER}:root`);
      expect(report.sources).toEqual([expect.stringMatching(/^Code: [0-9a-f]{40}/)]);
    },
    MINUTE,
  );

  const allow = { Effect: 'Allow' };
  const cases: [Part, string, string, (name: string) => object][] = [
    [
      'pipeline',
      's3:PutObject',
      'Source',
      (name) => ({
        ...{ policy: 'role', of: pipelineRole(name), why: 'missing' },
        statement: {
          ...allow,
          Action: 's3:PutObject',
          Resource: `arn:aws:s3:::${bucketOf(name)}/*`,
        },
      }),
    ],
    [
      'assume',
      'sts:AssumeRole',
      'Deploy',
      (name) => ({
        ...{ policy: 'role', of: pipelineRole(name), why: 'missing' },
        statement: { ...allow, Action: 'sts:AssumeRole', Resource: deployRole(name) },
      }),
    ],
    // The other account's, which the first one cannot read: all else allows it.
    [
      'trust',
      'sts:AssumeRole',
      'Deploy',
      (name) => ({
        ...{ policy: 'trust policy', of: deployRole(name), why: 'unread' },
        statement: { ...allow, Principal: { AWS: pipelineRole(name) }, Action: 'sts:AssumeRole' },
      }),
    ],
    [
      'bucket',
      's3:GetObject',
      'Deploy',
      (name) => ({
        ...{ policy: 'bucket policy', of: `arn:aws:s3:::${bucketOf(name)}`, why: 'missing' },
        statement: {
          ...{ ...allow, Principal: { AWS: deployRole(name) }, Action: 's3:GetObject' },
          Resource: `arn:aws:s3:::${bucketOf(name)}/*`,
        },
      }),
    ],
    [
      'key',
      'kms:Decrypt',
      'Deploy',
      (name) => ({
        ...{
          policy: 'key policy',
          of: expect.stringMatching(/^arn:aws:kms:.*:key\//),
          why: 'missing',
        },
        statement: {
          ...allow,
          Principal: { AWS: deployRole(name) },
          Action: 'kms:Decrypt',
          Resource: '*',
        },
      }),
    ],
    // IAM's own words tell of it.
    [
      'deploy',
      's3:GetObject',
      'Deploy',
      (name) => ({
        ...{ policy: 'role', of: deployRole(name), why: 'missing' },
        statement: {
          ...allow,
          Action: 's3:GetObject',
          Resource: `arn:aws:s3:::${bucketOf(name)}/*`,
        },
      }),
    ],
  ];

  test.each(cases)(
    'without %s: %s in %s',
    async (part, action, stage, cause) => {
      const name = `without-${part}`;
      const file = await run(name, part);
      const report = await explained(name, '--file', file);
      expect(report.status).toBe('Failed');
      const [failure] = report.failures;
      expect(failure.what).toMatch(new RegExp(`^${stage}/`));
      expect(failure.denials).toEqual([expect.objectContaining({ action, causes: [cause(name)] })]);
      const pointers: Record<Part, string> = {
        ...{ pipeline: '/roleArn', assume: '/roleArn' },
        ...{ trust: '/stages/1/actions/0/roleArn', deploy: '/stages/1/actions/0/roleArn' },
        ...{ bucket: '/artifactStore/location', key: '/artifactStore/encryptionKey/id' },
      };
      expect(failure.pointer).toBe(pointers[part]);
      expect(failure.place).toMatch(/\.json:\d+:\d+$/);
    },
    MINUTE,
  );
});

test(
  'a build that failed is told with its phase, its log and the line',
  async () => {
    await makeRole(
      owner,
      'builder',
      trust('codebuild.amazonaws.com'),
      policy(may('*', 's3:*', 'kms:*', 'logs:*')),
    );
    await owner.codebuild.send(
      new CreateProjectCommand({
        ...{ name: 'red', source: { type: 'CODEPIPELINE' }, artifacts: { type: 'CODEPIPELINE' } },
        environment: { type: 'LINUX_CONTAINER', image: 'any', computeType: 'BUILD_GENERAL1_SMALL' },
        serviceRole: `arn:aws:iam::${OWNER}:role/builder`,
      }),
    );
    const built = stageOf('Build', 'CodeBuild', { ProjectName: 'red' }, { inputArtifacts: code });
    await run('red', undefined, [SOURCE, built]);
    const { pipelineExecutionId = '' } = (await lastExecution(owner, 'red')) ?? {};
    const { code: exit, stdout } = await slipway(OWNER, 'explain', pipelineExecutionId);
    expect(exit).toBe(0);
    expect(stdout).toMatch(
      /^failed {3}Build\/.* \(CodeBuild\): JobFailed: Build terminated with state: FAILED$/m,
    );
    expect(stdout).toMatch(/^ {2}at {5}\/stages\/1\/actions\/0$/m);
    expect(stdout).toMatch(/^failed {3}phase BUILD: .*exit 3/m);
    expect(stdout).toContain('    | no\n');
  },
  MINUTE,
);

test.each([
  [
    'an execution that there is not',
    ['00000000-0000-4000-8000-000000000000'],
    'no pipeline has an execution',
  ],
  ['a pipeline that there is not', ['nothing'], 'PipelineNotFoundException'],
  ['a build that there is not', ['x:00000000-0000-4000-8000-000000000000'], 'there is no build'],
  ['a deployment that there is not', ['d-000000000'], 'there is no deployment'],
])('exit code 1: %s', async (_what, args, said) => {
  const { code: exit, stderr } = await slipway(OWNER, 'explain', ...args);
  expect([exit, stderr]).toEqual([1, expect.stringContaining(said)]);
});

test.each([[[]], [['a', 'b']], [['a', '--file', '/nowhere']], [['--what']]])(
  'exit code 2: explain %j',
  async (args) => {
    const { code: exit, stdout, stderr } = await slipway(OWNER, 'explain', ...args);
    expect([exit, stdout]).toEqual([2, '']);
    expect(stderr).toMatch(/^Usage: slipway explain/);
  },
);
