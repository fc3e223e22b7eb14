import { CreateProjectCommand } from '@aws-sdk/client-codebuild';
import { CreateRepositoryCommand, PutFileCommand } from '@aws-sdk/client-codecommit';
import { CreatePipelineCommand } from '@aws-sdk/client-codepipeline';
import { CreateRoleCommand, PutRolePolicyCommand } from '@aws-sdk/client-iam';
import { CreateKeyCommand, KMSClient, PutKeyPolicyCommand } from '@aws-sdk/client-kms';
import { CreateBucketCommand, GetObjectCommand, PutBucketPolicyCommand } from '@aws-sdk/client-s3';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { trust } from '../src/cli/demo/policies.ts';
import { type Clients, makeClients } from '../src/cli/demo/resources.ts';
import type { DemoServer } from '../src/cli/demo/server.ts';
import { eventually } from './eventually.ts';
import { endOf, lastExecution, removals } from './permissions.ts';
import { startServer, type TestServer } from './server.ts';
import { stageOf } from './stage-of.ts';
import { may, OTHER, OWNER, policy, rootOf } from './two-accounts.ts';

// A pipeline of one account builds and deploys in another, as AWS's cross-account pipelines do: the bucket and the key of the
// artifacts are the first one's, and the other's roles come to them by the bucket's policy, the key's and their own. Then each
// of these statements, and each action in it, is taken away in turn.

/** Of the first account the pipeline's role, the bucket and the key; of the other one the action's role and the build's. */
type Policies = Record<'pipeline' | 'bucket' | 'key' | 'action' | 'build', string>;
type Role = 'pipeline' | 'action' | 'build';

const SITE = 'cross-account-site';
const bucketOf = (name: string) => `artifacts-${name}`;
const accountOf = (role: Role) => (role === 'pipeline' ? OWNER : OTHER);
const roleArn = (role: Role, name: string) =>
  `arn:aws:iam::${accountOf(role)}:role/${role}-${name}`;
const root = (account: string) => ({ AWS: `arn:aws:iam::${account}:root` });

/** Who reads and writes artifacts asks both: the bucket for the object, the key for what it is encrypted with. */
const READ = { s3: ['s3:GetObject'], kms: ['kms:Decrypt'] };
const BOTH = { s3: [...READ.s3, 's3:PutObject'], kms: [...READ.kms, 'kms:GenerateDataKey'] };

function policiesOf(name: string, key: string): Policies {
  const objects = `arn:aws:s3:::${bucketOf(name)}/*`;
  const project = `arn:aws:codebuild:us-east-1:${OTHER}:project/${name}`;
  const to = (role: Role, Resource: string, Action: string[]) => ({
    ...may(Resource, ...Action),
    Principal: { AWS: roleArn(role, name) },
  });
  return {
    pipeline: policy(
      may(objects, 's3:PutObject'),
      may(key, 'kms:GenerateDataKey'),
      may(roleArn('action', name), 'sts:AssumeRole'),
    ),
    bucket: policy(to('action', objects, READ.s3), to('build', objects, BOTH.s3)),
    key: policy(
      { ...may('*', 'kms:*'), Principal: root(OWNER) },
      to('action', '*', READ.kms),
      to('build', '*', BOTH.kms),
    ),
    action: policy(
      may(project, 'codebuild:StartBuild', 'codebuild:BatchGetBuilds'),
      may(objects, ...READ.s3),
      may(key, ...READ.kms),
      may(`arn:aws:s3:::${SITE}/*`, 's3:PutObject'),
    ),
    build: policy(may(objects, ...BOTH.s3), may(key, ...BOTH.kms)),
  };
}

/** What needs no second account. */
const AT_HOME = {
  pipeline: policy(may(`arn:aws:codecommit:us-east-1:${OWNER}:app`, 'codecommit:*')),
  build: policy(may('*', 'logs:*')),
};

