import type { ApprovalRule as ApprovalRuleView, Evaluation } from '@aws-sdk/client-codecommit';
import { contentSha256, isSatisfied, parseRuleContent } from './approval-rule-content.ts';

/** Approval rules of a pull request. Pure. */

export interface ApprovalRule {
  id: string;
  name: string;
  content: string;
  created: Date;
  modified: Date;
  modifiedBy: string;
  /** The template that it was made of. */
  origin?: { id: string; name: string } | undefined;
}

export function ruleView(rule: ApprovalRule): ApprovalRuleView {
  const { origin } = rule;
  return {
    approvalRuleId: rule.id,
    approvalRuleName: rule.name,
    approvalRuleContent: rule.content,
    ruleContentSha256: contentSha256(rule.content),
    lastModifiedDate: rule.modified,
    creationDate: rule.created,
    lastModifiedUser: rule.modifiedBy,
    ...(origin && {
      originApprovalRuleTemplate: {
        approvalRuleTemplateId: origin.id,
        approvalRuleTemplateName: origin.name,
      },
    }),
  };
}

/** Are the rules satisfied by those who have approved, or set aside (CC-AP-06)? Without rules it is approved. */
export function evaluate(
  rules: readonly ApprovalRule[],
  approvers: readonly string[],
  overridden: boolean,
): Required<Evaluation> {
  const satisfied: string[] = [];
  const not: string[] = [];
  for (const { name, content } of rules) {
    const parsed = parseRuleContent(content);
    (parsed && isSatisfied(parsed, approvers) ? satisfied : not).push(name);
  }
  return {
    approved: overridden || not.length === 0,
    overridden,
    approvalRulesSatisfied: satisfied,
    approvalRulesNotSatisfied: not,
  };
}
