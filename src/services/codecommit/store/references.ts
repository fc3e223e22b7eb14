import type { Tx } from '../../../db/database.ts';
import type { ReferenceChange, References } from '../model/references.ts';
import { on } from './repositories.ts';

/** SQL about announced references and changes that are under way. */

export async function announcedReferences(tx: Tx, repositoryId: string): Promise<References> {
  const rows = await on(tx)
    .selectFrom('codecommit_reference')
    .select(['name', 'object_id'])
    .where('repository_id', '=', repositoryId)
    .execute();
  return new Map(rows.map((row) => [row.name, row.object_id]));
}

export async function recordReferenceChange(
  tx: Tx,
  repositoryId: string,
  change: ReferenceChange,
): Promise<void> {
  const { name, commitId } = change;
  if (commitId === undefined) {
    await on(tx)
      .deleteFrom('codecommit_reference')
      .where('repository_id', '=', repositoryId)
      .where('name', '=', name)
      .execute();
    return;
  }
  await on(tx)
    .insertInto('codecommit_reference')
    .values({ repository_id: repositoryId, name, object_id: commitId })
    .onConflict((c) => c.columns(['repository_id', 'name']).doUpdateSet({ object_id: commitId }))
    .execute();
}

export async function insertChange(
  tx: Tx,
  change: { changeId: string; repositoryId: string; now: Date; userArn: string | undefined },
): Promise<void> {
  await on(tx)
    .insertInto('codecommit_change')
    .values({
      change_id: change.changeId,
      repository_id: change.repositoryId,
      started: change.now.getTime(),
      user_arn: change.userArn ?? null,
    })
    .execute();
}

export async function deleteChange(tx: Tx, changeId: string): Promise<void> {
  await on(tx).deleteFrom('codecommit_change').where('change_id', '=', changeId).execute();
}

/** Who has begun a change; without its id, the youngest one of the repository. */
export async function whoBegan(
  tx: Tx,
  repositoryId: string,
  changeId: string | undefined,
): Promise<string | undefined> {
  const all = on(tx)
    .selectFrom('codecommit_change')
    .select('user_arn')
    .where('repository_id', '=', repositoryId);
  const its = changeId === undefined ? all : all.where('change_id', '=', changeId);
  const row = await its.orderBy('started', 'desc').limit(1).executeTakeFirst();
  return row?.user_arn ?? undefined;
}

/** Forgets changes begun before `started`: whatever made them has ended by then. */
export async function deleteOldChanges(tx: Tx, repositoryId: string, started: Date): Promise<void> {
  await on(tx)
    .deleteFrom('codecommit_change')
    .where('repository_id', '=', repositoryId)
    .where('started', '<', started.getTime())
    .execute();
}

/** When the youngest change that is under way was begun, or undefined when there is none. */
export async function lastChangeStart(tx: Tx, repositoryId: string): Promise<Date | undefined> {
  const row = await on(tx)
    .selectFrom('codecommit_change')
    .select('started')
    .where('repository_id', '=', repositoryId)
    .orderBy('started', 'desc')
    .limit(1)
    .executeTakeFirst();
  return row && new Date(row.started);
}
