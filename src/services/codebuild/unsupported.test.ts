import type { CreateProjectInput, StartBuildInput } from '@aws-sdk/client-codebuild';
import { expect, test } from 'vitest';
import { buildInputs } from './model/new-build.ts';
import { checkProject } from './model/project-rules.ts';
import { ACCOUNT, defaultProject } from './testing.ts';

const project = defaultProject();
const { source, environment } = project;
const refused = { code: 'NotImplemented', status: 501 };

function start(input: Partial<StartBuildInput>) {
  return buildInputs({
    project,
    input: { projectName: 'app', ...input },
    accountId: ACCOUNT,
    region: 'eu-west-1',
    partition: 'aws',
    initiator: 'alice',
    endpoint: 'http://127.0.0.1:4566',
  });
}

const auth = { type: 'OAUTH', resource: 'arn' } as const;
const registryCredential = {
  credential: 'registry',
  credentialProvider: 'SECRETS_MANAGER',
} as const;
const second = { type: 'S3', location: 'bucket/key', sourceIdentifier: 'second' } as const;

test.each([
  ['the compute type ATTRIBUTE_BASED_COMPUTE', compute('ATTRIBUTE_BASED_COMPUTE')],
  ['the compute type CUSTOM_INSTANCE_TYPE', compute('CUSTOM_INSTANCE_TYPE')],
  [
    'environment.computeConfiguration',
    { environment: { ...environment, computeConfiguration: { vCpu: 2 } } },
  ],
  ['environment.hostKernel', { environment: { ...environment, hostKernel: 'LINUX_KERNEL_4' } }],
] as [string, Partial<CreateProjectInput>][])(
  'a project with %s is refused by that name',
  (member, more) => {
    const check = () => checkProject({ ...project, ...more } as never, ACCOUNT);
    expect(check).toThrow(expect.objectContaining(refused));
    expect(check).toThrow(member);
  },
);

function compute(computeType: 'ATTRIBUTE_BASED_COMPUTE' | 'CUSTOM_INSTANCE_TYPE') {
  return { environment: { ...environment, computeType } };
}

test.each([
  ['hostKernelOverride', { hostKernelOverride: 'LINUX_KERNEL_6' }],
  ['the compute type ATTRIBUTE_BASED_COMPUTE', { computeTypeOverride: 'ATTRIBUTE_BASED_COMPUTE' }],
] as [string, Partial<StartBuildInput>][])(
  'StartBuild with %s is refused by that name',
  (member, input) => {
    expect(() => start(input)).toThrow(expect.objectContaining(refused));
    expect(() => start(input)).toThrow(member);
  },
);

const github = { type: 'GITHUB', location: 'https://github.com/me/app.git' } as const;

test.each([
  ['Invalid cache', { cache: { type: 'LOCAL' } }],
  ['Invalid cache', { cache: { type: 'NO_CACHE', cacheNamespace: 'n' } }],
  ['Invalid vpc config', { vpcConfig: { subnets: ['subnet-1'] } }],
  ['Invalid auto retry limit', { autoRetryLimit: 11 }],
  [
    'imagePullCredentialsType must be SERVICE_ROLE',
    { environment: { ...environment, registryCredential } },
  ],
  [
    'is a curated or an Amazon ECR image',
    {
      environment: {
        ...environment,
        ...{ image: 'aws/codebuild/standard:7.0', imagePullCredentialsType: 'SERVICE_ROLE' },
        registryCredential,
      },
    },
  ],
  ['auth is not supported', { source: { ...source, auth } }],
  ['auth is not supported', { secondarySources: [{ ...second, auth }] }],
  ['buildStatusConfig is not', { source: { ...source, buildStatusConfig: { context: 'c' } } }],
  ['reportBuildStatus is not', { source: { ...source, reportBuildStatus: true } }],
  ['insecureSsl is not supported', { source: { ...source, insecureSsl: true } }],
  ['insecureSsl is not supported', { source: { ...github, insecureSsl: true } }],
  ['source location is required', { source: { type: 'GITLAB' } }],
  ['location cannot be used', { source: { ...github, location: 'ext::sh -c x' } }],
  ['location cannot be used', { source: { ...github, location: 'https://a:b@github.com/me/app' } }],
  ['ARN of a connection', { source: { ...github, auth: { type: 'CODECONNECTIONS' } } }],
  ['ARN of a secret', { source: { ...github, auth: { type: 'SECRETS_MANAGER', resource: 'x' } } }],
  ['Invalid concurrent build limit', { concurrentBuildLimit: -1 }],
  ['Invalid concurrent build limit', { concurrentBuildLimit: 0 }],
  ['Invalid encryption key', { encryptionKey: 'nope' }],
  [
    'Invalid project source',
    { source: { type: 'CODECOMMIT', location: 'https://github.com/o/r' } },
  ],
  [
    'Invalid project source',
    {
      secondarySources: [
        { type: 'CODECOMMIT', location: 'https://github.com/o/r', sourceIdentifier: 'second' },
      ],
    },
  ],
] as [string, Partial<CreateProjectInput>][])('%s: %j is refused', (message, more) => {
  expect(() => checkProject({ ...project, ...more } as never, ACCOUNT)).toThrow(message);
});

