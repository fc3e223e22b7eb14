import fc from 'fast-check';
import { machineLaws } from '../../../engine/machine-laws.ts';
import { buildKey } from '../reconcilers/names.ts';
import { decisions } from './advance.ts';
import { type BuildWork, type Snapshot, workOf } from './build-draft.ts';
import { PhaseFailure } from './build-state.ts';
import { amend, requestStop, workFailed } from './commands.ts';
import { isDriven } from './deadlines.ts';
import { conclude, takeReports } from './driver-reports.ts';
import type { CommandPhase } from './phases.ts';
import { Bench, MINUTE, workDone, written } from './testing.ts';

// Random stories: work ends or fails, drivers die, people stop, time passes; in any order.

const moves = fc.array(
  fc.record({
    what: fc.constantFrom(
      ...['room', 'done', 'done', 'done', 'report', 'log', 'fail', 'fault', 'trouble'],
      ...['lost', 'stop', 'seconds', 'minutes', 'hours'],
    ),
    number: fc.nat({ max: 59 }),
  }),
  { maxLength: 25 },
);

function obey(bench: Bench, what: string, number: number): void {
  const { work, snapshot } = bench;
  if (what === 'room') bench.snapshot = { ...snapshot, hasRoom: true };
  if (what === 'stop') bench.do(requestStop);
  if (what === 'log') bench.do((draft) => amend(draft, { logOffset: number }));
  const unit = { seconds: 1000, minutes: MINUTE, hours: 60 * MINUTE }[what];
  if (unit) bench.do(() => undefined, number * unit);
  if (work) workEnds(bench, work, what, number);
}

function workEnds(bench: Bench, work: BuildWork, what: string, number: number): void {
  const failure = {
    fail: new PhaseFailure('CLIENT_ERROR', 'no'),
    fault: new PhaseFailure('INTERNAL_SERVICE_ERROR', 'no', 'FAULT'),
  }[what];
  if (failure || what === 'trouble') {
    bench.do((draft) => workFailed(draft, { work, begun: draft.now, failure, reason: 'EIO' }));
  } else if (what === 'done') {
    bench.do((draft) => workDone(draft, work, number % 3 === 0 ? 'BUILD' : undefined));
  } else if (work === 'COMMANDS' && what === 'lost') {
    bench.do((draft) => conclude(draft, { lost: 'gone', stopped: false }));
  } else if (work === 'COMMANDS' && what === 'report') {
    bench.do((draft) => {
      const { reportOffset: from } = draft.state;
      const phase = draft.phase as CommandPhase;
      const end = { kind: 'end', phase, at: new Date(draft.now) } as const;
      takeReports(draft, [end], { from, to: from + 1 });
    });
  }
}

const moments = fc.tuple(fc.boolean(), moves).map(([hasRoom, story]) => {
  const bench = new Bench({ hasRoom });
  for (const { what, number } of story) obey(bench, what, number);
  return { snapshot: { ...bench.snapshot, hasRoom: true }, now: bench.now };
});

machineLaws('a build', {
  ...decisions,
  moments,
  written,
  open(state: Snapshot) {
    const work = workOf(state);
    const toldBy = buildKey(state, state.id);
    const stop = { id: 'stop', toldBy };
    return [
      ...(work ? [{ id: work, toldBy }] : []),
      ...(work && state.stopRequested && isDriven(state.run) ? [stop] : []),
    ];
  },
  done: (draft, id) => workDone(draft, id as BuildWork),
  ended: ({ slot, build }) => slot === 'done' && build.buildComplete === true,
});
