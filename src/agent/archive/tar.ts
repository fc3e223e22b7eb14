import { spawn } from 'node:child_process';
import type { Readable } from 'node:stream';

/** How much of what tar says goes into the error. */
const SHOWN = 500;

/**
 * Unpacks a tar bundle with the machine's `tar`, as the official agent does (`tar` for `tar` and `tgz` bundles, with
 * the same options): only that makes the same of sparse files, owners by name, compressions, odd links and devices.
 * It keeps to the directory by itself: names with `..` are refused, a leading `/` goes, links that could lead out are
 * made when all else is written.
 */
export async function unpackTar(
  bundle: string,
  type: 'tar' | 'tgz',
  directory: string,
): Promise<void> {
  // Options of the user's own would be added, such as the one that lets names lead out.
  const { TAR_OPTIONS: _, ...env } = process.env;
  const options = type === 'tgz' ? '-xzpf' : '-xpf';
  // In a group of its own: Ctrl-C in the agent's terminal lets it finish.
  const tar = spawn('tar', [options, bundle], {
    cwd: directory,
    env,
    detached: true,
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  const ended = new Promise<number | NodeJS.Signals | null>((resolve, reject) => {
    tar.once('error', reject);
    tar.once('close', (code, signal) => resolve(code ?? signal));
  });
  const [status, said] = await Promise.all([ended, beginningOf(tar.stderr)]).catch(
    (error: Error) => {
      throw new Error(`Error extracting tar archive: 127 (${error.message})`);
    },
  );
  if (status === 0) return;
  const reason = said.trim();
  throw new Error(`Error extracting tar archive: ${status}${reason && ` (${reason})`}`);
}

/** Reads all, for tar to get on, and keeps what is shown: tar has a line for each of millions of members. */
async function beginningOf(said: Readable): Promise<string> {
  let beginning = '';
  said.setEncoding('utf8');
  for await (const piece of said) beginning = (beginning + piece).slice(0, SHOWN);
  return beginning;
}
