import type { Reference } from '../../../git/git-host.ts';
import { isObjectId, isReferenceName } from '../../../git/names.ts';
import {
  branchDoesNotExist,
  branchNameIsTagName,
  branchNameRequired,
  commitRequired,
  invalidBranchName,
  invalidCommit,
} from '../errors.ts';
import { type AskedTarget, candidateReferences, isBranchName, targetName } from '../model/names.ts';
import type { OpenRepository } from '../resources/repository.ts';
import { concurrentReferenceUpdate, invalidTargetBranch } from './errors.ts';

/** The branch that a merge moves (CC-MRG-06). */

/** @throws CommitRequiredException, InvalidCommitException */
export function checkSpecifier(
  specifier: string | undefined,
  invalid: () => Error = invalidCommit,
): string {
  if (!specifier) throw commitRequired();
  const isName = candidateReferences(specifier).some(isReferenceName);
  if (!isObjectId(specifier) && specifier !== 'HEAD' && !isName) throw invalid();
  return specifier;
}

/** @throws InvalidTargetBranch, BranchNameRequired, BranchNameIsTagName, InvalidBranchName exceptions */
export function checkTarget(asked: AskedTarget): string {
  const { targetBranch, destinationCommitSpecifier = '' } = asked;
  if (targetBranch !== undefined) {
    if (targetBranch === '') throw branchNameRequired();
    if (!isBranchName(targetBranch)) throw invalidTargetBranch();
    return targetBranch;
  }
  // What is no branch, or one by another name, does not say which one moves.
  if (isObjectId(destinationCommitSpecifier) || destinationCommitSpecifier === 'HEAD')
    throw branchNameRequired();
  if (destinationCommitSpecifier.startsWith('refs/tags/')) throw branchNameIsTagName();
  const name = targetName(asked);
  if (!isBranchName(name)) throw invalidBranchName();
  return name;
}

/**
 * Is the branch where the merge begins?
 * @throws BranchNameIsTagName, BranchDoesNotExist; InvalidTargetBranch where the destination is another reference, and
 * ConcurrentReferenceUpdate where the branch has gone on, exceptions
 */
export async function checkTip(
  { git }: OpenRepository,
  { branch, destination, asked }: { branch: string; destination: string; asked: AskedTarget },
): Promise<void> {
  const [heads, tags] = [`refs/heads/${branch}`, `refs/tags/${branch}`];
  const found = await git.references([heads, tags]);
  const tip = found.find(({ name }: Reference) => name === heads);
  if (!tip && found.length > 0) throw branchNameIsTagName();
  if (!tip) throw branchDoesNotExist(branch);
  if (tip.id === destination) return;
  const { destinationCommitSpecifier = '' } = asked;
  const isItself =
    isObjectId(destinationCommitSpecifier) || targetName({ destinationCommitSpecifier }) === branch;
  throw isItself ? concurrentReferenceUpdate() : invalidTargetBranch();
}
