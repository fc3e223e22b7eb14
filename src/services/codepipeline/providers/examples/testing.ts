import * as appconfig from '@aws-sdk/client-appconfig';
import * as cloudformation from '@aws-sdk/client-cloudformation';
import * as codebuild from '@aws-sdk/client-codebuild';
import * as codedeploy from '@aws-sdk/client-codedeploy';
import * as codepipeline from '@aws-sdk/client-codepipeline';
import * as ecr from '@aws-sdk/client-ecr';
import * as ecs from '@aws-sdk/client-ecs';
import * as beanstalk from '@aws-sdk/client-elastic-beanstalk';
import * as catalog from '@aws-sdk/client-service-catalog';
import * as sfn from '@aws-sdk/client-sfn';
import * as ssm from '@aws-sdk/client-ssm';
import type { Answers } from '../../../../testing/upstream.ts';
import type { Action } from '../../model/declaration.ts';
import type { Given } from '../testing.ts';

// For the contract of action types: an action of each, and what the service answers to one that goes well.

interface Example extends Given {
  clients?: object[];
  /** Fresh ones: they may remember. Absent: the work is tested in a file of its own. */
  answers?: () => Answers;
  members?: Partial<Action>;
}

/** Answers one after another, the last one for ever. */
const inTurn =
  (...answers: object[]) =>
  () =>
    answers.length > 1 ? answers.shift() : answers[0];

const now = new Date(1_700_000_000_000);
const STACK = 'arn:aws:cloudformation:us-east-1:111122223333:stack/web/1';
const COMMAND = '11111111-2222-4333-8444-555555555555';
const MACHINE = 'arn:aws:states:us-east-1:111122223333:stateMachine:Job';
const EXECUTION = 'arn:aws:states:us-east-1:111122223333:execution:Job:1';
const stack = (StackStatus: string) => ({
  Stacks: [{ StackId: STACK, StackName: 'web', StackStatus, CreationTime: now }],
});
const operation = (Status: string) => ({ StackSetOperation: { Status, StackSetId: 'web:1' } });
const service = (rolloutState: string) => ({
  services: [
    {
      ...{ serviceName: 'web', status: 'ACTIVE', taskDefinition: 'web:1' },
      deployments: [{ id: 'ecs-svc/1', status: 'PRIMARY', rolloutState }],
    },
  ],
});
const definition = {
  taskDefinition: {
    ...{ family: 'web', revision: 1, taskDefinitionArn: 'arn:web:1' },
    containerDefinitions: [{ name: 'app', image: 'app:1' }],
  },
};
const build = (buildStatus: string) => ({ id: 'web:1', buildStatus });
const builds = (): Answers => ({
  StartBuild: () => ({ build: build('IN_PROGRESS') }),
  BatchGetBuilds: inTurn(
    { builds: [build('IN_PROGRESS')] },
    {
      builds: [
        {
          ...build('SUCCEEDED'),
          exportedEnvironmentVariables: [{ name: 'SLIPWAY_IMAGE_DIGEST', value: 'sha256:1' }],
        },
      ],
    },
  ),
});
const artifact = { App: { 'a.txt': 'a' } };

