import { readdirSync, readFileSync } from 'node:fs';

/** Names one process for ever: ids are used again, an id together with its start time is not. */
export interface ProcessIdentity {
  pid: number;
  /** Changes with every start of the machine; `-` where there is no /proc. */
  bootId: string;
  /** Clock ticks from the machine's start to the process's; undefined where there is no /proc. */
  startTicks: string | undefined;
}

/** Fields of /proc/PID/stat after the command name, which may hold anything. */
const FIELD_STATE = 0;
const FIELD_PARENT = 1;
const FIELD_GROUP = 2;
const FIELD_SESSION = 3;
const FIELD_START_TICKS = 19;

/** What the wrapper wrote into its `pid` file; undefined when that is not whole yet. */
export function parseIdentity(text: string): ProcessIdentity | undefined {
  const end = text.indexOf('\n');
  if (end < 0) return undefined;
  const [pid = '', bootId = '', ...times] = text.slice(0, end).trim().split(/\s+/);
  if (!/^\d+$/.test(pid)) return undefined;
  return { pid: Number(pid), bootId, startTicks: times[FIELD_START_TICKS] };
}

/** A process that has just been started by us; undefined where there is no /proc, or it has ended and been waited for. */
export function identityOf(pid: number): ProcessIdentity | undefined {
  const startTicks = readStat(pid)?.[FIELD_START_TICKS];
  return startTicks === undefined ? undefined : { pid, bootId: bootId(), startTicks };
}

/** True while this very process runs (a zombie does not). */
export function isAlive(identity: ProcessIdentity): boolean {
  const stat = readStat(identity.pid);
  if (identity.startTicks === undefined) return signalAllowed(identity.pid);
  if (!stat || stat[FIELD_STATE] === 'Z' || stat[FIELD_STATE] === 'X') return false;
  return stat[FIELD_START_TICKS] === identity.startTicks && bootId() === identity.bootId;
}

/**
 * The processes of the group that `leader` leads and all their descendants (also those that left the group),
 * without the leader. Only the group is known where there is no /proc: then undefined.
 * @param spared are left out, and what they started too
 */
export function descendants(
  leader: number,
  spared: number[],
): { pid: number; name: string }[] | undefined {
  const children = new Map<number, number[]>();
  const names = new Map<number, string>();
  const found = new Set<number>();
  const all = numbered();
  if (all.length === 0) return undefined;
  for (const pid of all) {
    const stat = readStat(pid);
    if (!stat) continue;
    names.set(pid, stat.name);
    const parent = Number(stat[FIELD_PARENT]);
    children.set(parent, [...(children.get(parent) ?? []), pid]);
    if (Number(stat[FIELD_GROUP]) === leader) found.add(pid);
  }
  found.add(leader);
  // A set that grows while it is walked: every new member's children are visited too.
  for (const pid of found) for (const child of children.get(pid) ?? []) found.add(child);
  found.delete(leader);
  const left = new Set(spared);
  for (const pid of left) for (const child of children.get(pid) ?? []) left.add(child);
  for (const pid of left) found.delete(pid);
  return [...found].map((pid) => ({ pid, name: names.get(pid) ?? '' }));
}

/** The processes of a session, by its leader. */
export function inSession(leader: number): number[] {
  return numbered().filter((pid) => Number(readStat(pid)?.[FIELD_SESSION]) === leader);
}

/** The processes that have this in their environment. */
export function withEnvironment(entry: string): number[] {
  const wanted = Buffer.from(`${entry}\0`);
  return numbered().filter((pid) => {
    try {
      return readFileSync(`/proc/${pid}/environ`).includes(wanted);
    } catch {
      return false;
    }
  });
}

function numbered(): number[] {
  try {
    return readdirSync('/proc')
      .filter((name) => /^\d+$/.test(name))
      .map(Number);
  } catch {
    return [];
  }
}

/** Sends a signal; a process that is gone is no error. */
export function sendSignal(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch {
    // It ended in the meantime.
  }
}

function readStat(pid: number): (string[] & { name: string }) | undefined {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, 'utf8');
    const end = text.lastIndexOf(')');
    const name = text.slice(text.indexOf('(') + 1, end);
    return Object.assign(
      text
        .slice(end + 2)
        .trim()
        .split(' '),
      { name },
    );
  } catch {
    return undefined;
  }
}

function bootId(): string {
  try {
    return readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
  } catch {
    return '-';
  }
}

function signalAllowed(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
