import { createHash } from 'node:crypto';
import { AwsError } from '../../../aws/errors.ts';
import { isObjectId } from '../../../git/names.ts';
import {
  branchNameRequired,
  commitIdRequired,
  invalidBranchName,
  invalidCommitId,
  invalidContinuationToken,
  invalidMaxResults,
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

/** Members that may be others on the next page. */
const OF_A_PAGE = ['nextToken', 'NextToken', 'maxResults', 'MaxResults', 'maxConflictFiles'];

/** What the input says of the list, as a hash. */
function listOf(input: object, where: string): string {
  const members = Object.entries(input).filter(([name]) => !OF_A_PAGE.includes(name));
  const text = JSON.stringify([where, members.sort(([a], [b]) => (a < b ? -1 : 1))]);
  return createHash('sha256').update(text).digest('base64url');
}

interface OfAPage {
  nextToken?: string | undefined;
  NextToken?: string | undefined;
}

/**
 * What the caller of a list asked for. Its tokens are for the same arguments alone.
 * @param where the id of the repository, which a name may lose to another one
 * @throws InvalidContinuationTokenException
 */
export const asked = (input: OfAPage, limit: number, where = '') => ({
  token: input.nextToken || input.NextToken || undefined,
  limit,
  refuse: invalidContinuationToken,
  of: listOf(input, where),
});

/**
 * How many items a page has.
 * @throws InvalidMaxResultsException, or what `invalid` makes, for what is none, or more than AWS says that a page has (CC-LIM-08)
 */
export function checkMaxResults(
  given: number | undefined,
  most: number,
  { usual = most, invalid = invalidMaxResults }: { usual?: number; invalid?: () => Error } = {},
): number {
  if (given === undefined) return usual;
  if (!Number.isFinite(given) || given < 1 || given > most) throw invalid();
  if (!Number.isInteger(given)) throw notAnInteger(given);
  return given;
}

const notAnInteger = (given: number) =>
  new AwsError('SerializationException', `${given} can not be converted to an Integer`);
