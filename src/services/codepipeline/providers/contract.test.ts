import { afterEach, describe, expect, it } from 'vitest';
import { refused } from '../../../testing/upstream.ts';
import { actionProblems, type Place } from '../model/action-rules.ts';
import { idsOf } from '../model/action-type.ts';
import type { Action } from '../model/declaration.ts';
import { firstOf } from '../model/problems.ts';
import { examples } from './examples/testing.ts';
import { failureOf } from './failure.ts';
import { actionTypes, notBuilt } from './index.ts';
import { type Bench, bench, follow, outcomeOf } from './testing.ts';

function validateAction(action: Action, place: Place): void {
  const problem = firstOf(actionProblems(action, place, []));
  if (problem) throw problem.error;
}

// What every action type has to hold: what the sheet says of it, and the manners of `start` and `look`.

const DAY = 24 * 60;

/** The sheet's rows: inputs, outputs, required keys, other keys, time-out in minutes, output variables. */
const SHEET: Record<string, [string, number[], number[], string, string, number, string]> = {
  'Source/S3': [
    'CP-B1',
    [0, 0],
    [1, 1],
    'S3Bucket S3ObjectKey',
    'PollForSourceChanges AllowOverrideForS3ObjectKey',
    60,
    'BucketName ETag ObjectKey VersionId',
  ],
  'Source/CodeCommit': [
    'CP-B2',
    [0, 0],
    [1, 1],
    'RepositoryName BranchName',
    'PollForSourceChanges OutputArtifactFormat',
    60,
    // TagName: of triggers, which CodeCommit's actions have here as an addition.
    'AuthorDate BranchName CommitId CommitMessage CommitterDate RepositoryName TagName',
  ],
  'Source/ECR': [
    'CP-B3',
    [0, 0],
    [0, 1],
    'RepositoryName',
    'ImageTag',
    60,
    'ImageDigest ImageTag ImageURI RegistryId RepositoryName',
  ],
  'Source/CodeStarSourceConnection': [
    'CP-B4',
    [0, 0],
    [1, 1],
    'ConnectionArn FullRepositoryId BranchName',
    'OutputArtifactFormat DetectChanges',
    60,
    'AuthorDate BranchName CommitId CommitMessage ConnectionArn DestinationBranchName FullRepositoryName PullRequestId PullRequestTitle SourceBranchName TagName',
  ],
  'Source/GitHub': [
    'CP-B5',
    [0, 0],
    [1, 1],
    'Owner Repo Branch OAuthToken',
    'PollForSourceChanges',
    60,
    'AuthorDate BranchName CommitId CommitMessage CommitterDate CommitUrl RepositoryName',
  ],
  'Build/CodeBuild': [
    'CP-B6',
    [1, 5],
    [0, 5],
    'ProjectName',
    'PrimarySource EnvironmentVariables BatchEnabled CombineArtifacts',
    480,
    'any',
  ],
  'Test/CodeBuild': [
    'CP-B6',
    [1, 5],
    [0, 5],
    'ProjectName',
    'PrimarySource EnvironmentVariables BatchEnabled CombineArtifacts',
    480,
    'any',
  ],
  'Build/ECRBuildAndPublish': [
    'CP-B8',
    [1, 1],
    [0, 0],
    'ECRRepositoryName',
    'DockerFilePath ImageTags RegistryType',
    60,
    'ECRImageDigestId ECRRepositoryName',
  ],
  'Compute/Commands': ['CP-B7', [1, 10], [0, 1], '', '', 60, 'any'],
  'Deploy/S3': [
    'CP-B10',
    [1, 1],
    [0, 0],
    'BucketName Extract',
    'ObjectKey KMSEncryptionKeyARN CannedACL CacheControl',
    90,
    '',
  ],
  'Deploy/CodeDeploy': [
    'CP-B11',
    [1, 1],
    [0, 0],
    'ApplicationName DeploymentGroupName',
    '',
    5 * DAY,
    '',
  ],
  'Deploy/CodeDeployToECS': [
    'CP-B12',
    [1, 5],
    [0, 0],
    'ApplicationName DeploymentGroupName TaskDefinitionTemplateArtifact AppSpecTemplateArtifact',
    'TaskDefinitionTemplatePath AppSpecTemplatePath Image1ArtifactName Image1ContainerName Image2ArtifactName Image2ContainerName Image3ArtifactName Image3ContainerName Image4ArtifactName Image4ContainerName',
    5 * DAY,
    '',
  ],
  'Deploy/EC2': [
    'CP-B17',
    [1, 1],
    [0, 0],
    'InstanceTagKey InstanceType',
    'InstanceTagValue TargetDirectory PreScript PostScript MaxBatch MaxError DeploySpec TargetGroupNameList',
    60,
    '',
  ],
  'Deploy/ECS': [
    'CP-B13',
    [1, 1],
    [0, 0],
    'ClusterName ServiceName',
    'FileName DeploymentTimeout',
    60,
    '',
  ],
  'Deploy/CloudFormation': [
    'CP-B14',
    [0, 10],
    [0, 1],
    'ActionMode StackName',
    'Capabilities ChangeSetName RoleArn TemplatePath TemplateConfiguration OutputFileName ParameterOverrides',
    3 * DAY,
    'any',
  ],
  'Deploy/CloudFormationStackSet': [
    'CP-B15',
    [1, 3],
    [0, 0],
    'StackSetName TemplatePath',
    'Description Parameters Capabilities PermissionModel AdministrationRoleArn ExecutionRoleName OrganizationsAutoDeployment DeploymentTargets Regions FailureTolerancePercentage MaxConcurrentPercentage',
    60,
    'OperationId StackSetId',
  ],
  'Deploy/CloudFormationStackInstances': [
    'CP-B16',
    [0, 3],
    [0, 0],
    'StackSetName DeploymentTargets Regions',
    'ParameterOverrides FailureTolerancePercentage MaxConcurrentPercentage',
    60,
    'OperationId StackSetId',
  ],
  'Deploy/ElasticBeanstalk': [
    'CP-B19',
    [1, 1],
    [0, 0],
    'ApplicationName EnvironmentName',
    '',
    60,
    '',
  ],
  'Deploy/ServiceCatalog': [
    'CP-B20',
    [1, 1],
    [0, 0],
    'ProductId',
    'TemplateFilePath ProductVersionName ProductType ProductVersionDescription ConfigurationFilePath',
    60,
    '',
  ],
  'Deploy/AppConfig': [
    'CP-B21',
    [1, 1],
    [0, 0],
    'Application Environment ConfigurationProfile InputArtifactConfigurationPath',
    'DeploymentStrategy',
    60,
    '',
  ],
  'Invoke/Lambda': ['CP-B24', [0, 5], [0, 5], 'FunctionName', 'UserParameters', 24 * 60, 'any'],
  'Invoke/StepFunctions': [
    'CP-B25',
    [0, 1],
    [0, 1],
    'StateMachineArn',
    'ExecutionNamePrefix InputType Input',
    7 * DAY,
    'ExecutionArn StateMachineArn',
  ],
  'Invoke/CodePipeline': [
    'CP-B26',
    [0, 0],
    [0, 0],
    'PipelineName',
    'SourceRevisions Variables',
    7 * DAY,
    'PipelineExecutionId',
  ],
  'Approval/Manual': [
    'CP-B29',
    [0, 0],
    [0, 0],
    '',
    'NotificationArn ExternalEntityLink CustomData',
    7 * DAY,
    '',
  ],
};

