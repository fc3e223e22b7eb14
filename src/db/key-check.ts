import { StartError } from '../lib/start-error.ts';
import type { Vault } from '../lib/vault.ts';
import type { Migration, OpenDatabase } from './database.ts';

/** A text that opens only with the key that the database is sealed with. */
type Tables = { slipway_key_check: { id: number; sealed: string } };

const CONTEXT = 'key check';
const ID = 1;

export const keyCheckMigration: Migration = {
  name: '0001-key-check',
  async up(tx) {
    await tx.schema
      .createTable('slipway_key_check')
      .addColumn('id', 'integer', (c) => c.primaryKey())
      .addColumn('sealed', 'text', (c) => c.notNull())
      .execute();
  },
};

/** Says that the database is sealed with this key from now on, unless it is sealed already. */
export async function recordKey(database: OpenDatabase, vault: Vault): Promise<void> {
  await database.transaction(async (tx) => {
    await tx
      .withTables<Tables>()
      .insertInto('slipway_key_check')
      .values({ id: ID, sealed: vault.seal('', CONTEXT) })
      .onConflict((conflict) => conflict.doNothing())
      .execute();
  });
}

/** @throws StartError when the database is sealed with another key. @param file of the key */
export async function checkKey(database: OpenDatabase, vault: Vault, file: string): Promise<void> {
  const check = await database.db
    .withTables<Tables>()
    .selectFrom('slipway_key_check')
    .select('sealed')
    .where('id', '=', ID)
    .executeTakeFirst()
    .catch(() => undefined);
  if (check === undefined) return;
  try {
    vault.open(check.sealed, CONTEXT);
  } catch {
    throw new StartError(
      `${file} is not the key that the database is sealed with: put the right one back from a backup.`,
    );
  }
}
