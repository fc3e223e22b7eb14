import type { Db, Tx } from '../../../db/database.ts';
import { tables } from './tables.ts';

const NAME = 'messages';

/** The sealed key that signs messages, where it was made. */
export async function findSignerKey(db: Db): Promise<string | undefined> {
  const row = await tables(db)
    .selectFrom('sns_signer')
    .select('sealed_key')
    .where('name', '=', NAME)
    .executeTakeFirst();
  return row?.sealed_key;
}

/** Stores it unless another server was first. */
export async function insertSignerKey(tx: Tx, sealed_key: string): Promise<void> {
  await tables(tx)
    .insertInto('sns_signer')
    .values({ name: NAME, sealed_key })
    .onConflict((c) => c.column('name').doNothing())
    .execute();
}
