import { branchNameRequired, invalidBranchName, invalidContinuationToken } from '../errors.ts';
import { isBranchName } from '../model/names.ts';

/** @throws BranchNameRequiredException, InvalidBranchNameException */
export function checkBranchName(name: string | undefined): string {
  if (!name) throw branchNameRequired();
  if (!isBranchName(name)) throw invalidBranchName();
  return name;
}

/** What the caller of a list asked for. @throws InvalidContinuationTokenException */
export const asked = (token: string | undefined, limit: number) => ({
  token: token || undefined,
  limit,
  refuse: invalidContinuationToken,
});
