import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

const KIBIBYTE = 1024;
/** The sizes of ten million files. */
const MOST_OUTPUT_BYTES = 64 * 1024 * 1024;

/**
 * How much of the disk is below a directory, in bytes: asked of programs that know trees that are deeper than a path may
 * be long. Work may be writing there: what cannot be read is not counted.
 * @param since epoch milliseconds: only files that were written after it, by the time of theirs that nobody can set (GNU
 *   find; with another one there are none)
 */
export async function bytesWritten(directory: string, since?: number): Promise<number> {
  const output =
    since === undefined
      ? await said('du', ['-sk', '--', directory])
      : await said('find', [
          ...[directory, '-xdev', '-type', 'f', '-newerct', `@${since / 1000}`],
          ...['-printf', '%k\n'],
        ]);
  let kibibytes = 0;
  for (const [digits] of output.matchAll(/^\d+/gm)) kibibytes += Number(digits);
  return kibibytes * KIBIBYTE;
}

/** What a program has printed, also when it failed in the end. */
async function said(program: string, parameters: string[]): Promise<string> {
  const run = promisify(execFile)(program, parameters, { maxBuffer: MOST_OUTPUT_BYTES });
  const { stdout } = await run.catch((error) => ({ stdout: String(error.stdout ?? '') }));
  return stdout;
}
