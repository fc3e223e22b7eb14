import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import { type GitSettings, startGit } from './git.ts';

/** A file whose content Git LFS keeps: https://github.com/git-lfs/git-lfs/blob/main/docs/spec.md */
export interface Pointer {
  /** SHA-256 in hex. */
  oid: string;
  size: number;
}

/** The longest and the shortest file that can be one. */
const [LEAST, MOST] = [100, 1024];

/** What a file points to, or undefined where it is no pointer. */
export function parsePointer(text: string): Pointer | undefined {
  const [version = '', ...lines] = text.split('\n');
  if (!/^version https:\/\/(git-lfs\.github\.com|hawser\.github\.com)\/spec\/v1$/.test(version))
    return undefined;
  const values = new Map(
    lines.map((line) => [line.split(' ', 1)[0], line.slice(line.indexOf(' ') + 1)]),
  );
  const oid = /^sha256:([0-9a-f]{64})$/.exec(values.get('oid') ?? '')?.[1];
  const size = /^\d{1,15}$/.exec(values.get('size') ?? '')?.[0];
  return oid === undefined || size === undefined ? undefined : { oid, size: Number(size) };
}

/** What all pointers in a repository point to, each once: of every commit that it has. Held: the pointers alone. */
export async function pointersOf(settings: GitSettings): Promise<Pointer[]> {
  const format = '--batch-check=%(objecttype) %(objectsize) %(objectname)';
  const all = startGit(settings, [
    'cat-file',
    '--batch-all-objects',
    '--unordered',
    '--buffer',
    format,
  ]);
  all.child.stdin.end();
  const contents = startGit(settings, ['cat-file', '--batch', '--buffer']);
  const found = new Map<string, Pointer>();
  const reading = (async () => {
    for await (const content of objectsOf(contents.child.stdout)) {
      const pointer = parsePointer(content.toString('utf8'));
      if (pointer && pointer.size > 0) found.set(pointer.oid, pointer);
    }
  })();
  for await (const line of createInterface({ input: all.child.stdout })) {
    const [type, size, id] = line.split(' ');
    if (type !== 'blob' || Number(size) < LEAST || Number(size) > MOST) continue;
    if (!contents.child.stdin.write(`${id}\n`))
      await new Promise<void>((resolve) => {
        contents.child.stdin.once('drain', resolve);
        contents.child.once('close', () => resolve());
      });
  }
  contents.child.stdin.end();
  await Promise.all([reading, all.ended, contents.ended]);
  return [...found.values()];
}

/** Contents as `cat-file --batch` writes them: a line that says how long, the content, a line's end. */
async function* objectsOf(output: Readable): AsyncGenerator<Buffer> {
  let rest: Buffer = Buffer.alloc(0);
  for await (const chunk of output) {
    rest = rest.length === 0 ? chunk : Buffer.concat([rest, chunk]);
    for (;;) {
      const end = rest.indexOf(10);
      if (end < 0) break;
      const size = Number(rest.toString('utf8', 0, end).split(' ')[2]);
      if (rest.length < end + 1 + size + 1) break;
      yield rest.subarray(end + 1, end + 1 + size);
      rest = rest.subarray(end + 2 + size);
    }
  }
}
