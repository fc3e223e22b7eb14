import type { ActionExecutionDetail, StageState } from '@aws-sdk/client-codepipeline';
import { expect, it } from 'vitest';
import { changes, screen } from './text.ts';
import { type Answers, executionView, revisionText } from './view.ts';

const type = (category: 'Source' | 'Build' | 'Approval', provider: string) => ({
  ...{ category, provider, owner: 'AWS' as const, version: '1' },
});
const pipeline = {
  ...{ name: 'web', roleArn: '', stages: [] },
  stages: [
    { name: 'Source', actions: [{ name: 'Code', actionTypeId: type('Source', 'CodeCommit') }] },
    {
      name: 'Build',
      actions: [
        { name: 'Test', actionTypeId: type('Build', 'CodeBuild') },
        { name: 'Go', actionTypeId: type('Approval', 'Manual') },
      ],
    },
  ],
};

const at = (seconds: number) => new Date(seconds * 1000);
const run = (
  stageName: string,
  actionName: string,
  status: ActionExecutionDetail['status'],
  more: Partial<ActionExecutionDetail> = {},
): ActionExecutionDetail => ({
  ...{ stageName, actionName, status, actionExecutionId: `${actionName}-1` },
  ...{ startTime: at(10), lastUpdateTime: at(12.5), ...more },
});

const answers = (
  status: 'InProgress' | 'Failed' | 'Succeeded',
  actions: ActionExecutionDetail[] = [],
  stageStates: StageState[] = [],
): Answers => ({
  ...{ pipeline, actions, rules: [], state: { stageStates } },
  execution: { pipelineName: 'web', pipelineExecutionId: 'e', status },
});

const failed = run('Build', 'Test', 'Failed', {
  output: {
    executionResult: {
      errorDetails: { code: 'JobFailed', message: 'Build\u001b[31m terminated\n' },
    },
  },
});

it('what has not begun waits, and of tries the newest counts', () => {
  const again = run('Build', 'Test', 'InProgress', { actionExecutionId: 'Test-2' });
  const view = executionView(
    answers('InProgress', [again, failed, run('Source', 'Code', 'Succeeded')]),
  );
  expect(view.stages.map(({ name, status }) => `${name} ${status}`)).toEqual([
    ...['Source Succeeded', 'Build InProgress'],
  ]);
  expect(view.stages[1]?.actions.map(({ name, status, end }) => [name, status, end])).toEqual([
    ...[
      ['Test', 'InProgress', undefined],
      ['Go', 'Waiting', undefined],
    ],
  ]);
});

it.each<[string, StageState, string | undefined]>([
  [
    'a transition',
    {
      inboundExecution: { pipelineExecutionId: 'e', status: 'InProgress' },
      inboundTransitionState: { enabled: false, lastChangedBy: 'me', disabledReason: 'freeze' },
    },
    'the transition into the stage, disabled by me: freeze',
  ],
  [
    'a stage that is taken',
    {
      inboundExecutions: [{ pipelineExecutionId: 'e', status: 'InProgress' }],
      latestExecution: { pipelineExecutionId: 'other', status: 'InProgress' },
    },
    'the execution other, which is in the stage',
  ],
  [
    'nothing',
    { inboundExecution: { pipelineExecutionId: 'other', status: 'InProgress' } },
    undefined,
  ],
])('waits for %s', (_what, state, waitsFor) => {
  const view = executionView(answers('InProgress', [], [{ stageName: 'Build', ...state }]));
  expect(view.stages[1]?.waitsFor).toBe(waitsFor);
});

it('an approval that waits has the token of its own try', () => {
  const approval = run('Build', 'Go', 'InProgress');
  const stateWith = (actionExecutionId: string): StageState => ({
    stageName: 'Build',
    actionStates: [{ actionName: 'Go', latestExecution: { actionExecutionId, token: 'secret' } }],
  });
  const tokens = ['Go-1', 'Go-0'].map(
    (id) =>
      executionView(answers('InProgress', [approval], [stateWith(id)])).stages[1]?.actions[1]
        ?.token,
  );
  expect(tokens).toEqual(['secret', undefined]);
});

const tails = new Map([['Test-1', ['FAIL \u001b[1mtest\u001b[0m', 'exit 1']]]);

