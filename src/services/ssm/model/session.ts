import { createHash } from 'node:crypto';
import { TOKEN_MS, UNSEEN_MS } from '../limits.ts';

/** A session of Session Manager. */
export interface Session {
  sessionId: string;
  accountId: string;
  region: string;
  status: 'Connecting' | 'Connected' | 'Disconnected' | 'Terminated';
  /** Epoch milliseconds, as all times. */
  startedAt: number;
  /** Until when its channel can be opened by who has the token; 0 for nobody. */
  tokenUntil: number;
  /** When its server last said that it has it. */
  seenAt?: number;
  endedAt?: number;
  target: string;
  documentName: string;
  /** ARN of who started it. */
  owner: string;
  /** In place of a shell. */
  command?: string;
  reason?: string;
}

/**
 * What a session is now, and since when it is over. One that nobody connected to in time is over; so is one whose server is
 * gone, which said nothing of it.
 */
export function statusAt(
  session: Session,
  now: number,
): { status: Session['status']; endedAt?: number } {
  const { status, seenAt, endedAt, tokenUntil, startedAt } = session;
  if (status === 'Terminated') return { status, endedAt: endedAt ?? startedAt };
  if (tokenUntil > now) return { status };
  if (seenAt === undefined) return { status: 'Terminated', endedAt: startedAt + TOKEN_MS };
  if (now - seenAt <= UNSEEN_MS) return { status };
  return { status: 'Terminated', endedAt: seenAt };
}

/** The documents of sessions that are served; each with whether it takes a command, and has it at a terminal. */
export const DOCUMENTS: Readonly<Record<string, { command: boolean; type: string }>> = {
  'SSM-SessionManagerRunShell': { command: false, type: 'Standard_Stream' },
  'AWS-StartInteractiveCommand': { command: true, type: 'InteractiveCommands' },
};

export const SHELL_DOCUMENT = 'SSM-SessionManagerRunShell';

/** What is kept of a token: enough to know it again. */
export function digestOf(token: string): string {
  return createHash('sha256').update(token).digest('hex');
}

/** AWS's: who started it, and 17 digits. @param random at least 9 bytes */
export function sessionIdOf(name: string, random: Buffer): string {
  const own = name.replace(/[^A-Za-z0-9_.@=,+-]/g, '-').slice(0, 64);
  return `${own}-0${random.toString('hex').slice(0, 16)}`;
}
