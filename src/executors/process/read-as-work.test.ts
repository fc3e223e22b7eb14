import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { expect, test } from 'vitest';
import { temporaryDirectory } from '../../lib/testing.ts';
import { readAsWork } from './read-as-work.ts';

/** Runs what a work runs, but tar, which fails with these words. */
const withTar = (said: string) => async (command: string[]) => {
  const [program = '', ...args] = command;
  const failing = ['-c', 'cat >/dev/null; printf %s "$0" >&2; exit 2', said];
  return program === 'tar'
    ? spawn('sh', failing)
    : (spawn(program, args) as ChildProcessWithoutNullStreams);
};

test.each([
  [
    "GNU's",
    'tar: ./etc/shadow: Cannot open: Permission denied\ntar: Exiting with failure status due to previous errors\n',
    '/etc/shadow cannot be read: Permission denied',
  ],
  [
    "BusyBox's",
    "tar: can't open './etc/shadow': Permission denied\ntar: error exit delayed from previous errors\n",
    '/etc/shadow cannot be read: Permission denied',
  ],
  [
    'of a directory',
    'tar: ./a b: Cannot stat: No such file or directory\n',
    '/a b cannot be read: No such file or directory',
  ],
  ['of its own', 'tar: unknown option\nUsage: tar\n', 'A file cannot be read: unknown option'],
])('what tar could not read is said in one line of ours: %s', async (_whose, said, expected) => {
  const file = join(temporaryDirectory(), 'file');
  writeFileSync(file, '');
  const archive = await readAsWork(withTar(said), file, () => true, false);
  await expect(buffer(archive)).rejects.toMatchObject({ code: 'EACCES', message: expected });
});
