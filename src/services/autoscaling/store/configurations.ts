import type { Db, Tx } from '../../../db/database.ts';
import { defineDocument } from '../../../db/document.ts';
import type { Configuration } from '../model/configuration.ts';
import { type Owner, tables } from './tables.ts';

const BODY = defineDocument<Configuration>();

export async function listConfigurations(db: Db | Tx, owner: Owner): Promise<Configuration[]> {
  const rows = await tables(db)
    .selectFrom('autoscaling_configuration')
    .selectAll()
    .where('account_id', '=', owner.accountId)
    .where('region', '=', owner.region)
    .orderBy('name')
    .execute();
  return rows.map((row) => BODY.decode(row.body));
}

export async function findConfiguration(
  db: Db | Tx,
  owner: Owner,
  name: string,
): Promise<Configuration | undefined> {
  const row = await tables(db)
    .selectFrom('autoscaling_configuration')
    .selectAll()
    .where('account_id', '=', owner.accountId)
    .where('region', '=', owner.region)
    .where('name', '=', name)
    .executeTakeFirst();
  return row && BODY.decode(row.body);
}

export async function insertConfiguration(
  tx: Tx,
  owner: Owner,
  made: Configuration,
): Promise<void> {
  const { accountId: account_id, region } = owner;
  await tables(tx)
    .insertInto('autoscaling_configuration')
    .values({ account_id, region, name: made.name, body: BODY.encode(made) })
    .execute();
}

export async function deleteConfiguration(tx: Tx, owner: Owner, name: string): Promise<void> {
  await tables(tx)
    .deleteFrom('autoscaling_configuration')
    .where('account_id', '=', owner.accountId)
    .where('region', '=', owner.region)
    .where('name', '=', name)
    .execute();
}
