import { describe, expect, it } from 'vitest';
import { notBuilt, workTypes } from '../providers/index.ts';
import type { Action, Pipeline } from './declaration.ts';
import { structureProblems, validateStructure } from './structure.ts';
import { approval, build, conditions, pipelineOf, rule, source, stage } from './testing.ts';

const place = { region: 'us-east-1', actionTypes: workTypes, notBuilt };

/** `Name: message` of what validation throws; undefined when it is content. */
function verdict(pipeline: Pipeline): string | undefined {
  try {
    validateStructure(pipeline, place);
    return undefined;
  } catch (error) {
    return `${(error as Error).name}: ${(error as Error).message}`;
  }
}

const type = (category: string, provider: string, owner = 'AWS') => ({
  actionTypeId: { category, owner, provider, version: '1' },
});

describe('a pipeline that is in order', () => {
  it('passes, with artifacts, namespaces and variables', () => {
    const pipeline = pipelineOf(
      [
        stage('Source', source('Source', { namespace: 'src' })),
        stage(
          'Build',
          build('Build', {
            namespace: 'built',
            outputArtifacts: [{ name: 'App' }],
            configuration: {
              ProjectName: 'web',
              EnvironmentVariables: '[{"name":"C","value":"#{src.CommitId}"}]',
            },
          }),
          build('Test', {
            ...type('Test', 'CodeBuild'),
            runOrder: 2,
            inputArtifacts: [{ name: 'App' }],
            configuration: { ProjectName: '#{variables.PROJECT}-#{built.X}' },
          }),
        ),
        stage('Approve', approval('Approve', { timeoutInMinutes: 5 })),
      ],
      { variables: [{ name: 'PROJECT', defaultValue: 'a' }] },
    );
    expect(verdict(pipeline)).toBeUndefined();
    expect(pipeline.pipelineType).toBe('V2');
  });

  it('CP-A46: has its defaults filled in', () => {
    const pipeline = pipelineOf([stage('Source', source()), stage('Approve', approval())]);
    expect(pipeline).toMatchObject({ version: 1, executionMode: 'SUPERSEDED', pipelineType: 'V1' });
    expect(pipeline.stages[1]?.actions[0]).toMatchObject({
      runOrder: 1,
      configuration: {},
      inputArtifacts: [],
      outputArtifacts: [],
    });
  });
});

const src = stage('Source', source());
const stores = {
  artifactStore: undefined,
  artifactStores: Object.fromEntries(
    ['us-east-1', 'eu-west-1'].map((region) => [region, { type: 'S3', location: 'artifacts' }]),
  ),
};
const withStage = (members: object) => pipelineOf([src, { ...stage('X', approval()), ...members }]);
const withCheck = (more: object) =>
  withStage({ beforeEntry: conditions('FAIL', rule('Check', { ...more })) });
