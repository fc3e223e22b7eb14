import type { Db, Tx } from '../../../db/database.ts';
import { decodeJson, encodeJson } from '../../../lib/json.ts';
import type { Connection, Installation } from '../model/connection.ts';
import { repositoryKey } from '../model/repository.ts';
import { type CodeConnectionsTables, type Owner, tables } from './tables.ts';

type Body = Omit<Connection, 'accountId' | 'region' | 'arn' | 'hostArn'>;

const connectionOf = (row: CodeConnectionsTables['codeconnections_connection']): Connection => ({
  ...{ accountId: row.account_id, region: row.region, arn: row.arn },
  ...(row.host_arn !== null && { hostArn: row.host_arn }),
  ...decodeJson<Body>(row.body),
});

const all = (db: Db | Tx, { accountId, region }: Owner) =>
  tables(db)
    .selectFrom('codeconnections_connection')
    .selectAll()
    .where('account_id', '=', accountId)
    .where('region', '=', region);

export async function findConnection(
  db: Db | Tx,
  { arn, ...owner }: Owner & { arn: string },
): Promise<Connection | undefined> {
  const row = await all(db, owner).where('arn', '=', arn).executeTakeFirst();
  return row && connectionOf(row);
}

/** By ARN alone, which has the account: for reconcilers. */
export async function findConnectionByArn(
  db: Db | Tx,
  arn: string,
): Promise<Connection | undefined> {
  const row = await tables(db)
    .selectFrom('codeconnections_connection')
    .selectAll()
    .where('arn', '=', arn)
    .executeTakeFirst();
  return row && connectionOf(row);
}

export async function listConnections(
  db: Db | Tx,
  owner: Owner,
  hostArn?: string,
): Promise<Connection[]> {
  const its =
    hostArn === undefined ? all(db, owner) : all(db, owner).where('host_arn', '=', hostArn);
  return (await its.execute()).map(connectionOf);
}

export async function saveConnection(tx: Tx, connection: Connection): Promise<void> {
  const { accountId: account_id, region, arn, hostArn, ...its } = connection;
  const body = encodeJson(its);
  await tables(tx)
    .insertInto('codeconnections_connection')
    .values({ account_id, region, arn, host_arn: hostArn ?? null, body })
    .onConflict((c) => c.columns(['account_id', 'region', 'arn']).doUpdateSet({ body }))
    .execute();
}

/** With all that belongs to it. */
export async function deleteConnection(
  tx: Tx,
  { accountId, region, arn }: Connection,
): Promise<void> {
  const its = [
    'codeconnections_mapping',
    'codeconnections_watch',
    'codeconnections_upload',
  ] as const;
  for (const table of its)
    await tables(tx).deleteFrom(table).where('connection_arn', '=', arn).execute();
  await tables(tx)
    .deleteFrom('codeconnections_connection')
    .where('account_id', '=', accountId)
    .where('region', '=', region)
    .where('arn', '=', arn)
    .execute();
}

/** Where one repository of a connection is. */
export interface Mapping extends Installation {
  fullRepositoryId: string;
}

export async function findMapping(
  db: Db | Tx,
  connectionArn: string,
  fullRepositoryId: string,
): Promise<Mapping | undefined> {
  const row = await tables(db)
    .selectFrom('codeconnections_mapping')
    .select('body')
    .where('connection_arn', '=', connectionArn)
    .where('repository', '=', repositoryKey(fullRepositoryId))
    .executeTakeFirst();
  return row && decodeJson<Mapping>(row.body);
}

/** In order of name. */
export async function listMappings(db: Db | Tx, connectionArn: string): Promise<Mapping[]> {
  const rows = await tables(db)
    .selectFrom('codeconnections_mapping')
    .select('body')
    .where('connection_arn', '=', connectionArn)
    .orderBy('repository')
    .execute();
  return rows.map(({ body }) => decodeJson<Mapping>(body));
}

export async function saveMapping(tx: Tx, connection_arn: string, mapping: Mapping): Promise<void> {
  const body = encodeJson(mapping);
  const repository = repositoryKey(mapping.fullRepositoryId);
  await tables(tx)
    .insertInto('codeconnections_mapping')
    .values({ connection_arn, repository, body })
    .onConflict((c) => c.columns(['connection_arn', 'repository']).doUpdateSet({ body }))
    .execute();
}

export async function deleteMapping(
  tx: Tx,
  connectionArn: string,
  fullRepositoryId: string,
): Promise<void> {
  await tables(tx)
    .deleteFrom('codeconnections_mapping')
    .where('connection_arn', '=', connectionArn)
    .where('repository', '=', repositoryKey(fullRepositoryId))
    .execute();
}
