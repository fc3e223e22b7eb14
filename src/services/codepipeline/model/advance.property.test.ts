import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { machineLaws } from '../../../engine/machine-laws.ts';
import { runOrderGroups } from './artifact-flow.ts';
import { cancelAll, setTransition, start, stop } from './commands.ts';
import { report } from './outcome.ts';
import { retry } from './retry.ts';
import { isLive } from './state.ts';
import { Bench, build, decisions, pipelineOf, source, stage, written } from './testing.ts';

// Random stories: executions start, actions end, people stop, retry, close and open; in any order.

const stageNames = ['S0', 'S1', 'S2'];

const pipelines = fc
  .tuple(
    fc.integer({ min: 1, max: 2 }),
    fc.array(fc.integer({ min: 1, max: 3 }), { minLength: 1, maxLength: 3 }),
    fc.array(fc.integer({ min: 1, max: 3 }), { minLength: 1, maxLength: 3 }),
  )
  .map(([sources, one, two]) =>
    pipelineOf([
      stage('S0', ...Array.from({ length: sources }, (_, i) => source(`Src${i}`))),
      stage('S1', ...one.map((runOrder, i) => build(`B${i}`, { runOrder }))),
      stage('S2', ...two.map((runOrder, i) => build(`C${i}`, { runOrder }))),
    ]),
  );

const pick = fc.nat({ max: 1000 });
const commands = fc.array(
  fc.oneof(
    { weight: 3, arbitrary: fc.record({ type: fc.constant('start' as const) }) },
    {
      weight: 8,
      arbitrary: fc.record({ type: fc.constant('end' as const), pick, succeeds: fc.boolean() }),
    },
    fc.record({ type: fc.constant('stop' as const), pick, abandon: fc.boolean() }),
    fc.record({
      type: fc.constant('retry' as const),
      pick,
      stage: fc.nat({ max: 2 }),
      all: fc.boolean(),
    }),
    fc.record({
      type: fc.constant('transition' as const),
      stage: fc.nat({ max: 2 }),
      enabled: fc.boolean(),
      outbound: fc.boolean(),
    }),
    fc.record({ type: fc.constant('wait' as const), minutes: fc.nat({ max: 600 }) }),
    fc.record({ type: fc.constant('update' as const) }),
  ),
  { maxLength: 60 },
);
type Command = typeof commands extends fc.Arbitrary<(infer C)[]> ? C : never;

const refusals = [
  'PipelineExecutionNotStoppableException',
  'DuplicatedStopRequestException',
  'NotLatestPipelineExecutionException',
  'StageNotRetryableException',
  'ConflictException',
];

function obey(bench: Bench, command: Command): void {
  const ids = bench.snapshot.executions.map((e) => e.executionId);
  const executionId = 'pick' in command ? (ids[command.pick % ids.length] ?? 'none') : '';
  try {
    bench.do((draft) => {
      if (command.type === 'start') {
        const trigger = { triggerType: 'StartPipelineExecution' } as const;
        start(draft, { executionId: `e${ids.length}`, trigger });
      } else if (command.type === 'end') {
        const running = bench.running();
        const run = running[command.pick % running.length];
        const failed = { state: 'failed', code: 'JobFailed', message: 'no' } as const;
        if (run) {
          report(draft, run.actionExecutionId, command.succeeds ? { state: 'succeeded' } : failed);
        }
      } else if (command.type === 'stop') {
        stop(draft, { executionId, abandon: command.abandon });
      } else if (command.type === 'retry') {
        const mode = command.all ? 'ALL_ACTIONS' : 'FAILED_ACTIONS';
        retry(draft, { stageName: stageNames[command.stage] ?? '', executionId, mode });
      } else if (command.type === 'transition') {
        const stageName = stageNames[command.stage] ?? '';
        const side = command.outbound ? 'Outbound' : 'Inbound';
        setTransition(draft, { stageName, side, enabled: command.enabled, by: 'me' });
      } else if (command.type === 'update') {
        cancelAll(draft);
      }
    });
  } catch (error) {
    if (!refusals.includes((error as Error).name)) throw error;
  }
  if (command.type === 'wait') bench.now += command.minutes * 60_000;
}

