import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { BatchGetBuildsCommand, CreateProjectCommand } from '@aws-sdk/client-codebuild';
import {
  AddTagsToOnPremisesInstancesCommand,
  BatchGetDeploymentTargetsCommand,
  CreateApplicationCommand,
  CreateDeploymentGroupCommand,
  ListDeploymentTargetsCommand,
  RegisterOnPremisesInstanceCommand,
} from '@aws-sdk/client-codedeploy';
import {
  type ActionExecutionDetail,
  CreatePipelineCommand,
  ListActionExecutionsCommand,
  ListPipelineExecutionsCommand,
} from '@aws-sdk/client-codepipeline';
import {
  CreateAccessKeyCommand,
  CreateRoleCommand,
  CreateUserCommand,
  PutRolePolicyCommand,
  PutUserPolicyCommand,
} from '@aws-sdk/client-iam';
import { git } from '../src/cli/demo/git.ts';
import { NAMES, type Place, trust } from '../src/cli/demo/policies.ts';
import type { Clients, GitCredentials, InstanceIdentity } from '../src/cli/demo/resources.ts';
import { stageOf } from './stage-of.ts';

// The demo's journey many times over in one server: each with roles of its own, so that one can have less than it needs.

/** The policies of one journey. */
export interface Policies {
  pipeline: string;
  build: string;
  /** Of its host; without it there is none. */
  instance?: string;
}

interface Document {
  Version: string;
  Statement: { Effect: string; Action: string[]; Resource: unknown }[];
}

/** A policy with one action or one whole statement less. */
export interface Removal {
  /** `s3:GetObject`, or `s3:GetObject, s3:PutObject` where the whole statement is gone. */
  removed: string;
  /** Which of the policy's statements it was taken from. */
  at: number;
  document: string;
}

/** A policy has to have a statement; this one allows what nobody is refused. */
const NOTHING = { Effect: 'Allow', Action: ['sts:GetCallerIdentity'], Resource: '*' };

/** What is left of a policy when each of its actions, and each of its statements, is taken away alone. */
export function removals(document: string): Removal[] {
  const { Version, Statement } = JSON.parse(document) as Document;
  return Statement.flatMap((statement, at) => {
    const others = Statement.toSpliced(at, 1);
    if (others.length === 0) others.push(NOTHING);
    const whole = { removed: statement.Action.join(', '), Statement: others };
    const single = statement.Action.map((removed) => ({
      removed,
      Statement: [
        ...others,
        { ...statement, Action: statement.Action.filter((a) => a !== removed) },
      ],
    }));
    return (single.length > 1 ? [whole, ...single] : [whole]).map((each) => ({
      ...{ removed: each.removed, at },
      document: JSON.stringify({ Version, Statement: each.Statement }),
    }));
  });
}

const BUILDSPEC = `version: 0.2
env:
  parameter-store:
    GREETING: ${NAMES.parameter}
  secrets-manager:
    SIGNING_KEY: ${NAMES.secret}:key
phases:
  build:
    commands:
      - echo built
      - echo '<testsuite name="s"><testcase name="good"/></testsuite>' > report.xml
reports:
  unit:
    files: report.xml
artifacts:
  files: appspec.yml
`;

/** The files of the journey, pushed. */
export async function pushFiles(work: string, repository: { url: string } & GitCredentials) {
  mkdirSync(work, { recursive: true });
  writeFileSync(join(work, 'buildspec.yml'), BUILDSPEC);
  writeFileSync(join(work, 'appspec.yml'), 'version: 0.0\nos: linux\n');
  await git(work, ['init', '-q', '-b', NAMES.branch]);
  await git(work, ['add', '.']);
  await git(work, ['commit', '-q', '-m', 'Files']);
  await git(work, ['push', '-q', repository.url, NAMES.branch], repository);
}

async function makeRole({ iam }: Clients, RoleName: string, service: string, policy?: string) {
  const AssumeRolePolicyDocument = trust(service);
  const { Role } = await iam.send(new CreateRoleCommand({ RoleName, AssumeRolePolicyDocument }));
  if (policy !== undefined) {
    const inline = { RoleName, PolicyName: 'p', PolicyDocument: policy };
    await iam.send(new PutRolePolicyCommand(inline));
  }
  return Role?.Arn ?? '';
}

/** What all journeys of a server share. @returns the role of the deployment groups */
export async function makeApplication(clients: Clients): Promise<string> {
  const application = { applicationName: NAMES.application, computePlatform: 'Server' as const };
  await clients.codedeploy.send(new CreateApplicationCommand(application));
  return makeRole(clients, 'deploy', 'codedeploy.amazonaws.com');
}

const named = (policy: string, name: string) =>
  policy
    .replaceAll(NAMES.project, name)
    .replaceAll(`${NAMES.application}/${NAMES.group}`, `${NAMES.application}/${name}`);

/**
 * Makes a journey with these policies under a name of its own, which its pipeline, project and deployment group have; its
 * roles are `NAME-pipeline` and `NAME-build`. The pipeline starts.
 */
