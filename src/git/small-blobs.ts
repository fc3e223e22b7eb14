import { createInterface } from 'node:readline';
import { MAINTENANCE } from './bounds.ts';
import type { GitRuntime } from './environment.ts';
import { startGit } from './process.ts';
import { ProcessStream } from './process-stream.ts';

const FORMAT = '%(objecttype) %(objectsize) %(objectname)';

/**
 * Ids of all blobs of at most `most` bytes, each once, whatever leads to them.
 * @throws Error where git misses something: what it does not list may be there all the same
 */
export async function* smallBlobIds(
  runtime: GitRuntime,
  directory: string,
  most: number,
  signal?: AbortSignal,
): AsyncGenerator<string, void, void> {
  const args = ['cat-file', '--batch-all-objects', '--unordered', '--buffer'];
  const git = startGit(runtime, directory, [...args, `--batch-check=${FORMAT}`], {
    env: { GIT_DIR: directory },
    bounds: { ...MAINTENANCE, signal },
  });
  git.process.stdin.end();
  const said = new ProcessStream(git);
  try {
    for await (const line of createInterface({ input: said, crlfDelay: Infinity })) {
      const [type, size, id = ''] = line.split(' ');
      if (!/^\d+$/.test(size ?? '')) throw new Error(`Not all objects are there: ${line}`);
      if (type === 'blob' && Number(size) <= most) yield id;
    }
    // Its lines do not say why they end.
    if (said.errored) throw said.errored;
    // Of a pack that it cannot open it says so, goes on with the others, and ends well.
    const wrong = git.stderr().trim();
    if (wrong !== '') throw new Error(`Not all objects are there: ${wrong}`);
  } finally {
    said.destroy();
  }
}
