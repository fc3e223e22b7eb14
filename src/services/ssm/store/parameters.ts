import type { Db, Tx } from '../../../db/database.ts';
import { decodeJson, encodeJson } from '../../../lib/json.ts';
import type { Parameter, ParameterVersion } from '../model/parameter.ts';

export type SsmTables = {
  ssm_parameter: {
    account_id: string;
    region: string;
    name: string;
    version: number;
    tags: string;
  };
  ssm_parameter_version: {
    account_id: string;
    region: string;
    name: string;
    version: number;
    labels: string;
    /** The rest of the version. */
    body: string;
  };
};

const tables = (db: Db | Tx) => db.withTables<SsmTables>();

/** Whose parameters: every query names both. */
export interface Owner {
  accountId: string;
  region: string;
}

type Body = Omit<ParameterVersion, 'name' | 'version' | 'labels'>;

function versionOf(row: SsmTables['ssm_parameter_version']): ParameterVersion {
  return {
    name: row.name,
    version: row.version,
    labels: decodeJson<string[]>(row.labels),
    ...decodeJson<Body>(row.body),
  };
}

const parameterOf = (row: SsmTables['ssm_parameter_version'] & { tags: string }): Parameter => ({
  accountId: row.account_id,
  region: row.region,
  ...versionOf(row),
  tags: decodeJson(row.tags),
});

const current = (db: Db | Tx, { accountId, region }: Owner) =>
  tables(db)
    .selectFrom('ssm_parameter as p')
    .innerJoin('ssm_parameter_version as v', (join) =>
      join
        .onRef('v.account_id', '=', 'p.account_id')
        .onRef('v.region', '=', 'p.region')
        .onRef('v.name', '=', 'p.name')
        .onRef('v.version', '=', 'p.version'),
    )
    .select(['v.account_id', 'v.region', 'v.name', 'v.version', 'v.labels', 'v.body', 'p.tags'])
    .where('p.account_id', '=', accountId)
    .where('p.region', '=', region);

export async function findParameter(
  db: Db | Tx,
  owner: Owner,
  name: string,
): Promise<Parameter | undefined> {
  const row = await current(db, owner).where('p.name', '=', name).executeTakeFirst();
  return row && parameterOf(row);
}

/** Parameters by name, after `after`, at most `limit`. */
export async function listParameters(
  db: Db,
  owner: Owner,
  after: string | undefined,
  limit: number,
): Promise<Parameter[]> {
  let select = current(db, owner);
  if (after !== undefined) select = select.where('p.name', '>', after);
  const rows = await select.orderBy('p.name').limit(limit).execute();
  return rows.map(parameterOf);
}

const versions = (db: Db | Tx, { accountId, region }: Owner, name: string) =>
  tables(db)
    .selectFrom('ssm_parameter_version')
    .selectAll()
    .where('account_id', '=', accountId)
    .where('region', '=', region)
    .where('name', '=', name);

/** All versions, oldest first. */
export async function listVersions(
  db: Db | Tx,
  owner: Owner,
  name: string,
): Promise<ParameterVersion[]> {
  return (await versions(db, owner, name).orderBy('version').execute()).map(versionOf);
}

export async function findVersion(
  db: Db | Tx,
  owner: Owner,
  name: string,
  version: number,
): Promise<ParameterVersion | undefined> {
  const row = await versions(db, owner, name).where('version', '=', version).executeTakeFirst();
  return row && versionOf(row);
}

/** Makes a version the parameter's current one, and the parameter if it is new. */
export async function insertVersion(
  tx: Tx,
  owner: Owner,
  { name, version, labels, ...body }: ParameterVersion,
  tags: Record<string, string>,
): Promise<void> {
  const key = { account_id: owner.accountId, region: owner.region, name };
  await tables(tx)
    .insertInto('ssm_parameter_version')
    .values({ ...key, version, labels: encodeJson(labels), body: encodeJson(body) })
    .execute();
  await tables(tx)
    .insertInto('ssm_parameter')
    .values({ ...key, version, tags: encodeJson(tags) })
    .onConflict((c) => c.columns(['account_id', 'region', 'name']).doUpdateSet({ version }))
    .execute();
}

export async function deleteVersion(
  tx: Tx,
  owner: Owner,
  name: string,
  version: number,
): Promise<void> {
  await tables(tx)
    .deleteFrom('ssm_parameter_version')
    .where('account_id', '=', owner.accountId)
    .where('region', '=', owner.region)
    .where('name', '=', name)
    .where('version', '=', version)
    .execute();
}

export async function setLabels(
  tx: Tx,
  owner: Owner,
  version: ParameterVersion,
  labels: string[],
): Promise<void> {
  await tables(tx)
    .updateTable('ssm_parameter_version')
    .set({ labels: encodeJson(labels) })
    .where('account_id', '=', owner.accountId)
    .where('region', '=', owner.region)
    .where('name', '=', version.name)
    .where('version', '=', version.version)
    .execute();
}

export async function setTags(
  tx: Tx,
  { name, ...owner }: Owner & { name: string },
  tags: Record<string, string>,
): Promise<void> {
  await tables(tx)
    .updateTable('ssm_parameter')
    .set({ tags: encodeJson(tags) })
    .where('account_id', '=', owner.accountId)
    .where('region', '=', owner.region)
    .where('name', '=', name)
    .execute();
}

/** Deletes a parameter and its history. @returns false when there was none */
export async function deleteParameter(tx: Tx, owner: Owner, name: string): Promise<boolean> {
  for (const table of ['ssm_parameter_version', 'ssm_parameter'] as const) {
    const result = await tables(tx)
      .deleteFrom(table)
      .where('account_id', '=', owner.accountId)
      .where('region', '=', owner.region)
      .where('name', '=', name)
      .executeTakeFirst();
    if (result.numDeletedRows === 0n) return false;
  }
  return true;
}
