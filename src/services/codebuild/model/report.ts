import { COMMAND_PHASES, type CommandPhase } from './phases.ts';

/** One line that the driver wrote to its standard error. */
export type Report =
  | { kind: 'begin'; phase: CommandPhase; at: Date }
  | { kind: 'end'; phase: CommandPhase; at: Date; failed?: { step: number; exitStatus: number } }
  | { kind: 'variable'; name: string; value: string }
  | { kind: 'name'; artifact: string; value: string }
  | { kind: 'fault'; message: string }
  | { kind: 'done' };

/**
 * Reads one line of the driver; undefined for anything else. A build can write such lines about itself if it
 * tries (it may do as it likes with its own result), never about another build.
 */
export function parseReport(line: string): Report | undefined {
  const [kind = '', first = '', ...rest] = line.split(' ');
  switch (kind) {
    case 'begin':
      return isPhase(first) ? { kind, phase: first, at: parseTime(rest[0]) } : undefined;
    case 'end': {
      if (!isPhase(first)) return undefined;
      const [status, time, step, exitStatus] = rest;
      const end = { kind, phase: first, at: parseTime(time) } as const;
      if (status === 'SUCCEEDED') return end;
      return { ...end, failed: { step: Number(step), exitStatus: Number(exitStatus) } };
    }
    case 'variable':
      return { kind, name: first, value: fromHex(rest[0]) };
    case 'name':
      return { kind, artifact: first, value: fromHex(rest[0]) };
    case 'fault':
      return { kind, message: [first, ...rest].join(' ') };
    case 'done':
      return { kind };
    default:
      return undefined;
  }
}

function isPhase(text: string): text is CommandPhase {
  return Object.hasOwn(COMMAND_PHASES, text);
}

/** `seconds.nanoseconds`; a date command that knows no %N leaves something else behind the point. */
function parseTime(text = ''): Date {
  const [seconds = '0', fraction = ''] = text.split('.');
  const milliseconds = /^\d{9}$/.test(fraction) ? Number(fraction.slice(0, 3)) : 0;
  return new Date(Number(seconds) * 1000 + milliseconds);
}

function fromHex(text = ''): string {
  return Buffer.from(text, 'hex').toString('utf8');
}