const all = actionTypes.flatMap((type) =>
  idsOf(type).map((id) => ({ type, id, kind: `${id.category}/${id.provider}` })),
);
const words = (text: string) => text.split(' ').filter(Boolean).sort();
const place = { region: 'us-east-1', actionTypes, notBuilt };

describe.each(all)('$kind', ({ type, id, kind }) => {
  const example = examples[kind];
  const action = (more: Partial<Action> = {}): Action => ({
    ...{ name: 'A', actionTypeId: id, runOrder: 1 },
    configuration: example?.configuration ?? {},
    inputArtifacts: Object.keys(example?.inputs ?? {}).map((name) => ({ name })),
    outputArtifacts: (example?.outputs ?? []).map((name) => ({ name })),
    ...example?.members,
    ...more,
  });

  it(`${SHEET[kind]?.[0]}: is what the sheet says`, () => {
    const [, inputs, outputs, required, others, minutes, variables] = SHEET[kind] ?? [];
    const names = (needed: boolean) =>
      type.configuration.filter((k) => (k.required ?? false) === needed).map((k) => k.name);
    expect(type.inputs).toEqual(inputs);
    expect(type.outputs).toEqual(outputs);
    expect(names(true).sort()).toEqual(words(required ?? '?'));
    expect(names(false).sort()).toEqual(words(others ?? '?'));
    expect(type.timeoutMinutes).toBe(minutes);
    const { outputVariables = [] } = type;
    expect(outputVariables === 'any' ? ['any'] : [...outputVariables].sort()).toEqual(
      words(variables ?? '?'),
    );
  });

  it('CP-A30, CP-A33: takes its example, and no action that lacks or adds something', () => {
    expect(() => validateAction(action(), place)).not.toThrow();
    const [least, most] = type.inputs;
    const inputArtifacts = Array.from({ length: most + 1 }, (_, i) => ({ name: `i${i}` }));
    expect(() => validateAction(action({ inputArtifacts }), place)).toThrow(
      'more than the maximum',
    );
    if (least > 0)
      expect(() => validateAction(action({ inputArtifacts: [] }), place)).toThrow('less than');
    const { configuration } = action();
    for (const { name, required } of type.configuration) {
      const { [name]: _, ...without } = configuration;
      if (required)
        expect(() => validateAction(action({ configuration: without }), place)).toThrow(
          `missing required configuration '${name}'`,
        );
    }
    const more = { ...configuration, Colour: 'red' };
    expect(() => validateAction(action({ configuration: more }), place)).toThrow(
      "unknown configuration 'Colour'",
    );
  });
});

