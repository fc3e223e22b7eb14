import { basename } from 'node:path';
import { ArchiveError } from '../../../executors/archive-entries.ts';
import type { ClientClass, Platform } from '../../../kit/service.ts';
import { ownValue } from '../../../lib/own.ts';
import { isRefusal } from '../../../lib/refusal.ts';
import type { BuildWork, Draft } from '../model/build-draft.ts';
import { type PhaseEnd, PhaseFailure } from '../model/build-state.ts';
import { amend, type Change, endWork } from '../model/commands.ts';
import { maskedTexts } from '../model/mask.ts';
import { settle } from '../reconcilers/build.ts';
import { buildKey } from '../reconcilers/names.ts';
import type { StoredBuild } from '../store/builds.ts';
import { roleClient } from './service-role.ts';

const LONGEST_NAME = 100;
const LONGEST_MESSAGE = 500;

/** One look at one build: what the steps of a build share. */
export interface Session {
  platform: Platform;
  stored: StoredBuild;
  /** What is done for it. */
  work: BuildWork;
  signal: AbortSignal;
}

export const uuidOf = (stored: Pick<StoredBuild, 'id'>): string =>
  stored.id.split(':')[1] ?? stored.id;

/** A client under the build's service role. */
export function clientOf<T extends { destroy(): void }>(
  { platform, stored }: Session,
  Client: ClientClass<T>,
): T {
  const { id, accountId, region, inputs } = stored;
  const { serviceRole, actor } = inputs;
  return roleClient(platform, Client, { serviceRole, actor, id, accountId, region });
}

/**
 * Does a command on the build, and all that follows from it.
 * @returns what the command returned; undefined when the build was deleted
 */
export async function commit<R>(
  { platform, stored, signal }: Session,
  command: (draft: Draft) => R,
): Promise<R | undefined> {
  // A step that was told to end has nothing to say any more.
  signal.throwIfAborted();
  const key = buildKey(stored, stored.id);
  const changed = await platform.transaction((tx) => settle(platform, tx, key, command));
  return changed?.result;
}

/** The session's work is done: ends its phase. @returns false, with nothing changed, when the build has moved on in the meantime */
export async function commitPhase(
  session: Session,
  end: PhaseEnd,
  change: Change = {},
): Promise<boolean> {
  return (await commit(session, (draft) => endWork(draft, session.work, end, change))) ?? false;
}

/** Changes the build without ending a phase. */
export async function commitChange(session: Session, change: Change): Promise<void> {
  await commit(session, (draft) => amend(draft, change));
}

/** What the log must not show. */
export function secretTexts({ platform, stored }: Session): string[] {
  if (!stored.secrets) return [];
  return maskedTexts(JSON.parse(platform.vault.open(stored.secrets, stored.id).toString('utf8')));
}

/** Names, files and archives that are what they are: to try again would change nothing. */
const UNUSABLE =
  /^(ENOENT|ENOTDIR|EEXIST|EISDIR|ENAMETOOLONG|ELOOP|EILSEQ|EINVAL|EACCES|EPERM|Z_\w+)$/;
const UNUSABLE_TEXT =
  /not a directory|is a directory|file name too long|file exists|cannot overwrite/i;

/**
 * The failure as the end of a phase. What AWS services refused, and sources and patterns that cannot be used, are the
 * build's own trouble (CLIENT_ERROR); anything else is ours, and is thrown on, to be tried again.
 */
export function failureOf(error: unknown): PhaseFailure | undefined {
  if (error instanceof PhaseFailure) return error;
  if (error instanceof ArchiveError) return new PhaseFailure('CLIENT_ERROR', error.message);
  const unusable = unusableReason(error as NodeJS.ErrnoException);
  if (unusable) return new PhaseFailure('CLIENT_ERROR', unusable);
  if (!isRefusal(error)) return undefined;
  const { name, message } = error;
  return new PhaseFailure(
    /AccessDenied/.test(name) ? 'ACCESS_DENIED' : 'CLIENT_ERROR',
    `${name}: ${message}`,
  );
}

/** What the machine's error codes mean, for who reads a build's log. */
const WORDS: Record<string, string> = {
  ENOENT: 'it is not there',
  ENOTDIR: 'a file is where a directory has to be',
  EEXIST: 'something else of that name is there already',
  EISDIR: 'a directory of that name is there already',
  ENAMETOOLONG: 'its name is too long',
  ELOOP: 'links lead in a circle',
  EILSEQ: 'its name is not UTF-8',
};

/** Without the server's own paths. */
function unusableReason(error: NodeJS.ErrnoException): string | undefined {
  const { code = '', path, message, syscall } = error;
  // The socket of an engine or a database that is away: none of the build's files.
  if (syscall === 'connect') return undefined;
  if (UNUSABLE.test(code)) {
    const what = path ? `${basename(path).slice(0, LONGEST_NAME)}: ` : '';
    return `A file cannot be used: ${what}${ownValue(WORDS, code) ?? 'the machine refused it'} (${code})`;
  }
  const reason = /reason|statusCode/.test(Object.keys(error).join()) && UNUSABLE_TEXT.exec(message);
  if (reason) return `A file cannot be used: ${reason[0]}`;
  const wrongText = [TypeError, SyntaxError, RangeError].some((type) => error instanceof type);
  return wrongText ? message.slice(0, LONGEST_MESSAGE) : undefined;
}
