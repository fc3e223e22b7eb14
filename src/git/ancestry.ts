import { SHORT } from './bounds.ts';
import type { GitRuntime } from './environment.ts';
import { mergeBase } from './merges.ts';
import { isObjectId } from './names.ts';
import { runGit } from './process.ts';

/** See GitRepository.containedIn. */
export async function containedIn(
  runtime: GitRuntime,
  directory: string,
  commit: string,
  candidates: readonly string[],
): Promise<Set<string>> {
  if (![commit, ...candidates].every(isObjectId)) throw new Error('Not an object id');
  // All that leads to the candidates and not to the commit, themselves among it where it does not contain them.
  const stdin = [`^${commit}`, ...candidates].map((line) => `${line}\n`).join('');
  const output = await runGit(runtime, directory, ['rev-list', '--stdin'], { stdin });
  const outside = new Set(output.toString().split('\n'));
  return new Set(candidates.filter((id) => !outside.has(id)));
}

/** Where ways from a commit meet a history: nowhere, at one commit, or at several, of which git has to say which is the best. */
type Meeting = 'nowhere' | 'several' | { at: string };

/**
 * Where each commit meets the history that the others of the list are without.
 * @param lines of `rev-list --topo-order --parents`, so that parents come behind their children
 */
export function meetings(lines: readonly string[]): Map<string, Meeting> {
  const found = new Map<string, Meeting>();
  for (const line of lines.toReversed()) {
    const [id = '', ...parents] = line.split(' ');
    if (id === '') continue;
    let meeting: Meeting = 'nowhere';
    // What is not in the list is in that history.
    for (const parent of parents) meeting = both(meeting, found.get(parent) ?? { at: parent });
    found.set(id, meeting);
  }
  return found;
}

function both(one: Meeting, other: Meeting): Meeting {
  if (one === 'nowhere' || other === 'nowhere') return one === 'nowhere' ? other : one;
  if (one === 'several' || other === 'several') return 'several';
  return one.at === other.at ? one : 'several';
}

/** See GitRepository.mergeBases. */
export async function mergeBases(
  runtime: GitRuntime,
  directory: string,
  {
    commit,
    others,
    signal,
  }: { commit: string; others: readonly string[]; signal?: AbortSignal | undefined },
): Promise<Map<string, string | undefined>> {
  if (![commit, ...others].every(isObjectId)) throw new Error('Not an object id');
  const stdin = [`^${commit}`, ...others].map((line) => `${line}\n`).join('');
  const args = ['rev-list', '--topo-order', '--parents', '--stdin'];
  const output = await runGit(runtime, directory, args, { stdin, bounds: { ...SHORT, signal } });
  const met = meetings(output.toString().split('\n'));
  const bases = new Map<string, string | undefined>();
  for (const other of new Set(others)) {
    // Where it is in the commit's history itself, it is their base.
    const meeting = met.get(other) ?? { at: other };
    if (meeting === 'several')
      bases.set(other, await mergeBase(runtime, directory, [commit, other], signal));
    else bases.set(other, meeting === 'nowhere' ? undefined : meeting.at);
  }
  return bases;
}