/** Where a role is refused that action. */
const PLACES: Record<Role, Record<string, (name: string) => string>> = {
  pipeline: {
    's3:PutObject': () => 'Source PermissionError: Could not upload ',
    'kms:GenerateDataKey': () => 'Source PermissionError: Could not upload ',
    'sts:AssumeRole': () => 'Build PermissionError: Error calling startBuild: ',
  },
  action: {
    'codebuild:StartBuild': () => 'Build PermissionError: Error calling startBuild: ',
    'codebuild:BatchGetBuilds': () => 'Build PermissionError: Error calling startBuild: ',
    's3:GetObject': (name) => deployFrom(name, bucketOf(name)),
    'kms:Decrypt': (name) => deployFrom(name, bucketOf(name)),
    's3:PutObject': (name) => deployFrom(name, SITE),
  },
  build: {
    's3:GetObject': () => 'Build DOWNLOAD_SOURCE CLIENT_ERROR: AccessDenied: ',
    'kms:Decrypt': () => 'Build DOWNLOAD_SOURCE CLIENT_ERROR: AccessDenied: ',
    's3:PutObject': () => 'Build UPLOAD_ARTIFACTS CLIENT_ERROR: Failed to upload artifacts: ',
    'kms:GenerateDataKey': () =>
      'Build UPLOAD_ARTIFACTS CLIENT_ERROR: Failed to upload artifacts: ',
  },
};
const deployFrom = (name: string, bucket: string) =>
  `Deploy PermissionError: CodePipeline service role "${roleArn('action', name)}" is getting S3 access denied for the S3 bucket "${bucket}". Error: `;

interface Case {
  title: string;
  change(policies: Policies): Policies;
  role: Role;
  /** The first that is asked of what was taken away. */
  action: string;
  by: 'identity-based' | 'resource-based';
}

/** Whose a statement of a bucket's or key's policy is; the account's own of the key is the pipeline's. */
const STATEMENTS = { bucket: ['action', 'build'], key: ['pipeline', 'action', 'build'] } as const;
const KINDS = ['bucket', 'key', 'pipeline', 'action', 'build'] as const;

const CASES: Case[] = KINDS.flatMap((kind) =>
  removals(policiesOf('x', 'x')[kind]).map(({ removed, at }, index) => {
    const shared = kind === 'bucket' || kind === 'key';
    const role = shared ? (STATEMENTS[kind][at] ?? 'build') : kind;
    const [first = ''] = removed.split(', ');
    return {
      title: `${kind}: ${role}: ${removed}`,
      change: (policies) => ({
        ...policies,
        [kind]: removals(policies[kind])[index]?.document ?? '',
      }),
      role,
      action: first === 'kms:*' ? 'kms:GenerateDataKey' : first,
      by: shared ? 'resource-based' : 'identity-based',
    };
  }),
);

let server: TestServer;
let owner: Clients;
let other: Clients;
let kms: KMSClient;
const keys = new Map<string, string>();

beforeAll(async () => {
  server = await startServer({ flags: ['--auth', 'relaxed'] });
  const [first, second] = [OWNER, OTHER].map((account) =>
    makeClients(rootOf(server, account) as unknown as DemoServer),
  );
  if (!first || !second) throw new Error('There are two accounts');
  [owner, other] = [first, second];
  kms = new KMSClient(rootOf(server, OWNER));
  await owner.codecommit.send(new CreateRepositoryCommand({ repositoryName: 'app' }));
  const file = { repositoryName: 'app', branchName: 'main', filePath: 'buildspec.yml' };
  await owner.codecommit.send(new PutFileCommand({ ...file, fileContent: Buffer.from(BUILDSPEC) }));
  await other.s3.send(new CreateBucketCommand({ Bucket: SITE }));
  await Promise.all([
    start('whole', (policies) => policies),
    start('distrusted', (policies) => policies, OTHER),
    ...CASES.map(({ change }, at) => start(`case-${at}`, change)),
  ]);
  for (const name of keys.keys()) await ended(name);
}, 120_000);
afterAll(() => server?.stop());

const BUILDSPEC =
  'version: 0.2\nphases: {build: {commands: [echo built > page.txt]}}\nartifacts: {files: page.txt}\n';

async function makeRole(role: Role, name: string, trusted: string, ...documents: string[]) {
  const { iam } = role === 'pipeline' ? owner : other;
  const RoleName = `${role}-${name}`;
  await iam.send(new CreateRoleCommand({ RoleName, AssumeRolePolicyDocument: trusted }));
  for (const [at, PolicyDocument] of documents.entries())
    await iam.send(new PutRolePolicyCommand({ RoleName, PolicyName: `p${at}`, PolicyDocument }));
}

