import { createContext, Script } from 'node:vm';

/** The work took longer than it may. */
export class TookTooLong extends Error {}

const script = new Script('work()');

/**
 * Runs synchronous work that a user's regular expression can make endless, which must not stop the server.
 * @throws TookTooLong after `limitMs` milliseconds, and what `work` throws
 */
export function runWithin<T>(limitMs: number, work: () => T): T {
  try {
    return script.runInContext(createContext({ work }), { timeout: limitMs });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ERR_SCRIPT_EXECUTION_TIMEOUT') {
      throw new TookTooLong(`Took longer than ${limitMs} ms`);
    }
    throw error;
  }
}
