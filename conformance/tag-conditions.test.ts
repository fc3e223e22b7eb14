import * as logs from '@aws-sdk/client-cloudwatch-logs';
import * as codebuild from '@aws-sdk/client-codebuild';
import * as codecommit from '@aws-sdk/client-codecommit';
import * as codedeploy from '@aws-sdk/client-codedeploy';
import * as codepipeline from '@aws-sdk/client-codepipeline';
import * as iam from '@aws-sdk/client-iam';
import * as kms from '@aws-sdk/client-kms';
import * as secrets from '@aws-sdk/client-secrets-manager';
import * as ssm from '@aws-sdk/client-ssm';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startServer, type TestServer } from './server.ts';
import { may, OWNER, rootOf, userOf } from './two-accounts.ts';

// A Deny by tag denies, whichever service, and AWS's own keys are not for users: aws:ResourceTag of what is there, aws:RequestTag of what is to be.

type Config = ReturnType<typeof rootOf>;

interface Tagged {
  /** Makes one with this tag, `env` unless told otherwise. @returns what `look` takes */
  make(config: Config, name: string, value: string, key?: string): Promise<string>;
  /** How a key is refused that is AWS's to use. */
  reserved: string;
  look(config: Config, id: string): Promise<unknown>;
}

const TRUST = JSON.stringify({
  Version: '2012-10-17',
  Statement: [
    {
      ...{ Effect: 'Allow', Action: 'sts:AssumeRole' },
      Principal: { Service: ['codebuild.amazonaws.com', 'codepipeline.amazonaws.com'] },
    },
  ],
});
const role = `arn:aws:iam::${OWNER}:role/service`;

const SERVICES: Record<string, Tagged> = {
  kms: {
    reserved: 'TagException',
    make: async (config, _, TagValue, TagKey = 'env') =>
      (
        await new kms.KMSClient(config).send(
          new kms.CreateKeyCommand({ Tags: [{ TagKey, TagValue }] }),
        )
      ).KeyMetadata?.Arn ?? '',
    look: (config, KeyId) => new kms.KMSClient(config).send(new kms.DescribeKeyCommand({ KeyId })),
  },
  ssm: {
    reserved: 'ValidationException',
    async make(config, name, Value, Key = 'env') {
      const Tags = [{ Key, Value }];
      const Name = `/a/${name}`;
      const put = new ssm.PutParameterCommand({ Name, Value: 'v', Type: 'String', Tags });
      await new ssm.SSMClient(config).send(put);
      return Name;
    },
    look: (config, Name) => new ssm.SSMClient(config).send(new ssm.GetParameterCommand({ Name })),
  },
  secretsmanager: {
    reserved: 'InvalidParameterException',
    async make(config, Name, Value, Key = 'env') {
      const Tags = [{ Key, Value }];
      await new secrets.SecretsManagerClient(config).send(
        new secrets.CreateSecretCommand({ Name, SecretString: 's', Tags }),
      );
      return Name;
    },
    look: (config, SecretId) =>
      new secrets.SecretsManagerClient(config).send(
        new secrets.DescribeSecretCommand({ SecretId }),
      ),
  },
  logs: {
    reserved: 'InvalidParameterException',
    async make(config, logGroupName, value, key = 'env') {
      await new logs.CloudWatchLogsClient(config).send(
        new logs.CreateLogGroupCommand({ logGroupName, tags: { [key]: value } }),
      );
      return logGroupName;
    },
    look: (config, logGroupName) =>
      new logs.CloudWatchLogsClient(config).send(
        new logs.DescribeLogStreamsCommand({ logGroupName }),
      ),
  },
  codecommit: {
    reserved: 'InvalidSystemTagUsageException',
    async make(config, repositoryName, value, key = 'env') {
      await new codecommit.CodeCommitClient(config).send(
        new codecommit.CreateRepositoryCommand({ repositoryName, tags: { [key]: value } }),
      );
      return repositoryName;
    },
    look: (config, repositoryName) =>
      new codecommit.CodeCommitClient(config).send(
        new codecommit.GetRepositoryCommand({ repositoryName }),
      ),
  },
  codebuild: {
    reserved: 'InvalidInputException',
    async make(config, name, value, key = 'env') {
      await new codebuild.CodeBuildClient(config).send(
        new codebuild.CreateProjectCommand({
          ...{ name, serviceRole: role, tags: [{ key, value }] },
          source: { type: 'NO_SOURCE', buildspec: 'version: 0.2\nphases: {}' },
          artifacts: { type: 'NO_ARTIFACTS' },
          environment: {
            ...{ type: 'LINUX_CONTAINER', image: 'x', computeType: 'BUILD_GENERAL1_SMALL' },
          },
        }),
      );
      return name;
    },
    look: (config, name) =>
      new codebuild.CodeBuildClient(config).send(
        new codebuild.BatchGetProjectsCommand({ names: [name] }),
      ),
  },
  codedeploy: {
    reserved: 'InvalidTagsToAddException',
    async make(config, applicationName, Value, Key = 'env') {
      const tags = [{ Key, Value }];
      await new codedeploy.CodeDeployClient(config).send(
        new codedeploy.CreateApplicationCommand({ applicationName, tags }),
      );
      return applicationName;
    },
    look: (config, applicationName) =>
      new codedeploy.CodeDeployClient(config).send(
        new codedeploy.GetApplicationCommand({ applicationName }),
      ),
  },
  codepipeline: {
    reserved: 'InvalidTagsException',
    async make(config, name, value, key = 'env') {
      const action = (category: 'Source' | 'Approval', provider: string, more: object) => ({
        name: provider,
        actionTypeId: { category, owner: 'AWS' as const, provider, version: '1' },
        ...more,
      });
      await new codepipeline.CodePipelineClient(config).send(
        new codepipeline.CreatePipelineCommand({
          tags: [{ key, value }],
          pipeline: {
            ...{ name, roleArn: role, artifactStore: { type: 'S3', location: 'none' } },
            stages: [
              {
                name: 'Source',
                actions: [
                  action('Source', 'S3', {
                    configuration: { S3Bucket: 'none', S3ObjectKey: 'none' },
                    outputArtifacts: [{ name: 'Code' }],
                  }),
                ],
              },
              { name: 'Approve', actions: [action('Approval', 'Manual', {})] },
            ],
          },
        }),
      );
      return name;
    },
    look: (config, name) =>
      new codepipeline.CodePipelineClient(config).send(
        new codepipeline.GetPipelineCommand({ name }),
      ),
  },
  iam: {
    reserved: 'InvalidInputException',
    async make(config, RoleName, Value, Key = 'env') {
      const Tags = [{ Key, Value }];
      await new iam.IAMClient(config).send(
        new iam.CreateRoleCommand({ RoleName, Path: '/p/', AssumeRolePolicyDocument: TRUST, Tags }),
      );
      return RoleName;
    },
    look: (config, RoleName) =>
      new iam.IAMClient(config).send(new iam.GetRoleCommand({ RoleName })),
  },
};

