import { setImmediate } from 'node:timers/promises';
import { type Change, decide, type Trigger } from '../model/triggers.ts';

/** Files of which it is decided before others have their turn: every glob looks at every letter of a path. */
const FILES_AT_ONCE = 100;

/** The same where all files are known, for as many of them as a push can have: the server does other things meanwhile. */
export async function decideInTurns(
  trigger: Trigger,
  change: Change,
  files: readonly string[],
): Promise<boolean> {
  for (let from = 0; from < files.length; from += FILES_AT_ONCE) {
    if (decide(trigger, change, files.slice(from, from + FILES_AT_ONCE)) === true) return true;
    await setImmediate();
  }
  return files.length === 0 && decide(trigger, change, files) === true;
}
