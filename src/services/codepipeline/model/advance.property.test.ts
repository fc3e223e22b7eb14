import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { takeStep } from '../../../engine/machine.ts';
import { machineLaws } from '../../../engine/machine-laws.ts';
import { runOrderGroups } from './artifact-flow.ts';
import { setTransition, start, stop } from './commands.ts';
import type { ExecutionMode, Pipeline } from './declaration.ts';
import type { Draft } from './draft.ts';
import { policyOf } from './mode.ts';
import { report } from './outcome.ts';
import { override } from './override.ts';
import { retry } from './retry.ts';
import { rollBack } from './rollback.ts';
import { type ActionRun, type ExecutionState, isLive, type Snapshot } from './state.ts';
import {
  Bench,
  build,
  conditions,
  decisions,
  pipelineOf,
  rule,
  source,
  stage,
  written,
} from './testing.ts';

// Random stories: pipelines of any mode with any conditions; executions start, actions and rules end, people stop, retry,
// roll back, override, close, open and edit; in any order.

const stageNames = ['S0', 'S1', 'S2'];

const rules = fc
  .integer({ min: 1, max: 2 })
  .map((count) => Array.from({ length: count }, (_, i) => rule(`R${i}`)));
const withResult = (...results: (string | undefined)[]) =>
  fc.tuple(fc.constantFrom(...results), rules).map(([result, all]) => conditions(result, ...all));
const maybe = <T>(arbitrary: fc.Arbitrary<T>) => fc.option(arbitrary, { nil: undefined, freq: 2 });

/** The members of a stage, as far as they are allowed there. */
const members = (mode: ExecutionMode, first: boolean) => {
  const skip = first ? [] : ['SKIP'];
  const back = first || mode === 'PARALLEL' ? [] : ['ROLLBACK'];
  const alone = fc
    .tuple(fc.constantFrom('RETRY', ...back), fc.constantFrom('FAILED_ACTIONS', 'ALL_ACTIONS'))
    .map(([result, retryMode]) => ({
      result,
      ...(result === 'RETRY' && { retryConfiguration: { retryMode } }),
    }));
  return fc
    .record({
      beforeEntry: maybe(withResult('FAIL', undefined, ...skip)),
      onSuccess: maybe(withResult('FAIL', undefined, ...back)),
      onFailure: maybe(fc.oneof(alone, withResult('FAIL', 'RETRY', ...skip, ...back))),
    })
    .map((given) => Object.fromEntries(Object.entries(given).filter(([, value]) => value)));
};

const groups = fc.array(fc.integer({ min: 1, max: 3 }), { minLength: 1, maxLength: 3 });
const pipelines = fc
  .constantFrom<ExecutionMode>('SUPERSEDED', 'QUEUED', 'PARALLEL')
  .chain((executionMode) =>
    fc
      .tuple(
        fc.integer({ min: 1, max: 2 }),
        fc.tuple(groups, groups),
        fc.tuple(
          members(executionMode, true),
          members(executionMode, false),
          members(executionMode, false),
        ),
      )
      .map(([sources, [one, two], [m0, m1, m2]]) =>
        pipelineOf(
          [
            {
              ...stage('S0', ...Array.from({ length: sources }, (_, i) => source(`Src${i}`))),
              ...m0,
            },
            { ...stage('S1', ...one.map((runOrder, i) => build(`B${i}`, { runOrder }))), ...m1 },
            { ...stage('S2', ...two.map((runOrder, i) => build(`C${i}`, { runOrder }))), ...m2 },
          ],
          { executionMode },
        ),
      ),
  );

