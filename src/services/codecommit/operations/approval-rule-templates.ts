import { randomUUID } from 'node:crypto';
import type { Tx } from '../../../db/database.ts';
import { page } from '../../../kit/pages.ts';
import type { ServiceContext } from '../../../kit/service.ts';
import { limits } from '../limits.ts';
import type { ApprovalRule } from '../model/approval-rule.ts';
import { isFor, parseRuleContent } from '../model/approval-rule-content.ts';
import {
  type ApprovalRuleTemplate,
  type TemplateBody,
  templateEvent,
  templateView,
} from '../model/approval-rule-template.ts';
import {
  approvalRuleTemplateContentRequired,
  approvalRuleTemplateDoesNotExist,
  approvalRuleTemplateInUse,
  approvalRuleTemplateNameAlreadyExists,
  approvalRuleTemplateNameRequired,
  invalidApprovalRuleTemplateContent,
  invalidApprovalRuleTemplateDescription,
  invalidApprovalRuleTemplateName,
  numberOfRuleTemplatesExceeded,
} from '../reviews/errors.ts';
import {
  countTemplates,
  deleteTemplate,
  findTemplate,
  insertTemplate,
  listTemplateNames,
  repositoriesOf,
  saveTemplate,
  templatesOf,
} from '../store/approval-rule-templates.ts';
import { asked, checkMaxResults } from './arguments.ts';
import { codecommit } from './declare.ts';
import { checkSha256, isRuleName } from './review-arguments.ts';

/** @throws ApprovalRuleTemplateNameRequiredException, InvalidApprovalRuleTemplateNameException */
export function checkTemplateName(name: string | undefined): string {
  if (!name) throw approvalRuleTemplateNameRequired();
  if (!isRuleName(name)) throw invalidApprovalRuleTemplateName();
  return name;
}

/** @throws ApprovalRuleTemplateContentRequiredException, InvalidApprovalRuleTemplateContentException */
function checkContent(content: string | undefined): string {
  if (!content) throw approvalRuleTemplateContentRequired();
  if (!parseRuleContent(content)) throw invalidApprovalRuleTemplateContent();
  return content;
}

/** @throws InvalidApprovalRuleTemplateDescriptionException */
function checkDescription(description: string | undefined): string | undefined {
  if ((description?.length ?? 0) > limits.templateDescription)
    throw invalidApprovalRuleTemplateDescription();
  return description || undefined;
}

/** @throws ApprovalRuleTemplateDoesNotExistException */
export async function needTemplate(
  ctx: ServiceContext,
  tx: Tx,
  name: string,
): Promise<ApprovalRuleTemplate> {
  const found = await findTemplate(tx, ctx, name);
  if (!found) throw approvalRuleTemplateDoesNotExist();
  return found;
}

/** The rules that a new pull request gets of the templates of its repository (CC-APR-04). */
export async function rulesForNew(
  tx: Tx,
  repositoryId: string,
  destinationReference: string,
  now: Date,
): Promise<ApprovalRule[]> {
  const templates = await templatesOf(tx, repositoryId);
  return templates.flatMap(({ templateId, name, body: { content, modifiedBy } }) => {
    const parsed = parseRuleContent(content);
    if (!parsed || !isFor(parsed, destinationReference)) return [];
    const rule = { id: randomUUID(), name, content, created: now, modified: now, modifiedBy };
    return [{ ...rule, origin: { id: templateId, name } }];
  });
}

/** CC-AT-01 */
export const createApprovalRuleTemplate = codecommit(
  'createApprovalRuleTemplate',
  {},
  async (ctx, input) => {
    const name = checkTemplateName(input.approvalRuleTemplateName);
    const content = checkContent(input.approvalRuleTemplateContent);
    const description = checkDescription(input.approvalRuleTemplateDescription);
    const { accountId, region, principal } = ctx;
    const now = ctx.clock.now();
    const template: ApprovalRuleTemplate = {
      ...{ templateId: randomUUID(), accountId, region, name },
      body: { content, description, created: now, modified: now, modifiedBy: principal.arn },
    };
    await ctx.transaction(async (tx) => {
      if (await findTemplate(tx, ctx, name)) throw approvalRuleTemplateNameAlreadyExists();
      if ((await countTemplates(tx, ctx)) >= limits.templates)
        throw numberOfRuleTemplatesExceeded();
      await insertTemplate(tx, template);
      const event = templateEvent(template, 'approvalRuleTemplateCreated', principal.arn);
      await ctx.events.publish(tx, event);
    });
    return { approvalRuleTemplate: templateView(template) };
  },
);

