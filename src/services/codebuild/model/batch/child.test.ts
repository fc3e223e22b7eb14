import type { ProjectArtifacts } from '@aws-sdk/client-codebuild';
import { describe, expect, test } from 'vitest';
import type { BuildInputs } from '../build-record.ts';
import { buildVariables } from '../environment.ts';
import { inputsOf, targetOwner } from './child.ts';
import { newGroup } from './groups.ts';
import type { BatchFacts } from './record.ts';
import { type BatchTask, READER } from './task.ts';
import { ID, newBatchFacts } from './testing.ts';

const build = {
  source: { type: 'CODECOMMIT', buildspec: 'b.yml' },
  sourceVersion: 'main',
  secondarySources: [],
  secondaryArtifacts: [],
  artifacts: { type: 'S3', location: 'b', path: 'p/', name: 'app' },
  environment: { type: 'LINUX_CONTAINER', image: 'i', computeType: 'BUILD_GENERAL1_SMALL' },
  environmentVariables: [{ name: 'A', value: '1' }],
  buildspec: 'b.yml',
  encryptionKey: 'k',
  initiator: 'alice',
} as unknown as BuildInputs;

function inputs(task: Partial<BatchTask>, more: Partial<BuildInputs> = {}, combine = false) {
  const facts: BatchFacts = newBatchFacts({ combine });
  facts.batch.resolvedSourceVersion = 'c'.repeat(40);
  facts.inputs = { ...facts.inputs, build: { ...build, ...more } };
  const whole = { identifier: 'unit', ignoreFailure: false, ...task };
  const others = ['unit', 'unit_two'].map((identifier) => ({ identifier, ignoreFailure: false }));
  facts.run.groups = others.map((each) => newGroup(facts, each, new Date(0)));
  return inputsOf(facts, newGroup(facts, whole, new Date(0)));
}

test('CB-G2: a build has what its task says, and the project’s else', () => {
  const made = inputs({
    ...{ image: 'j', privilegedMode: true, buildspec: 'c.yml', variables: { A: '2', B: '3' } },
  });
  expect(made).toMatchObject({
    environment: { type: 'LINUX_CONTAINER', image: 'j', privilegedMode: true },
    environmentVariables: [
      { name: 'A', value: '2' },
      { name: 'B', value: '3' },
    ],
    ...{ buildspec: 'c.yml', sourceVersion: 'c'.repeat(40) },
  });
  expect(inputs({})).toMatchObject({ environment: build.environment, buildspec: 'b.yml' });
});

test('CB-F1: a build of a commit knows the pull request of its batch', () => {
  const sourceVersion = 'pr/7';
  expect(inputs({}, { sourceVersion }).pullRequest).toBe('7');
  expect(inputs({}, { sourceVersion, webhook: { variables: {} } }).pullRequest).toBeUndefined();
  expect(inputs({}).pullRequest).toBeUndefined();
});

test('CB-G4, CB-G7: it is told which of the batch it is', () => {
  const made = inputs({ shard: { current: 1, total: 3 } });
  expect(buildVariables({}, made, [], '')).toMatchObject({
    CODEBUILD_BATCH_BUILD_IDENTIFIER: 'unit',
    CODEBUILD_CURRENT_SHARD: '1',
    CODEBUILD_TOTAL_SHARDS: '3',
  });
});

test('the one that reads the buildspec makes nothing, and finds out the commit itself', () => {
  const { artifacts, sourceVersion, batch } = inputs({ identifier: READER });
  expect([artifacts.type, sourceVersion, batch?.reads]).toEqual(['NO_ARTIFACTS', 'main', true]);
});

describe('artifacts', () => {
  const s3 = build.artifacts;
  test.each<[string, ProjectArtifacts, boolean, object]>([
    ['in a folder of the build', s3, false, { path: 'p/unit', name: 'app' }],
    ['apart already', { ...s3, namespaceType: 'BUILD_ID' }, false, { path: 'p/', name: 'app' }],
    [
      'beside what they will be one of',
      { ...s3, namespaceType: 'BUILD_ID', packaging: 'NONE' },
      true,
      { path: `p/${ID.split(':')[1]}/app.parts`, name: 'unit.zip', packaging: 'ZIP' },
    ],
    ['nowhere', { type: 'NO_ARTIFACTS' }, true, { type: 'NO_ARTIFACTS' }],
  ])('%s', (_, artifacts, combine, expected) => {
    expect(inputs({}, { artifacts }, combine).artifacts).toMatchObject(expected);
  });

  test('CB-D5: of a pipeline go to the outputs that are called as they are', () => {
    const output = (artifactIdentifier: string) => ({
      ...{ type: 'CODEPIPELINE', location: 'store', name: artifactIdentifier, artifactIdentifier },
    });
    const outputs = ['unit', 'unit_report', 'unit_two', 'unit_two_x'].map(output);
    const { artifacts, secondaryArtifacts } = inputs({}, {
      ...{ source: { type: 'CODEPIPELINE' }, artifacts: { type: 'CODEPIPELINE' } },
      secondaryArtifacts: outputs,
    } as Partial<BuildInputs>);
    expect(artifacts).toEqual({ type: 'CODEPIPELINE', location: 'store', name: 'unit' });
    expect(secondaryArtifacts).toEqual([
      { ...output('unit_report'), artifactIdentifier: 'report' },
    ]);
  });

  test.each([
    ['unit_two', { build: 'unit_two', artifact: '' }],
    ['unit_two_x', { build: 'unit_two', artifact: 'x' }],
    ['unit_three', { build: 'unit', artifact: 'three' }],
    ['unita', undefined],
  ])('the output %s is of %j', (name, owner) => {
    expect(targetOwner(name, ['unit', 'unit_two'])).toEqual(owner);
  });
});
