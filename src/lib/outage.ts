import { isDatabaseGone } from './database-gone.ts';
import { isStorageFull } from './storage-full.ts';

/** Why the server cannot do anything that it is asked, though nothing is wrong with what it is asked. */
export interface Outage {
  /** What is wrong with the server: `its disk is full`. */
  reason: string;
  /** What the log says of it, once. */
  sentence: string;
}

const DISK: Outage = {
  reason: 'its disk is full',
  sentence:
    'The disk is full: calls that take room are answered with 503 until there is some again; deletions and stops go on',
};
const DATABASE: Outage = {
  reason: 'its database does not answer',
  sentence: 'The database does not answer: calls are answered with 503 until it is back',
};
/** PostgreSQL's transaction_rollback class: others were in the way of each try, for seconds (db/postgres.ts). */
const CONFLICT = /^40(001|P01)$/;
const BUSY: Outage = {
  reason: 'too many calls change the same thing at once',
  sentence:
    'Too many calls change the same thing at once: those that find no way through are answered with 503',
};

/** A failure that says itself that it is one of the server's surroundings, and passes. */
export abstract class OutageError extends Error {
  abstract readonly outage: Outage;
}

/**
 * The one judgement of failures that are the server's surroundings and pass: calls are answered with 503, which
 * clients try again, and the log says it once.
 */
export function outageOf(error: unknown): Outage | undefined {
  if (error instanceof OutageError) return error.outage;
  if (isDatabaseGone(error)) return DATABASE;
  if (CONFLICT.test((error as { code?: string } | undefined)?.code ?? '')) return BUSY;
  return isStorageFull(error) ? DISK : undefined;
}