/** CC-AT-02 */
export const getApprovalRuleTemplate = codecommit(
  'getApprovalRuleTemplate',
  {},
  async (ctx, input) => {
    const name = checkTemplateName(input.approvalRuleTemplateName);
    return { approvalRuleTemplate: templateView(await needTemplate(ctx, ctx.db, name)) };
  },
);

/** CC-AT-03 */
export const listApprovalRuleTemplates = codecommit(
  'listApprovalRuleTemplates',
  {},
  async (ctx, input) => {
    const limit = checkMaxResults(input.maxResults, limits.templates, {
      usual: limits.templatesPage,
    });
    const { items, nextToken } = await page(
      ctx,
      asked(input, limit),
      (after: string | undefined, count) => listTemplateNames(ctx.db, ctx, after, count),
      (name) => name,
    );
    return { approvalRuleTemplateNames: items, ...(nextToken && { nextToken }) };
  },
);

/** Changes a template, which changes the rules of no pull request that is there. */
async function change(
  ctx: ServiceContext,
  name: string,
  changed: (
    before: ApprovalRuleTemplate,
    tx: Tx,
  ) => Promise<{ name?: string; body?: Partial<TemplateBody> }>,
) {
  const { principal } = ctx;
  const template = await ctx.transaction(async (tx) => {
    const before = await needTemplate(ctx, tx, name);
    const to = await changed(before, tx);
    const by = { modified: ctx.clock.now(), modifiedBy: principal.arn };
    const after = {
      ...{ ...before, name: to.name ?? before.name },
      body: { ...before.body, ...to.body, ...by },
    };
    await saveTemplate(tx, after);
    const event = templateEvent(after, 'approvalRuleTemplateUpdated', principal.arn);
    await ctx.events.publish(tx, event);
    return after;
  });
  return { approvalRuleTemplate: templateView(template) };
}

/** CC-AT-04 */
export const updateApprovalRuleTemplateContent = codecommit(
  'updateApprovalRuleTemplateContent',
  {},
  async (ctx, input) => {
    const name = checkTemplateName(input.approvalRuleTemplateName);
    const content = checkContent(input.newRuleContent);
    return change(ctx, name, async ({ body }) => {
      checkSha256(input.existingRuleContentSha256, body.content);
      return { body: { content } };
    });
  },
);

/** CC-AT-05 */
export const updateApprovalRuleTemplateDescription = codecommit(
  'updateApprovalRuleTemplateDescription',
  {},
  async (ctx, input) => {
    const name = checkTemplateName(input.approvalRuleTemplateName);
    const given = input.approvalRuleTemplateDescription;
    // Empty, it clears: what is left out would clear it as well, without anybody having said so.
    if (given === undefined) throw invalidApprovalRuleTemplateDescription();
    const description = checkDescription(given);
    return change(ctx, name, async () => ({ body: { description } }));
  },
);

/** CC-AT-06 */
export const updateApprovalRuleTemplateName = codecommit(
  'updateApprovalRuleTemplateName',
  {},
  async (ctx, input) => {
    const before = checkTemplateName(input.oldApprovalRuleTemplateName);
    const name = checkTemplateName(input.newApprovalRuleTemplateName);
    return change(ctx, before, async (_, tx) => {
      if (name !== before && (await findTemplate(tx, ctx, name)))
        throw approvalRuleTemplateNameAlreadyExists();
      return { name };
    });
  },
);

/** CC-AT-07: what is gone already is gone, and has no id any more: an empty one, since the model requires it. */
export const deleteApprovalRuleTemplate = codecommit(
  'deleteApprovalRuleTemplate',
  {},
  async (ctx, input) => {
    const name = checkTemplateName(input.approvalRuleTemplateName);
    return ctx.transaction(async (tx) => {
      const template = await findTemplate(tx, ctx, name);
      if (!template) return { approvalRuleTemplateId: '' };
      const { templateId } = template;
      const [used] = await repositoriesOf(tx, templateId, undefined, 1);
      if (used !== undefined) throw approvalRuleTemplateInUse();
      await deleteTemplate(tx, templateId);
      const event = templateEvent(template, 'approvalRuleTemplateDeleted', ctx.principal.arn);
      await ctx.events.publish(tx, event);
      return { approvalRuleTemplateId: templateId };
    });
  },
);
