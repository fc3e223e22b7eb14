import fc from 'fast-check';
import { machineLaws } from '../../../../engine/machine-laws.ts';
import { buildKey } from '../../reconcilers/names.ts';
import { MINUTE } from '../testing.ts';
import { batchDecisions } from './advance.ts';
import { combined, giveUp, noteEnd, noteStart, retryBatch, stopBatch } from './commands.ts';
import { COMBINE, openOf } from './groups.ts';
import { type BatchTask, READER } from './task.ts';
import { BatchBench, written } from './testing.ts';

// Random graphs and random stories: builds start, end well or not, people stop and retry, time passes; in any order.

const tasks: fc.Arbitrary<BatchTask[]> = fc
  .array(fc.record({ ignoreFailure: fc.boolean(), needs: fc.array(fc.nat(9), { maxLength: 3 }) }), {
    minLength: 1,
    maxLength: 8,
  })
  .map((list) =>
    list.map(({ ignoreFailure, needs }, index) => ({
      identifier: `t${index}`,
      ignoreFailure,
      // Of those before it, so that there is no circle.
      dependsOn: [...new Set(needs.filter((need) => need < index).map((need) => `t${need}`))],
    })),
  );

const moves = fc.array(
  fc.record({
    what: fc.constantFrom(
      ...['start', 'start', 'end', 'end', 'end', 'fail', 'stop build', 'combine'],
      ...['stop', 'cannot start', 'retry all', 'retry failed', 'minutes', 'hours', 'look'],
    ),
    number: fc.nat({ max: 59 }),
  }),
  { maxLength: 25 },
);

const at = (list: string[], number: number) => list[number % Math.max(1, list.length)];
const combine = () => ({ primary: undefined, secondary: [] });

function obey(bench: BatchBench, what: string, number: number): void {
  const running = at(bench.in('running'), number);
  const asked = at(bench.in('asked'), number);
  const attempt = (identifier: string) => ({ identifier, attempt: bench.attemptOf(identifier) });
  const failed = bench.snapshot.batch.currentPhase === 'FAILED';
  if (what === 'start' && asked) bench.do((draft) => noteStart(draft, attempt(asked)));
  if (what === 'end' && running) bench.end(running);
  if (what === 'fail' && running) bench.end(running, 'FAILED');
  if (what === 'stop build' && running) bench.end(running, 'STOPPED');
  if (what === 'combine') bench.do((draft) => combined(draft, combine()));
  if (what === 'stop') bench.do(stopBatch);
  if (what === 'cannot start')
    bench.do((draft) => giveUp(draft, { statusCode: 'ACCESS_DENIED', message: 'no' }));
  if (what === 'retry all' && failed) bench.do((draft) => retryBatch(draft, 'RETRY_ALL_BUILDS'));
  if (what === 'retry failed' && failed)
    bench.do((draft) => retryBatch(draft, 'RETRY_FAILED_BUILDS'));
  if (what === 'look') bench.look();
  const unit = { minutes: MINUTE, hours: 60 * MINUTE }[what];
  if (unit) bench.look(number * unit);
}

const moments = fc
  .tuple(tasks, fc.boolean(), fc.boolean(), moves)
  .map(([list, fastFail, combines, story]) => {
    const bench = new BatchBench(list, { fastFail, combine: combines });
    for (const { what, number } of story) obey(bench, what, number);
    return { snapshot: bench.snapshot, now: bench.now, spec: bench.spec };
  });

machineLaws('a batch', {
  ...batchDecisions,
  // The builds that the buildspec has go with the story.
  moments: moments.map(({ snapshot, now, spec }) => ({
    snapshot: { ...snapshot, inputs: { ...snapshot.inputs, spec } },
    now,
  })),
  written,
  open: (state) => openOf(state).map((id) => ({ id, toldBy: buildKey(state, state.id) })),
  done(draft, id) {
    if (id === COMBINE) return combined(draft, combine());
    const [identifier = '', attempt] = id.replace(/^stop /, '').split('#');
    const which = { identifier, attempt: Number(attempt) };
    if (noteStart(draft, which)) return;
    const { spec } = draft.state.inputs as unknown as { spec: BatchBench['spec'] };
    const buildStatus = id.startsWith('stop ') ? 'STOPPED' : 'SUCCEEDED';
    const plan = identifier === READER ? spec : undefined;
    noteEnd(draft, { ...which, build: { buildStatus }, plan });
  },
  ended: ({ slot, batch, run }) =>
    slot === 'done' &&
    batch.complete === true &&
    run.groups.every((g) => g.state === 'ended' || !run.planned),
});