it('a terminal shows all of it, and nothing that others wrote moves its cursor', () => {
  const view = executionView(answers('Failed', [failed, run('Source', 'Code', 'Succeeded')]));
  expect(screen(view, tails, 20_000)).toEqual([
    'web  e  Failed',
    '✓ Source  Succeeded',
    '    ✓ Code (CodeCommit)  Succeeded  2.5 s',
    '✗ Build  Failed',
    '    ✗ Test (CodeBuild)  Failed  2.5 s  JobFailed: Build terminated ',
    '      | FAIL test',
    '      | exit 1',
    '    · Go (Manual)  Waiting',
  ]);
  const now = executionView(answers('InProgress', [run('Source', 'Code', 'InProgress')]));
  expect(screen(now, tails, 75_000)[2]).toBe('    ▶ Code (CodeCommit)  InProgress  1 min 5 s');
});

it('changes have a key that stays while nothing changes, and the end comes last', () => {
  const source = run('Source', 'Code', 'Succeeded');
  const keys = (given: Answers) =>
    changes(executionView(given), tails).map(({ kind, key }) => `${kind} ${key}`);
  const first = keys(answers('InProgress', [source]));
  expect(first).toEqual(['execution InProgress', 'action Code-1 Succeeded ']);
  expect(keys(answers('InProgress', [source]))).toEqual(first);
  expect(keys(answers('Failed', [failed, source])).at(-1)).toBe('execution Failed');
  expect(changes(executionView(answers('Failed', [failed])), tails)[0]?.line.split('\n')).toEqual([
    '  Build/Test             Failed      2.5 s  JobFailed: Build terminated ',
    ...['      | FAIL test', '      | exit 1'],
  ]);
});

it('a condition that failed is told by its rule, with the stage that it closed', () => {
  const [source, build] = pipeline.stages;
  const ruleTypeId = { category: 'Rule' as const, provider: 'VariableCheck' };
  const condition = { result: 'FAIL' as const, rules: [{ name: 'IsProd', ruleTypeId }] };
  const stages = [source, { ...build, beforeEntry: { conditions: [condition] } }];
  const ofRule = {
    ...{ stageName: 'Build', ruleName: 'IsProd', ruleExecutionId: 'r', status: 'Failed' as const },
    ...{ startTime: at(10), lastUpdateTime: at(12.5) },
    output: {
      executionResult: { errorDetails: { code: 'JobFailed', message: 'dev is not prod' } },
    },
  };
  const view = executionView({
    ...{ ...answers('Failed'), rules: [ofRule] },
    pipeline: { ...pipeline, stages } as Answers['pipeline'],
  });
  expect(changes(view, new Map()).map(({ kind, line }) => [kind, line])).toEqual([
    ['rule', '  Build/IsProd           Failed      2.5 s  JobFailed: dev is not prod'],
    ['execution', 'execution e Failed'],
  ]);
  expect(screen(view, new Map(), 20_000)).toContain(
    '    ✗ IsProd (beforeEntry: VariableCheck)  Failed  2.5 s  JobFailed: dev is not prod',
  );
  expect(view.stages[1]?.rules[0]?.path.join('/')).toBe(
    'stages/1/beforeEntry/conditions/0/rules/0',
  );
});

it.each([
  ['{"ProviderType":"GitHub","CommitMessage":"Fix it"}', 'Fix it'],
  ['{not json', '{not json'],
  ['{"a":1}', '{"a":1}'],
  ['Fix it', 'Fix it'],
])('of %s the message is shown', (summary, text) => {
  expect(revisionText(summary)).toBe(text);
});

it('a test that ended otherwise in another build of the commit is told below its action, once', () => {
  const build = run('Build', 'Test', 'Succeeded');
  const view = executionView(answers('Succeeded', [build]));
  const test = { test: 'unit\u001b[0m a', status: 'SUCCEEDED', other: 'FAILED', build: 'app:1' };
  const flaky = new Map([['Test-1', [test]]]);
  const line = '      flaky unit a: SUCCEEDED, and FAILED in app:1 of the same commit';
  expect(screen(view, new Map(), 20_000, flaky)).toContain(line);
  const [, told, end] = changes(view, new Map(), flaky);
  expect(told).toMatchObject({
    kind: 'flaky',
    line,
    data: { stage: 'Build', name: 'Test', ...test },
  });
  expect(end?.kind).toBe('execution');
});