export const examples: Record<string, Example> = {
  'Source/S3': { configuration: { S3Bucket: 'b', S3ObjectKey: 'k' }, outputs: ['Src'] },
  'Source/CodeCommit': {
    configuration: { RepositoryName: 'r', BranchName: 'b' },
    outputs: ['Src'],
  },
  'Source/CodeStarSourceConnection': {
    configuration: {
      ConnectionArn:
        'arn:aws:codestar-connections:us-east-1:111122223333:connection/aaaaaaaa-bbbb-cccc-dddd-eeeeeeeeeeee',
      FullRepositoryId: 'team/web',
      BranchName: 'main',
    },
    outputs: ['Src'],
  },
  'Source/GitHub': {
    configuration: { Owner: 'me', Repo: 'app', Branch: 'main', OAuthToken: 'secret' },
    outputs: ['Src'],
  },
  'Source/ECR': {
    configuration: { RepositoryName: 'web' },
    outputs: ['Image'],
    clients: [ecr],
    answers: () => ({
      DescribeImages: () => ({
        imageDetails: [
          {
            ...{ registryId: '111122223333', repositoryName: 'web', imageDigest: 'sha256:1' },
            ...{ imageTags: ['latest'], imageSizeInBytes: 7, imagePushedAt: now },
          },
        ],
      }),
    }),
  },
  'Build/CodeBuild': {
    configuration: { ProjectName: 'p' },
    inputs: artifact,
    clients: [codebuild],
    answers: builds,
  },
  'Build/ECRBuildAndPublish': {
    configuration: { ECRRepositoryName: 'web', ImageTags: 'latest, v1' },
    inputs: artifact,
    clients: [codebuild, ecr],
    answers: () => ({
      ...builds(),
      DescribeRepositories: () => ({ repositories: [{ repositoryUri: 'registry.test/web' }] }),
      GetAuthorizationToken: () => ({
        authorizationData: [{ authorizationToken: Buffer.from('AWS:secret').toString('base64') }],
      }),
    }),
  },
  'Test/CodeBuild': { configuration: { ProjectName: 'p' }, inputs: artifact },
  'Compute/Commands': {
    configuration: {},
    inputs: artifact,
    members: { commands: ['ls'] },
    own: { commands: ['ls'] },
    clients: [codebuild],
    answers: builds,
  },
  'Deploy/S3': { configuration: { BucketName: 'b', Extract: 'true' }, inputs: artifact },
  'Deploy/CodeDeploy': {
    configuration: { ApplicationName: 'web', DeploymentGroupName: 'all' },
    inputs: artifact,
    clients: [codedeploy],
    answers: () => ({
      CreateDeployment: () => ({ deploymentId: 'd-1' }),
      GetDeployment: inTurn(
        { deploymentInfo: { status: 'InProgress' } },
        { deploymentInfo: { status: 'Succeeded' } },
      ),
    }),
  },
  'Deploy/CodeDeployToECS': {
    configuration: {
      ...{ ApplicationName: 'web', DeploymentGroupName: 'all' },
      ...{ TaskDefinitionTemplateArtifact: 'App', AppSpecTemplateArtifact: 'App' },
      ...{ Image1ArtifactName: 'Image', Image1ContainerName: 'IMAGE1_NAME' },
    },
    inputs: {
      App: {
        'taskdef.json':
          '{"family":"web","containerDefinitions":[{"name":"app","image":"<IMAGE1_NAME>"}]}',
        'appspec.yaml': 'version: 0.0\nTaskDefinition: <TASK_DEFINITION>\n',
      },
      Image: { 'imageDetail.json': '{"ImageURI":"app:2"}' },
    },
    clients: [codedeploy, ecs],
    answers: () => ({
      RegisterTaskDefinition: () => definition,
      CreateDeployment: () => ({ deploymentId: 'd-1' }),
      GetDeployment: inTurn({ deploymentInfo: { status: 'Succeeded' } }),
    }),
  },
  'Deploy/EC2': {
    configuration: { InstanceTagKey: 'Name', InstanceType: 'EC2', TargetDirectory: '/srv/web' },
    inputs: artifact,
    clients: [ssm],
    answers: () => ({
      DescribeInstanceInformation: () => ({ InstanceInformationList: [{ InstanceId: 'i-1' }] }),
      SendCommand: () => ({ Command: { CommandId: COMMAND } }),
      ListCommands: inTurn(
        { Commands: [{ Status: 'InProgress', TargetCount: 1 }] },
        { Commands: [{ Status: 'Success', TargetCount: 1, CompletedCount: 1 }] },
      ),
    }),
  },
  'Deploy/ECS': {
    configuration: { ClusterName: 'c', ServiceName: 'web' },
    inputs: { App: { 'imagedefinitions.json': '[{"name":"app","imageUri":"app:2"}]' } },
    clients: [ecs],
    answers: () => ({
      DescribeServices: inTurn(service('COMPLETED'), service('IN_PROGRESS'), service('COMPLETED')),
      DescribeTaskDefinition: () => definition,
      RegisterTaskDefinition: () => definition,
      UpdateService: () => ({ service: service('IN_PROGRESS').services[0] }),
    }),
  },
  'Deploy/CloudFormation': {
    configuration: {
      ...{ ActionMode: 'CREATE_UPDATE', StackName: 'web', TemplatePath: 'App::a.txt' },
      RoleArn: 'arn:aws:iam::111122223333:role/cfn',
    },
    inputs: artifact,
    clients: [cloudformation],
    answers: () => ({
      DescribeStacks: inTurn(
        stack('CREATE_COMPLETE'),
        stack('UPDATE_IN_PROGRESS'),
        stack('UPDATE_COMPLETE'),
      ),
      UpdateStack: () => ({ StackId: STACK }),
    }),
  },
  'Deploy/CloudFormationStackSet': {
    configuration: {
      ...{ StackSetName: 'web', TemplatePath: 'App::a.txt' },
      ...{ DeploymentTargets: '111122223333', Regions: 'us-east-1' },
    },
    inputs: artifact,
    clients: [cloudformation],
    answers: () => ({
      DescribeStackSet: () => ({ StackSet: { StackSetId: 'web:1', StackSetName: 'web' } }),
      UpdateStackSet: () => ({ OperationId: 'op' }),
      DescribeStackSetOperation: inTurn(operation('RUNNING'), operation('SUCCEEDED')),
    }),
  },
  'Deploy/CloudFormationStackInstances': {
    configuration: {
      ...{ StackSetName: 'web', DeploymentTargets: 'ou-a1, ou-b2', Regions: 'us-east-1' },
    },
    clients: [cloudformation],
    answers: () => ({
      CreateStackInstances: () => ({ OperationId: 'op' }),
      DescribeStackSetOperation: inTurn(operation('RUNNING'), operation('SUCCEEDED')),
    }),
  },
  'Deploy/ElasticBeanstalk': {
    configuration: { ApplicationName: 'web', EnvironmentName: 'prod' },
    inputs: artifact,
    clients: [beanstalk],
    answers: () => {
      let VersionLabel: unknown;
      const environment = (Status: string) => ({ Environments: [{ Status, VersionLabel }] });
      const states = ['Updating', 'Ready'];
      return {
        CreateApplicationVersion: () => ({}),
        UpdateEnvironment: (input) => {
          VersionLabel = input.VersionLabel;
          return {};
        },
        DescribeEnvironments: () => environment(states.shift() ?? 'Ready'),
      };
    },
  },
  'Deploy/ServiceCatalog': {
    configuration: { ProductId: 'prod-1', TemplateFilePath: 'a.txt', ProductVersionName: 'v1' },
    inputs: artifact,
    clients: [catalog],
    answers: () => ({
      CreateProvisioningArtifact: () => ({ ProvisioningArtifactDetail: { Id: 'pa-1' } }),
      DescribeProvisioningArtifact: inTurn({ Status: 'CREATING' }, { Status: 'AVAILABLE' }),
    }),
  },
  'Deploy/AppConfig': {
    configuration: {
      ...{ Application: 'a', Environment: 'e', ConfigurationProfile: 'p' },
      InputArtifactConfigurationPath: 'a.txt',
    },
    inputs: artifact,
    clients: [appconfig],
    answers: () => ({
      CreateHostedConfigurationVersion: () => ({ VersionNumber: 3 }),
      StartDeployment: () => ({ DeploymentNumber: 4 }),
      GetDeployment: inTurn({ State: 'DEPLOYING' }, { State: 'COMPLETE' }),
    }),
  },
  'Invoke/Lambda': { configuration: { FunctionName: 'check' } },
  'Invoke/StepFunctions': {
    configuration: { StateMachineArn: MACHINE, Input: '{"a":1}' },
    outputs: ['Out'],
    clients: [sfn],
    answers: () => ({
      DescribeStateMachine: () => ({ type: 'STANDARD' }),
      StartExecution: () => ({ executionArn: EXECUTION, startDate: now }),
      DescribeExecution: inTurn(
        { status: 'RUNNING' },
        {
          ...{ status: 'SUCCEEDED', output: '{"b":2}' },
          ...{ stateMachineArn: MACHINE, executionArn: EXECUTION },
        },
      ),
    }),
  },
  'Invoke/CodePipeline': {
    configuration: { PipelineName: 'other', Variables: '[{"name":"a","value":"b"}]' },
    clients: [codepipeline],
    answers: () => ({
      StartPipelineExecution: () => ({ pipelineExecutionId: '1' }),
      GetPipelineExecution: inTurn(
        { pipelineExecution: { status: 'InProgress' } },
        { pipelineExecution: { status: 'Succeeded' } },
      ),
    }),
  },
  'Approval/Manual': { configuration: {} },
};
