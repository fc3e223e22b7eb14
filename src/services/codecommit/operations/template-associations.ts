import type { Tx } from '../../../db/database.ts';
import { page, pageOfList } from '../../../kit/pages.ts';
import { atEach, need, on } from '../../../kit/resource.ts';
import type { ServiceContext } from '../../../kit/service.ts';
import {
  invalidRepositoryName,
  maximumRepositoryNamesExceeded,
  repositoryDoesNotExist,
  repositoryNamesRequired,
} from '../errors.ts';
import { limits } from '../limits.ts';
import { type ApprovalRuleTemplate, templateEvent } from '../model/approval-rule-template.ts';
import { isRepositoryName } from '../model/names.ts';
import { atRepository, repository } from '../resources/repository.ts';
import { maximumRuleTemplatesAssociatedWithRepository } from '../reviews/errors.ts';
import {
  associate,
  disassociate,
  repositoriesOf,
  templateRepository,
  templatesOf,
} from '../store/approval-rule-templates.ts';
import { findRepositories, type RepositoryRecord } from '../store/repositories.ts';
import { checkTemplateName, needTemplate } from './approval-rule-templates.ts';
import { asked, checkMaxResults } from './arguments.ts';
import { codecommit } from './declare.ts';

/** Associates or disassociates one repository. @returns whether that changed anything @throws MaximumRuleTemplatesAssociatedWithRepositoryException */
type Change = (tx: Tx, template: ApprovalRuleTemplate, to: RepositoryRecord) => Promise<boolean>;

const add: Change = async (tx, { templateId }, { repositoryId }) => {
  const there = await templatesOf(tx, repositoryId);
  if (there.some((one) => one.templateId === templateId)) return false;
  if (there.length >= limits.templatesPerRepository)
    throw maximumRuleTemplatesAssociatedWithRepository();
  await associate(tx, templateId, repositoryId);
  return true;
};

const remove: Change = async (tx, { templateId }, { repositoryId }) => {
  const there = await templatesOf(tx, repositoryId);
  if (!there.some((one) => one.templateId === templateId)) return false;
  await disassociate(tx, templateId, repositoryId);
  return true;
};

/** CC-AT-08 */
export const associateApprovalRuleTemplateWithRepository = codecommit(
  'associateApprovalRuleTemplateWithRepository',
  atRepository,
  async (ctx, input, located) => {
    const name = checkTemplateName(input.approvalRuleTemplateName);
    await ctx.transaction(async (tx) => {
      const record = await need(tx, repository, located);
      const template = await needTemplate(ctx, tx, name);
      if (!(await add(tx, template, record))) return;
      await tell(ctx, tx, template, 'approvalRuleTemplateAssociatedWithRepository', [record]);
    });
    return {};
  },
);

/** CC-AT-09: pull requests that are there keep their rules. */
export const disassociateApprovalRuleTemplateFromRepository = codecommit(
  'disassociateApprovalRuleTemplateFromRepository',
  atRepository,
  async (ctx, input, located) => {
    const name = checkTemplateName(input.approvalRuleTemplateName);
    await ctx.transaction(async (tx) => {
      const record = await need(tx, repository, located);
      const template = await needTemplate(ctx, tx, name);
      if (!(await remove(tx, template, record))) return;
      await tell(ctx, tx, template, 'approvalRuleTemplateDisassociatedFromRepository', [record]);
    });
    return {};
  },
);

const tell = (
  ctx: ServiceContext,
  tx: Tx,
  template: ApprovalRuleTemplate,
  event: Parameters<typeof templateEvent>[1],
  records: readonly RepositoryRecord[],
) =>
  ctx.events.publish(
    tx,
    templateEvent(template, event, ctx.principal.arn, records.map(templateRepository)),
  );

/** Of several names each has its own answer, also what cannot be one. */
const anyRepository: typeof repository = { ...repository, check() {} };

const atEachRepository = atEach(
  anyRepository,
  ({ repositoryNames }: { repositoryNames: string[] | undefined }) => repositoryNames ?? [],
);

