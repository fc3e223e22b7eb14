import type { GitRuntime } from './environment.ts';
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