/** Makes all that a pipeline of that name takes, in both accounts; it starts. @param trusted whom the action's role trusts */
async function start(name: string, change: (all: Policies) => Policies, trusted = OWNER) {
  const key = (await kms.send(new CreateKeyCommand({}))).KeyMetadata?.Arn ?? '';
  keys.set(name, key);
  const policies = change(policiesOf(name, key));
  const mayAssume = { Effect: 'Allow', Principal: root(trusted), Action: 'sts:AssumeRole' };
  await makeRole(
    'pipeline',
    name,
    trust('codepipeline.amazonaws.com'),
    policies.pipeline,
    AT_HOME.pipeline,
  );
  await makeRole('action', name, policy(mayAssume), policies.action);
  await makeRole('build', name, trust('codebuild.amazonaws.com'), policies.build, AT_HOME.build);
  const Bucket = bucketOf(name);
  await owner.s3.send(new CreateBucketCommand({ Bucket }));
  await owner.s3.send(new PutBucketPolicyCommand({ Bucket, Policy: policies.bucket }));
  const guarded = { KeyId: key, Policy: policies.key, BypassPolicyLockoutSafetyCheck: true };
  await kms.send(new PutKeyPolicyCommand(guarded));
  await other.codebuild.send(
    new CreateProjectCommand({
      name,
      source: { type: 'CODEPIPELINE' },
      artifacts: { type: 'CODEPIPELINE' },
      environment: { type: 'LINUX_CONTAINER', image: 'any', computeType: 'BUILD_GENERAL1_SMALL' },
      serviceRole: roleArn('build', name),
    }),
  );
  await owner.codepipeline.send(new CreatePipelineCommand({ pipeline: declaration(name, key) }));
}

function declaration(name: string, key: string) {
  const there = { roleArn: roleArn('action', name) };
  const [code, page] = [[{ name: 'Code' }], [{ name: 'Page' }]];
  const site = { BucketName: SITE, Extract: 'true', ObjectKey: name };
  return {
    name,
    roleArn: roleArn('pipeline', name),
    artifactStore: {
      ...{ type: 'S3' as const, location: bucketOf(name) },
      encryptionKey: { id: key, type: 'KMS' as const },
    },
    stages: [
      stageOf(
        'Source',
        'CodeCommit',
        { RepositoryName: 'app', BranchName: 'main' },
        { outputArtifacts: code },
      ),
      stageOf(
        'Build',
        'CodeBuild',
        { ProjectName: name },
        { ...there, inputArtifacts: code, outputArtifacts: page },
      ),
      stageOf('Deploy', 'S3', site, { ...there, inputArtifacts: page }),
    ],
  };
}

const ended = (name: string) =>
  eventually(`the end of ${name}`, async () => {
    const { status = 'InProgress' } = (await lastExecution(owner, name)) ?? {};
    return status !== 'InProgress';
  });
/** Builds are the other account's. */
const end = (name: string) => endOf({ ...owner, codebuild: other.codebuild }, name);

const user = (role: Role, name: string) =>
  `User: arn:aws:sts::${accountOf(role)}:assumed-role/${role}-${name}/`;

test('with all of them the page is in the other account', async () => {
  expect(await end('whole')).toBe('Succeeded');
  const page = await other.s3.send(new GetObjectCommand({ Bucket: SITE, Key: 'whole/page.txt' }));
  expect(await page.Body?.transformToString()).toBe('built\n');
});

test('a role that does not trust the pipeline’s account is not assumed', async () => {
  const said = await end('distrusted');
  expect(said).toContain('Build PermissionError: Error calling startBuild: ');
  expect(said).toContain(user('pipeline', 'distrusted'));
  const arn = roleArn('action', 'distrusted');
  expect(said).toContain(` is not authorized to perform: sts:AssumeRole on resource: ${arn} `);
});

test.each(CASES.map((each, at) => ({ ...each, name: `case-${at}` })))(
  'without $title',
  async ({ name, role, action, by }) => {
    const said = await end(name);
    const place = PLACES[role][action]?.(name) ?? '?';
    expect(said.slice(0, place.length)).toBe(place);
    expect(said).toContain(user(role, name));
    const service = action.split(':')[0] ?? '';
    const bucket = role === 'action' && action === 's3:PutObject' ? SITE : bucketOf(name);
    const resources: Record<string, string> = {
      s3: `"arn:aws:s3:::${bucket}/${name}/`,
      kms: keys.get(name) ?? '?',
      codebuild: `arn:aws:codebuild:us-east-1:${OTHER}:project/${name}`,
      sts: roleArn('action', name),
    };
    expect(said).toContain(
      ` is not authorized to perform: ${action} on resource: ${resources[service]}`,
    );
    // STS does not say why.
    if (service !== 'sts')
      expect(said).toContain(`because no ${by} policy allows the ${action} action`);
  },
);
