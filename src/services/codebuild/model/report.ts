import { COMMAND_PHASES, type CommandPhase } from './phases.ts';

/** One line that the driver wrote to its standard error. */
export type Report =
  | { kind: 'begin'; phase: CommandPhase; at: Date }
  | {
      kind: 'end';
      phase: CommandPhase;
      at: Date;
      failed?: { step: number; exitStatus: number };
      /** It could not begin with its commands. */
      refused?: { code: string; message: string };
    }
  | { kind: 'variable'; name: string; value: string }
  | { kind: 'name'; artifact: string; value: string }
  /** The keys of the build's cache, the first its own. */
  | { kind: 'cache'; keys: string[] }
  /** The driver cannot go on, for a reason that is not the build's. */
  | { kind: 'fault'; message: string }
  /** The build has taken from the driver what it needs. */
  | { kind: 'broken'; message: string }
  /** Of a sandbox: a command has begun, or ended. */
  | { kind: 'command'; id: string; at: Date; exitStatus?: number }
  | { kind: 'done' };

/** Numbers of steps are those of a buildspec; no shell has another status. */
const MOST_STEPS = 100_000;
const HIGHEST_STATUS = 255;
/** Its own, and those that will do. */
const MOST_KEYS = 6;
const LONGEST_FAULT = 500;
const LONGEST_REFUSAL = 2_000;
const CODE = /^[A-Z_]{1,64}$/;
const NAME = /^[A-Za-z0-9_.-]{1,256}$/;

/**
 * Reads one line of the driver; undefined for anything else. A build can write such lines about itself if it
 * tries (it may do as it likes with its own result), never about another build: what is no whole and possible
 * report is none.
 */
export function parseReport(line: string): Report | undefined {
  const [kind = '', first = '', ...rest] = line.split(' ');
  switch (kind) {
    case 'begin': {
      const at = parseTime(rest[0]);
      return isPhase(first) && at ? { kind, phase: first, at } : undefined;
    }
    case 'end':
      return isPhase(first) ? parseEnd(first, rest) : undefined;
    case 'variable': {
      const value = fromHex(rest[0]);
      return NAME.test(first) && value !== undefined ? { kind, name: first, value } : undefined;
    }
    case 'name': {
      const value = fromHex(rest[0]);
      return NAME.test(first) && value !== undefined ? { kind, artifact: first, value } : undefined;
    }
    case 'cache': {
      const keys = [first, ...rest].map((key) => fromHex(key.replace(/^k/, ''))?.trim() ?? '');
      return keys.length <= MOST_KEYS ? { kind, keys } : undefined;
    }
    case 'fault':
    case 'broken':
      return { kind, message: [first, ...rest].join(' ').slice(0, LONGEST_FAULT) };
    case 'command':
      return parseCommand(first, rest);
    case 'done':
      return { kind };
    default:
      return undefined;
  }
}

function parseEnd(phase: CommandPhase, [status, time, step = '', exitStatus]: string[]) {
  const at = parseTime(time);
  if (!at) return undefined;
  const end = { kind: 'end', phase, at } as const;
  if (status === 'SUCCEEDED') return end;
  if (status === 'REFUSED') {
    const message = fromHex(exitStatus)?.slice(0, LONGEST_REFUSAL);
    if (!CODE.test(step) || message === undefined) return undefined;
    return { ...end, refused: { code: step, message } };
  }
  const failed = {
    step: parseNumber(step, MOST_STEPS),
    exitStatus: parseNumber(exitStatus, HIGHEST_STATUS),
  };
  if (status !== 'FAILED' || failed.step === undefined || failed.exitStatus === undefined)
    return undefined;
  return { ...end, failed: { step: failed.step, exitStatus: failed.exitStatus } };
}

function isPhase(text: string): text is CommandPhase {
  return Object.hasOwn(COMMAND_PHASES, text);
}

function parseNumber(text = '', most: number): number | undefined {
  return /^\d{1,9}$/.test(text) && Number(text) <= most ? Number(text) : undefined;
}

/** `seconds.nanoseconds`; a date command that knows no %N leaves something else behind the point. */
function parseTime(text = ''): Date | undefined {
  const [seconds = '', fraction = ''] = text.split('.');
  if (!/^\d{1,11}$/.test(seconds)) return undefined;
  const milliseconds = /^\d{9}$/.test(fraction) ? Number(fraction.slice(0, 3)) : 0;
  return new Date(Number(seconds) * 1000 + milliseconds);
}

function fromHex(text = ''): string | undefined {
  return /^([0-9a-f]{2})*$/.test(text) ? Buffer.from(text, 'hex').toString('utf8') : undefined;
}

function parseCommand(id: string, [time, status]: string[]): Report | undefined {
  const at = parseTime(time);
  if (!at || !/^[0-9a-f-]{36}$/.test(id)) return undefined;
  if (status === undefined) return { kind: 'command', id, at };
  const exitStatus = /^\d{1,3}$/.test(status) ? Number(status) : HIGHEST_STATUS;
  return { kind: 'command', id, at, exitStatus };
}