test.each([
  { encryptionKey: 'alias/mine' },
  { encryptionKey: 'arn:aws:kms:us-east-1:123456789012:alias/aws/s3' },
  {
    encryptionKey:
      'arn:aws-cn:kms:cn-north-1:123456789012:key/1234abcd-12ab-34cd-56ef-1234567890ab',
  },
  { encryptionKey: '1234abcd-12ab-34cd-56ef-1234567890ab' },
  { concurrentBuildLimit: 1 },
  {
    source: {
      type: 'CODECOMMIT',
      location: 'https://git-codecommit.eu-west-1.amazonaws.com/v1/repos/My.repo-1_x',
    },
  },
  { source: { type: 'CODECOMMIT', location: 'http://127.0.0.1:4566/v1/repos/app' } },
] as Partial<CreateProjectInput>[])('a project with %j is in order', (more) => {
  expect(() => checkProject({ ...project, ...more } as never, ACCOUNT)).not.toThrow();
});

test('a tag of a project has a key, and may lack its value', () => {
  const check = (tags: object[]) => () => checkProject({ ...project, tags } as never, ACCOUNT);
  expect(check([{ key: 'k' }])).not.toThrow();
  expect(check([{ key: 'k' }, { value: 'v' }])).toThrow(/^Invalid tags/);
});

test('the key that StartBuild names is one that a project may have', () => {
  expect(() => start({ encryptionKeyOverride: 'nope' })).toThrow('Invalid encryption key');
  expect(() => start({ encryptionKeyOverride: 'alias/mine' })).not.toThrow();
});

test('CB-C7: StartBuild has its own of all that a source at a forge has', () => {
  const over = start({
    ...{
      sourceTypeOverride: 'GITHUB_ENTERPRISE',
      sourceLocationOverride: 'https://git.lan/me/app',
    },
    ...{
      sourceAuthOverride: { type: 'OAUTH' },
      insecureSslOverride: true,
      gitCloneDepthOverride: 1,
    },
    ...{ reportBuildStatusOverride: true, buildStatusConfigOverride: { context: 'c' } },
    gitSubmodulesConfigOverride: { fetchSubmodules: true },
  });
  expect(over.source).toMatchObject({
    ...{ type: 'GITHUB_ENTERPRISE', location: 'https://git.lan/me/app', insecureSsl: true },
    ...{
      auth: { type: 'OAUTH' },
      gitCloneDepth: 1,
      gitSubmodulesConfig: { fetchSubmodules: true },
    },
    ...{ reportBuildStatus: true, buildStatusConfig: { context: 'c' } },
  });
  expect(over.reportsStatus).toBe(true);
});

test('StartBuild takes the override that says there is no cache', () => {
  expect(() => start({ cacheOverride: { type: 'NO_CACHE' } })).not.toThrow();
});
