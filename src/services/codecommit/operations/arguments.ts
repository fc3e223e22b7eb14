import { isObjectId } from '../../../git/names.ts';
import {
  branchNameRequired,
  commitIdRequired,
  invalidBranchName,
  invalidCommitId,
  invalidContinuationToken,
} from '../errors.ts';
import { isBranchName } from '../model/names.ts';

/** @throws BranchNameRequiredException, InvalidBranchNameException */
export function checkBranchName(name: string | undefined): string {
  if (!name) throw branchNameRequired();
  if (!isBranchName(name)) throw invalidBranchName();
  return name;
}

/** @throws CommitIdRequiredException, InvalidCommitIdException */
export function checkCommitId(id: string | undefined): string {
  if (!id) throw commitIdRequired();
  if (!isObjectId(id)) throw invalidCommitId();
  return id;
}

/** What the caller of a list asked for. @throws InvalidContinuationTokenException */
export const asked = (token: string | undefined, limit: number) => ({
  token: token || undefined,
  limit,
  refuse: invalidContinuationToken,
});
