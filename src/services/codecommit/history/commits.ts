import type { Commit, GitRepository } from '../../../git/git-host.ts';
import { isObjectId, isReferenceName } from '../../../git/names.ts';
import { commitDoesNotExist, invalidCommit, noDefaultBranch } from '../errors.ts';
import { candidateReferences } from '../model/names.ts';
import type { OpenRepository } from '../resources/repository.ts';

/**
 * The commit that a specifier means: full id, branch, tag, `refs/…`, HEAD; the default branch's where there is none.
 * @throws InvalidCommitException, CommitDoesNotExistException
 */
export async function findCommit(
  { record, git }: OpenRepository,
  specifier: string | undefined,
): Promise<Commit> {
  const id = await resolve({ record, git }, specifier);
  const commit = id && (await git.commit(id));
  if (!commit) throw commitDoesNotExist(specifier ?? 'HEAD');
  return commit;
}

/** @throws CommitDoesNotExistException */
export async function needCommit(git: Pick<GitRepository, 'commit'>, id: string): Promise<Commit> {
  const commit = await git.commit(id);
  if (!commit) throw commitDoesNotExist(id);
  return commit;
}

async function resolve(
  { record, git }: OpenRepository,
  specifier: string | undefined,
): Promise<string | undefined> {
  if (specifier && isObjectId(specifier)) return specifier;
  let candidates: string[];
  if (!specifier || specifier === 'HEAD') {
    if (!record.defaultBranch) throw noDefaultBranch();
    candidates = [`refs/heads/${record.defaultBranch}`];
  } else {
    candidates = candidateReferences(specifier);
    if (!candidates.some(isReferenceName)) throw invalidCommit();
  }
  const found = await git.references(candidates);
  for (const name of candidates) {
    const reference = found.find((one) => one.name === name);
    if (reference) return reference.peeledId;
  }
  return undefined;
}
