import { createHash } from 'node:crypto';
import { parseArn } from '../../../aws/arn.ts';
import type { ServiceContext } from '../../../kit/service.ts';
import { invalidRepositoryName, repositoryNameRequired } from '../errors.ts';
import { limits } from '../limits.ts';
import { contentSha256 } from '../model/approval-rule-content.ts';
import { isRepositoryName } from '../model/names.ts';
import { isRevisionId, type PullRequest } from '../model/pull-request.ts';
import {
  actorDoesNotExist,
  authorDoesNotExist,
  idempotencyParameterMismatch,
  invalidActorArn,
  invalidAuthorArn,
  invalidClientRequestToken,
  invalidRevisionId,
  invalidRuleContentSha256,
  repositoryNotAssociatedWithPullRequest,
  revisionIdRequired,
} from '../reviews/errors.ts';

/** What several operations on pull requests, comments and approval rules are told. */

/** @throws InvalidClientRequestTokenException */
export function checkToken(token: string | undefined): string | undefined {
  if (!token) return undefined;
  if (token.length > limits.clientRequestToken || token.includes('\0'))
    throw invalidClientRequestToken();
  return token;
}

/** What was asked for, as a hash: the same token may only ask for the same again. */
export const requestOf = (asked: readonly unknown[]): string =>
  createHash('sha256').update(JSON.stringify(asked)).digest('hex');

/** @throws IdempotencyParameterMismatchException where the token came with another request before */
export function sameRequest<T extends { body: { request: string } }>(made: T, request: string): T {
  if (made.body.request !== request) throw idempotencyParameterMismatch();
  return made;
}

/** Those of this account are known to exist here, whoever has them; no other acts on its repositories. */
function checkIdentity(
  { accountId }: Pick<ServiceContext, 'accountId'>,
  text: string | undefined,
  refuse: { invalid: () => Error; absent: () => Error },
): string | undefined {
  if (!text) return undefined;
  const arn = parseArn(text);
  if (!arn || (arn.service !== 'iam' && arn.service !== 'sts')) throw refuse.invalid();
  if (arn.accountId !== accountId) throw refuse.absent();
  return text;
}

/** @throws InvalidAuthorArnException, AuthorDoesNotExistException */
export const checkAuthorArn = (ctx: ServiceContext, text: string | undefined) =>
  checkIdentity(ctx, text, { invalid: invalidAuthorArn, absent: authorDoesNotExist });

/** @throws InvalidActorArnException, ActorDoesNotExistException */
export const checkActorArn = (ctx: ServiceContext, text: string | undefined) =>
  checkIdentity(ctx, text, { invalid: invalidActorArn, absent: actorDoesNotExist });

/** @throws RevisionIdRequiredException, InvalidRevisionIdException */
export function checkRevisionId(id: string | undefined): string {
  if (!id) throw revisionIdRequired();
  if (!isRevisionId(id)) throw invalidRevisionId();
  return id;
}

/** @throws RepositoryNameRequired, InvalidRepositoryName, RepositoryNotAssociatedWithPullRequest exceptions */
export function checkRepositoryOf(
  { repositoryName }: Pick<PullRequest, 'repositoryName'>,
  given: string | undefined,
): void {
  if (!given) throw repositoryNameRequired();
  if (!isRepositoryName(given)) throw invalidRepositoryName();
  if (given !== repositoryName) throw repositoryNotAssociatedWithPullRequest();
}

/** Letters, digits, `.`, space, `_` and `-`, not ending in `.git` (CC-LIM-06); of templates alike. */
export const isRuleName = (name: string) =>
  name.length <= limits.approvalRuleName && /^[\w. -]+$/.test(name) && !name.endsWith('.git');

/** @throws InvalidRuleContentSha256Exception where what is replaced is no longer what the caller has seen */
export function checkSha256(given: string | undefined, content: string): void {
  if (given && given !== contentSha256(content)) throw invalidRuleContentSha256();
}