let server: TestServer;
const deny = (key: string) => ({
  ...{ Effect: 'Deny', Action: '*', Resource: '*' },
  Condition: { StringEquals: { [key]: 'prod' } },
});

beforeAll(async () => {
  server = await startServer({ flags: ['--auth', 'relaxed'] });
  await new iam.IAMClient(rootOf(server, OWNER)).send(
    new iam.CreateRoleCommand({ RoleName: 'service', AssumeRolePolicyDocument: TRUST }),
  );
});
afterAll(() => server?.stop());

describe.each(Object.entries(SERVICES))('%s', (_, { make, look, reserved }) => {
  test('no tag has a key of AWS’s', async () => {
    const root = rootOf(server, OWNER);
    await expect(make(root, 'aws-tag', 'x', 'aws:env')).rejects.toMatchObject({ name: reserved });
    await expect(make(root, 'aws-tag', 'x', 'AWS:env')).rejects.toMatchObject({ name: reserved });
  });

  test('aws:ResourceTag of what is there', async () => {
    const root = rootOf(server, OWNER);
    const prod = await make(root, 'is-prod', 'prod');
    const stage = await make(root, 'is-stage', 'stage');
    const { client } = await userOf(server, OWNER, may('*', '*'), deny('aws:ResourceTag/Env'));
    await expect(look(client, stage)).resolves.toBeDefined();
    await expect(look(client, prod)).rejects.toMatchObject({
      name: expect.stringMatching(/^AccessDenied/),
      message: expect.stringContaining('with an explicit deny in an identity-based policy'),
    });
  });

  test('aws:RequestTag of what is to be', async () => {
    const { client } = await userOf(server, OWNER, may('*', '*'), deny('aws:RequestTag/env'));
    await expect(make(client, 'new-stage', 'stage')).resolves.toBeDefined();
    await expect(make(client, 'new-prod', 'prod')).rejects.toMatchObject({
      name: expect.stringMatching(/^AccessDenied/),
    });
  });
});

test('iam:ResourceTag of a role that is passed', async () => {
  const root = new iam.IAMClient(rootOf(server, OWNER));
  const Tags = [{ Key: 'env', Value: 'prod' }];
  await root.send(new iam.TagRoleCommand({ RoleName: 'service', Tags }));
  const { client } = await userOf(server, OWNER, may('*', '*'), deny('iam:ResourceTag/env'));
  await expect(SERVICES.codebuild?.make(client, 'passes', 'x')).rejects.toMatchObject({
    message: expect.stringContaining('iam:PassRole'),
  });
});
