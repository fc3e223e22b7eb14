import { describe, expect, it } from 'vitest';
import { readLocated } from '../../../lib/located.ts';
import { lintPipeline } from './pipeline.ts';

const fileOf = (text: string) => ({ name: 'x', text, document: () => readLocated(text) });

/** `line:column severity code message`, in the order of the file. */
function lint(text: string, region?: string): string[] {
  const { findings } = lintPipeline(fileOf(text), { asked: false, region }) ?? { findings: [] };
  return findings
    .toSorted((a, b) => a.at.line - b.at.line)
    .map(
      ({ at, severity, code, message }) => `${at.line}:${at.column} ${severity} ${code} ${message}`,
    );
}

const TEMPLATE = `Parameters:
  Artifact: {Type: String}
  Approve: {Type: String, Default: "no"}
Conditions:
  Approves: !Equals [!Ref Approve, "yes"]
Resources:
  Bucket: {Type: "AWS::S3::Bucket"}
  Pipeline:
    Type: AWS::CodePipeline::Pipeline
    Properties:
      RoleArn: !GetAtt Role.Arn
      ArtifactStore: {Type: S3, Location: !Ref Bucket}
      RestartExecutionOnUpdate: true
      Tags: [{Key: team, Value: web}]
      Stages:
        - Name: Source
          Actions:
            - Name: !Sub "\${AWS::StackName}-source"
              ActionTypeId: {Category: Source, Owner: AWS, Provider: CodeCommit, Version: 1}
              Configuration:
                RepositoryName: !ImportValue Repository
                BranchName: !FindInMap [Branches, !Ref "AWS::Region", Name]
                PollForSourceChanges: false
              OutputArtifacts: [{Name: !Ref Artifact}]
        - !If
          - Approves
          - Name: Go
            Actions:
              - Name: Go
                ActionTypeId: {Category: Approval, Owner: AWS, Provider: Manual, Version: "1"}
                Configuration: {NotificationArn: !Ref Topic}
          - !Ref AWS::NoValue
        - Name: Build
          Actions:
            - Name: Build
              RunOrder: "1"
              ActionTypeId: {Category: Build, Owner: AWS, Provider: CodeBuild, Version: "1"}
              Configuration:
                ProjectName: !Join ["-", [!Ref "AWS::StackName", build]]
                EnvironmentVariables: !Sub '[{"name": "A", "value": "\${Bucket}"}]'
              InputArtifacts: [{Name: !Sub "\${Artifact}"}]
`;

const actionType = (category: string, provider: string) => ({
  ...{ category, owner: 'AWS', provider, version: '1' },
});
const SOURCE = {
  name: 'Source',
  actions: [
    {
      ...{ name: 'Code', actionTypeId: actionType('Source', 'CodeCommit') },
      configuration: { RepositoryName: 'web', BranchName: 'main' },
      outputArtifacts: [{ name: 'Source' }],
    },
  ],
};
const APPROVAL = { name: 'Go', actionTypeId: actionType('Approval', 'Manual') };

/** A pipeline with an entry condition of one rule, as `create-pipeline` takes it. */
const withRule = (provider: string, configuration: object) => {
  const rule = { name: 'IsProd', ruleTypeId: actionType('Rule', provider), configuration };
  const beforeEntry = { conditions: [{ result: 'FAIL', rules: [rule] }] };
  return JSON.stringify({
    ...{ name: 'web', roleArn: 'arn:aws:iam::111111111111:role/pipeline', pipelineType: 'V2' },
    artifactStore: { type: 'S3', location: 'artifacts' },
    stages: [SOURCE, { name: 'Go', actions: [APPROVAL], beforeEntry }],
  });
};

describe('CP-C28: a rule of a condition', () => {
  it.each<[string, object]>([
    [
      'VariableCheck',
      { Variable: '#{codepipeline.PipelineExecutionId}', Value: 'x', Operator: 'NE' },
    ],
    ['CloudWatchAlarm', { AlarmName: 'errors', WaitTime: '5' }],
    ['DeploymentWindow', { Cron: '* 0-59 9-16 ? * MON-FRI *' }],
  ])('%s is one that CreatePipeline takes', (provider, configuration) => {
    expect(lint(withRule(provider, configuration))).toEqual([]);
  });

  it('is none of AWS, or lacks what it must have', () => {
    expect(lint(withRule('Moon', {}))).toEqual([
      expect.stringMatching(/ error InvalidStageDeclarationException .*'Moon'.* not available/),
    ]);
    expect(lint(withRule('CloudWatchAlarm', {}))).toEqual([
      expect.stringMatching(/ error .*AlarmName/),
    ]);
  });
});