const check = { Variable: 'a', Value: 'a', Operator: 'EQ' };
const window = { ruleTypeId: { category: 'Rule', provider: 'DeploymentWindow' } };
const alarm = { ruleTypeId: { category: 'Rule', provider: 'CloudWatchAlarm' } };
const table: [string, Pipeline, string][] = [
  [
    'CP-A25: one stage',
    pipelineOf([src]),
    'InvalidStructureException: Pipeline has only 1 stage(s). There should be a minimum of 2 stages in a pipeline',
  ],
  [
    'CP-A26: the first stage has another action',
    pipelineOf([stage('Source', source(), build('B', { runOrder: 2 })), stage('X', approval())]),
    'InvalidStructureException: Pipeline should start with a stage that only contains source actions',
  ],
  [
    'CP-A26: the first stage has no source action',
    pipelineOf([stage('A', approval()), stage('B', approval())]),
    'InvalidStructureException: Pipeline should start with a stage that only contains source actions',
  ],
  [
    'CP-A27: a source action later',
    pipelineOf([src, stage('B', source('S2'))]),
    'InvalidStructureException: Source actions are only allowed',
  ],
  [
    'CP-A28: a stage name twice',
    pipelineOf([src, stage('X', approval()), stage('X', approval())]),
    "InvalidStageDeclarationException: Stage names must be unique in a pipeline: 'X'",
  ],
  [
    'CP-A28: an action name twice',
    pipelineOf([src, stage('X', approval('A'), approval('A'))]),
    "InvalidActionDeclarationException: Action names must be unique in a stage: 'A'",
  ],
  [
    'CP-A29: an output artifact name twice',
    pipelineOf([src, stage('X', build('B', { outputArtifacts: [{ name: 'SourceOut' }] }))]),
    "InvalidStructureException: Output artifact names must be unique within a pipeline: 'SourceOut'",
  ],
  [
    'CP-A29: an input that nobody makes',
    pipelineOf([src, stage('X', build('B', { inputArtifacts: [{ name: 'Nothing' }] }))]),
    "InvalidActionDeclarationException: Action 'B' has the input artifact 'Nothing', which is not an output artifact of an earlier action",
  ],
  [
    'CP-A29: an input made at the same runOrder',
    pipelineOf([
      src,
      stage(
        'X',
        build('A', { outputArtifacts: [{ name: 'O' }] }),
        build('B', { inputArtifacts: [{ name: 'O' }] }),
      ),
    ]),
    "InvalidActionDeclarationException: Action 'B' has the input artifact 'O'",
  ],
  [
    'CP-A30: too few inputs',
    pipelineOf([src, stage('X', build('B', { inputArtifacts: [] }))]),
    'InvalidActionDeclarationException: Action B declares 0 input artifacts which is less than the minimum count (1)',
  ],
  [
    'CP-A30: too many outputs',
    pipelineOf([
      stage('S', source('S', { outputArtifacts: [{ name: 'a' }, { name: 'b' }] })),
      stage('X', approval()),
    ]),
    'InvalidActionDeclarationException: Action S declares 2 output artifacts which is more than the maximum count (1)',
  ],
  [
    'CP-A31: an action type that does not exist',
    pipelineOf([src, stage('X', { name: 'A', ...type('Deploy', 'Nowhere') })]),
    "InvalidActionDeclarationException: ActionType (Category: 'Deploy', Provider: 'Nowhere', Owner: 'AWS', Version: '1') in action 'A' is not available in region 'US_EAST_1'",
  ],
  [
    'CP-A31: an action type that is not built says so',
    pipelineOf([src, stage('X', { name: 'A', ...type('Deploy', 'EKS') })]),
    "NotImplemented: Slipway does not support the action provider 'EKS' (action 'A': it takes Helm, kubectl and a way to the cluster) yet.",
  ],
  [
    'CP-A31: a custom action type',
    pipelineOf([stage('S', source('A', type('Source', 'X', 'Custom'))), stage('X', approval())]),
    "ActionType (Category: 'Source', Provider: 'X', Owner: 'Custom', Version: '1') in action 'A' is not available in region 'US_EAST_1'",
  ],
  [
    'CP-A32: Commands without commands',
    pipelineOf([src, stage('X', { name: 'C', ...type('Compute', 'Commands') })]),
    'InvalidActionDeclarationException: Action C must have a non-empty commands field',
  ],
  [
    'CP-A33: a required key is missing',
    pipelineOf([src, stage('X', build('B', { configuration: {} }))]),
    "InvalidActionDeclarationException: Action configuration for action 'B' is missing required configuration 'ProjectName'",
  ],
  [
    'CP-A33: an unknown key',
    pipelineOf([src, stage('X', build('B', { configuration: { ProjectName: 'p', Colour: 'x' } }))]),
    "InvalidActionDeclarationException: Action configuration for action 'B' contains unknown configuration 'Colour'",
  ],
  [
    'CP-B29: NotificationArn is the ARN of a topic',
    pipelineOf([src, stage('X', approval('A', { configuration: { NotificationArn: 'arn:x' } }))]),
    "InvalidActionDeclarationException: Action configuration for action 'A' has an invalid 'NotificationArn': it is no ARN of an SNS topic",
  ],
  [
    'CP-B6: several inputs need PrimarySource',
    pipelineOf([
      stage('S', source('S'), source('T')),
      stage('X', build('B', { inputArtifacts: [{ name: 'SOut' }, { name: 'TOut' }] })),
    ]),
    "is missing required configuration 'PrimarySource'",
  ],
  [
    'CP-B6: EnvironmentVariables must be JSON',
    pipelineOf([
      src,
      stage('X', build('B', { configuration: { ProjectName: 'p', EnvironmentVariables: '{' } })),
    ]),
    "Action 'B': EnvironmentVariables is not valid JSON",
  ],
  [
    'CP-A34: no artifact store',
    pipelineOf([src, stage('X', approval())], { artifactStore: undefined }),
    'You must include either artifactStore or artifactStores',
  ],
  [
    'CP-A34: both kinds of artifact stores',
    pipelineOf([src, stage('X', approval())], { artifactStores: {} }),
    'You must include either artifactStore or artifactStores',
  ],
  [
    'CP-A34: stores, but none for the region of the pipeline',
    pipelineOf([src, stage('X', approval())], {
      artifactStore: undefined,
      artifactStores: { 'eu-west-1': { type: 'S3', location: 'artifacts' } },
    }),
    "InvalidStructureException: artifactStores must contain an artifact store for the pipeline's region 'us-east-1'",
  ],
  [
    'CP-A34: one store, and an action in another region',
    pipelineOf([src, stage('X', build('B', { region: 'eu-west-1' }))]),
    "InvalidStructureException: Action 'B' is in the region 'eu-west-1': artifactStores must contain",
  ],
  [
    'CP-A49: two blockers of one name',
    withStage({
      blockers: [
        { name: 'B', type: 'Schedule' },
        { name: 'B', type: 'Schedule' },
      ],
    }),
    'InvalidBlockerDeclarationException: ',
  ],
  [
    'CP-A34: one store, and a rule in another region',
    withCheck({ region: 'eu-west-1' }),
    "InvalidStructureException: Rule 'Check' is in the region 'eu-west-1': artifactStores must contain",
  ],
  [
    'CP-A35: a source action in another region',
    pipelineOf([stage('S', source('S', { region: 'eu-west-1' })), stage('X', approval())], stores),
    "InvalidActionDeclarationException: Action 'S' is in the region 'eu-west-1'",
  ],
  [
    'CP-A35: a custom action in another region',
    pipelineOf(
      [src, stage('X', { name: 'A', ...type('Build', 'J', 'Custom'), region: 'eu-west-1' })],
      stores,
    ),
    'cross-region actions are not supported for actions of the owner Custom',
  ],
  [
    'CP-A36: a namespace twice',
    pipelineOf([
      stage('S', source('S', { namespace: 'n' }), source('T', { namespace: 'n' })),
      stage('X', approval()),
    ]),
    "Namespaces must be unique within a pipeline: 'n'",
  ],
  [
    'CP-A36: a namespace named like an artifact',
    pipelineOf([stage('S', source('S', { namespace: 'SOut' })), stage('X', approval())]),
    "the namespace 'SOut' is also the name of an artifact",
  ],
  [
    'CP-A36: a namespace that no earlier action has',
    pipelineOf([src, stage('X', build('B', { configuration: { ProjectName: '#{later.X}' } }))]),
    "Action 'B' refers to the namespace 'later', which no earlier action has",
  ],
  [
    'CP-A36: a reference without a key',
    pipelineOf([src, stage('X', build('B', { configuration: { ProjectName: '#{ns}' } }))]),
    'Valid format for a pipeline execution variable reference is a namespace and a key separated by a period (.)',
  ],
  [
    'CP-A37: V2 members in a V1 pipeline',
    pipelineOf([src, stage('X', approval())], { pipelineType: 'V1', variables: [{ name: 'V' }] }),
    'they need pipeline type V2',
  ],
  ...(
    [
      ['Compute', 'Commands'],
      ['Build', 'ECRBuildAndPublish'],
      ['Deploy', 'EC2'],
      ['Deploy', 'EKS'],
    ] as const
  ).map(([category, provider]): [string, Pipeline, string] => [
    `CP-A37: ${provider} in a V1 pipeline`,
    pipelineOf([src, stage('X', { name: 'A', ...type(category, provider) })], {
      pipelineType: 'V1',
    }),
    `InvalidStructureException: Pipelines of type V1 cannot have actions of the provider '${provider}'`,
  ]),
  ...(
    [
      ['commands', { commands: ['ls'] }],
      ['outputVariables', { outputVariables: ['A'] }],
      ['environmentVariables', { environmentVariables: [{ name: 'A', value: 'b' }] }],
      ['outputArtifacts.files', { outputArtifacts: [{ name: 'Out', files: ['a'] }] }],
    ] satisfies [string, Partial<Action>][]
  ).map(([member, action]): [string, Pipeline, string] => [
    `CP-A14: ${member} of an action that has no compute of its own`,
    pipelineOf([src, stage('X', build('B', action))]),
    `InvalidActionDeclarationException: Action 'B': ${member} is not supported for actions of the provider 'CodeBuild'`,
  ]),
  [
    'CP-C6, CP-A37: PARALLEL cannot roll back',
    pipelineOf([src, { ...stage('X', approval()), onFailure: { result: 'ROLLBACK' } }], {
      executionMode: 'PARALLEL',
    }),
    "InvalidStructureException: Stage 'X' rolls back, which a pipeline in PARALLEL mode cannot",
  ],
  [
    'CP-C22: the first stage cannot roll back',
    pipelineOf([{ ...src, onFailure: { result: 'ROLLBACK' } }, stage('X', approval())]),
    "InvalidStageDeclarationException: The first stage 'Source' cannot roll back",
  ],
  [
    'CP-C24: the first stage cannot be skipped',
    pipelineOf([{ ...src, beforeEntry: conditions('SKIP', rule()) }, stage('X', approval())]),
    "InvalidStageDeclarationException: The first stage 'Source' cannot be skipped",
  ],
  [
    'CP-C24: an entry condition that skips has rules of two kinds alone',
    withStage({
      beforeEntry: conditions(
        'SKIP',
        rule('Window', {
          ruleTypeId: { category: 'Rule', provider: 'DeploymentWindow' },
          configuration: { Cron: '* * * * * *' },
        }),
      ),
    }),
    "InvalidStageDeclarationException: The beforeEntry condition of stage 'X', rule 'Window': with the result SKIP only the rules LambdaInvoke and VariableCheck can be used",
  ],
  ...(
    [
      ['beforeEntry', 'RETRY'],
      ['beforeEntry', 'ROLLBACK'],
      ['onSuccess', 'SKIP'],
      ['onSuccess', 'RETRY'],
    ] as const
  ).map(([member, result]): [string, Pipeline, string] => [
    `CP-C24: ${member} cannot have the result ${result}`,
    withStage({ [member]: conditions(result, rule()) }),
    `InvalidStageDeclarationException: The ${member} condition of stage 'X' cannot have the result ${result}`,
  ]),
  ...(['FAIL', 'SKIP'] as const).map((result): [string, Pipeline, string] => [
    `CP-C24: onFailure alone cannot have the result ${result}`,
    withStage({ onFailure: { result } }),
    `InvalidStageDeclarationException: The onFailure of stage 'X' cannot have the result ${result}`,
  ]),
  [
    'CP-C24: onFailure needs something',
    withStage({ onFailure: {} }),
    "InvalidStageDeclarationException: The onFailure of stage 'X' must have a result or conditions",
  ],
  [
    'CP-C20: retryConfiguration is for RETRY',
    withStage({ onFailure: { result: 'ROLLBACK', retryConfiguration: {} } }),
    "InvalidStageDeclarationException: The onFailure of stage 'X' has a retryConfiguration, but not the result RETRY",
  ],
  [
    'CP-C24: onFailure with two results',
    withStage({ onFailure: { result: 'RETRY', ...conditions('ROLLBACK', rule()) } }),
    'NotImplemented: Slipway does not support onFailure with the result RETRY and a condition with the result ROLLBACK',
  ],
  [
    'CP-A13: a condition without rules',
    withStage({ beforeEntry: conditions('FAIL') }),
    "InvalidStageDeclarationException: The beforeEntry condition of stage 'X' must have at least one rule",
  ],
  [
    'CP-A13: two rules of one name',
    withStage({ beforeEntry: conditions('FAIL', rule(), rule()) }),
    "has two rules with the name 'Check'",
  ],
  [
    'CP-C28: a rule type that there is not',
    withCheck({ ruleTypeId: { category: 'Rule', provider: 'Nothing' } }),
    "InvalidStageDeclarationException: The beforeEntry condition of stage 'X', rule 'Check': ActionType (Category: 'Rule', Provider: 'Nothing'",
  ],
  [
    'CP-C28: a key that a rule does not have',
    withCheck({ configuration: { ...check, Other: 'a' } }),
    "contains unknown configuration 'Other'",
  ],
  [
    'CP-C28: a key that a rule must have',
    withCheck({ configuration: { Value: 'a', Operator: 'EQ' } }),
    "is missing required configuration 'Variable'",
  ],
  [
    'CP-C28: an operator that there is not',
    withCheck({ configuration: { ...check, Operator: 'LT' } }),
    'it must be one of: EQ, NE, CONTAINS, MATCHES',
  ],
  [
    'CP-C28: an expression that is none',
    withCheck({ configuration: { ...check, Operator: 'MATCHES', Value: '(' } }),
    'the regular expression cannot be used',
  ],
  ...[
    ['0 * * ? * *', 'the seconds of the cron expression must be *'],
    ['* * * * * *', 'One of day-of-month and day-of-week must be ?'],
    ['* * *', 'cron has six fields'],
  ].map(([Cron, message]): [string, Pipeline, string] => [
    `CP-C28: the window ${Cron}`,
    withCheck({ ...window, configuration: { Cron } }),
    message as string,
  ]),
  [
    'CP-C28: a time zone that there is not',
    withCheck({ ...window, configuration: { Cron: '* * * ? * *', TimeZone: 'Mars/North' } }),
    "'Mars/North' is not a time zone",
  ],
  [
    'CP-C28: a state that alarms do not have',
    withCheck({ ...alarm, configuration: { AlarmName: 'a', AlarmStates: 'RED' } }),
    "'RED' is not a state of alarms",
  ],
  [
    'CP-C28: minutes that are none',
    withCheck({ ...alarm, configuration: { AlarmName: 'a', WaitTime: '5000' } }),
    'WaitTime must be a number of minutes',
  ],
  [
    'CP-A29: an artifact that a rule cannot have yet',
    withCheck({
      ruleTypeId: { category: 'Rule', provider: 'CodeBuild' },
      configuration: { ProjectName: 'web' },
      inputArtifacts: [{ name: 'Nothing' }],
    }),
    "InvalidStageDeclarationException: The beforeEntry condition of stage 'X': Action 'Check' has the input artifact 'Nothing'",
  ],
  [
    'CP-A36: a namespace that a rule cannot refer to yet',
    withCheck({ configuration: { ...check, Variable: '#{later.X}' } }),
    "refers to the namespace 'later', which no earlier action has",
  ],
  [
    'CP-A14: commands of a rule that has no compute of its own',
    withCheck({ commands: ['ls'] }),
    'commands is not supported for actions of the provider',
  ],
  [
    'CP-C28: Commands without commands',
    withCheck({
      ruleTypeId: { category: 'Rule', provider: 'Commands' },
      configuration: {},
      inputArtifacts: [{ name: 'SourceOut' }],
    }),
    'Action Check must have a non-empty commands field',
  ],
];

