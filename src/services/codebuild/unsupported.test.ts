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
const second = { type: 'S3', location: 'bucket/key', sourceIdentifier: 'second' } as const;

test.each([
  ['the compute type ATTRIBUTE_BASED_COMPUTE', compute('ATTRIBUTE_BASED_COMPUTE')],
  ['the compute type CUSTOM_INSTANCE_TYPE', compute('CUSTOM_INSTANCE_TYPE')],
  [
    'environment.computeConfiguration',
    { environment: { ...environment, computeConfiguration: { vCpu: 2 } } },
  ],
  ['environment.hostKernel', { environment: { ...environment, hostKernel: 'LINUX_KERNEL_4' } }],
  ['source.auth', { source: { ...source, auth } }],
  ['source.auth', { secondarySources: [{ ...second, auth }] }],
  ['source.buildStatusConfig', { source: { ...source, buildStatusConfig: { context: 'c' } } }],
  ['source.insecureSsl', { source: { ...source, insecureSsl: true } }],
  ['the cache type S3', { cache: { type: 'S3', location: 'bucket' } }],
  ['cache.cacheNamespace', { cache: { type: 'NO_CACHE', cacheNamespace: 'n' } }],
  ['vpcConfig', { vpcConfig: { subnets: ['subnet-1'] } }],
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
  ['the cache type S3', { cacheOverride: { type: 'S3', location: 'bucket' } }],
  ['the cache type LOCAL', { cacheOverride: { type: 'LOCAL', modes: ['LOCAL_SOURCE_CACHE'] } }],
  ['cache.cacheNamespace', { cacheOverride: { type: 'NO_CACHE', cacheNamespace: 'n' } }],
  ['hostKernelOverride', { hostKernelOverride: 'LINUX_KERNEL_6' }],
  ['the compute type ATTRIBUTE_BASED_COMPUTE', { computeTypeOverride: 'ATTRIBUTE_BASED_COMPUTE' }],
  ['source.auth', { secondarySourcesOverride: [{ ...second, auth }] }],
] as [string, Partial<StartBuildInput>][])(
  'StartBuild with %s is refused by that name',
  (member, input) => {
    expect(() => start(input)).toThrow(expect.objectContaining(refused));
    expect(() => start(input)).toThrow(member);
  },
);

test.each([
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

test('StartBuild takes the override that says there is no cache', () => {
  expect(() => start({ cacheOverride: { type: 'NO_CACHE' } })).not.toThrow();
});
