import type { Db, Tx } from '../../../db/database.ts';
import { type Owed, owedIn } from '../../../kit/delivery/owed.ts';
import { decodeJson, encodeJson } from '../../../lib/json.ts';
import type { Triggers } from '../model/triggers.ts';
import { on } from './repositories.ts';

/** SQL about triggers. */

export async function findTriggers(
  db: Db | Tx,
  repositoryId: string,
): Promise<Triggers | undefined> {
  const row = await on(db)
    .selectFrom('codecommit_trigger')
    .selectAll()
    .where('repository_id', '=', repositoryId)
    .executeTakeFirst();
  return row && { configurationId: row.configuration_id, triggers: decodeJson(row.body) };
}

export async function saveTriggers(
  tx: Tx,
  repositoryId: string,
  { configurationId, triggers }: Triggers,
): Promise<void> {
  const values = { configuration_id: configurationId, body: encodeJson(triggers) };
  await on(tx)
    .insertInto('codecommit_trigger')
    .values({ repository_id: repositoryId, ...values })
    .onConflict((c) => c.column('repository_id').doUpdateSet(values))
    .execute();
}

/** What a trigger owes its topic or function. */
export interface Notice extends Owed {
  destinationArn: string;
  repositoryArn: string;
  subject: string;
  message: string;
}

export const notices = owedIn<Notice>('codecommit_notice');