const pick = fc.nat({ max: 1000 });
const at = fc.constantFrom(...stageNames);
const command = fc.oneof(
  { weight: 8, arbitrary: fc.record({ type: fc.constant('start' as const) }) },
  {
    weight: 40,
    arbitrary: fc.record({
      type: fc.constant('end' as const),
      pick,
      how: fc.constantFrom(...Array<string>(6).fill('succeeds'), 'fails', 'errs'),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({ type: fc.constant('stop' as const), pick, abandon: fc.boolean() }),
  },
  {
    weight: 4,
    arbitrary: fc.record({ type: fc.constant('retry' as const), pick, at, all: fc.boolean() }),
  },
  { weight: 5, arbitrary: fc.record({ type: fc.constant('rollback' as const), pick, at }) },
  {
    weight: 4,
    arbitrary: fc.record({ type: fc.constant('override' as const), pick, at, entry: fc.boolean() }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      type: fc.constant('transition' as const),
      at,
      enabled: fc.boolean(),
      outbound: fc.boolean(),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({ type: fc.constant('wait' as const), minutes: fc.nat({ max: 600 }) }),
  },
  {
    weight: 1,
    arbitrary: fc.record({ type: fc.constant('update' as const), pipeline: pipelines }),
  },
);
/** Stories of some length, and short ones for laws that play each of them more than once. */
const commands = fc.array(command, { maxLength: 50, size: 'max' });
const fewer = fc.array(command, { maxLength: 40, size: '+1' });
type Command = typeof commands extends fc.Arbitrary<(infer C)[]> ? C : never;

const refusals = [
  'PipelineExecutionNotStoppableException',
  'PipelineExecutionNotFoundException',
  'PipelineExecutionOutdatedException',
  'DuplicatedStopRequestException',
  'NotLatestPipelineExecutionException',
  'StageNotRetryableException',
  'UnableToRollbackStageException',
  'ConditionNotOverridableException',
  'ConcurrentPipelineExecutionsLimitExceededException',
  'ConflictException',
];

const outcomes = {
  succeeds: { state: 'succeeded' },
  fails: { state: 'failed', code: 'JobFailed', message: 'no' },
  errs: { state: 'failed', code: 'PermissionError', message: 'denied' },
} as const;

/** An execution and a stage of its: of an odd pick two that are likely to do, of an even one any. */
function picked({ snapshot }: Bench, command: Command): { executionId: string; stageName: string } {
  const { executions, stages, pipeline } = snapshot;
  const stageName = 'at' in command ? command.at : '';
  if (!('pick' in command)) return { executionId: '', stageName };
  const pairs = executions.flatMap((e) => Object.values(e.stages).map((run) => ({ e, run })));
  const likely = pairs.filter(({ e, run }) => {
    const latest = stages.find((s) => s.stageName === run.stageName)?.latestExecutionId;
    if (command.type === 'rollback')
      return run.status === 'Succeeded' && e.version === pipeline.version && e.type === 'STANDARD';
    if (command.type === 'stop') return isLive(e);
    if (policyOf(e).showsInState && latest !== e.executionId) return false;
    if (command.type === 'retry') return run.status === 'Failed' || run.status === 'Stopped';
    return (
      run.phase === (command.type === 'override' && command.entry ? 'beforeEntry' : 'onSuccess')
    );
  });
  const nth = Math.floor(command.pick / 2);
  const pair = command.pick % 2 === 1 ? likely[nth % likely.length] : undefined;
  if (pair) return { executionId: pair.e.executionId, stageName: pair.run.stageName };
  return { executionId: executions[nth % executions.length]?.executionId ?? 'none', stageName };
}

function obey(bench: Bench, command: Command): void {
  const ids = bench.snapshot.executions.map((e) => e.executionId);
  const { executionId, stageName } = picked(bench, command);
  if (command.type === 'wait') {
    bench.now += command.minutes * 60_000;
    return;
  }
  if (command.type === 'update') {
    bench.update(command.pipeline);
    return;
  }
  try {
    bench.do((draft) => {
      if (command.type === 'start') {
        const trigger = { triggerType: 'StartPipelineExecution' } as const;
        start(draft, { executionId: `e${ids.length}`, trigger });
      } else if (command.type === 'end') {
        const running = bench.running();
        const run = running[command.pick % running.length];
        if (run) report(draft, run.actionExecutionId, outcomes[command.how as 'fails']);
      } else if (command.type === 'stop') {
        stop(draft, { executionId, abandon: command.abandon });
      } else if (command.type === 'retry') {
        retry(draft, {
          stageName,
          executionId,
          mode: command.all ? 'ALL_ACTIONS' : 'FAILED_ACTIONS',
        });
      } else if (command.type === 'rollback') {
        const request = { stageName, targetId: executionId, by: 'me' };
        rollBack(draft, { ...request, executionId: `back${ids.length}` });
      } else if (command.type === 'override') {
        override(draft, {
          stageName,
          executionId,
          member: command.entry ? 'beforeEntry' : 'onSuccess',
        });
      } else {
        const side = command.outbound ? 'Outbound' : 'Inbound';
        setTransition(draft, { stageName, side, enabled: command.enabled, by: 'me' });
      }
    });
  } catch (error) {
    if (!refusals.includes((error as Error).name)) throw error;
  }
}

const structureOf = ({ snapshot }: Bench, { version }: ExecutionState): Pipeline =>
  version === snapshot.pipeline.version
    ? snapshot.pipeline.declaration
    : (snapshot.declarations[version] as Pipeline);

/** CP-C2, CP-C4, CP-C5: a stage that is locked has one execution inside; in front of it waits one, or as many as come. */
function checkLocks(bench: Bench): void {
  const live = bench.snapshot.executions.filter(isLive);
  for (const name of stageNames) {
    const there = live.filter((e) => e.position?.stage === name);
    const inside = there.filter((e) => e.position?.phase === 'inside' && policyOf(e).locks);
    expect(inside.length, `inside ${name}`).toBeLessThanOrEqual(1);
    const waiting = there.filter((e) => e.position?.phase === 'waiting');
    const one = waiting.filter((e) => e.mode === 'SUPERSEDED');
    expect(one.length, `in front of ${name}`).toBeLessThanOrEqual(1);
  }
}

/** CP-C5: who began first is in each stage first, but for what people have retried or rolled back. */
function checkQueue(bench: Bench): void {
  const queued = bench.snapshot.executions.filter(
    (e) => e.mode === 'QUEUED' && e.type === 'STANDARD',
  );
  for (const name of stageNames) {
    const entered = queued
      .filter((e) => e.stages[name])
      .sort((a, b) => a.ordinal - b.ordinal)
      .map((e) => e.stages[name]?.startTime ?? 0);
    expect(entered, `the order in ${name}`).toEqual([...entered].sort((a, b) => a - b));
  }
}

const FINAL = ['Superseded', 'Succeeded', 'Cancelled'];

/** What has come to its end for good stays so, and nothing runs for what has ended. */
function checkEnds(bench: Bench, ended: Map<string, string>): void {
  const { executions, actions } = bench.snapshot;
  for (const execution of executions) {
    expect(execution.position === undefined).toBe(!isLive(execution));
    if (FINAL.includes(execution.status)) ended.set(execution.executionId, execution.status);
  }
  for (const [id, status] of ended) expect(bench.execution(id).status).toBe(status);
  for (const run of actions.filter((a) => a.status === 'InProgress')) {
    const execution = bench.execution(run.executionId);
    expect(isLive(execution), 'nothing runs for an execution that has ended').toBe(true);
    expect(execution.position).toMatchObject({ stage: run.stageName, phase: 'inside' });
    const twins = actions.filter(
      (a) =>
        a !== run &&
        a.status === 'InProgress' &&
        a.executionId === run.executionId &&
        a.actionName === run.actionName &&
        a.rule?.member === run.rule?.member,
    );
    expect(twins, 'an action runs once at a time').toEqual([]);
  }
}

/** CP-C1, CP-C24: no group has begun before those ahead of it have succeeded, no action before its entry condition is met. */
function checkOrder(bench: Bench): void {
  for (const execution of bench.snapshot.executions) {
    for (const { name, actions } of structureOf(bench, execution).stages) {
      const state = execution.stages[name];
      const runs = bench.snapshot.actions.filter(
        (a) =>
          a.executionId === execution.executionId &&
          a.stageName === name &&
          a.round === state?.round &&
          !a.rule,
      );
      let complete = true;
      for (const group of runOrderGroups(actions)) {
        const mine = group.map((a) => runs.filter((r) => r.actionName === a.name));
        if (mine.some((r) => r.length > 0)) expect(complete, 'groups in order').toBe(true);
        complete = mine.every((r) => r.some((a) => a.status === 'Succeeded'));
      }
      const entry = state?.conditions.beforeEntry?.status ?? 'Succeeded';
      if (runs.length > 0) expect(['Succeeded', 'Overridden']).toContain(entry);
      if (state?.status === 'Succeeded') {
        expect(complete, 'all actions').toBe(true);
        expect(['Succeeded', 'Overridden']).toContain(
          state.conditions.onSuccess?.status ?? 'Succeeded',
        );
      }
      expect(state?.autoRetries ?? 0, 'CP-C20').toBeLessThanOrEqual(1);
    }
    // CP-C21
    if (execution.type === 'ROLLBACK') expect(Object.keys(execution.stages)).toHaveLength(1);
  }
}

function checkAll(bench: Bench, ended: Map<string, string>): void {
  checkLocks(bench);
  checkQueue(bench);
  checkEnds(bench, ended);
  checkOrder(bench);
  const { started } = bench;
  expect(new Set(started).size, 'nothing is started twice').toBe(started.length);
}

function openAll(bench: Bench): void {
  for (const stageName of stageNames) {
    for (const side of ['Inbound', 'Outbound'] as const) {
      bench.do((draft) => setTransition(draft, { stageName, side, enabled: true, by: 'me' }));
    }
  }
}

describe('whatever happens', () => {
  it('CP-C2, CP-C4, CP-C5, CP-C20, CP-C24: locks hold, orders hold, nothing starts twice, ends stay', () => {
    fc.assert(
      fc.property(pipelines, commands, (pipeline, story) => {
        const bench = new Bench(pipeline);
        const ended = new Map<string, string>();
        for (const command of story) {
          obey(bench, command);
          checkAll(bench, ended);
        }
      }),
      { numRuns: 100 },
    );
  });

  it('every execution ends once transitions are open and what runs has ended, however it ends', () => {
    const ends = fc.infiniteStream(fc.constantFrom('succeeds', 'fails', 'errs'));
    fc.assert(
      fc.property(pipelines, commands, ends, (pipeline, story, how) => {
        const bench = new Bench(pipeline);
        for (const command of story) obey(bench, command);
        openAll(bench);
        for (let run = bench.running()[0]; run; run = bench.running()[0]) {
          const { actionExecutionId } = run;
          const outcome = outcomes[how.next().value as 'fails'];
          bench.do((d) => report(d, actionExecutionId, outcome));
          checkLocks(bench);
        }
        expect(bench.snapshot.executions.filter(isLive)).toEqual([]);
      }),
      { numRuns: 100 },
    );
  });
});

/** What the store loads where an action of an execution without locks has something to tell. */
function alone({ snapshot }: Bench, { executionId }: ActionRun): Snapshot {
  const only = snapshot.executions.filter((e) => e.executionId === executionId);
  const actions = snapshot.actions.filter((a) => a.executionId === executionId);
  return { ...snapshot, executions: only, actions };
}

describe('an execution without locks', () => {
  it('CP-C6: comes as far alone as beside all others, and moves none of them', () => {
    let compared = 0;
    fc.assert(
      fc.property(pipelines, fewer, (pipeline, story) => {
        const bench = new Bench({ ...pipeline, executionMode: 'PARALLEL' });
        for (const command of story) {
          obey(bench, command);
          // What is late is the business of the wake-up for it.
          bench.do(() => undefined);
          for (const run of bench.running().slice(-1)) {
            if (policyOf(bench.execution(run.executionId)).locks) continue;
            const tell = (snapshot: Snapshot) => {
              const done = (d: Draft) => report(d, run.actionExecutionId, outcomes.succeeds);
              const { writes, work } = takeStep(decisions, snapshot, bench.now, done).step;
              return { writes, work };
            };
            expect(tell(alone(bench, run))).toEqual(tell(bench.snapshot));
            compared += 1;
          }
        }
      }),
      { numRuns: 30 },
    );
    expect(compared).toBeGreaterThan(100);
  });
});

/** Stories with every way open at their end, so that nothing is kept from coming to its own. */
const moments = fc.tuple(pipelines, fewer).map(([pipeline, story]) => {
  const bench = new Bench(pipeline);
  for (const command of story) obey(bench, command);
  openAll(bench);
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
    const outcome = id.charCodeAt(id.length - 1) % 4 ? outcomes.succeeds : outcomes.fails;
    report(draft, id, outcome);
  },
  ended: ({ executions }) => !executions.some(isLive),
});
