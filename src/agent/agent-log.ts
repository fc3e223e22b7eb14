import { join } from 'node:path';
import { makeDirectory } from '../lib/files.ts';
import { printable } from '../lib/printable.ts';
import { appendToLog, localTime } from './log-file.ts';

export interface AgentLog {
  info(message: string): void;
  warn(message: string): void;
}

/** What servers, bundles and hosts' tools say stands in messages: no more of it than a line. */
const LONGEST_MESSAGE = 8 * 1024;

/**
 * The agent's own log: `codedeploy-agent.log` in a directory, in the official agent's format, and the same lines to
 * `say` for whoever watches. That the file cannot be written is mentioned once; the agent works on, and tries again.
 */
export function makeAgentLog(directory: string, say: (line: string) => void): AgentLog {
  const file = join(directory, 'codedeploy-agent.log');
  let mentioned = false;
  const write = (line: string) => {
    try {
      appendToLog(file, line);
      mentioned = false;
    } catch (error) {
      if (mentioned) return;
      mentioned = true;
      say(`The log ${file} cannot be written: ${(error as Error).message}\n`);
    }
  };
  const log = (level: string) => (message: string) => {
    const time = localTime().slice(0, 19).replace(' ', 'T');
    const text = printable(message.slice(0, LONGEST_MESSAGE));
    const line = `${time} ${level.padEnd(5)} [codedeploy-agent(${process.pid})]: ${text}\n`;
    say(line);
    write(line);
  };
  try {
    makeDirectory(directory);
  } catch {
    // The first line says it.
  }
  return { info: log('INFO'), warn: log('WARN') };
}
