import { describe, expect, test } from 'vitest';
import { comparisonOf } from './comparison.ts';
import { parsed } from './definition.ts';
import { flowOf, runsIn, waits } from './flow.ts';
import { ganttOf } from './gantt-rows.ts';

const type = (category: 'Approval' | 'Build', provider: string) => ({
  ...{ category, provider, owner: 'AWS' as const, version: '1' },
});
const declared = [
  {
    name: 'Build',
    actions: [
      { name: 'Pack', runOrder: 2, actionTypeId: type('Build', 'CodeBuild') },
      { name: 'Test', runOrder: 1, actionTypeId: type('Build', 'CodeBuild') },
      { name: 'Lint', actionTypeId: type('Build', 'CodeBuild') },
    ],
  },
  { name: 'Release', actions: [{ name: 'Look', actionTypeId: type('Approval', 'Manual') }] },
];
const waiting = {
  stageName: 'Release',
  latestExecution: { pipelineExecutionId: 'e1', status: 'InProgress' as const },
  inboundExecutions: [{ pipelineExecutionId: 'e2', status: 'InProgress' as const }],
  actionStates: [
    { actionName: 'Look', latestExecution: { status: 'InProgress' as const, token: 't' } },
  ],
};

describe('a pipeline as it is drawn', () => {
  test('has actions that run at once in one row', () => {
    const [build] = flowOf(declared, []);
    expect(build?.rows.map((row) => row.map(({ name }) => name))).toEqual([
      ['Test', 'Lint'],
      ['Pack'],
    ]);
    expect(build?.state).toBeUndefined();
  });

  test('tells what waits for an answer, and which runs are in it', () => {
    const [build, release] = flowOf(declared, [waiting]);
    expect(release?.rows.flat().find(waits)?.name).toBe('Look');
    expect(build?.rows.flat().some(waits)).toBe(false);
    expect(runsIn([waiting])).toEqual(['e1', 'e2']);
  });
});

describe('a run on a line of time', () => {
  const at = (s: number) => new Date(s * 1_000);
  const details = [
    {
      actionExecutionId: 'b',
      startTime: at(5),
      lastUpdateTime: at(6),
      status: 'InProgress' as const,
    },
    {
      ...{ actionExecutionId: 'a', startTime: at(0), lastUpdateTime: at(5) },
      ...{
        status: 'Succeeded' as const,
        output: { executionResult: { externalExecutionId: 'x' } },
      },
    },
  ];
  test('is in the order of its begins; what runs goes on until now', () => {
    const phases = [{ phaseType: 'BUILD' as const, startTime: at(1), endTime: at(3) }];
    const { bars, ticks } = ganttOf(details, new Map([['x', phases]]), 10_000);
    expect(bars.map(({ key, from, width, took }) => [key, from, width, took])).toEqual([
      ['a', 0, 50, '5.0 s'],
      ['b', 50, 50, '5.0 s'],
    ]);
    expect(bars[0]?.pieces).toEqual([{ text: 'build: 2.0 s', failed: false, from: 10, width: 20 }]);
    expect(ticks.map((tick) => tick.text)).toEqual([
      '0',
      '2.0 s',
      '4.0 s',
      '6.0 s',
      '8.0 s',
      '10 s',
    ]);
  });

  test('is nothing before anything has begun', () => {
    expect(ganttOf([{ actionExecutionId: 'a' }], new Map(), 0)).toEqual({ bars: [], ticks: [] });
  });
});

test.each([
  ['{"name":"a"}', { value: { name: 'a' } }],
  ['{"pipeline":{"name":"a"},"metadata":{}}', { value: { name: 'a' } }],
  ['[]', { problem: expect.stringContaining('object') }],
  ['{"pipeline":[]}', { problem: expect.stringContaining('object') }],
  ['{"pipeline":null}', { problem: expect.stringContaining('object') }],
  ['{', { problem: expect.any(String) }],
])('a definition: %s', (text, result) => {
  expect(parsed(text)).toEqual(result);
});

test('a definition is of the pipeline that is edited', () => {
  expect(parsed('{"name":"a"}', 'a')).toEqual({ value: { name: 'a' } });
  expect(parsed('{"name":"b"}', 'a').problem).toContain('"a"');
  expect(parsed('{}', 'a').problem).toContain('"a"');
});

test('two runs: what differs, and durations that differ by much', () => {
  const run = (revisionId: string, seconds: number) => ({
    execution: {
      status: 'Succeeded' as const,
      artifactRevisions: [{ name: 'code', revisionId }],
      variables: [{ name: 'WHO', resolvedValue: 'x' }],
    },
    details: [
      {
        ...{ stageName: 'Build', actionName: 'Pack', status: 'Succeeded' as const },
        ...{ startTime: new Date(0), lastUpdateTime: new Date(seconds * 1_000) },
      },
    ],
  });
  const differing = (seconds: number) =>
    comparisonOf(run('a', 10), run('b', seconds), (ms) => `${ms}`)
      .filter(({ differs }) => differs)
      .map(({ key }) => key);
  expect(differing(10.5)).toEqual(['Revision of code']);
  expect(differing(20)).toEqual(['Revision of code', 'Build / Pack: took']);
});
