import { appendFileSync, mkdirSync } from 'node:fs';
import { dirname } from 'node:path';

/** How much of the log goes to the server, in whole lines. */
const TAIL_CHARACTERS = 2048;

export interface ScriptLog {
  /** Logs one line; the line break is added where it is missing. */
  line(text: string): void;
  /** The last lines that fit into a report. */
  tail(): string;
}

export interface LogFiles {
  /** The deployment's own scripts.log. */
  scriptsLog: string;
  /** The log of all deployments. */
  deploymentsLog: string;
  deploymentId: string;
}

export function makeScriptLog({ scriptsLog, deploymentsLog, deploymentId }: LogFiles): ScriptLog {
  let lines: string[] = [];
  for (const file of [scriptsLog, deploymentsLog]) mkdirSync(dirname(file), { recursive: true });
  return {
    line(text) {
      const line = text.endsWith('\n') ? text : `${text}\n`;
      lines = lastLines([...lines, line]);
      const time = new Date().toISOString().replace('T', ' ');
      // Synchronous, so that nothing is lost when the agent is killed.
      append(scriptsLog, `${time.slice(0, 19)} ${line}`);
      append(deploymentsLog, `[${time.slice(0, 23)}] [${deploymentId}]${line}`);
    },
    tail: () => lines.join(''),
  };
}

/** A process that a script left behind may still speak when its deployment has been removed: nobody listens then. */
function append(file: string, text: string): void {
  try {
    appendFileSync(file, text);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
  }
}

/** The longest end of `lines` that is shorter than a report may be. */
function lastLines(lines: string[]): string[] {
  let room = TAIL_CHARACTERS;
  let first = lines.length;
  while (first > 0 && room - (lines[first - 1]?.length ?? 0) > 0) {
    first -= 1;
    room -= lines[first]?.length ?? 0;
  }
  return lines.slice(first);
}