describe.each(all.filter(({ kind }) => examples[kind]?.answers))('$kind', ({ type, kind }) => {
  const { clients = [], answers = () => ({}), ...given } = examples[kind] ?? { configuration: {} };
  let aws: Bench;
  afterEach(() => aws.close());

  it('does its work, and says so with the variables that it declares', async () => {
    aws = await bench(clients, answers());
    const end = await outcomeOf(aws, type, given);
    expect(end.state).toBe('succeeded');
    if (end.state !== 'succeeded' || type.outputVariables === 'any') return;
    expect(type.outputVariables ?? []).toEqual(
      expect.arrayContaining(Object.keys(end.outputVariables ?? {})),
    );
    for (const value of Object.values(end.outputVariables ?? {})) expect(value).toBeTruthy();
  });

  it('started twice, as after a crash, asks for the same and is told the same', async () => {
    aws = await bench(clients, answers());
    const [first] = await follow(aws, type, given);
    const once = aws.calls.length;
    aws.calls.length = 0;
    Object.assign(aws.answers, answers());
    const [second] = await follow(aws, type, given);
    expect(second).toEqual(first);
    expect(aws.calls).toHaveLength(once);
  });

  const signal = new AbortController().signal;
  const failing = async (code: string, message: string, status: number) => {
    const answer = () => refused(code, message, status);
    const refusing = Object.keys(answers()).map((name) => [name, answer]);
    aws = await bench(clients, Object.fromEntries(refusing));
    return Promise.resolve(type.start(aws.job(type, given), signal)).catch((error) => error);
  };

  it('CP-C37: is refused what its role may not', async () => {
    const error = await failing('AccessDeniedException', 'not authorized to do it', 403);
    expect(failureOf(error)).toMatchObject({
      code: 'PermissionError',
      message: expect.stringContaining('not authorized to do it'),
    });
  });

  it('names the setting where nobody answers for its service', async () => {
    const error = await failing('NotImplemented', 'SLIPWAY_UPSTREAM_X says where it is.', 501);
    expect(failureOf(error)).toMatchObject({
      code: 'ConfigurationError',
      message: expect.stringContaining('SLIPWAY_UPSTREAM_X'),
    });
  });

  it('is tried again where the service has trouble of its own', async () => {
    const error = await failing('ServiceUnavailable', 'not now', 503);
    expect(error).toBeInstanceOf(Error);
    expect(failureOf(error)).toBeUndefined();
  });
});

// The sheet's rows of what Slipway does not do: nothing of it is taken for done.
it.each([
  ['CP-B9', 'Test/AWS/DeviceFarm'],
  ['CP-B18', 'Deploy/AWS/EKS'],
  ['CP-B22', 'Deploy/AWS/OpsWorks'],
  ['CP-B23', 'Deploy/ThirdParty/AlexaSkillsKit'],
  ['CP-B27', 'Invoke/AWS/InspectorScan'],
  ['CP-B28', 'Invoke/ThirdParty/Snyk'],
])('%s: %s is refused by its name, with what it would take', (_, kind) => {
  const [category, owner, provider] = kind.split('/');
  const actionTypeId = { category, owner, provider, version: '1' } as Action['actionTypeId'];
  const action: Action = {
    ...{ name: 'A', actionTypeId, runOrder: 1, configuration: {} },
    ...{ inputArtifacts: [], outputArtifacts: [] },
  };
  const lacks = notBuilt[kind]?.lacks;
  expect(lacks).toMatch(/\w{3}/);
  expect(() => validateAction(action, place)).toThrow(
    expect.objectContaining({
      name: 'NotImplemented',
      message: `Slipway does not support the action provider '${provider}' (action 'A': it takes ${lacks}) yet.`,
    }),
  );
});

it('CP-B17: TargetGroupNameList of EC2 is refused by its name', () => {
  const action = {
    ...{ name: 'A', runOrder: 1, outputArtifacts: [], inputArtifacts: [{ name: 'App' }] },
    actionTypeId: { category: 'Deploy', owner: 'AWS', provider: 'EC2', version: '1' },
    configuration: { ...examples['Deploy/EC2']?.configuration, TargetGroupNameList: 'web' },
  } as Action;
  expect(() => validateAction(action, place)).toThrow(
    expect.objectContaining({
      name: 'NotImplemented',
      message: expect.stringContaining('TargetGroupNameList'),
    }),
  );
});
