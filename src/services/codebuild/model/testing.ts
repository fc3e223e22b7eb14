import { takeStep } from '../../../engine/machine.ts';
import { decisions } from './advance.ts';
import { type BuildWork, type Draft, type Snapshot, type Writes, workOf } from './build-draft.ts';
import type { Buildspec } from './buildspec.ts';
import { cleared, endWork, noteWork } from './commands.ts';
import { conclude, takeReports } from './driver-reports.ts';
import { COMMAND_PHASES, type CommandPhase } from './phases.ts';
import type { Report } from './report.ts';

// Builds for tests of the model.

export const START = 1_000_000_000_000;
export const MINUTE = 60_000;

/** A build that has just been submitted. */
export function newSnapshot(more: Partial<Snapshot> = {}): Snapshot {
  const now = new Date(START);
  return {
    accountId: '111122223333',
    region: 'us-east-1',
    id: 'web:1',
    slot: 'queued',
    fleetArn: undefined,
    stopRequested: false,
    logOffset: 0,
    logSending: 0,
    reportOffset: 0,
    build: {
      id: 'web:1',
      arn: 'arn:aws:codebuild:us-east-1:111122223333:build/web:1',
      projectName: 'web',
      startTime: now,
      currentPhase: 'QUEUED',
      buildStatus: 'IN_PROGRESS',
      buildComplete: false,
      phases: [
        { phaseType: 'SUBMITTED', phaseStatus: 'SUCCEEDED', startTime: now, endTime: now },
        { phaseType: 'QUEUED', startTime: now },
      ],
    },
    inputs: { timeoutInMinutes: 60, queuedTimeoutInMinutes: 480 } as Snapshot['inputs'],
    run: {},
    secrets: 'sealed',
    hasRoom: true,
    canRetry: true,
    ...more,
  };
}

/** A snapshot with writes put in, as the store does it. */
export function written(snapshot: Snapshot, { set }: Writes): Snapshot {
  return { ...snapshot, ...set };
}

const spec = { phases: {}, exportedVariables: [] } as unknown as Buildspec;

/** What the driver says of its phases from the present one on; `failing` fails. */
function reports({ phase, now }: Draft, failing?: CommandPhase): Report[] {
  const phases = Object.keys(COMMAND_PHASES) as CommandPhase[];
  const at = new Date(now);
  const rest = phases.slice(phases.indexOf(phase as CommandPhase));
  return rest.map((each) => ({
    ...{ kind: 'end', phase: each, at },
    ...(each === failing && { failed: { step: 0, exitStatus: 1 } }),
  }));
}

/** Says that `work` was done, and went well but for the commands of `failing`. */
export function workDone(draft: Draft, work: BuildWork, failing?: CommandPhase): void {
  const { state, now } = draft;
  const end = { status: 'SUCCEEDED', at: new Date(now) } as const;
  if (work === 'PROVISIONING') {
    const deadline = now + state.inputs.timeoutInMinutes * MINUTE;
    noteWork(draft, work, { run: { handle: 'handle', root: '/work' } });
    endWork(draft, work, end, { run: { deadline } });
  } else if (work === 'COMMANDS') {
    const said = reports(draft, failing);
    takeReports(draft, said, { from: state.reportOffset, to: state.reportOffset + said.length });
    conclude(draft, { stopped: false });
  } else if (work === 'FINALIZING') cleared(draft);
  else endWork(draft, work, end, work === 'DOWNLOAD_SOURCE' ? { run: { spec } } : {});
}

/** A build that commands are given to one after another, a second apart; it remembers what was asked for. */
export class Bench {
  snapshot: Snapshot;
  now = START;
  /** The reconcilers that were woken, and the topics that rang. */
  readonly asked: string[] = [];
  readonly events: string[] = [];

  constructor(more: Partial<Snapshot> = {}) {
    this.snapshot = newSnapshot(more);
  }

  do<R>(command: (draft: Draft) => R, laterBy = 1000): R {
    this.now += laterBy;
    const { result, step } = takeStep(decisions, this.snapshot, this.now, command);
    this.snapshot = written(this.snapshot, step.writes);
    for (const { reconciler } of step.work) this.asked.push(reconciler);
    for (const ring of step.rings) this.asked.push(`ring ${ring.split('/', 2).join('/')}`);
    for (const { detail } of step.writes.events) {
      const phase = detail['completed-phase'];
      this.events.push(
        phase ? `${phase} ${detail['completed-phase-status']}` : `${detail['build-status']}`,
      );
    }
    return result;
  }

  /** Does the work of the build until `until` is to be done, or to its end. */
  workUntil(until?: BuildWork): this {
    this.do(() => undefined);
    for (;;) {
      const work = workOf(this.snapshot);
      if (!work || work === until) return this;
      this.do((draft) => workDone(draft, work));
    }
  }

  get work(): BuildWork | undefined {
    return workOf(this.snapshot);
  }

  /** How the phases ended that have. */
  get ends(): string[] {
    return (this.snapshot.build.phases ?? [])
      .filter(({ phaseStatus }) => phaseStatus)
      .map(({ phaseType, phaseStatus }) => `${phaseType} ${phaseStatus}`);
  }
}
