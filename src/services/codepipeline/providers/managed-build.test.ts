import * as codebuild from '@aws-sdk/client-codebuild';
import * as ecr from '@aws-sdk/client-ecr';
import { expect, it } from 'vitest';
import { commands } from './commands.ts';
import { ecrBuildAndPublish } from './ecr-build.ts';
import { examples } from './examples/testing.ts';
import { bench, outcomeOf } from './testing.ts';

const started = async (type: typeof commands, kind: string, more = {}) => {
  const { answers = () => ({}), ...given } = examples[kind] ?? { configuration: {} };
  const aws = await bench([codebuild, ecr], answers());
  try {
    await outcomeOf(aws, type, { ...given, ...more });
    return aws.calls.find(({ operation }) => operation === 'StartBuild')?.input ?? {};
  } finally {
    await aws.close();
  }
};

it('CP-B7: a build without a project, under the action’s role, with its log at the pipeline’s name', async () => {
  const own = {
    commands: ['ls', 'export A=1'],
    outputVariables: ['A'],
    environmentVariables: [{ name: 'S', value: 'secret', type: 'SECRETS_MANAGER' }],
    files: ['*.txt'],
  };
  const { buildspecOverride, ...input } = await started(commands, 'Compute/Commands', {
    ...{ own, outputs: ['Out'] },
  });
  expect(input).toMatchObject({
    projectName: 'codepipeline/web',
    serviceRoleOverride: 'arn:aws:iam::111122223333:role/pipeline',
    sourceLocationOverride: 'arn:aws:s3:::artifacts/in/App',
    artifactsOverride: { type: 'CODEPIPELINE', location: 'artifacts', path: 'out', name: 'Out' },
    logsConfigOverride: { cloudWatchLogs: { groupName: '/aws/codepipeline/web' } },
    environmentVariablesOverride: [
      { name: 'S', value: 'secret', type: 'SECRETS_MANAGER' },
      { name: 'CODEBUILD_INITIATOR', value: 'codepipeline/web', type: 'PLAINTEXT' },
    ],
  });
  expect(JSON.parse(String(buildspecOverride))).toEqual({
    version: 0.2,
    env: { 'exported-variables': ['A'] },
    phases: { build: { commands: ['ls', 'export A=1'] } },
    artifacts: { files: ['*.txt'] },
  });
});

it('CP-B8: an image is built with all rights; no value of the configuration is a part of a command', async () => {
  const configuration = { ECRRepositoryName: 'web', DockerFilePath: '$(reboot)', ImageTags: 'a,b' };
  const input = await started(ecrBuildAndPublish, 'Build/ECRBuildAndPublish', { configuration });
  expect(input).toMatchObject({ privilegedModeOverride: true });
  expect(input.buildspecOverride).not.toContain('reboot');
  expect(input.environmentVariablesOverride).toEqual(
    expect.arrayContaining([
      { name: 'SLIPWAY_DOCKERFILE', value: '$(reboot)', type: 'PLAINTEXT' },
      {
        name: 'SLIPWAY_IMAGES',
        value: 'registry.test/web:a registry.test/web:b',
        type: 'PLAINTEXT',
      },
    ]),
  );
});
