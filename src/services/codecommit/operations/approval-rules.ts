import { randomUUID } from 'node:crypto';
import { saveDeed } from '../history/pull-requests.ts';
import { limits } from '../limits.ts';
import { type ApprovalRule, ruleView } from '../model/approval-rule.ts';
import { parseRuleContent } from '../model/approval-rule-content.ts';
import { onPullRequest } from '../resources/pull-request.ts';
import {
  approvalRuleContentRequired,
  approvalRuleDoesNotExist,
  approvalRuleNameAlreadyExists,
  approvalRuleNameRequired,
  cannotDeleteApprovalRuleFromTemplate,
  cannotModifyApprovalRuleFromTemplate,
  invalidApprovalRuleContent,
  invalidApprovalRuleName,
  numberOfRulesExceeded,
} from '../reviews/errors.ts';
import { codecommit } from './declare.ts';
import { changePullRequest, checkOpen } from './pull-requests.ts';
import { checkSha256, isRuleName } from './review-arguments.ts';

/** @throws ApprovalRuleNameRequiredException, InvalidApprovalRuleNameException */
function checkName(name: string | undefined): string {
  if (!name) throw approvalRuleNameRequired();
  if (!isRuleName(name)) throw invalidApprovalRuleName();
  return name;
}

/** @throws ApprovalRuleContentRequiredException, InvalidApprovalRuleContentException */
function checkContent(content: string | undefined): string {
  if (!content) throw approvalRuleContentRequired();
  const parsed = parseRuleContent(content);
  // Branches are named by templates: a pull request has one.
  if (!parsed || parsed.destinations) throw invalidApprovalRuleContent();
  return content;
}

/** CC-AP-01 */
export const createPullRequestApprovalRule = codecommit(
  'createPullRequestApprovalRule',
  onPullRequest,
  async (ctx, input, found) => {
    const name = checkName(input.approvalRuleName);
    const content = checkContent(input.approvalRuleContent);
    const now = ctx.clock.now();
    const actorArn = ctx.principal.arn;
    const rule: ApprovalRule = {
      ...{ id: randomUUID(), name, content },
      ...{ created: now, modified: now, modifiedBy: actorArn },
    };
    await changePullRequest(ctx, found, async (tx, pr) => {
      const { body } = checkOpen(pr);
      if (body.rules.some((one) => one.name === name)) throw approvalRuleNameAlreadyExists();
      if (body.rules.length >= limits.approvalRules) throw numberOfRulesExceeded();
      const changed = { ...pr, body: { ...body, rules: [...body.rules, rule] } };
      await saveDeed(ctx, tx, changed, { actorArn, deed: { deed: 'ruleCreated', rule } });
    });
    return { approvalRule: ruleView(rule) };
  },
);

/** CC-AP-02 */
export const updatePullRequestApprovalRuleContent = codecommit(
  'updatePullRequestApprovalRuleContent',
  onPullRequest,
  async (ctx, input, found) => {
    const name = checkName(input.approvalRuleName);
    const content = checkContent(input.newRuleContent);
    const actorArn = ctx.principal.arn;
    return changePullRequest(ctx, found, async (tx, pr) => {
      const { body } = checkOpen(pr);
      const before = body.rules.find((one) => one.name === name);
      if (!before) throw approvalRuleDoesNotExist();
      if (before.origin) throw cannotModifyApprovalRuleFromTemplate();
      checkSha256(input.existingRuleContentSha256, before.content);
      const rule = { ...before, content, modified: ctx.clock.now(), modifiedBy: actorArn };
      const rules = body.rules.map((one) => (one === before ? rule : one));
      const changed = { ...pr, body: { ...body, rules } };
      await saveDeed(ctx, tx, changed, { actorArn, deed: { deed: 'ruleUpdated', rule } });
      return { approvalRule: ruleView(rule) };
    });
  },
);

/** CC-AP-03: what is gone already is gone, and has no id any more: an empty one, since the model requires it. */
export const deletePullRequestApprovalRule = codecommit(
  'deletePullRequestApprovalRule',
  onPullRequest,
  async (ctx, input, found) => {
    const name = checkName(input.approvalRuleName);
    const actorArn = ctx.principal.arn;
    return changePullRequest(ctx, found, async (tx, pr) => {
      const { body } = checkOpen(pr);
      const rule = body.rules.find((one) => one.name === name);
      if (!rule) return { approvalRuleId: '' };
      if (rule.origin) throw cannotDeleteApprovalRuleFromTemplate();
      const rules = body.rules.filter((one) => one !== rule);
      const changed = { ...pr, body: { ...body, rules } };
      await saveDeed(ctx, tx, changed, { actorArn, deed: { deed: 'ruleDeleted', rule } });
      return { approvalRuleId: rule.id };
    });
  },
);
