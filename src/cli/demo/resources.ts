import { CodeBuildClient, CreateProjectCommand } from '@aws-sdk/client-codebuild';
import { CodeCommitClient, CreateRepositoryCommand } from '@aws-sdk/client-codecommit';
import {
  AddTagsToOnPremisesInstancesCommand,
  CodeDeployClient,
  CreateApplicationCommand,
  CreateDeploymentGroupCommand,
  RegisterOnPremisesInstanceCommand,
} from '@aws-sdk/client-codedeploy';
import { CodePipelineClient, CreatePipelineCommand } from '@aws-sdk/client-codepipeline';
import {
  CreateAccessKeyCommand,
  CreateRoleCommand,
  CreateServiceSpecificCredentialCommand,
  CreateUserCommand,
  IAMClient,
  PutRolePolicyCommand,
  PutUserPolicyCommand,
} from '@aws-sdk/client-iam';
import { CreateBucketCommand, PutBucketVersioningCommand, S3Client } from '@aws-sdk/client-s3';
import { CreateSecretCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { PutParameterCommand, SSMClient } from '@aws-sdk/client-ssm';
import { clientConfig, type Server } from '../server.ts';
import {
  buildPolicy,
  developerPolicy,
  instancePolicy,
  NAMES,
  type Place,
  pipelinePolicy,
  trust,
} from './policies.ts';

/** Clients under the key that the server is used by. */
export interface Clients {
  iam: IAMClient;
  s3: S3Client;
  codecommit: CodeCommitClient;
  codebuild: CodeBuildClient;
  codedeploy: CodeDeployClient;
  codepipeline: CodePipelineClient;
  ssm: SSMClient;
  secrets: SecretsManagerClient;
}

export function makeClients(server: Server): Clients {
  const config = clientConfig(server);
  return {
    iam: new IAMClient(config),
    s3: new S3Client({ ...config, forcePathStyle: true }),
    codecommit: new CodeCommitClient(config),
    codebuild: new CodeBuildClient(config),
    codedeploy: new CodeDeployClient(config),
    codepipeline: new CodePipelineClient(config),
    ssm: new SSMClient(config),
    secrets: new SecretsManagerClient(config),
  };
}

/** A role for one service with one inline policy. @returns its ARN */
export async function makeRole(
  iam: IAMClient,
  name: string,
  service: string,
  policy?: string,
): Promise<string> {
  const created = await iam.send(
    new CreateRoleCommand({ RoleName: name, AssumeRolePolicyDocument: trust(service) }),
  );
  if (policy)
    await iam.send(
      new PutRolePolicyCommand({ RoleName: name, PolicyName: name, PolicyDocument: policy }),
    );
  return created.Role?.Arn ?? '';
}

/** A user with one inline policy. @returns its ARN */
export async function makeUser(iam: IAMClient, name: string, policy: string): Promise<string> {
  const created = await iam.send(new CreateUserCommand({ UserName: name }));
  await iam.send(
    new PutUserPolicyCommand({ UserName: name, PolicyName: name, PolicyDocument: policy }),
  );
  return created.User?.Arn ?? '';
}

export interface Roles {
  pipeline: string;
  build: string;
  deploy: string;
}

/** Roles that may do what their part of the chain does, and nothing else. */
export async function makeRoles({ iam }: Clients, place: Place): Promise<Roles> {
  return {
    pipeline: await makeRole(
      iam,
      'web-app-pipeline',
      'codepipeline.amazonaws.com',
      pipelinePolicy(place),
    ),
    build: await makeRole(iam, 'web-app-build', 'codebuild.amazonaws.com', buildPolicy(place)),
    deploy: await makeRole(iam, 'web-app-deploy', 'codedeploy.amazonaws.com'),
  };
}

/** The artifact bucket, the parameter and the secret that the buildspec names. */
export async function makeInputs({ s3, ssm, secrets }: Clients, place: Place): Promise<void> {
  await s3.send(new CreateBucketCommand({ Bucket: place.bucket }));
  await s3.send(
    new PutBucketVersioningCommand({
      Bucket: place.bucket,
      VersioningConfiguration: { Status: 'Enabled' },
    }),
  );
  await ssm.send(
    new PutParameterCommand({ Name: NAMES.parameter, Value: 'Hello from Slipway', Type: 'String' }),
  );
  const secret = JSON.stringify({ key: 'only the build may know this' });
  await secrets.send(new CreateSecretCommand({ Name: NAMES.secret, SecretString: secret }));
}

export interface GitCredentials {
  userName: string;
  password: string;
}

/** The repository, and a developer who may push to it with IAM git credentials. */
export async function makeRepository(
  { codecommit, iam }: Clients,
  place: Place,
): Promise<{ url: string } & GitCredentials> {
  const { repositoryMetadata } = await codecommit.send(
    new CreateRepositoryCommand({
      repositoryName: NAMES.repository,
      repositoryDescription: 'The demo application',
    }),
  );
  await makeUser(iam, 'developer', developerPolicy(place));
  const { ServiceSpecificCredential: credential } = await iam.send(
    new CreateServiceSpecificCredentialCommand({
      UserName: 'developer',
      ServiceName: 'codecommit.amazonaws.com',
    }),
  );
  return {
    url: repositoryMetadata?.cloneUrlHttp ?? '',
    userName: credential?.ServiceUserName ?? '',
    password: credential?.ServicePassword ?? '',
  };
}

export async function makeProject(
  { codebuild }: Clients,
  roles: Roles,
  image: string,
): Promise<void> {
  await codebuild.send(
    new CreateProjectCommand({
      name: NAMES.project,
      source: { type: 'CODEPIPELINE' },
      artifacts: { type: 'CODEPIPELINE' },
      environment: { type: 'LINUX_CONTAINER', image, computeType: 'BUILD_GENERAL1_SMALL' },
      serviceRole: roles.build,
    }),
  );
}

export interface InstanceIdentity {
  name: string;
  userArn: string;
  accessKeyId: string;
  secretAccessKey: string;
}

/** An on-premises instance with an IAM user of its own, tagged for the deployment group. */
export async function registerInstance(
  { iam, codedeploy }: Clients,
  place: Place,
  name: string,
): Promise<InstanceIdentity> {
  const userArn = await makeUser(iam, name, instancePolicy(place));
  const { AccessKey: key } = await iam.send(new CreateAccessKeyCommand({ UserName: name }));
  await codedeploy.send(
    new RegisterOnPremisesInstanceCommand({ instanceName: name, iamUserArn: userArn }),
  );
  await codedeploy.send(
    new AddTagsToOnPremisesInstancesCommand({
      instanceNames: [name],
      tags: [{ Key: 'Stage', Value: NAMES.group }],
    }),
  );
  return {
    name,
    userArn,
    accessKeyId: key?.AccessKeyId ?? '',
    secretAccessKey: key?.SecretAccessKey ?? '',
  };
}

/** The application and its group: one instance at a time, back to the last good version when a deployment fails. */
export async function makeDeploymentGroup({ codedeploy }: Clients, roles: Roles): Promise<void> {
  await codedeploy.send(
    new CreateApplicationCommand({ applicationName: NAMES.application, computePlatform: 'Server' }),
  );
  await codedeploy.send(
    new CreateDeploymentGroupCommand({
      applicationName: NAMES.application,
      deploymentGroupName: NAMES.group,
      deploymentConfigName: 'CodeDeployDefault.OneAtATime',
      serviceRoleArn: roles.deploy,
      onPremisesInstanceTagFilters: [{ Key: 'Stage', Value: NAMES.group, Type: 'KEY_AND_VALUE' }],
      autoRollbackConfiguration: { enabled: true, events: ['DEPLOYMENT_FAILURE'] },
    }),
  );
}

/** Source, Build, Approval, Deploy. Creating the pipeline starts its first execution. */
export async function makePipeline(
  { codepipeline }: Clients,
  roles: Roles,
  place: Place,
): Promise<void> {
  const type = (category: 'Source' | 'Build' | 'Approval' | 'Deploy', provider: string) => ({
    category,
    owner: 'AWS' as const,
    provider,
    version: '1',
  });
  await codepipeline.send(
    new CreatePipelineCommand({
      pipeline: {
        name: NAMES.pipeline,
        roleArn: roles.pipeline,
        artifactStore: { type: 'S3', location: place.bucket },
        stages: [
          {
            name: 'Source',
            actions: [
              {
                name: 'Commit',
                actionTypeId: type('Source', 'CodeCommit'),
                namespace: 'Source',
                configuration: { RepositoryName: NAMES.repository, BranchName: NAMES.branch },
                outputArtifacts: [{ name: 'SourceCode' }],
              },
            ],
          },
          {
            name: 'Build',
            actions: [
              {
                name: 'TestAndPack',
                actionTypeId: type('Build', 'CodeBuild'),
                namespace: 'Build',
                configuration: { ProjectName: NAMES.project },
                inputArtifacts: [{ name: 'SourceCode' }],
                outputArtifacts: [{ name: 'Package' }],
              },
            ],
          },
          {
            name: 'Approval',
            actions: [
              {
                name: 'Release',
                actionTypeId: type('Approval', 'Manual'),
                configuration: {
                  CustomData: 'Release #{Build.APP_VERSION} of #{Source.CommitId}?',
                },
              },
            ],
          },
          {
            name: 'Deploy',
            actions: [
              {
                name: 'Instances',
                actionTypeId: type('Deploy', 'CodeDeploy'),
                configuration: {
                  ApplicationName: NAMES.application,
                  DeploymentGroupName: NAMES.group,
                },
                inputArtifacts: [{ name: 'Package' }],
              },
            ],
          },
        ],
      },
    }),
  );
}