describe('a pipeline in a template', () => {
  it('is in order, with values that nobody knows yet', () => {
    expect(lint(TEMPLATE)).toEqual([]);
  });

  it.each([
    ['JSON with long forms', '{"Ref": "Artifact"}', `{"Fn::Sub": "\${Artifact}"}`],
    ['one that another expression names', '!Ref Artifact', '!GetAtt Artifact.Name'],
  ])('an artifact is the same where its expression is: %s', (_what, made, used) => {
    const text = TEMPLATE.replace('!Ref Artifact', made).replace(`!Sub "\${Artifact}"`, used);
    // What two different expressions come to, nobody knows.
    expect(lint(text)).toEqual([]);
  });

  it('is refused for what is known', () => {
    const text = TEMPLATE.replace(
      'Name: Build\n          Actions',
      'Name: Source\n          Actions',
    )
      .replace('ProjectName:', 'Project:')
      .replace(`[{Name: !Sub "\${Artifact}"}]`, '[]');
    expect(lint(text)).toEqual([
      expect.stringMatching(/^33:11 error InvalidStageDeclarationException /),
      expect.stringMatching(
        /^38:15 error InvalidActionDeclarationException .*missing .*'ProjectName'/,
      ),
      expect.stringMatching(/^39:17 error InvalidActionDeclarationException .*unknown .*'Project'/),
      expect.stringMatching(/^41:15 error InvalidActionDeclarationException .*declares 0 input/),
    ]);
  });

  it('is refused for a property that its type does not have', () => {
    expect(lint(TEMPLATE.replace('RunOrder:', 'runOrder:'))).toEqual([
      expect.stringMatching(/^36:15 error ValidationError .*\[runOrder\]/),
    ]);
  });

  it('what is wrong in no case but the usual one is a warning, and in another alone nothing', () => {
    const wrong = TEMPLATE.replace('Provider: Manual', 'Provider: Manuel');
    expect(lint(wrong)).toEqual([]);
    expect(lint(wrong.replace('Default: "no"', 'Default: "yes"'))).toEqual([
      expect.stringMatching(/^30:17 warning InvalidActionDeclarationException .*not in every case/),
    ]);
  });

  it('nothing is said of a part that nobody knows', () => {
    const stages = TEMPLATE.indexOf('      Stages:');
    const text = `${TEMPLATE.slice(0, stages)}      Stages: !FindInMap [A, B, C]\n`;
    expect(lint(text)).toEqual([]);
  });

  it('a file without one is no definition', () => {
    const text = TEMPLATE.replace('AWS::CodePipeline::Pipeline', 'AWS::CodePipeline::Webhook');
    expect(lintPipeline(fileOf(text), { asked: false, region: undefined })).toBeUndefined();
  });

  it('stores of regions are a list', () => {
    const stores = 'ArtifactStores: [{Region: eu-west-1, ArtifactStore: {Type: S3, Location: ab}}]';
    expect(lint(TEMPLATE.replace(/ArtifactStore: .*/, stores))).toEqual([
      expect.stringMatching(
        /^12:70 error ValidationException Value 'ab' at 'pipeline.artifactStores.eu-west-1.member.location'/,
      ),
    ]);
    expect(
      lint(TEMPLATE.replace(/ArtifactStore: .*/, stores.replace('ab', 'abc')), 'us-east-1'),
    ).toEqual([expect.stringContaining("for the pipeline's region 'us-east-1'")]);
  });
});

const declaration = (more: object, action: object = {}) =>
  JSON.stringify({
    pipeline: {
      ...{ name: 'web', roleArn: 'arn:aws:iam::111122223333:role/pipeline' },
      artifactStore: { type: 'S3', location: 'artifacts' },
      stages: [SOURCE, { name: 'Go', actions: [{ ...APPROVAL, ...action }] }],
      ...more,
    },
  });

describe('the input of CreatePipeline', () => {
  it('is in order', () => {
    expect(lint(declaration({}))).toEqual([]);
  });

  it('what is missing does not hide what else is wrong', () => {
    const text = declaration({ roleArn: undefined }, { inputArtifacts: [{ name: 'Source' }] });
    expect(lint(text)).toEqual([
      expect.stringContaining("Value null at 'pipeline.roleArn'"),
      expect.stringContaining('Action Go declares 1 input artifacts'),
    ]);
  });

  it('what AWS takes and Slipway does not is a warning', () => {
    const text = declaration(
      {},
      { actionTypeId: { category: 'Deploy', owner: 'AWS', provider: 'OpsWorks', version: '1' } },
    );
    expect(lint(text)).toEqual([
      expect.stringMatching(/ warning NotImplemented .*AWS takes it\.$/),
    ]);
  });

  it('a text of its own is never one that nobody knows', () => {
    expect(lint(declaration({ name: '\uFDD0x\uFDD1' }))).toEqual([
      expect.stringContaining("at 'pipeline.name' failed"),
    ]);
  });

  it('a custom action type is one that the account may have', () => {
    const actionTypeId = { category: 'Test', owner: 'Custom', provider: 'Jenkins', version: '1' };
    expect(lint(declaration({}, { actionTypeId }))).toEqual([
      expect.stringMatching(/ warning CustomActionType .*'Jenkins'.*unless your account has/),
    ]);
  });

  it('CP-A10: what Slipway takes and AWS’s guide does not is a warning', () => {
    const text = declaration({}, { configuration: { CustomData: 'x'.repeat(1001) } });
    expect(lint(text)).toEqual([
      expect.stringMatching(/ warning LongValue .*'CustomData' has 1001/),
    ]);
  });

  it.each([
    '[]',
    'null',
    '{"pipeline": null}',
    '{"pipeline": []}',
    '{"pipeline": {"stages": {}}}',
    '{"pipeline": {"stages": [null, 1, {"actions": [null, {"configuration": []}]}]}}',
    '{"stages": [{"name": "__proto__", "actions": [{"__proto__": {}}]}]}',
    '{"stages": [{"name": "a", "actions": [{"runOrder": 1.5}, {"runOrder": 1e300}]}, "x"]}',
    '{"Resources": {"P": {"Type": "AWS::CodePipeline::Pipeline", "Properties": {"Stages": [{"Ref": "S"}, {"Actions": [{"Ref": "A"}]}]}}}}',
    '{"Resources": {"P": {"Type": "AWS::CodePipeline::Pipeline"}}}',
    '{"Resources": {"P": {"Type": "AWS::CodePipeline::Pipeline", "Properties": {"Fn::Transform": {}}}}}',
    '{"Resources": {"P": {"Type": "AWS::CodePipeline::Pipeline", "Properties": {"Stages": {"Fn::If": ["A"]}, "ArtifactStores": 1, "Tags": "x"}}}}',
  ])('whatever is in the file, it is judged: %s', (text) => {
    expect(() => lint(text)).not.toThrow();
  });
});
