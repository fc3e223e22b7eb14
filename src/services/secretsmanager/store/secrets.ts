import type { Db, Tx } from '../../../db/database.ts';
import { decodeJson, encodeJson } from '../../../lib/json.ts';
import type { SealedValue, Secret, SecretVersion } from '../model/secret.ts';

export type SecretsManagerTables = {
  secretsmanager_secret: {
    account_id: string;
    region: string;
    name: string;
    arn: string;
    /** Epoch ms; null unless the secret awaits its deletion. */
    deletes_at: number | null;
    body: string;
  };
  secretsmanager_version: {
    secret_arn: string;
    version_id: string;
    created_at: number;
    stages: string;
    body: string;
  };
};

const tables = (db: Db | Tx) => db.withTables<SecretsManagerTables>();

/** Whose secrets: every query names both. */
export interface Owner {
  accountId: string;
  region: string;
}

type SecretBody = Omit<Secret, 'accountId' | 'region' | 'name' | 'arn' | 'deletesAt'>;

function secretOf(row: SecretsManagerTables['secretsmanager_secret']): Secret {
  return {
    accountId: row.account_id,
    region: row.region,
    name: row.name,
    arn: row.arn,
    ...(row.deletes_at !== null && { deletesAt: new Date(row.deletes_at) }),
    ...decodeJson<SecretBody>(row.body),
  };
}

function rowOf({ accountId, region, name, arn, deletesAt, ...body }: Secret) {
  return {
    account_id: accountId,
    region,
    name,
    arn,
    deletes_at: deletesAt?.getTime() ?? null,
    body: encodeJson(body),
  };
}

const owned = (db: Db | Tx, { accountId, region }: Owner) =>
  tables(db)
    .selectFrom('secretsmanager_secret')
    .selectAll()
    .where('account_id', '=', accountId)
    .where('region', '=', region);

/** What a caller may mean: the secret of this ARN, else the one of this name. */
export interface SecretId {
  arn?: string;
  name?: string;
}

export async function findSecret(
  db: Db | Tx,
  owner: Owner,
  id: SecretId,
): Promise<Secret | undefined> {
  const byArn = id.arn && (await owned(db, owner).where('arn', '=', id.arn).executeTakeFirst());
  if (byArn) return secretOf(byArn);
  const byName = id.name && (await owned(db, owner).where('name', '=', id.name).executeTakeFirst());
  return byName ? secretOf(byName) : undefined;
}

export async function findSecretByArn(db: Db | Tx, arn: string): Promise<Secret | undefined> {
  const row = await tables(db)
    .selectFrom('secretsmanager_secret')
    .selectAll()
    .where('arn', '=', arn)
    .executeTakeFirst();
  return row && secretOf(row);
}

export async function listSecrets(db: Db, owner: Owner): Promise<Secret[]> {
  return (await owned(db, owner).orderBy('name').execute()).map(secretOf);
}

export async function insertSecret(tx: Tx, secret: Secret): Promise<void> {
  await tables(tx).insertInto('secretsmanager_secret').values(rowOf(secret)).execute();
}

export async function updateSecret(tx: Tx, secret: Secret): Promise<void> {
  const { body, deletes_at } = rowOf(secret);
  await tables(tx)
    .updateTable('secretsmanager_secret')
    .set({ body, deletes_at })
    .where('arn', '=', secret.arn)
    .execute();
}

export async function deleteSecret(tx: Tx, arn: string): Promise<void> {
  await tables(tx).deleteFrom('secretsmanager_version').where('secret_arn', '=', arn).execute();
  await tables(tx).deleteFrom('secretsmanager_secret').where('arn', '=', arn).execute();
}

/** ARNs of secrets whose recovery window has ended. @param now epoch ms */
export async function listDue(db: Db, now: number): Promise<string[]> {
  const rows = await tables(db)
    .selectFrom('secretsmanager_secret')
    .select('arn')
    .where('deletes_at', '<=', now)
    .execute();
  return rows.map((row) => row.arn);
}

type VersionBody = Omit<SecretVersion, 'versionId' | 'createdAt' | 'stages'>;

/** Oldest first. */
export async function listVersions(db: Db | Tx, arn: string): Promise<SecretVersion[]> {
  const rows = await tables(db)
    .selectFrom('secretsmanager_version')
    .selectAll()
    .where('secret_arn', '=', arn)
    .orderBy('created_at')
    .orderBy('version_id')
    .execute();
  return rows.map((row) => ({
    versionId: row.version_id,
    createdAt: new Date(row.created_at),
    stages: decodeJson<string[]>(row.stages),
    ...decodeJson<VersionBody>(row.body),
  }));
}

export async function insertVersion(
  tx: Tx,
  arn: string,
  { versionId, createdAt, stages, ...body }: SecretVersion,
): Promise<void> {
  await tables(tx)
    .insertInto('secretsmanager_version')
    .values({
      secret_arn: arn,
      version_id: versionId,
      created_at: createdAt.getTime(),
      stages: encodeJson(stages),
      body: encodeJson(body),
    })
    .execute();
}

export async function setStages(
  tx: Tx,
  arn: string,
  versionId: string,
  stages: string[],
): Promise<void> {
  await change(tx, arn, versionId, { stages: encodeJson(stages) });
}

export async function setValue(
  tx: Tx,
  arn: string,
  versionId: string,
  value: SealedValue,
): Promise<void> {
  await change(tx, arn, versionId, { body: encodeJson(value) });
}

/** Notes the day on which a version was read. It does nothing when the version is gone. */
export async function noteVersionAccess(
  tx: Tx,
  arn: string,
  versionId: string,
  accessedAt: Date,
): Promise<void> {
  const version = (await listVersions(tx, arn)).find((v) => v.versionId === versionId);
  if (!version) return;
  const { versionId: _, createdAt: __, stages: ___, ...body } = version;
  await change(tx, arn, versionId, { body: encodeJson({ ...body, accessedAt }) });
}

async function change(
  tx: Tx,
  arn: string,
  versionId: string,
  set: { stages?: string; body?: string },
): Promise<void> {
  await tables(tx)
    .updateTable('secretsmanager_version')
    .set(set)
    .where('secret_arn', '=', arn)
    .where('version_id', '=', versionId)
    .execute();
}

export async function deleteVersion(tx: Tx, arn: string, versionId: string): Promise<void> {
  await tables(tx)
    .deleteFrom('secretsmanager_version')
    .where('secret_arn', '=', arn)
    .where('version_id', '=', versionId)
    .execute();
}
