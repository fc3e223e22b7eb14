import { setTimeout as passed } from 'node:timers/promises';
import { KILLED, type WorkExit } from '../../../executors/executor.ts';
import {
  MAX_REPORT_BYTES,
  MAX_REPORT_LINES,
  MAX_SANDBOX_REPORTS,
  STOP_GRACE_MS,
  STOPPED_LOG_MS,
  STOPPED_WORK_MS,
} from '../limits.ts';
import { NEVER } from '../model/deadlines.ts';
import { conclude, takeReports } from '../model/driver-reports.ts';
import { parseReport } from '../model/report.ts';
import { buildKey, workTopic } from '../reconcilers/names.ts';
import * as store from '../store/builds.ts';
import { restoreEntry } from './cache.ts';
import { watchFiller } from './disk-filler.ts';
import { GIVEN_UP, isStopRequested } from './full-disk.ts';
import { copyLog } from './log-writer.ts';
import { noteCommand } from './sandbox-commands.ts';
import { commit, commitChange, type Session } from './session.ts';

/** INSTALL to POST_BUILD: starts the driver if it has not been, and follows it to its end. */
export async function follow(session: Session): Promise<void> {
  const { platform, stored, signal } = session;
  const handle = stored.run.handle ?? '';
  await platform.executors.start(handle);
  // StopBuild may have come before there was anything to stop.
  const now = await store.findBuild(platform.db, stored, stored.id);
  if (now?.stopRequested) await platform.executors.stop(handle, STOP_GRACE_MS);
  const enough = new AbortController();
  // Once the work is over: who ends the build then ends the copying, too.
  let [over, ended] = [false, false];
  const cut = () => {
    ended = true;
    if (over) setTimeout(() => enough.abort(), STOPPED_LOG_MS).unref();
  };
  const late = { failure: undefined as unknown };
  const cancel = platform.clock.at(new Date(stored.run.deadline ?? 0), () => {
    void platform.executors.stop(handle, STOP_GRACE_MS).catch((error) => {
      late.failure = error;
    });
    cut();
  });
  // It was stopped, and is not waited for any longer: whatever is left is cleared away once it can be.
  const given = new AbortController();
  const gone = new AbortController();
  const here = { ...session, signal: AbortSignal.any([signal, gone.signal]) };
  const logs = AbortSignal.any([here.signal, enough.signal]);
  const watching = stopRequested(here)
    .then(async (requested) => {
      if (!requested) return;
      cut();
      // Here as well: `codebuild/stop-build` may be done by a server that does not see this machine's work.
      const stopping = platform.executors.stop(handle, STOP_GRACE_MS).then(() => true);
      stopping.catch(() => {});
      const patience = passed(STOP_GRACE_MS + STOPPED_WORK_MS, false, { ref: false });
      if ((await Promise.race([stopping, patience])) || over) return;
      given.abort();
      enough.abort();
    })
    .catch((error) => gone.abort(error));
  const filler = { failure: undefined as unknown };
  const done = new AbortController();
  const until = AbortSignal.any([here.signal, done.signal]);
  const watchingDisk = watchFiller(session, until).catch((error) => {
    filler.failure = error;
  });
  try {
    const [exit] = await Promise.all([
      endOf(here, given.signal).then(async (end) => {
        over = true;
        if (ended || (await wasEnded(session))) cut();
        return end;
      }),
      copyLog(here, logs),
      copyReports(here, enough.signal, given.signal),
    ]);
    // Where it ended the work, its reason is to be in the build before the build ends.
    done.abort();
    await watchingDisk;
    for (const { failure } of [late, filler]) if (failure) throw failure;
    await end(session, exit.kind === 'lost' ? exit.reason : undefined, given.signal);
  } finally {
    // When one of the three failed, the others end with it.
    gone.abort();
    cancel();
    await Promise.all([watching, watchingDisk]);
  }
}

/** How the work ended. @param given nobody waits for it any longer: as far as the build goes it has been killed */
async function endOf({ platform, stored, signal }: Session, given: AbortSignal): Promise<WorkExit> {
  try {
    return await platform.executors.wait(stored.run.handle ?? '', AbortSignal.any([signal, given]));
  } catch (error) {
    if (!given.aborted || signal.aborted) throw error;
    return { kind: 'exited', status: KILLED };
  }
}