describe('a pipeline that is not in order', () => {
  it.each(table)('%s', (_name, pipeline, message) => {
    expect(verdict(pipeline)).toContain(message);
  });
});

it('all that is wrong is found in one pass, each where it is', () => {
  const pipeline = pipelineOf([
    stage('Source', source('S', { outputArtifacts: [] })),
    stage('X', build('B', { configuration: { Colour: 'x' }, inputArtifacts: [{ name: 'No' }] })),
  ]);
  const found = [...structureProblems(pipeline, place)];
  expect(found.map(({ at, key }) => [at.join('/'), key])).toEqual([
    ['stages/0/actions/0/outputArtifacts', undefined],
    ['stages/1/actions/0/configuration', undefined],
    ['stages/1/actions/0/configuration', 'Colour'],
    ['stages/1/actions/0/inputArtifacts/0/name', undefined],
  ]);
});

it('CP-A37: an action type that only V2 has makes a pipeline V2', () => {
  const pipeline = pipelineOf([src, stage('X', { name: 'A', ...type('Deploy', 'EC2') })]);
  expect(pipeline.pipelineType).toBe('V2');
});

it('what AWS refuses too is told before what is not built', () => {
  const pipeline = pipelineOf(
    [src, stage('X', { name: 'A', ...type('Deploy', 'ECS') }, build('B', { inputArtifacts: [] }))],
    {
      executionMode: 'QUEUED',
    },
  );
  expect(verdict(pipeline)).toContain('InvalidActionDeclarationException');
});
