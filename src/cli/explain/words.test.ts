import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ActionExecutionDetail, PipelineDeclaration } from '@aws-sdk/client-codepipeline';
import { expect, it, onTestFinished } from 'vitest';
import { guilty, placeIn } from './definition.ts';
import { refusalOf } from './trail.ts';
import { mendingCommands, missingInputs, triggerText, waitsOf, waitText } from './words.ts';

const pipeline: PipelineDeclaration = {
  ...{ name: 'web', roleArn: 'arn:aws:iam::111111111111:role/pipeline' },
  artifactStore: { type: 'S3', location: 'artifacts', encryptionKey: { id: 'key', type: 'KMS' } },
  stages: [
    {
      name: 'Source',
      actions: [{ name: 'Code', actionTypeId: undefined, outputArtifacts: [{ name: 'Code' }] }],
    },
    {
      name: 'Build',
      actions: [
        {
          ...{ name: 'Test', actionTypeId: undefined, configuration: { ProjectName: 'web-test' } },
          ...{
            inputArtifacts: [{ name: 'Code' }],
            roleArn: 'arn:aws:iam::222222222222:role/build',
          },
        },
      ],
    },
  ],
};

it.each([
  ['CreatePipeline', 'the pipeline was created by me'],
  ['StartPipelineExecution', 'me started it (StartPipelineExecution)'],
  ['AutomatedRollback', 'a stage had failed, and its condition rolls it back'],
] as const)('%s', (triggerType, text) => {
  expect(triggerText({ triggerType, triggerDetail: 'me' })).toBe(text);
});

const run = (
  stageName: string,
  [from, to]: [number, number],
  more: Partial<ActionExecutionDetail> = {},
): ActionExecutionDetail => ({
  ...{ stageName, actionName: stageName, pipelineExecutionId: 'mine', status: 'Succeeded' },
  ...{ startTime: new Date(from * 1000), lastUpdateTime: new Date(to * 1000), ...more },
});

it('what it waited for between stages is who was in the stage, or a transition', () => {
  const own = [run('Source', [0, 5]), run('Build', [65, 70])];
  const other = run('Build', [1, 64], { pipelineExecutionId: 'other' });
  expect(waitsOf(pipeline, own, [...own, other]).map(waitText)).toEqual([
    'Build: 1 min 0 s for the execution other, which was in the stage',
  ]);
  expect(waitsOf(pipeline, own, own).map(waitText)).toEqual([
    'Build: 1 min 0 s for the transition into the stage, or a retry of it',
  ]);
  expect(waitsOf(pipeline, [run('Source', [0, 5]), run('Build', [5.2, 9])], [])).toEqual([]);
});

it('what it waited for in a stage is an approval', () => {
  const input = {
    actionTypeId: { category: 'Approval', provider: 'Manual', owner: 'AWS', version: '1' },
  } as const;
  const approval = run('Build', [5, 3605], { input, updatedBy: 'me' });
  expect(waitsOf(pipeline, [approval], []).map(waitText)).toEqual([
    'Build: 1 h 0 min for the approval Build, which was approved by me',
  ]);
});

it('an input that an action did not have is missing, with who makes it', () => {
  const action = run('Build', [0, 1], { actionName: 'Test', input: { inputArtifacts: [] } });
  expect(missingInputs(pipeline, action)).toEqual([{ name: 'Code', maker: 'Source/Code' }]);
  const input = { inputArtifacts: [{ name: 'Code' }] };
  expect(missingInputs(pipeline, { ...action, input })).toEqual([]);
});

const cause = (of: string) => [
  { causes: [{ policy: 'role' as const, of, why: 'missing' as const }] },
];

it.each([
  [
    'the action’s role',
    'x',
    cause('arn:aws:iam::222222222222:role/build'),
    '/stages/1/actions/0/roleArn',
  ],
  ['the pipeline’s role', 'x', cause('arn:aws:iam::111111111111:role/pipeline'), '/roleArn'],
  ['the bucket', 'x', cause('arn:aws:s3:::artifacts'), '/artifactStore/location'],
  ['the key', 'x', cause('key'), '/artifactStore/encryptionKey/id'],
  ['an artifact', "the artifact 'Code' was not made", [], '/stages/1/actions/0/inputArtifacts/0'],
  [
    'a value',
    'Project web-test does not exist',
    [],
    '/stages/1/actions/0/configuration/ProjectName',
  ],
  ['a key', "is missing 'ProjectName'", [], '/stages/1/actions/0/configuration/ProjectName'],
  ['nothing', 'Build terminated', [], '/stages/1/actions/0'],
])('a failure is about %s', (_what, message, denials, pointer) => {
  expect(`/${guilty(pipeline, 'Build', 'Test', message, denials).join('/')}`).toBe(pointer);
});

const TEMPLATE = `Resources:
  Other:
    Type: AWS::CodePipeline::Pipeline
    Properties: {Name: other}
  Pipeline:
    Type: AWS::CodePipeline::Pipeline
    Properties:
      Name: web
      Stages:
        - Name: Source
          Actions:
            - Configuration: {ProjectName: x}
`;

it.each([
  [
    'the input',
    JSON.stringify({
      pipeline: { stages: [{ actions: [{ configuration: { ProjectName: 1 } }] }] },
    }),
    '1:54',
  ],
  [
    'the pipeline',
    'stages:\n  - actions:\n      - configuration:\n          ProjectName: x\n',
    '4:11',
  ],
  ['a template', TEMPLATE, '12:31'],
])('the line is found in %s', (_what, text, place) => {
  const directory = mkdtempSync(join(tmpdir(), 'slipway-place-'));
  onTestFinished(() => rmSync(directory, { recursive: true, force: true }));
  const file = join(directory, 'x');
  writeFileSync(file, text);
  const path = ['stages', 0, 'actions', 0, 'configuration', 'ProjectName'];
  const { line, column } = placeIn(file, 'web', path);
  expect(`${line}:${column}`).toBe(place);
});

it('of CloudTrail’s events, those that were refused are', () => {
  const event = (told: object) => ({
    CloudTrailEvent: JSON.stringify(told),
    EventTime: new Date(0),
  });
  const told = {
    ...{
      eventSource: 'kms.amazonaws.com',
      eventName: 'Decrypt',
      errorCode: 'AccessDeniedException',
    },
    userIdentity: {
      arn: 'arn:aws:sts::111111111111:assumed-role/r/web',
      sessionContext: { sessionIssuer: { arn: 'arn:aws:iam::111111111111:role/path/r' } },
    },
    resources: [{ ARN: 'arn:aws:kms:us-east-1:111111111111:key/k' }],
  };
  expect(refusalOf(event(told))).toMatchObject({
    ...{ principal: 'arn:aws:iam::111111111111:role/path/r', action: 'kms:Decrypt' },
    resource: 'arn:aws:kms:us-east-1:111111111111:key/k',
  });
  expect(refusalOf(event({ ...told, errorCode: 'NotFoundException' }))).toBeUndefined();
  expect(refusalOf(event({ eventName: 'Decrypt' }))).toBeUndefined();
});

it('names the commands for a connection that nobody has completed', () => {
  const arn = 'arn:aws:codestar-connections:us-east-1:111111111111:connection/0-1';
  expect(mendingCommands(`No connection leads there. Connection ${arn} is not available.`)).toEqual(
    [
      `slipway connection complete ${arn}`,
      `slipway connection map OWNER/NAME --url URL --connection ${arn}`,
    ],
  );
  expect(mendingCommands('Connection x is not available')).toEqual([]);
});