export async function startWith(
  clients: Clients,
  place: Place,
  name: string,
  deployRole: string,
  policies: Policies,
): Promise<void> {
  const [pipelineRole, buildRole] = await Promise.all([
    makeRole(
      clients,
      `${name}-pipeline`,
      'codepipeline.amazonaws.com',
      named(policies.pipeline, name),
    ),
    makeRole(clients, `${name}-build`, 'codebuild.amazonaws.com', named(policies.build, name)),
  ]);
  await clients.codebuild.send(
    new CreateProjectCommand({
      name,
      source: { type: 'CODEPIPELINE' },
      artifacts: { type: 'CODEPIPELINE' },
      environment: { type: 'LINUX_CONTAINER', image: 'any', computeType: 'BUILD_GENERAL1_SMALL' },
      serviceRole: buildRole,
    }),
  );
  await clients.codedeploy.send(
    new CreateDeploymentGroupCommand({
      applicationName: NAMES.application,
      deploymentGroupName: name,
      serviceRoleArn: deployRole,
      onPremisesInstanceTagFilters: [{ Key: 'Stage', Value: name, Type: 'KEY_AND_VALUE' }],
    }),
  );
  await clients.codepipeline.send(
    new CreatePipelineCommand({ pipeline: declaration(place, name, pipelineRole) }),
  );
}

function declaration(place: Place, name: string, roleArn: string) {
  const deploy = { ApplicationName: NAMES.application, DeploymentGroupName: name };
  const source = { RepositoryName: NAMES.repository, BranchName: NAMES.branch };
  const [code, bundle] = [[{ name: 'Code' }], [{ name: 'Bundle' }]];
  return {
    name,
    roleArn,
    artifactStore: { type: 'S3' as const, location: place.bucket },
    stages: [
      stageOf('Source', 'CodeCommit', source, { outputArtifacts: code }),
      stageOf(
        'Build',
        'CodeBuild',
        { ProjectName: name },
        { inputArtifacts: code, outputArtifacts: bundle },
      ),
      stageOf('Deploy', 'CodeDeploy', deploy, { inputArtifacts: bundle }),
    ],
  };
}

/** A host of the group of that name, with this policy. */
export async function makeHost(
  { iam, codedeploy }: Clients,
  name: string,
  PolicyDocument: string,
): Promise<InstanceIdentity> {
  const { User } = await iam.send(new CreateUserCommand({ UserName: name }));
  await iam.send(new PutUserPolicyCommand({ UserName: name, PolicyName: 'p', PolicyDocument }));
  const { AccessKey: key } = await iam.send(new CreateAccessKeyCommand({ UserName: name }));
  const userArn = User?.Arn ?? '';
  const host = { instanceName: name, iamUserArn: userArn };
  await codedeploy.send(new RegisterOnPremisesInstanceCommand(host));
  const tagged = { instanceNames: [name], tags: [{ Key: 'Stage', Value: name }] };
  await codedeploy.send(new AddTagsToOnPremisesInstancesCommand(tagged));
  const { AccessKeyId: accessKeyId = '', SecretAccessKey: secretAccessKey = '' } = key ?? {};
  return { name, userArn, accessKeyId, secretAccessKey };
}

/** A pipeline's last execution. */
export async function lastExecution({ codepipeline }: Clients, pipelineName: string) {
  const list = new ListPipelineExecutionsCommand({ pipelineName });
  return (await codepipeline.send(list)).pipelineExecutionSummaries?.[0];
}

/** Where a journey ended and with which words: `Source PermissionError: …`, `Build phase: …`, or `Succeeded`. */
export async function endOf(clients: Clients, pipelineName: string): Promise<string> {
  const { actionExecutionDetails = [] } = await clients.codepipeline.send(
    new ListActionExecutionsCommand({ pipelineName }),
  );
  const failed = actionExecutionDetails.find(({ status }) => status === 'Failed');
  if (!failed) return 'Succeeded';
  const { errorDetails, externalExecutionId: id = '' } = failed.output?.executionResult ?? {};
  const said = `${failed.stageName} ${errorDetails?.code}: ${errorDetails?.message}`;
  if (errorDetails?.code !== 'JobFailed') return said;
  return failed.stageName === 'Build'
    ? `Build ${await endOfBuild(clients, id)}`
    : `Deploy ${await endOfDeployment(clients, failed, id)}`;
}

async function endOfBuild({ codebuild }: Clients, id: string): Promise<string> {
  const { builds = [] } = await codebuild.send(new BatchGetBuildsCommand({ ids: [id] }));
  const phase = builds[0]?.phases?.find(({ phaseStatus }) => phaseStatus !== 'SUCCEEDED');
  const [context] = phase?.contexts ?? [];
  return `${phase?.phaseType} ${context?.statusCode}: ${context?.message}`;
}

async function endOfDeployment(
  { codedeploy }: Clients,
  { output }: ActionExecutionDetail,
  deploymentId: string,
): Promise<string> {
  const list = new ListDeploymentTargetsCommand({ deploymentId });
  const { targetIds = [] } = await codedeploy.send(list);
  const said = output?.executionResult?.errorDetails?.message ?? '';
  if (targetIds.length === 0) return said;
  const get = new BatchGetDeploymentTargetsCommand({ deploymentId, targetIds });
  const { deploymentTargets = [] } = await codedeploy.send(get);
  const event = deploymentTargets
    .flatMap(({ instanceTarget }) => instanceTarget?.lifecycleEvents ?? [])
    .find(({ status }) => status === 'Failed');
  return event ? `${event.lifecycleEventName} ${event.diagnostics?.message}` : said;
}