function checkInvariants(bench: Bench, ended: Map<string, string>): void {
  const { executions, actions } = bench.snapshot;
  for (const name of stageNames) {
    for (const phase of ['inside', 'waiting']) {
      const there = executions.filter(
        (e) => isLive(e) && e.position?.stage === name && e.position.phase === phase,
      );
      expect(there.length, `${phase} ${name}`).toBeLessThanOrEqual(1);
    }
  }
  expect(new Set(bench.started).size, 'an action is never started twice').toBe(
    bench.started.length,
  );
  for (const execution of executions) {
    expect(execution.position === undefined).toBe(!isLive(execution));
    if (execution.status === 'Superseded' || execution.status === 'Succeeded') {
      ended.set(execution.executionId, execution.status);
    }
  }
  for (const [id, status] of ended) {
    expect(bench.execution(id).status, 'what is superseded or has succeeded never runs again').toBe(
      status,
    );
  }
  for (const run of actions.filter((a) => a.status === 'InProgress')) {
    const execution = bench.execution(run.executionId);
    expect(isLive(execution), 'nothing runs for an execution that has ended').toBe(true);
    expect(execution.position).toMatchObject({ stage: run.stageName, phase: 'inside' });
    const twins = actions.filter(
      (a) =>
        a !== run &&
        a.status === 'InProgress' &&
        a.executionId === run.executionId &&
        a.actionName === run.actionName,
    );
    expect(twins, 'an action runs once at a time').toEqual([]);
  }
}

/** Of each execution inside a stage, no group has begun before the groups ahead of it have succeeded. */
function checkOrder(bench: Bench): void {
  for (const execution of bench.snapshot.executions) {
    for (const { name, actions } of bench.snapshot.pipeline.declaration.stages) {
      const round = execution.stages[name]?.round;
      const runs = bench.snapshot.actions.filter(
        (a) => a.executionId === execution.executionId && a.stageName === name && a.round === round,
      );
      let complete = true;
      for (const group of runOrderGroups(actions)) {
        const mine = group.map((a) => runs.filter((r) => r.actionName === a.name));
        if (mine.some((r) => r.length > 0)) expect(complete, 'groups in order').toBe(true);
        complete = mine.every((r) => r.some((a) => a.status === 'Succeeded'));
      }
    }
  }
}

describe('whatever happens', () => {
  it('CP-C2, CP-C4: locks hold, order holds, nothing starts twice, the superseded stay so', () => {
    fc.assert(
      fc.property(pipelines, commands, (pipeline, story) => {
        const bench = new Bench(pipeline);
        const ended = new Map<string, string>();
        for (const command of story) {
          obey(bench, command);
          checkInvariants(bench, ended);
          checkOrder(bench);
        }
      }),
      { numRuns: 300 },
    );
  });

  it('every execution ends once transitions are open and actions end', () => {
    fc.assert(
      fc.property(pipelines, commands, (pipeline, story) => {
        const bench = new Bench(pipeline);
        for (const command of story) obey(bench, command);
        for (const name of stageNames) {
          for (const side of ['Inbound', 'Outbound'] as const) {
            bench.do((d) => setTransition(d, { stageName: name, side, enabled: true, by: 'me' }));
          }
        }
        for (let run = bench.running()[0]; run; run = bench.running()[0]) {
          const { actionExecutionId } = run;
          bench.do((d) => report(d, actionExecutionId, { state: 'succeeded' }));
        }
        expect(bench.snapshot.executions.filter(isLive)).toEqual([]);
      }),
      { numRuns: 300 },
    );
  });
});

/** Stories with every way open at their end, so that nothing is kept from coming to its own. */
const moments = fc.tuple(pipelines, commands).map(([pipeline, story]) => {
  const bench = new Bench(pipeline);
  for (const command of story) obey(bench, command);
  for (const stageName of stageNames) {
    for (const side of ['Inbound', 'Outbound'] as const) {
      bench.do((draft) => setTransition(draft, { stageName, side, enabled: true, by: 'me' }));
    }
  }
  return { snapshot: bench.snapshot, now: bench.now };
});

machineLaws('a pipeline', {
  ...decisions,
  moments,
  written: (snapshot, writes) => written(snapshot, { writes }),
  open: ({ actions }) =>
    actions
      .filter(({ status }) => status === 'InProgress')
      .map(({ actionExecutionId: id }) => ({ id, toldBy: id })),
  done(draft, id) {
    // Some fail; which, is the id's to say.
    const failed = { state: 'failed', code: 'JobFailed', message: 'no' } as const;
    report(draft, id, id.charCodeAt(id.length - 1) % 4 ? { state: 'succeeded' } : failed);
  },
  ended: ({ executions }) => !executions.some(isLive),
});
