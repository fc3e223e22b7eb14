import { ownValue } from '../../../lib/own.ts';
import { STOP_GRACE_MS } from '../limits.ts';
import type { BuildRun } from '../model/build-record.ts';
import { beginPhase, currentPhase, type PhaseEnd } from '../model/build-state.ts';
import { COMMAND_PHASES, type CommandPhase, commandError, steps } from '../model/phases.ts';
import { parseReport, type Report } from '../model/report.ts';
import type { StoredBuild } from '../store.ts';
import * as store from '../store.ts';
import { copyLog } from './log-writer.ts';
import { commitChange, commitPhase, movePhase, type Session } from './session.ts';

/** INSTALL to POST_BUILD: starts the driver if it has not been, and follows it to its end. */
export async function follow(session: Session): Promise<void> {
  const { platform, stored, signal } = session;
  const handle = stored.run.handle ?? '';
  await platform.executor.start(handle);
  // StopBuild may have come before there was anything to stop.
  const now = await store.findBuild(platform.db, stored, stored.id);
  if (now?.stopRequested) await platform.executor.stop(handle, STOP_GRACE_MS);
  const late = { failure: undefined as unknown };
  const cancel = platform.clock.at(new Date(stored.run.deadline ?? 0), () => {
    void timeOut(session, handle).catch((error) => {
      late.failure = error;
    });
  });
  try {
    await Promise.all([copyLog(session), copyReports(session)]);
    if (signal.aborted) return;
    const exit = await platform.executor.wait(handle, signal);
    if (late.failure) throw late.failure;
    await conclude(session, exit.kind === 'lost' ? exit.reason : undefined);
  } finally {
    cancel();
  }
}

async function timeOut(session: Session, handle: string): Promise<void> {
  await commitChange(session, { run: { timedOut: true } });
  await session.platform.executor.stop(handle, STOP_GRACE_MS);
}

/** More than any value that a driver reports; a build that finds the way to its driver's descriptor can write what it likes. */
const LONGEST_REPORT_BYTES = 1024 * 1024;

/** Takes the driver's reports into the build, each once: the offset is committed with what it led to. */
async function copyReports(session: Session): Promise<void> {
  const { platform, stored, signal } = session;
  let rest = '';
  let offset = stored.reportOffset;
  const reports = platform.executor.logs(stored.run.handle ?? '', {
    stream: 'stderr',
    offset,
    signal,
  });
  reports.setEncoding('latin1');
  for await (const chunk of reports) {
    rest += chunk;
    const end = rest.lastIndexOf('\n') + 1;
    if (end === 0 && rest.length > LONGEST_REPORT_BYTES) {
      await platform.executor.stop(stored.run.handle ?? '', 0);
      return;
    }
    if (end === 0) continue;
    await applyReports(session, offset, rest.slice(0, end));
    offset += end;
    rest = rest.slice(end);
  }
}

/** @param text whole lines, one character a byte */
async function applyReports(
  { platform, stored }: Session,
  offset: number,
  text: string,
): Promise<void> {
  const reports = text
    .split('\n')
    .flatMap((line) => parseReport(Buffer.from(line, 'latin1').toString()) ?? []);
  await platform.transaction(async (tx) => {
    const fresh = await store.findBuild(tx, stored, stored.id);
    if (!fresh || fresh.reportOffset !== offset || fresh.slot === 'done') return;
    let { build, run } = fresh;
    for (const report of reports) {
      run = runAfter(run, report);
      if (report.kind === 'begin') build = beginPhase(build, report.phase, report.at);
      // A build that writes reports itself may only do what its driver could.
      if (report.kind !== 'end' || currentPhase(build) !== report.phase) continue;
      build = await movePhase(platform, tx, fresh, build, phaseEnd(fresh, report));
    }
    await store.updateBuild(tx, fresh, fresh.id, {
      build,
      run,
      reportOffset: offset + text.length,
    });
  });
}

function runAfter(run: BuildRun, report: Report): BuildRun {
  switch (report.kind) {
    case 'variable':
      return { ...run, variables: { ...run.variables, [report.name]: report.value } };
    case 'name':
      return { ...run, names: { ...run.names, [report.artifact]: report.value } };
    case 'fault':
      return { ...run, fault: report.message };
    case 'done':
      return { ...run, done: true };
    default:
      return run;
  }
}

function phaseEnd({ run }: StoredBuild, report: Report & { kind: 'end' }): PhaseEnd {
  const onFailure = run.spec?.phases[COMMAND_PHASES[report.phase]]?.onFailure ?? {
    kind: 'default',
  };
  if (!report.failed) return { status: 'SUCCEEDED', at: report.at, onFailure };
  const { step, exitStatus } = report.failed;
  const command = (run.spec && steps(run.spec)[step]?.command) ?? '';
  return {
    status: 'FAILED',
    at: report.at,
    code: 'COMMAND_EXECUTION_ERROR',
    message: commandError(command, exitStatus),
    onFailure,
  };
}

/** The work is over: what the driver did not say itself is said for it. */
async function conclude(session: Session, lost: string | undefined): Promise<void> {
  const { platform, stored } = session;
  const fresh = await store.findBuild(platform.db, stored, stored.id);
  if (!fresh || fresh.slot === 'done') return;
  const inCommands = Object.hasOwn(COMMAND_PHASES, currentPhase(fresh.build) as CommandPhase);
  const exported = fresh.run.spec?.exportedVariables ?? [];
  const change = {
    run: { followed: true },
    amend: (build: StoredBuild['build']) => ({
      ...build,
      exportedEnvironmentVariables: exported.flatMap((name) => {
        const value = fresh.run.exportable?.includes(name)
          ? ownValue(fresh.run.variables ?? {}, name)
          : undefined;
        return value === undefined ? [] : [{ name, value }];
      }),
    }),
  };
  if (!inCommands) return commitChange({ ...session, stored: fresh }, change);
  await commitPhase(
    { ...session, stored: fresh },
    deathOf(fresh, platform.clock.now(), lost),
    change,
  );
}

function deathOf(fresh: StoredBuild, at: Date, lost: string | undefined): PhaseEnd {
  if (fresh.stopRequested) return { status: 'STOPPED', at };
  if (fresh.run.timedOut) {
    const message = `Build has timed out after ${fresh.inputs.timeoutInMinutes} minutes.`;
    return { status: 'TIMED_OUT', at, code: 'BUILD_TIMED_OUT', message };
  }
  const reason = fresh.run.fault ?? lost ?? 'its shell was ended from outside';
  const message = `Build container found dead before completing the build: ${reason}. ErrorCode: 500`;
  return { status: 'FAULT', at, code: 'INTERNAL_SERVICE_ERROR', message };
}