/** Resolves to true once StopBuild was called, on whatever server; to undefined when the signal aborts before. */
function stopRequested({ platform, stored, signal }: Session): Promise<true | undefined> {
  const look = async () => {
    try {
      return (await store.findBuild(platform.db, stored, stored.id))?.stopRequested || undefined;
    } catch {
      // The database is away; it is looked again.
      return undefined;
    }
  };
  const topic = workTopic(buildKey(stored, stored.id));
  return platform.engine.heard(topic, look, { until: NEVER, signal });
}

/** It did not end by itself, so nobody waits for all that it has still to say. */
async function wasEnded({ platform, stored }: Session): Promise<boolean> {
  const fresh = await store.findBuild(platform.db, stored, stored.id);
  const late = platform.clock.now().getTime() >= (stored.run.deadline ?? 0);
  return late || Boolean(fresh?.stopRequested || fresh?.run.fault);
}

/**
 * Takes the driver's reports into the build, each once: the offset is committed with what it led to. A build that finds
 * the way to its driver's descriptor can write what it likes there: what is too much ends it.
 */
async function copyReports(
  session: Session,
  enough: AbortSignal,
  given: AbortSignal,
): Promise<void> {
  const { platform, stored } = session;
  const signal = AbortSignal.any([session.signal, given]);
  const handle = stored.run.handle ?? '';
  const { cacheKeys, cacheRestored } = stored.run;
  if (cacheKeys && !cacheRestored) await restoreEntry(session, cacheKeys, enough);
  let rest = '';
  let lines = 0;
  const { reported } = stored.run;
  const own = stored.inputs.sandbox ? MAX_SANDBOX_REPORTS : 0;
  const expected = (reported?.variables.length ?? 0) + (reported?.names.length ?? 0) + own;
  let offset = stored.reportOffset;
  const reports = platform.executors.logs(handle, { stream: 'stderr', offset, signal });
  reports.setEncoding('latin1');
  for await (const chunk of reports) {
    rest += chunk;
    const end = rest.lastIndexOf('\n') + 1;
    lines += chunk.split('\n').length - 1;
    if (offset + rest.length > MAX_REPORT_BYTES || lines > MAX_REPORT_LINES + expected) {
      try {
        await commitChange(session, { run: { fault: 'its reports are not those of its driver' } });
      } finally {
        await platform.executors.stop(handle, 0);
      }
      return;
    }
    if (end === 0) continue;
    const keys = await applyReports(session, offset, rest.slice(0, end));
    if (keys) await restoreEntry(session, keys, enough);
    offset += end;
    rest = rest.slice(end);
  }
}

/** @param text whole lines, one character a byte @returns the keys of its cache, where it has told them now */
async function applyReports(
  session: Session,
  from: number,
  text: string,
): Promise<string[] | undefined> {
  const reports = text
    .split('\n')
    .flatMap((line) => parseReport(Buffer.from(line, 'latin1').toString()) ?? []);
  // Before they count as read: after the server's end it is done once more.
  for (const report of reports) if (report.kind === 'command') await noteCommand(session, report);
  return commit(session, (draft) => {
    const before = draft.state.run.cacheKeys;
    takeReports(draft, reports, { from, to: from + text.length });
    return before ? undefined : draft.state.run.cacheKeys;
  });
}

const GONE = { reclaimed: false };

/** The work is over, and all that it said is in the build and in the log. */
async function end(session: Session, lost: string | undefined, given: AbortSignal): Promise<void> {
  const { platform, stored } = session;
  const looking = platform.executors.attach(stored.run.handle ?? '');
  // Of what is lost, or not waited for, nobody may know more: whoever ran it may be away, too, or busy ending it.
  const found = lost === undefined && !given.aborted ? looking : looking.catch(() => GONE);
  const { reclaimed } = given.aborted ? GONE : await found;
  const stopped = isStopRequested(stored);
  await commit(session, (draft) =>
    conclude(draft, { lost, reclaimed: reclaimed ? GIVEN_UP : undefined, stopped }),
  );
}
