import type { Tx } from '../../../db/database.ts';
import { decodeJson, encodeJson } from '../../../lib/json.ts';
import type { PasswordPolicy } from '../model/password-policy.ts';
import { tables } from './tables.ts';

export async function findPasswordPolicy(
  tx: Tx,
  accountId: string,
): Promise<PasswordPolicy | undefined> {
  const row = await tables(tx)
    .selectFrom('iam_password_policy')
    .select('policy')
    .where('account_id', '=', accountId)
    .executeTakeFirst();
  return row && decodeJson(row.policy);
}

export async function savePasswordPolicy(
  tx: Tx,
  accountId: string,
  policy: PasswordPolicy,
): Promise<void> {
  const row = { account_id: accountId, policy: encodeJson(policy) };
  await tables(tx)
    .insertInto('iam_password_policy')
    .values(row)
    .onConflict((conflict) => conflict.column('account_id').doUpdateSet({ policy: row.policy }))
    .execute();
}

/** @returns whether there was one */
export async function deletePasswordPolicy(tx: Tx, accountId: string): Promise<boolean> {
  const deleted = await tables(tx)
    .deleteFrom('iam_password_policy')
    .where('account_id', '=', accountId)
    .returning('account_id')
    .execute();
  return deleted.length > 0;
}

export async function findAlias(tx: Tx, accountId: string): Promise<string | undefined> {
  const row = await tables(tx)
    .selectFrom('iam_account_alias')
    .select('alias')
    .where('account_id', '=', accountId)
    .executeTakeFirst();
  return row?.alias;
}

/** @returns the account that is known by this name */
export async function findAccountByAlias(tx: Tx, alias: string): Promise<string | undefined> {
  const row = await tables(tx)
    .selectFrom('iam_account_alias')
    .select('account_id')
    .where('alias', '=', alias)
    .executeTakeFirst();
  return row?.account_id;
}

/** In place of the one that the account had. */
export async function saveAlias(tx: Tx, accountId: string, alias: string): Promise<void> {
  await tables(tx)
    .insertInto('iam_account_alias')
    .values({ account_id: accountId, alias })
    .onConflict((conflict) => conflict.column('account_id').doUpdateSet({ alias }))
    .execute();
}

/** @returns whether it was the account's */
export async function deleteAlias(tx: Tx, accountId: string, alias: string): Promise<boolean> {
  const deleted = await tables(tx)
    .deleteFrom('iam_account_alias')
    .where('account_id', '=', accountId)
    .where('alias', '=', alias)
    .returning('alias')
    .execute();
  return deleted.length > 0;
}
