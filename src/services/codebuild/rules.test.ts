import type { CreateProjectInput, StartBuildInput } from '@aws-sdk/client-codebuild';
import { expect, test } from 'vitest';
import { ENVIRONMENT_TYPES } from './model/environment-rules.ts';
import { buildInputs } from './model/new-build.ts';
import { checkProject } from './model/project-rules.ts';
import { ACCOUNT, defaultProject } from './testing.ts';

// What no build could use is refused where it is said.

const project = defaultProject();
const { environment } = project;
const S3 = { type: 'S3', location: 'bucket' } as const;
const inline = 'version: 0.2\nphases: {build: {commands: [ls]}}\n';

const check = (more: object) => () => checkProject({ ...project, ...more } as never, ACCOUNT);

test.each([
  ['ARM_CONTAINER', process.arch !== 'arm64'],
  ['ARM_EC2', process.arch !== 'arm64'],
  ['LINUX_GPU_CONTAINER', true],
  ['WINDOWS_CONTAINER', true],
  ['LINUX_CONTAINER', false],
])('CB-J4: the environment type %s', (type, refused) => {
  expect(ENVIRONMENT_TYPES.includes(type)).toBe(!refused);
  const run = check({ environment: { ...environment, type } });
  if (refused) expect(run).toThrow(`the environment type ${type}`);
  else expect(run).not.toThrow();
});

test.each([
  ['CB-J4', { environment: { ...environment, computeType: 'BUILD_LAMBDA_10GB' } }, 'BUILD_LAMBDA'],
  ['CB-J4', { environment: { ...environment, computeType: 'BOGUS' } }, 'no compute type BOGUS'],
  [
    'CB-C2',
    { secondaryArtifacts: [{ type: 'CODEPIPELINE', artifactIdentifier: 'a' }] },
    'for builds of a pipeline',
  ],
  [
    'CB-C2',
    { secondarySources: [{ type: 'CODEPIPELINE', sourceIdentifier: 'a' }] },
    'for builds of a pipeline',
  ],
  [
    'CB-C3',
    { secondaryArtifacts: [{ ...S3, artifactIdentifier: 'a b' }] },
    'artifactIdentifier must have',
  ],
  ['CB-A1', { source: { type: 'NO_SOURCE' } }, 'a buildspec is required'],
  ['CB-A1', { source: { type: 'NO_SOURCE', buildspec: 'dir/spec.yml' } }, 'must be inline'],
  ['CB-C1', { source: S3 }, 'a bucket and a key'],
  ['CB-D1', { artifacts: { ...S3, location: 'bucket/below' } }, 'the name of a bucket'],
  ['CB-J11', { tags: ['a', 'a'].map((key) => ({ key, value: '' })) }, 'Duplicate tag key: a'],
  ['CB-J11', { tags: [{ key: 'jobId', value: '' }] }, 'jobId is reserved'],
] as [string, Partial<CreateProjectInput>, string][])(
  '%s: a project with %j',
  (_, more, message) => {
    expect(check(more)).toThrow(message);
  },
);

test.each([
  { source: { type: 'NO_SOURCE', buildspec: inline } },
  { source: { type: 'NO_SOURCE', buildspec: 'arn:aws:s3:::bucket/spec.yml' } },
  { source: { ...S3, location: 'bucket/folder/' } },
  { artifacts: { ...S3, location: 'arn:aws:s3:::bucket' } },
])('CB-A1, CB-C1: a project with %j', (more) => {
  expect(check({ artifacts: { type: 'NO_ARTIFACTS' }, ...more })).not.toThrow();
});

test.each([
  ['there is no secondary source other', [{ sourceIdentifier: 'other', sourceVersion: '1' }]],
  [
    'Duplicate version of the secondary source: lib',
    ['1', '2'].map((sourceVersion) => ({ sourceIdentifier: 'lib', sourceVersion })),
  ],
])('CB-C3: versions of secondary sources: %s', (message, secondarySourcesVersionOverride) => {
  const start = (input: Partial<StartBuildInput>) =>
    buildInputs({
      project: {
        ...project,
        secondarySources: [{ ...S3, location: 'bucket/key', sourceIdentifier: 'lib' }],
      },
      ...{ input: { projectName: 'app', ...input }, accountId: ACCOUNT, region: 'eu-west-1' },
      ...{ partition: 'aws', initiator: 'alice', endpoint: 'http://127.0.0.1:4566' },
    });
  expect(() => start({})).not.toThrow();
  expect(() => start({ secondarySourcesVersionOverride })).toThrow(message);
});
