import type { ApprovalRuleTemplate as TemplateView } from '@aws-sdk/client-codecommit';
import type { NewEvent } from '../../../engine/events.ts';
import { contentSha256 } from './approval-rule-content.ts';
import { dateText } from './date-text.ts';

/** A template of approval rules, how callers see it and how it is announced (CC-EVT-08). Pure. */

export interface TemplateBody {
  content: string;
  description?: string | undefined;
  created: Date;
  modified: Date;
  modifiedBy: string;
}

export interface ApprovalRuleTemplate {
  templateId: string;
  accountId: string;
  region: string;
  name: string;
  body: TemplateBody;
}

export function templateView({ templateId, name, body }: ApprovalRuleTemplate): TemplateView {
  return {
    approvalRuleTemplateId: templateId,
    approvalRuleTemplateName: name,
    ...(body.description !== undefined && { approvalRuleTemplateDescription: body.description }),
    approvalRuleTemplateContent: body.content,
    ruleContentSha256: contentSha256(body.content),
    lastModifiedDate: body.modified,
    creationDate: body.created,
    lastModifiedUser: body.modifiedBy,
  };
}

export interface TemplateRepository {
  arn: string;
  name: string;
  repositoryId: string;
}

type TemplateDeed =
  | 'approvalRuleTemplateCreated'
  | 'approvalRuleTemplateUpdated'
  | 'approvalRuleTemplateDeleted'
  | 'approvalRuleTemplateAssociatedWithRepository'
  | 'approvalRuleTemplateDisassociatedFromRepository'
  | 'batchAssociateApprovalRuleTemplateWithRepositories'
  | 'batchDisassociateApprovalRuleTemplateFromRepositories';

const TEXTS: Record<
  TemplateDeed,
  (template: ApprovalRuleTemplate, names: string, sha256: string) => string
> = {
  approvalRuleTemplateCreated: ({ name, templateId }) =>
    `An approval rule template with the following name has been created: ${name}. The ID of the created template is: ${templateId}.`,
  approvalRuleTemplateUpdated: ({ name, templateId }, _, sha256) =>
    `An approval rule template with the following name has been updated: ${name}. The ID of the updated template is: ${templateId}. The after rule template content SHA256 is ${sha256}.`,
  approvalRuleTemplateDeleted: ({ name, templateId }) =>
    `An approval rule template with the following name has been deleted: ${name}. The ID of the updated template is: ${templateId}.`,
  approvalRuleTemplateAssociatedWithRepository: (_, names) =>
    `An approval rule template has been associated with the following repository: [${names}].`,
  approvalRuleTemplateDisassociatedFromRepository: (_, names) =>
    `An approval rule template has been disassociated from the following repository: [${names}].`,
  batchAssociateApprovalRuleTemplateWithRepositories: (_, names) =>
    `An approval rule template has been batch associated with the following repository names: [${names}].`,
  batchDisassociateApprovalRuleTemplateFromRepositories: (_, names) =>
    `An approval rule template has been batch disassociated from the following repository names: [${names}].`,
};

export function templateEvent(
  template: ApprovalRuleTemplate,
  event: TemplateDeed,
  actorArn: string,
  repositories: readonly TemplateRepository[] = [],
): NewEvent {
  const sha256 = contentSha256(template.body.content);
  const names = repositories.map(({ name }) => name).join(', ');
  return {
    source: 'aws.codecommit',
    'detail-type': 'CodeCommit Approval Rule Template Change',
    account: template.accountId,
    region: template.region,
    resources: repositories.map(({ arn }) => arn),
    detail: {
      approvalRuleTemplateContentSha256: sha256,
      approvalRuleTemplateId: template.templateId,
      approvalRuleTemplateName: template.name,
      callerUserArn: actorArn,
      creationDate: dateText(template.body.created),
      event,
      lastModifiedDate: dateText(template.body.modified),
      notificationBody: `A approval rule template event occurred in the following AWS CodeCommit account: ${template.accountId}. User: ${actorArn}. Additional information: ${TEXTS[event](template, names, sha256)} For more information, go to the AWS CodeCommit console.`,
      repositories: Object.fromEntries(
        repositories.map(({ name, repositoryId }) => [name, repositoryId]),
      ),
    },
  };
}
