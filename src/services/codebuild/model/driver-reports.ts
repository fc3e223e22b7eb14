import { ownValue } from '../../../lib/own.ts';
import type { Draft } from './build-draft.ts';
import type { BuildRun } from './build-record.ts';
import { beginPhase, type PhaseEnd } from './build-state.ts';
import { COMMAND_PHASES, commandError, steps } from './phases.ts';
import type { Report } from './report.ts';

const CLOCK_SKEW_MS = 5 * 60_000;

/** Where the reports stand in the driver's channel, in bytes. */
export interface Range {
  from: number;
  to: number;
}

/** Takes reports into the build, each once: up to where it knows them is written with what they led to. */
export function takeReports(draft: Draft, reports: Report[], { from, to }: Range): void {
  if (draft.state.reportOffset !== from || draft.state.slot === 'done') return;
  for (const report of reports) {
    if (isExpected(draft.state.run, report)) takeReport(draft, notAfter(report, draft.now));
  }
  draft.set({ reportOffset: to });
}

function takeReport(draft: Draft, report: Report): void {
  const { run, build } = draft.state;
  const { kind } = report;
  if (kind === 'variable') {
    draft.setRun({ variables: { ...run.variables, [report.name]: report.value } });
  } else if (kind === 'name') {
    draft.setRun({ names: { ...run.names, [report.artifact]: report.value } });
  } else if (kind === 'cache') draft.setRun({ cacheKeys: report.keys });
  else if (kind === 'fault') draft.setRun({ fault: report.message });
  else if (kind === 'broken') draft.setRun({ broken: report.message });
  // Of commands others take note (run/sandbox-commands.ts).
  else if (kind === 'command') return;
  else if (kind === 'done') draft.setRun({ done: true });
  else if (kind === 'begin') draft.set({ build: beginPhase(build, report.phase, report.at) });
  // A build that writes reports itself may only do what its driver could.
  else if (draft.phase === report.phase) draft.endPhase(phaseEnd(run, report));
}

/** The driver reports what it was told to. */
function isExpected({ reported, cacheKeys }: BuildRun, report: Report): boolean {
  // Before any command of the build's: a second time would be no word of the driver's.
  if (report.kind === 'cache') return reported?.cache === true && cacheKeys === undefined;
  if (report.kind === 'variable') return reported?.variables.includes(report.name) ?? false;
  return report.kind !== 'name' || (reported?.names.includes(report.artifact) ?? false);
}

/** The build's clock may be a little ahead of the server's, not years. */
function notAfter(report: Report, now: number): Report {
  if (report.kind !== 'begin' && report.kind !== 'end') return report;
  return { ...report, at: new Date(Math.min(report.at.getTime(), now + CLOCK_SKEW_MS)) };
}

function phaseEnd({ spec }: BuildRun, report: Report & { kind: 'end' }): PhaseEnd {
  const onFailure = spec?.phases[COMMAND_PHASES[report.phase]]?.onFailure ?? { kind: 'default' };
  if (report.refused) return { status: 'FAILED', at: report.at, ...report.refused, onFailure };
  if (!report.failed) return { status: 'SUCCEEDED', at: report.at, onFailure };
  const { step, exitStatus } = report.failed;
  const command = (spec && steps(spec)[step]?.command) ?? '';
  return {
    status: 'FAILED',
    at: report.at,
    code: 'COMMAND_EXECUTION_ERROR',
    message: commandError(command, exitStatus),
    onFailure,
  };
}

/** What is known of the end of the driver's work besides its reports. */
export interface DriverEnd {
  /** Why nobody knows how it ended. */
  lost?: string | undefined;
  /** Its tree was given up; the line for the log that says so. */
  reclaimed?: string | undefined;
  /** StopBuild was called, and the build may not know yet. */
  stopped: boolean;
}

/** The work is over: what the driver did not say itself is said for it. */
export function conclude(draft: Draft, end: DriverEnd): void {
  const { slot, run, build } = draft.state;
  if (slot === 'done') return;
  const names = (run.spec?.exportedVariables ?? []).filter((name) =>
    run.exportable?.includes(name),
  );
  const exportedEnvironmentVariables = names.flatMap((name) => {
    const value = ownValue(run.variables ?? {}, name);
    return value === undefined ? [] : [{ name, value }];
  });
  draft.set({ build: { ...build, exportedEnvironmentVariables } });
  const died = Object.hasOwn(COMMAND_PHASES, draft.phase);
  const line = end.reclaimed ?? (died ? run.broken : undefined);
  const lines = line && [...(run.closingLines ?? []), line];
  draft.setRun({ followed: true, ...(lines && { closingLines: lines }) });
  if (died) draft.endPhase(deathOf(draft, end));
}

/** How a phase ends whose driver ended before it. */
function deathOf({ state, now }: Draft, { lost, reclaimed, stopped }: DriverEnd): PhaseEnd {
  const at = new Date(now);
  if (stopped) return { status: 'STOPPED', at };
  if (now >= (state.run.deadline ?? Number.POSITIVE_INFINITY)) {
    const message = `Build has timed out after ${state.inputs.timeoutInMinutes} minutes.`;
    return { status: 'TIMED_OUT', at, code: 'BUILD_TIMED_OUT', message };
  }
  const { fault, broken } = state.run;
  if (broken && !fault && !lost && !reclaimed) {
    const failed = { status: 'FAILED', at, code: 'COMMAND_EXECUTION_ERROR' } as const;
    return { ...failed, message: broken, onFailure: { kind: 'abort' } };
  }
  const disk = reclaimed && 'the disk was full';
  const reason = fault ?? lost ?? disk ?? 'its shell was ended from outside';
  const message = `Build container found dead before completing the build: ${reason}. ErrorCode: 500`;
  return { status: 'FAULT', at, code: 'INTERNAL_SERVICE_ERROR', message };
}
