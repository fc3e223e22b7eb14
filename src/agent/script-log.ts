import { appendFileSync, mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import { strip } from '../lib/server-appspec/ruby.ts';
import { appendToLog, localTime } from './log-file.ts';
import { errorCode } from './system-error.ts';

/** About how much of the log goes to the server, in whole lines. */
const TAIL_CHARACTERS = 2048;

export interface ScriptLog {
  /** Logs one line, given without its break. */
  line(text: string): void;
  /** Logs many at once: a script may say more lines than there is time to write each by itself. */
  lines(texts: string[]): void;
  /** Logs what an output said last without a line break: the report gets none either. */
  rest(text: string): void;
  /** The last lines that fit into a report. */
  tail(): string;
}

export interface LogFiles {
  /** The deployment's own scripts.log. */
  scriptsLog: string;
  /** The log of all deployments. */
  deploymentsLog: string;
  deploymentId: string;
  /** Told each line, too. */
  said?(line: string): void;
}

export function makeScriptLog({
  scriptsLog,
  deploymentsLog,
  deploymentId,
  said,
}: LogFiles): ScriptLog {
  let entries: string[] = [];
  for (const file of [scriptsLog, deploymentsLog]) mkdirSync(dirname(file), { recursive: true });
  const add = (texts: string[], end: string) => {
    entries = lastEntries([...entries, ...texts.map((text) => text + end)]);
    for (const text of texts) said?.(text);
    const time = localTime();
    const second = time.slice(0, 19);
    const each = (line: (text: string) => string) => texts.map(line).join('');
    // Synchronous, so that nothing is lost when the agent is killed.
    listened(() =>
      appendFileSync(
        scriptsLog,
        each((text) => `${second} ${text}\n`),
      ),
    );
    listened(() =>
      appendToLog(
        deploymentsLog,
        each((text) => `[${time}] [${deploymentId}]${strip(text)}\n`),
      ),
    );
  };
  return {
    line: (text) => add([text], '\n'),
    lines: (texts) => add(texts, '\n'),
    rest: (text) => add([text], ''),
    tail: () => entries.join(''),
  };
}

/**
 * A log that cannot be written must not end the agent in the middle of a command: the disk may be full, and a process
 * that a script left behind may still speak when its deployment has been removed.
 */
function listened(append: () => void): void {
  try {
    append();
  } catch (error) {
    if (errorCode(error) === '') throw error;
  }
}

/**
 * The longest end of `entries` that fits, as the official agent counts: the last one for nothing, and the one that
 * comes before the others twice.
 */
function lastEntries(entries: string[]): string[] {
  let room = TAIL_CHARACTERS;
  let first = entries.length;
  while (first > 0 && room - characters(entries[first - 1] ?? '') > 0) {
    first -= 1;
    room -= characters(entries.at(first - 1) ?? '');
  }
  return entries.slice(first);
}

/** Characters, of which JavaScript counts some twice. */
function characters(text: string): number {
  return text.length - (text.match(/[\uD800-\uDBFF][\uDC00-\uDFFF]/g)?.length ?? 0);
}
