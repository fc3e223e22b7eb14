import type { Db, Tx } from '../../../db/database.ts';
import { defineDocument } from '../../../db/document.ts';
import type { LaunchTemplate, TemplateVersion } from '../model/launch-template.ts';
import { type Ec2Tables, type Owner, tables } from './tables.ts';

const TEMPLATE = defineDocument<LaunchTemplate['body']>();
const VERSION = defineDocument<TemplateVersion['body']>();

const owned = (db: Db | Tx, { accountId, region }: Owner) =>
  tables(db)
    .selectFrom('ec2_launch_template')
    .selectAll()
    .where('account_id', '=', accountId)
    .where('region', '=', region);

const fromRow = (row: Ec2Tables['ec2_launch_template']): LaunchTemplate => ({
  ...{ accountId: row.account_id, region: row.region, id: row.id, name: row.name },
  ...{ clientToken: row.client_token ?? undefined, body: TEMPLATE.decode(row.body) },
});

/** In the order of their ids. */
export async function listTemplates(db: Db | Tx, owner: Owner): Promise<LaunchTemplate[]> {
  return (await owned(db, owner).orderBy('id').execute()).map(fromRow);
}

export async function findTemplate(
  db: Db | Tx,
  owner: Owner,
  by: { id: string } | { name: string },
): Promise<LaunchTemplate | undefined> {
  const query = owned(db, owner);
  const one = 'id' in by ? query.where('id', '=', by.id) : query.where('name', '=', by.name);
  const row = await one.executeTakeFirst();
  return row && fromRow(row);
}

export async function templateOfToken(
  db: Db | Tx,
  owner: Owner,
  token: string,
): Promise<LaunchTemplate | undefined> {
  const row = await owned(db, owner).where('client_token', '=', token).executeTakeFirst();
  return row && fromRow(row);
}

export async function saveTemplate(tx: Tx, template: LaunchTemplate): Promise<void> {
  const { accountId: account_id, region, id, name, clientToken } = template;
  const body = TEMPLATE.encode(template.body);
  await tables(tx)
    .insertInto('ec2_launch_template')
    .values({ account_id, region, id, name, client_token: clientToken ?? null, body })
    .onConflict((c) => c.columns(['account_id', 'region', 'id']).doUpdateSet({ body }))
    .execute();
}

/** With its versions. */
export async function deleteTemplate(tx: Tx, owner: Owner, id: string): Promise<void> {
  await versionsOf(tx, owner, id).execute();
  await tables(tx)
    .deleteFrom('ec2_launch_template')
    .where('account_id', '=', owner.accountId)
    .where('region', '=', owner.region)
    .where('id', '=', id)
    .execute();
}

const versionsOf = (tx: Tx, { accountId, region }: Owner, id: string) =>
  tables(tx)
    .deleteFrom('ec2_launch_template_version')
    .where('account_id', '=', accountId)
    .where('region', '=', region)
    .where('template_id', '=', id);

/** Newest first, as they are shown. */
export async function listVersions(
  db: Db | Tx,
  { accountId, region }: Owner,
  id: string,
): Promise<TemplateVersion[]> {
  const rows = await tables(db)
    .selectFrom('ec2_launch_template_version')
    .selectAll()
    .where('account_id', '=', accountId)
    .where('region', '=', region)
    .where('template_id', '=', id)
    .orderBy('number', 'desc')
    .execute();
  return rows.map(fromVersion);
}

const fromVersion = (row: Ec2Tables['ec2_launch_template_version']): TemplateVersion => ({
  ...{ number: row.number, clientToken: row.client_token ?? undefined },
  body: VERSION.decode(row.body),
});

export async function findVersion(
  db: Db | Tx,
  { accountId, region, id }: Pick<LaunchTemplate, 'accountId' | 'region' | 'id'>,
  number: number,
): Promise<TemplateVersion | undefined> {
  const row = await tables(db)
    .selectFrom('ec2_launch_template_version')
    .selectAll()
    .where('account_id', '=', accountId)
    .where('region', '=', region)
    .where('template_id', '=', id)
    .where('number', '=', number)
    .executeTakeFirst();
  return row && fromVersion(row);
}

export async function insertVersion(
  tx: Tx,
  { accountId: account_id, region, id: template_id }: LaunchTemplate,
  { number, clientToken, body }: TemplateVersion,
): Promise<void> {
  await tables(tx)
    .insertInto('ec2_launch_template_version')
    .values({
      ...{ account_id, region, template_id, number, client_token: clientToken ?? null },
      body: VERSION.encode(body),
    })
    .execute();
}

export async function deleteVersion(
  tx: Tx,
  template: LaunchTemplate,
  number: number,
): Promise<void> {
  await versionsOf(tx, template, template.id).where('number', '=', number).execute();
}
