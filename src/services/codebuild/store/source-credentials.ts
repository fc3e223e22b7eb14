import type { Db, Tx } from '../../../db/database.ts';
import { defineDocument } from '../../../db/document.ts';
import type { StoredCredential } from '../model/source-credential.ts';
import { type Owner, tables } from './tables.ts';

const CREDENTIAL = defineDocument<StoredCredential>();

const all = (db: Db | Tx, { accountId, region }: Owner) =>
  tables(db)
    .selectFrom('codebuild_source_credential')
    .select('body')
    .where('account_id', '=', accountId)
    .where('region', '=', region);

/** In order of their server type. */
export async function listCredentials(db: Db | Tx, owner: Owner): Promise<StoredCredential[]> {
  const rows = await all(db, owner).orderBy('server_type').execute();
  return rows.map(({ body }) => CREDENTIAL.decode(body));
}

export async function findCredential(
  db: Db | Tx,
  owner: Owner,
  serverType: string,
): Promise<StoredCredential | undefined> {
  const row = await all(db, owner).where('server_type', '=', serverType).executeTakeFirst();
  return row && CREDENTIAL.decode(row.body);
}

/** Instead of what there was. */
export async function putCredential(
  tx: Tx,
  { accountId: account_id, region }: Owner,
  credential: StoredCredential,
): Promise<void> {
  const body = CREDENTIAL.encode(credential);
  await tables(tx)
    .insertInto('codebuild_source_credential')
    .values({ account_id, region, server_type: credential.serverType, body })
    .onConflict((c) => c.columns(['account_id', 'region', 'server_type']).doUpdateSet({ body }))
    .execute();
}

/** @returns whether there was one */
export async function deleteCredential(
  tx: Tx,
  { accountId, region }: Owner,
  serverType: string,
): Promise<boolean> {
  const { numDeletedRows } = await tables(tx)
    .deleteFrom('codebuild_source_credential')
    .where('account_id', '=', accountId)
    .where('region', '=', region)
    .where('server_type', '=', serverType)
    .executeTakeFirst();
  return numDeletedRows > 0n;
}
