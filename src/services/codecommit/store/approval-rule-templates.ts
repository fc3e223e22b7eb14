import { behind } from '../../../db/behind.ts';
import type { Tx } from '../../../db/database.ts';
import { decodeJson, encodeJson } from '../../../lib/json.ts';
import type { ApprovalRuleTemplate } from '../model/approval-rule-template.ts';
import { on, type RepositoryRecord, repositoryArn } from './repositories.ts';
import type { ReviewTables } from './review-tables.ts';

/** SQL about templates of approval rules and the repositories that they are associated with. */

interface Place {
  accountId: string;
  region: string;
}

const template = (row: ReviewTables['codecommit_template']): ApprovalRuleTemplate => ({
  templateId: row.template_id,
  accountId: row.account_id,
  region: row.region,
  name: row.name,
  body: decodeJson(row.body),
});

export async function findTemplate(
  tx: Tx,
  { accountId, region }: Place,
  name: string,
): Promise<ApprovalRuleTemplate | undefined> {
  const row = await on(tx)
    .selectFrom('codecommit_template')
    .selectAll()
    .where('account_id', '=', accountId)
    .where('region', '=', region)
    .where('name', '=', name)
    .executeTakeFirst();
  return row && template(row);
}

export async function countTemplates(tx: Tx, { accountId, region }: Place): Promise<number> {
  const { count } = await on(tx)
    .selectFrom('codecommit_template')
    .select((e) => e.fn.countAll<number | string>().as('count'))
    .where('account_id', '=', accountId)
    .where('region', '=', region)
    .executeTakeFirstOrThrow();
  return Number(count);
}

export async function insertTemplate(tx: Tx, made: ApprovalRuleTemplate): Promise<void> {
  await on(tx)
    .insertInto('codecommit_template')
    .values({
      ...{ template_id: made.templateId, account_id: made.accountId, region: made.region },
      ...{ name: made.name, body: encodeJson(made.body) },
    })
    .execute();
}

export async function saveTemplate(
  tx: Tx,
  { templateId, name, body }: ApprovalRuleTemplate,
): Promise<void> {
  await on(tx)
    .updateTable('codecommit_template')
    .set({ name, body: encodeJson(body) })
    .where('template_id', '=', templateId)
    .execute();
}

export async function deleteTemplate(tx: Tx, templateId: string): Promise<void> {
  await on(tx).deleteFrom('codecommit_template').where('template_id', '=', templateId).execute();
}

/** Names in order, from the first behind `after` on. */
export async function listTemplateNames(
  tx: Tx,
  { accountId, region }: Place,
  after: string | undefined,
  limit: number,
): Promise<string[]> {
  const rows = await on(tx)
    .selectFrom('codecommit_template')
    .select('name')
    .where('account_id', '=', accountId)
    .where('region', '=', region)
    .where(behind(['name'], 'asc', after === undefined ? undefined : [after]))
    .orderBy('name')
    .limit(limit)
    .execute();
  return rows.map(({ name }) => name);
}

/** Those of a repository, in order of their names: there are few. */
export async function templatesOf(tx: Tx, repositoryId: string): Promise<ApprovalRuleTemplate[]> {
  const rows = await on(tx)
    .selectFrom('codecommit_template as t')
    .innerJoin('codecommit_template_repository as a', 'a.template_id', 't.template_id')
    .selectAll('t')
    .where('a.repository_id', '=', repositoryId)
    .orderBy('t.name')
    .execute();
  return rows.map(template);
}

/** Names of the repositories of a template, in order. */
export async function repositoriesOf(
  tx: Tx,
  templateId: string,
  after: string | undefined,
  limit: number,
): Promise<string[]> {
  const rows = await on(tx)
    .selectFrom('codecommit_repository as r')
    .innerJoin('codecommit_template_repository as a', 'a.repository_id', 'r.repository_id')
    .select('r.name')
    .where('a.template_id', '=', templateId)
    .where(behind(['r.name'], 'asc', after === undefined ? undefined : [after]))
    .orderBy('r.name')
    .limit(limit)
    .execute();
  return rows.map(({ name }) => name);
}

export async function associate(tx: Tx, templateId: string, repositoryId: string): Promise<void> {
  await on(tx)
    .insertInto('codecommit_template_repository')
    .values({ template_id: templateId, repository_id: repositoryId })
    .onConflict((c) => c.columns(['template_id', 'repository_id']).doNothing())
    .execute();
}

export async function disassociate(
  tx: Tx,
  templateId: string,
  repositoryId: string,
): Promise<void> {
  await on(tx)
    .deleteFrom('codecommit_template_repository')
    .where('template_id', '=', templateId)
    .where('repository_id', '=', repositoryId)
    .execute();
}

/** A repository as events of templates name it. */
export const templateRepository = (record: RepositoryRecord) => ({
  ...{ arn: repositoryArn(record), name: record.name, repositoryId: record.repositoryId },
});
