import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { hideTips, showTips } from './kept-objects.ts';

/*
 * What a remote has, as it has told a clone of it: a build sees that and nothing more, whatever was kept of other clones.
 * What somebody only proposed, and what is on the remote no longer, is not for who builds the next proposal.
 */

export const OF_THE_REMOTE = ['refs/remotes', 'refs/tags'];
const ITS_REFERENCES = ['--remotes', '--tags'];
const OBJECT = /^[0-9a-f]{40,64}$/;

/** A clone that has asked its remote. */
export interface AskedClone {
  /** Git in it, with this for its input. */
  git: (input: string, ...args: string[]) => Promise<string>;
  gitDirectory: string;
}

/** What was asked for; undefined where several were. */
async function fetchedOf(gitDirectory: string): Promise<string | undefined> {
  const [first = ''] = (await readFile(join(gitDirectory, 'FETCH_HEAD'), 'latin1')).split('\t');
  return OBJECT.test(first) ? first : undefined;
}

/** Whether this commit is on a branch or tag of the remote, or what was fetched has it. */
export async function isReached(
  { git, gitDirectory }: AskedClone,
  commit: string,
): Promise<boolean> {
  const fetched = await fetchedOf(gitDirectory);
  return reachesAll(git, [commit], fetched ? [fetched] : []);
}

/** Whether what was fetched is on a branch or tag of the remote, where everybody has it: a proposal is not. */
export async function isShared({ git, gitDirectory }: AskedClone): Promise<boolean> {
  const fetched = await fetchedOf(gitDirectory);
  return fetched === undefined || reachesAll(git, [fetched], []);
}

const reachesAll = async (git: AskedClone['git'], commits: string[], more: string[]) =>
  (
    await git(
      commits.map((each) => `${each}\n`).join(''),
      ...['rev-list', '--max-count=1', '--stdin', '--not', ...ITS_REFERENCES, ...more],
    )
  ).trim() === '';

/**
 * Takes out what the remote has not told of, where there is any.
 * @param tips what all that was there before was reached from
 */
export async function dropUnreached(clone: AskedClone, tips: string[]): Promise<void> {
  const { git, gitDirectory } = clone;
  const fetched = await fetchedOf(gitDirectory);
  if (await areReached(clone, tips, fetched)) return;
  await hideTips(gitDirectory);
  if (fetched) await showTips(gitDirectory, [fetched]);
  await git('', 'repack', '-a', '-d', '-n', '--quiet');
}

async function areReached(
  { git }: AskedClone,
  tips: string[],
  fetched: string | undefined,
): Promise<boolean> {
  const told = await git('', 'for-each-ref', '--format=%(objectname)', ...OF_THE_REMOTE);
  const now = new Set([...told.split('\n'), fetched]);
  const gone = tips.filter((tip) => !now.has(tip));
  if (gone.length === 0) return true;
  const input = gone.map((tip) => `${tip}\n`).join('');
  const kinds = await git(input, 'cat-file', '--batch-check=%(objecttype)');
  // A tag that was taken back says something that its commit does not.
  if (kinds.split('\n').some((kind) => kind !== '' && kind !== 'commit')) return false;
  return reachesAll(git, gone, fetched ? [fetched] : []);
}
