import type { Tx } from '../../../db/database.ts';
import { decodeJson, encodeJson } from '../../../lib/json.ts';
import type { Grant } from '../model/grant.ts';
import type { Page } from './keys.ts';

type GrantTables = {
  kms_grant: {
    /** Of the key. */
    account_id: string;
    region: string;
    key_id: string;
    grant_id: string;
    grantee: string;
    retiring: string | null;
    body: string;
  };
};

const tables = (tx: Tx) => tx.withTables<GrantTables>();

type Body = Pick<Grant, 'name' | 'operations' | 'constraints' | 'createdAt'>;

function grantOf(row: GrantTables['kms_grant']): Grant {
  return {
    accountId: row.account_id,
    region: row.region,
    keyId: row.key_id,
    grantId: row.grant_id,
    grantee: row.grantee,
    ...(row.retiring !== null && { retiring: row.retiring }),
    ...decodeJson<Body>(row.body),
  };
}

export async function insertGrant(tx: Tx, grant: Grant): Promise<void> {
  const { accountId, region, keyId, grantId, grantee, retiring, ...body } = grant;
  await tables(tx)
    .insertInto('kms_grant')
    .values({
      account_id: accountId,
      region,
      key_id: keyId,
      grant_id: grantId,
      grantee,
      retiring: retiring ?? null,
      body: encodeJson(body satisfies Body),
    })
    .execute();
}

export async function findGrant(
  tx: Tx,
  keyId: string,
  grantId: string,
): Promise<Grant | undefined> {
  const row = await tables(tx)
    .selectFrom('kms_grant')
    .selectAll()
    .where('key_id', '=', keyId)
    .where('grant_id', '=', grantId)
    .executeTakeFirst();
  return row && grantOf(row);
}

export interface GrantQuery {
  grantId?: string | undefined;
  grantee?: string | undefined;
  page?: Page;
}

/** Grants of a key, in order of their ids. */
export async function listGrants(
  tx: Tx,
  keyId: string,
  { grantId, grantee, page }: GrantQuery = {},
): Promise<Grant[]> {
  let query = tables(tx).selectFrom('kms_grant').selectAll().where('key_id', '=', keyId);
  if (grantId !== undefined) query = query.where('grant_id', '=', grantId);
  if (grantee !== undefined) query = query.where('grantee', '=', grantee);
  if (page) query = query.where('grant_id', '>', page.after).limit(page.limit);
  return (await query.orderBy('grant_id').execute()).map(grantOf);
}

/** Those that a principal may retire, of keys of whichever account. */
export async function listRetirable(
  tx: Tx,
  region: string,
  retiring: string,
  { after, limit }: Page,
): Promise<Grant[]> {
  const rows = await tables(tx)
    .selectFrom('kms_grant')
    .selectAll()
    .where('retiring', '=', retiring)
    .where('region', '=', region)
    .where('grant_id', '>', after)
    .orderBy('grant_id')
    .limit(limit)
    .execute();
  return rows.map(grantOf);
}

/** @returns false when there was none */
export async function deleteGrant(tx: Tx, keyId: string, grantId: string): Promise<boolean> {
  const result = await tables(tx)
    .deleteFrom('kms_grant')
    .where('key_id', '=', keyId)
    .where('grant_id', '=', grantId)
    .executeTakeFirst();
  return result.numDeletedRows > 0n;
}
