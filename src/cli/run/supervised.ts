import { failureText, type Server } from '../server.ts';
import { Refused } from './server-for.ts';

interface Play {
  /** Of the command line: `run`. */
  command: string;
  /** What has been begun so far. */
  begun: { server?: Server };
  /** @returns whether it succeeded. @throws Refused for what is told in its own words */
  play: () => Promise<boolean>;
  /** Removes what was begun: when it is interrupted, and at the end. */
  cleanUp: () => Promise<void>;
  /** At the end, where that is something else. */
  atEnd?: () => Promise<void> | void;
}

/** Whatever happens, what was begun is removed. @returns the exit code: 0 when it succeeded, 1 when not */
export async function supervised({ command, begun, play, cleanUp, atEnd = cleanUp }: Play) {
  const abort = () => {
    process.stderr.write('Interrupted: what was made is removed.\n');
    cleanUp().finally(() => process.exit(130));
  };
  process.once('SIGINT', abort);
  process.once('SIGTERM', abort);
  let succeeded = false;
  try {
    succeeded = await play();
  } catch (error) {
    const { server = { endpoint: '' } } = begun;
    failed(command, error instanceof Refused ? error.message : failureText(error, server));
  }
  process.off('SIGINT', abort);
  process.off('SIGTERM', abort);
  await atEnd();
  return succeeded ? 0 : 1;
}

/** Says why it cannot be done. @returns the exit code */
export function failed(command: string, reason: string): number {
  process.stderr.write(`slipway ${command}: ${reason}\n`);
  return 1;
}
