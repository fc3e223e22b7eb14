import type * as client from '@aws-sdk/client-codecommit';
import { unsupported } from '../../../aws/errors.ts';
import { GitLimitError } from '../../../git/bounds.ts';
import { GitContentError } from '../../../git/special-files.ts';
import { type Declare, declare } from '../../../kit/operation.ts';
import type { Named } from '../../../kit/resource.ts';
import type { ServiceContext } from '../../../kit/service.ts';
import { refusedContent } from '../errors.ts';
import { checkKey } from '../keys/data-key.ts';
import {
  findRepository,
  findRepositoryById,
  type RepositoryRecord,
} from '../store/repositories.ts';

const declared = declare<typeof client, ServiceContext>('codecommit');

/**
 * Operations that declare the errors of encryption keys and do not open the repository themselves: what belongs to a
 * repository is closed with it. The rule of each gives the repository, or what is in one.
 */
const ASKS_FOR_KEY: ReadonlySet<string> = new Set([
  ...['getRepository', 'updateRepositoryDescription'],
  ...['getRepositoryTriggers', 'putRepositoryTriggers'],
  ...['getPullRequest', 'listPullRequests', 'describePullRequestEvents', 'updatePullRequestStatus'],
  ...['createPullRequestApprovalRule', 'updatePullRequestApprovalRuleContent'],
  ...['deletePullRequestApprovalRule', 'evaluatePullRequestApprovalRules'],
  ...['updatePullRequestApprovalState', 'getPullRequestApprovalStates'],
  ...['overridePullRequestApprovalRules', 'getPullRequestOverrideState'],
  ...['getComment', 'getCommentsForPullRequest', 'postCommentForPullRequest'],
  ...['postCommentForComparedCommit', 'createPullRequest'],
  ...['mergePullRequestByFastForward', 'mergePullRequestBySquash', 'mergePullRequestByThreeWay'],
  'associateApprovalRuleTemplateWithRepository',
  'disassociateApprovalRuleTemplateFromRepository',
  'listAssociatedApprovalRuleTemplatesForRepository',
]);

type InRepository = RepositoryRecord | Named | { repositoryId: string } | undefined;

/** @throws the exceptions of encryption keys */
async function askForKey(ctx: ServiceContext, thing: unknown): Promise<void> {
  // Of the targets of a new pull request there is one.
  const one = (Array.isArray(thing) ? thing[0] : thing) as InRepository;
  const record = one && (await repositoryOf(ctx, one));
  // That there is none is said by the operation.
  if (record) await checkKey(ctx, ctx, record);
}

async function repositoryOf({ db }: ServiceContext, one: NonNullable<InRepository>) {
  if ('key' in one) return one;
  return 'repositoryId' in one
    ? await findRepositoryById(db, one.repositoryId)
    : await findRepository(db, one);
}

/** Declares one operation of this service: types and IAM action follow from its name. What git may not do for it is refused. */
export const codecommit: Declare<typeof client, ServiceContext> = (name, rule, handle) =>
  declared(name, rule, async (...call) => {
    const [ctx, , thing] = call;
    try {
      if (ASKS_FOR_KEY.has(name)) await askForKey(ctx, thing);
      return await handle(...call);
    } catch (error) {
      if (error instanceof GitContentError) throw refusedContent(error.message);
      if (error instanceof GitLimitError) throw unsupported(error.message);
      if ((error as Error).name === 'TimeoutError') throw unsupported('comparisons of this size');
      throw error;
    }
  });