/** Does it for each repository; errors are of single ones. */
async function changeEach(
  ctx: ServiceContext,
  {
    templateName,
    names,
    change,
    event,
  }: {
    templateName: string | undefined;
    names: readonly string[];
    change: Change;
    event: Parameters<typeof templateEvent>[1];
  },
) {
  const name = checkTemplateName(templateName);
  if (names.length === 0) throw repositoryNamesRequired();
  if (names.length > limits.batchRepositories) throw maximumRepositoryNamesExceeded();
  const each = [...new Set(names)];
  return ctx.transaction(async (tx) => {
    const template = await needTemplate(ctx, tx, name);
    const records = await findRepositories(tx, ctx, each);
    const done: RepositoryRecord[] = [];
    const changed: RepositoryRecord[] = [];
    const errors: { repositoryName: string; errorCode: string; errorMessage: string }[] = [];
    for (const repositoryName of each) {
      try {
        const record = records.get(repositoryName);
        if (!isRepositoryName(repositoryName)) throw invalidRepositoryName();
        if (!record) throw repositoryDoesNotExist(repositoryName);
        if (await change(tx, template, record)) changed.push(record);
        done.push(record);
      } catch (error) {
        if (!isOfOne(error)) throw error;
        errors.push({ repositoryName, errorCode: error.name, errorMessage: error.message });
      }
    }
    if (changed.length > 0) await tell(ctx, tx, template, event, changed);
    return { names: done.map((record) => record.name), errors };
  });
}

const OF_ONE = [
  'InvalidRepositoryNameException',
  'RepositoryDoesNotExistException',
  'MaximumRuleTemplatesAssociatedWithRepositoryException',
];

const isOfOne = (error: unknown): error is Error =>
  error instanceof Error && OF_ONE.includes(error.name);

/** CC-AT-10 */
export const batchAssociateApprovalRuleTemplateWithRepositories = codecommit(
  'batchAssociateApprovalRuleTemplateWithRepositories',
  atEachRepository,
  async (ctx, input, named) => {
    const { names, errors } = await changeEach(ctx, {
      templateName: input.approvalRuleTemplateName,
      ...{ names: named.map(({ name }) => name), change: add },
      event: 'batchAssociateApprovalRuleTemplateWithRepositories',
    });
    return { associatedRepositoryNames: names, errors };
  },
);

/** CC-AT-11 */
export const batchDisassociateApprovalRuleTemplateFromRepositories = codecommit(
  'batchDisassociateApprovalRuleTemplateFromRepositories',
  atEachRepository,
  async (ctx, input, named) => {
    const { names, errors } = await changeEach(ctx, {
      templateName: input.approvalRuleTemplateName,
      ...{ names: named.map(({ name }) => name), change: remove },
      event: 'batchDisassociateApprovalRuleTemplateFromRepositories',
    });
    return { disassociatedRepositoryNames: names, errors };
  },
);

/** CC-AT-12: a repository has 25 at most. */
export const listAssociatedApprovalRuleTemplatesForRepository = codecommit(
  'listAssociatedApprovalRuleTemplatesForRepository',
  on(repository, ({ repositoryName }) => repositoryName),
  async (ctx, input, { repositoryId }) => {
    const limit = checkMaxResults(input.maxResults, limits.templates, {
      usual: limits.templatesPage,
    });
    const templates = await templatesOf(ctx.db, repositoryId);
    const names = templates.map(({ name }) => name);
    const { items, nextToken } = pageOfList(
      ctx,
      asked(input, limit, repositoryId),
      names,
      (name) => name,
    );
    return { approvalRuleTemplateNames: items, ...(nextToken && { nextToken }) };
  },
);

/** CC-AT-13 */
export const listRepositoriesForApprovalRuleTemplate = codecommit(
  'listRepositoriesForApprovalRuleTemplate',
  {},
  async (ctx, input) => {
    const name = checkTemplateName(input.approvalRuleTemplateName);
    const limit = checkMaxResults(input.maxResults, limits.repositoriesPage, {
      usual: limits.templatesPage,
    });
    const { templateId } = await needTemplate(ctx, ctx.db, name);
    const { items, nextToken } = await page(
      ctx,
      asked(input, limit),
      (after: string | undefined, count) => repositoriesOf(ctx.db, templateId, after, count),
      (each) => each,
    );
    return { repositoryNames: items, ...(nextToken && { nextToken }) };
  },
);
