import type { Project } from '@aws-sdk/client-codebuild';
import { describe, expect, test } from 'vitest';
import { withProjectDefaults } from './defaults.ts';
import { buildInputs, newBuild } from './new-build.ts';

const ROLE = 'arn:aws:iam::123456789012:role/service-role/my-codebuild-service-role';
/** As the documented examples of `aws codebuild create-project` and `start-build` have it. */
const project: Project = {
  name: 'my-demo-project',
  source: { type: 'S3', location: 'input-bucket/my-source.zip' },
  artifacts: { type: 'S3', location: 'output-bucket' },
  environment: {
    type: 'LINUX_CONTAINER',
    image: 'aws/codebuild/standard:1.0',
    computeType: 'BUILD_GENERAL1_SMALL',
  },
  serviceRole: ROLE,
};

test('a project has what AWS fills in', () => {
  expect(withProjectDefaults(project)).toMatchObject({
    environment: {
      imagePullCredentialsType: 'CODEBUILD',
      privilegedMode: false,
      environmentVariables: [],
    },
    artifacts: {
      name: 'my-demo-project',
      namespaceType: 'NONE',
      packaging: 'NONE',
      encryptionDisabled: false,
    },
    source: { insecureSsl: false },
  });
  const none = withProjectDefaults({ ...project, artifacts: { type: 'NO_ARTIFACTS' } });
  expect(none.artifacts).toEqual({ type: 'NO_ARTIFACTS' });
  const own = { type: 'S3', location: 'b', name: 'x', packaging: 'ZIP' } as const;
  expect(withProjectDefaults({ ...project, artifacts: own }).artifacts).toMatchObject(own);
});

describe('a new build', () => {
  const start = (more: object) => {
    const who = {
      project,
      input: { projectName: 'my-demo-project', ...more },
      accountId: '123456789012',
      region: 'us-west-2',
      partition: 'aws',
      initiator: 'me',
      endpoint: 'http://127.0.0.1:4566',
    };
    const rest = { uuid: 'a1b2', buildNumber: 1, now: new Date(0) };
    return newBuild({ ...who, ...rest }, buildInputs(who));
  };

  test('has the members of the documented answer', () => {
    const build = start({
      artifactsOverride: {
        type: 'S3',
        location: 'arn:aws:s3:::artifacts-override',
        overrideArtifactName: true,
      },
    });
    expect(build).toMatchObject({
      source: { insecureSsl: false, type: 'S3', location: 'input-bucket/my-source.zip' },
      environment: {
        environmentVariables: [],
        privilegedMode: false,
        imagePullCredentialsType: 'CODEBUILD',
      },
      logs: {
        deepLink:
          'http://127.0.0.1:4566/_slipway/console/cloudwatch/home?region=us-west-2#logsV2:log-groups/log-group/null/log-events/null',
        cloudWatchLogsArn: 'arn:aws:logs:us-west-2:123456789012:log-group:null:log-stream:null',
        cloudWatchLogs: { status: 'ENABLED' },
        s3Logs: { status: 'DISABLED', encryptionDisabled: false },
      },
    });
    expect(build.artifacts).toEqual({
      encryptionDisabled: false,
      location: 'arn:aws:s3:::artifacts-override/my-demo-project',
      overrideArtifactName: true,
    });
  });

  test('knows where its secondary artifacts will be; without artifacts the location is empty', () => {
    const build = start({
      artifactsOverride: { type: 'NO_ARTIFACTS' },
      secondaryArtifactsOverride: [
        {
          type: 'S3',
          location: 'b',
          path: 'p',
          name: 'n',
          namespaceType: 'BUILD_ID',
          artifactIdentifier: 'second',
        },
      ],
    });
    expect(build.artifacts).toEqual({ location: '' });
    expect(build.secondaryArtifacts).toEqual([
      {
        artifactIdentifier: 'second',
        location: 'arn:aws:s3:::b/p/a1b2/n',
        overrideArtifactName: false,
        encryptionDisabled: false,
      },
    ]);
  });
});
