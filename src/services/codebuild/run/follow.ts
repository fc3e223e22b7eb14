import { ownValue } from '../../../lib/own.ts';
import { MAX_REPORT_BYTES, MAX_REPORT_LINES, STOP_GRACE_MS, STOPPED_LOG_MS } from '../limits.ts';
import type { BuildRun } from '../model/build-record.ts';
import { beginPhase, currentPhase, type PhaseEnd } from '../model/build-state.ts';
import { COMMAND_PHASES, type CommandPhase, commandError, steps } from '../model/phases.ts';
import { parseReport, type Report } from '../model/report.ts';
import type { StoredBuild } from '../store.ts';
import * as store from '../store.ts';
import { watchStop } from './bounds.ts';
import { GIVEN_UP, isStopRequested } from './full-disk.ts';
import { copyLog } from './log-writer.ts';
import { commitChange, commitPhase, movePhase, type Session } from './session.ts';

const CLOCK_SKEW_MS = 5 * 60_000;

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
    cut();
  });
  const enough = new AbortController();
  const gone = new AbortController();
  const here = { ...session, signal: AbortSignal.any([signal, gone.signal]) };
  const logs = AbortSignal.any([here.signal, enough.signal]);
  // Once the work is over: who ends the build then ends the copying, too.
  let [over, ended] = [false, false];
  const cut = () => {
    ended = true;
    if (over) setTimeout(() => enough.abort(), STOPPED_LOG_MS).unref();
  };
  const unwatch = watchStop(session, cut);
  try {
    const [exit] = await Promise.all([
      platform.executor.wait(handle, here.signal).then(async (end) => {
        over = true;
        if (ended || (await wasEnded(session))) cut();
        return end;
      }),
      copyLog(here, logs),
      copyReports(here),
    ]);
    if (late.failure) throw late.failure;
    await conclude(session, exit.kind === 'lost' ? exit.reason : undefined);
  } finally {
    // When one of the three failed, the others end with it.
    gone.abort();
    cancel();
    unwatch();
  }
}

/** It did not end by itself, so nobody waits for all that it has still to say. */
async function wasEnded({ platform, stored }: Session): Promise<boolean> {
  const fresh = await store.findBuild(platform.db, stored, stored.id);
  return Boolean(fresh?.stopRequested || fresh?.run.timedOut || fresh?.run.fault);
}

async function timeOut(session: Session, handle: string): Promise<void> {
  try {
    await commitChange(session, { run: { timedOut: true } });
  } finally {
    // Also when it could not be noted: the work may be what fills the disk.
    await session.platform.executor.stop(handle, STOP_GRACE_MS);
  }
}

/**
 * Takes the driver's reports into the build, each once: the offset is committed with what it led to. A build that finds
 * the way to its driver's descriptor can write what it likes there: what is too much ends it.
 */
async function copyReports(session: Session): Promise<void> {
  const { platform, stored, signal } = session;
  const handle = stored.run.handle ?? '';
  let rest = '';
  let lines = 0;
  const { reported } = stored.run;
  const expected = (reported?.variables.length ?? 0) + (reported?.names.length ?? 0);
  let offset = stored.reportOffset;
  const reports = platform.executor.logs(handle, { stream: 'stderr', offset, signal });
  reports.setEncoding('latin1');
  for await (const chunk of reports) {
    rest += chunk;
    const end = rest.lastIndexOf('\n') + 1;
    lines += chunk.split('\n').length - 1;
    if (offset + rest.length > MAX_REPORT_BYTES || lines > MAX_REPORT_LINES + expected) {
      try {
        await commitChange(session, { run: { fault: 'its reports are not those of its driver' } });
      } finally {
        await platform.executor.stop(handle, 0);
      }
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
  { platform, stored, signal }: Session,
  offset: number,
  text: string,
): Promise<void> {
  signal.throwIfAborted();
  const latest = platform.clock.now().getTime() + CLOCK_SKEW_MS;
  const reports = text
    .split('\n')
    .flatMap((line) => parseReport(Buffer.from(line, 'latin1').toString()) ?? [])
    .filter((report) => isExpected(report, stored))
    .map((report) => notAfter(report, latest));
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

/** The driver reports what it was told to. */
function isExpected(report: Report, { run: { reported } }: StoredBuild): boolean {
  if (report.kind === 'variable') return reported?.variables.includes(report.name) ?? false;
  return report.kind !== 'name' || (reported?.names.includes(report.artifact) ?? false);
}

/** The build's clock may be a little ahead of the server's, not years. */
function notAfter(report: Report, latest: number): Report {
  if (report.kind !== 'begin' && report.kind !== 'end') return report;
  return { ...report, at: new Date(Math.min(report.at.getTime(), latest)) };
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
  const { reclaimed } = await platform.executor.attach(fresh.run.handle ?? '');
  const { closingLines = [] } = fresh.run;
  const change = {
    run: { followed: true, ...(reclaimed && { closingLines: [...closingLines, GIVEN_UP] }) },
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
    deathOf(fresh, platform.clock.now(), lost ?? (reclaimed ? 'the disk was full' : undefined)),
    change,
  );
}

function deathOf(fresh: StoredBuild, at: Date, lost: string | undefined): PhaseEnd {
  if (isStopRequested(fresh)) return { status: 'STOPPED', at };
  // A full disk keeps it from being noted.
  if (fresh.run.timedOut || at.getTime() >= (fresh.run.deadline ?? Infinity)) {
    const message = `Build has timed out after ${fresh.inputs.timeoutInMinutes} minutes.`;
    return { status: 'TIMED_OUT', at, code: 'BUILD_TIMED_OUT', message };
  }
  const reason = fresh.run.fault ?? lost ?? 'its shell was ended from outside';
  const message = `Build container found dead before completing the build: ${reason}. ErrorCode: 500`;
  return { status: 'FAULT', at, code: 'INTERNAL_SERVICE_ERROR', message };
}
