import type { Db, Tx } from '../../../db/database.ts';
import { defineDocument } from '../../../db/document.ts';
import type { Environment, EnvironmentBody, Status } from '../model/environment.ts';
import { environmentKey } from '../reconcilers/names.ts';
import { type BeanstalkTables, type Owner, tables } from './tables.ts';

/** What decisions are made from: a release that needs another form brings the upgrade from the form before. */
const BODY = defineDocument<EnvironmentBody>();

type Row = BeanstalkTables['elasticbeanstalk_environment'];

const fromRow = (row: Row): Environment => ({
  ...{ accountId: row.account_id, region: row.region, id: row.id },
  ...{ application: row.application, name: row.name, cname: row.cname ?? undefined },
  status: row.status as Status,
  body: BODY.decode(row.body),
});

const toRow = (environment: Environment): Row => ({
  ...{ account_id: environment.accountId, region: environment.region, id: environment.id },
  ...{ application: environment.application, name: environment.name },
  ...{ status: environment.status, cname: environment.cname ?? null },
  body: BODY.encode(environment.body),
});

const owned = (db: Db | Tx, { accountId, region }: Owner) =>
  tables(db)
    .selectFrom('elasticbeanstalk_environment')
    .selectAll()
    .where('account_id', '=', accountId)
    .where('region', '=', region);

export async function insertEnvironment(tx: Tx, environment: Environment): Promise<void> {
  await tables(tx).insertInto('elasticbeanstalk_environment').values(toRow(environment)).execute();
}

export async function findEnvironment(
  db: Db | Tx,
  owner: Owner,
  id: string,
): Promise<Environment | undefined> {
  const row = await owned(db, owner).where('id', '=', id).executeTakeFirst();
  return row && fromRow(row);
}

/** The one of this name that is not terminated. */
export async function findByName(
  db: Db | Tx,
  owner: Owner,
  name: string,
): Promise<Environment | undefined> {
  const row = await owned(db, owner)
    .where('name', '=', name)
    .where('status', '!=', 'Terminated')
    .executeTakeFirst();
  return row && fromRow(row);
}

/** Of all accounts: where an address leads. */
export async function findByCname(db: Db | Tx, cname: string): Promise<Environment | undefined> {
  const row = await tables(db)
    .selectFrom('elasticbeanstalk_environment')
    .selectAll()
    .where('cname', '=', cname)
    .executeTakeFirst();
  return row && fromRow(row);
}

export async function listEnvironments(db: Db | Tx, owner: Owner): Promise<Environment[]> {
  return (await owned(db, owner).orderBy('id').execute()).map(fromRow);
}

export async function updateEnvironment(tx: Tx, environment: Environment): Promise<void> {
  const { account_id, region, id, ...values } = toRow(environment);
  await tables(tx)
    .updateTable('elasticbeanstalk_environment')
    .set(values)
    .where('account_id', '=', account_id)
    .where('region', '=', region)
    .where('id', '=', id)
    .execute();
}

export async function deleteEnvironment(
  tx: Tx,
  { accountId, region, id }: Owner & { id: string },
): Promise<void> {
  await tables(tx)
    .deleteFrom('elasticbeanstalk_environment')
    .where('account_id', '=', accountId)
    .where('region', '=', region)
    .where('id', '=', id)
    .execute();
}

/** Keys of all, or of those that are not terminated. */
export async function environmentKeys(
  db: Db | Tx,
  which: 'live' | 'all',
  limit: number,
): Promise<string[]> {
  let query = tables(db)
    .selectFrom('elasticbeanstalk_environment')
    .select(['account_id', 'region', 'id']);
  if (which === 'live') query = query.where('status', '!=', 'Terminated');
  const rows = await query.limit(limit).execute();
  return rows.map(({ account_id, region, id }) =>
    environmentKey({ accountId: account_id, region, id }),
  );
}
