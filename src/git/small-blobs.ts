import { createInterface } from 'node:readline';
import { MAINTENANCE } from './bounds.ts';
import type { GitRuntime } from './environment.ts';
import { startGit } from './process.ts';
import { ProcessStream } from './process-stream.ts';

const FORMAT = '%(objecttype) %(objectsize) %(objectname)';

/** Ids of all blobs of at most `most` bytes, each once, whatever leads to them. */
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
      if (type === 'blob' && Number(size) <= most) yield id;
    }
    // Its lines do not say why they end.
    if (said.errored) throw said.errored;
  } finally {
    said.destroy();
  }
}
