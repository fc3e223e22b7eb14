import { CreateProjectCommand } from '@aws-sdk/client-codebuild';
import { CreateRepositoryCommand } from '@aws-sdk/client-codecommit';
import {
  AddTagsToOnPremisesInstancesCommand,
  CreateApplicationCommand,
  CreateDeploymentGroupCommand,
  RegisterOnPremisesInstanceCommand,
} from '@aws-sdk/client-codedeploy';
import { CreatePipelineCommand, type StageDeclaration } from '@aws-sdk/client-codepipeline';
import { CreateAccessKeyCommand } from '@aws-sdk/client-iam';
import { CreateBucketCommand, PutBucketVersioningCommand } from '@aws-sdk/client-s3';
import {
  anyBuildPolicy,
  instancePolicy,
  type Names,
  type Place,
  pipelinePolicy,
} from '../demo/policies.ts';
import { type Clients, type InstanceIdentity, makeRole, makeUser } from '../demo/resources.ts';
import type { Runnable } from './directory.ts';

/** What a run is made of: all of it is named after the run. */
export interface Run extends Place {
  name: string;
  names: Names;
  runnable: Runnable;
  image: string;
  /** Of the build's environment. */
  variables: { name: string; value: string }[];
}

/** Of a run's name, short enough for what is longest: an ARN of a role. */
export function runNamed(name: string, given: Omit<Run, 'name' | 'bucket' | 'names'>): Run {
  const names = {
    ...{ repository: name, branch: 'main', project: name, application: name, group: name },
    // Whatever the buildspec names.
    ...{ pipeline: name, parameter: '/*', secret: '*' },
  };
  return { ...given, name, bucket: name, names };
}

export const rolesOf = ({ name }: Run) => ({
  ...{ pipeline: `${name}-pipeline`, build: `${name}-build`, deploy: `${name}-deploy` },
});

/** The repository to push to. @returns its URL */
export async function makeRepository({ codecommit }: Clients, { name }: Run): Promise<string> {
  const { repositoryMetadata } = await codecommit.send(
    new CreateRepositoryCommand({ repositoryName: name, repositoryDescription: 'slipway run' }),
  );
  return repositoryMetadata?.cloneUrlHttp ?? '';
}

/** All else but the pipeline; the roles may do what their part does, and read whatever the buildspec names. */
export async function makeParts(clients: Clients, run: Run): Promise<{ pipelineRole: string }> {
  const { iam, s3 } = clients;
  const roles = rolesOf(run);
  await s3.send(new CreateBucketCommand({ Bucket: run.bucket }));
  const VersioningConfiguration = { Status: 'Enabled' as const };
  await s3.send(new PutBucketVersioningCommand({ Bucket: run.bucket, VersioningConfiguration }));
  const [pipelineRole, buildRole] = await Promise.all([
    makeRole(iam, roles.pipeline, 'codepipeline.amazonaws.com', pipelinePolicy(run)),
    makeRole(iam, roles.build, 'codebuild.amazonaws.com', anyBuildPolicy(run)),
  ]);
  await makeProject(clients, run, buildRole);
  if (run.runnable.deploys) await makeGroup(clients, run);
  return { pipelineRole };
}

async function makeProject({ codebuild }: Clients, run: Run, serviceRole: string): Promise<void> {
  const { image, variables, runnable } = run;
  await codebuild.send(
    new CreateProjectCommand({
      ...{ name: run.name, serviceRole, artifacts: { type: 'CODEPIPELINE' } },
      source: { type: 'CODEPIPELINE', buildspec: runnable.buildspec },
      environment: {
        ...{ type: 'LINUX_CONTAINER', image, computeType: 'BUILD_GENERAL1_SMALL' },
        environmentVariables: variables.map((v) => ({ ...v, type: 'PLAINTEXT' })),
      },
    }),
  );
}

async function makeGroup({ iam, codedeploy }: Clients, run: Run): Promise<void> {
  const serviceRoleArn = await makeRole(iam, rolesOf(run).deploy, 'codedeploy.amazonaws.com');
  const { name } = run;
  await codedeploy.send(
    new CreateApplicationCommand({ applicationName: name, computePlatform: 'Server' }),
  );
  await codedeploy.send(
    new CreateDeploymentGroupCommand({
      ...{ applicationName: name, deploymentGroupName: name, serviceRoleArn },
      deploymentConfigName: 'CodeDeployDefault.AllAtOnce',
      onPremisesInstanceTagFilters: [{ Key: 'slipway-run', Value: name, Type: 'KEY_AND_VALUE' }],
    }),
  );
}

/** The instance that is deployed to, which is a directory of this machine. */
export async function makeInstance(
  { iam, codedeploy }: Clients,
  run: Run,
): Promise<InstanceIdentity> {
  const { name } = run;
  const userArn = await makeUser(iam, name, instancePolicy(run));
  const { AccessKey: key } = await iam.send(new CreateAccessKeyCommand({ UserName: name }));
  await codedeploy.send(
    new RegisterOnPremisesInstanceCommand({ instanceName: name, iamUserArn: userArn }),
  );
  await codedeploy.send(
    new AddTagsToOnPremisesInstancesCommand({
      ...{ instanceNames: [name], tags: [{ Key: 'slipway-run', Value: name }] },
    }),
  );
  return {
    ...{ name, userArn },
    accessKeyId: key?.AccessKeyId ?? '',
    secretAccessKey: key?.SecretAccessKey ?? '',
  };
}

/** Creating the pipeline starts it. */
export async function makePipeline(
  { codepipeline }: Clients,
  run: Run,
  roleArn: string,
): Promise<void> {
  await codepipeline.send(
    new CreatePipelineCommand({
      pipeline: {
        ...{ name: run.name, roleArn, stages: stagesOf(run) },
        artifactStore: { type: 'S3', location: run.bucket },
      },
    }),
  );
}

/** Source, Build and, where there is an AppSpec, Deploy: of what the build makes, or of the source. */
export function stagesOf({ name, names, runnable }: Run): StageDeclaration[] {
  const type = (category: 'Source' | 'Build' | 'Deploy', provider: string) => ({
    ...{ category, provider, owner: 'AWS' as const, version: '1' },
  });
  const stage = (
    stageName: string,
    action: Partial<NonNullable<StageDeclaration['actions']>[number]>,
  ): StageDeclaration => ({
    name: stageName,
    actions: [{ name: stageName, actionTypeId: undefined, ...action }],
  });
  const { makesArtifact, deploys } = runnable;
  const stages = [
    stage('Source', {
      actionTypeId: type('Source', 'CodeCommit'),
      configuration: {
        ...{ RepositoryName: name, BranchName: names.branch, PollForSourceChanges: 'false' },
      },
      outputArtifacts: [{ name: 'Source' }],
    }),
    stage('Build', {
      actionTypeId: type('Build', 'CodeBuild'),
      configuration: { ProjectName: name },
      inputArtifacts: [{ name: 'Source' }],
      ...(makesArtifact && { outputArtifacts: [{ name: 'Package' }] }),
    }),
  ];
  if (!deploys) return stages;
  const deploy = stage('Deploy', {
    actionTypeId: type('Deploy', 'CodeDeploy'),
    configuration: { ApplicationName: name, DeploymentGroupName: name },
    inputArtifacts: [{ name: makesArtifact ? 'Package' : 'Source' }],
  });
  return [...stages, deploy];
}
