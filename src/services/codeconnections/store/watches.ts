import { randomUUID } from 'node:crypto';
import type { Db, Tx } from '../../../db/database.ts';
import { decodeJson, encodeJson } from '../../../lib/json.ts';
import { repositoryKey } from '../model/repository.ts';
import { type CodeConnectionsTables, tables } from './tables.ts';

/** A repository whose changes are looked for. */
export interface Watch {
  id: string;
  connectionArn: string;
  /** As whoever watches it calls it. */
  fullRepositoryId: string;
  /** It is looked at now and then. */
  polled: boolean;
  /** Branches and tags that were told of, with their commits; absent before the first look. */
  references?: Record<string, string>;
  /** Goes up with each change of `references`. */
  version: number;
  /** When somebody said last that he listens, and when its webhook called last. */
  askedAt: Date;
  webhookAt?: Date;
  /** Why it could not be looked at, the last time. */
  failure?: string;
}

type Body = Omit<Watch, 'id' | 'connectionArn' | 'polled'>;

const watchOf = (row: CodeConnectionsTables['codeconnections_watch']): Watch => ({
  ...{ id: row.id, connectionArn: row.connection_arn, polled: row.polled === 1 },
  ...decodeJson<Body>(row.body),
});

const all = (db: Db | Tx) => tables(db).selectFrom('codeconnections_watch').selectAll();

export async function findWatch(db: Db | Tx, id: string): Promise<Watch | undefined> {
  const row = await all(db).where('id', '=', id).executeTakeFirst();
  return row && watchOf(row);
}

export async function findWatchOf(
  db: Db | Tx,
  connectionArn: string,
  fullRepositoryId: string,
): Promise<Watch | undefined> {
  const row = await all(db)
    .where('connection_arn', '=', connectionArn)
    .where('repository', '=', repositoryKey(fullRepositoryId))
    .executeTakeFirst();
  return row && watchOf(row);
}

export async function listWatchesOf(db: Db | Tx, connectionArn: string): Promise<Watch[]> {
  const rows = await all(db).where('connection_arn', '=', connectionArn).execute();
  return rows.map(watchOf);
}

export async function listPolled(db: Db | Tx): Promise<string[]> {
  const rows = await tables(db)
    .selectFrom('codeconnections_watch')
    .select('id')
    .where('polled', '=', 1)
    .execute();
  return rows.map(({ id }) => id);
}

export const newWatch = (connectionArn: string, fullRepositoryId: string, now: Date): Watch => ({
  ...{ id: randomUUID(), connectionArn, fullRepositoryId, polled: true, version: 0, askedAt: now },
});

export async function saveWatch(
  tx: Tx,
  { id, connectionArn, polled, ...its }: Watch,
): Promise<void> {
  const values = { polled: polled ? 1 : 0, body: encodeJson(its) };
  const repository = repositoryKey(its.fullRepositoryId);
  await tables(tx)
    .insertInto('codeconnections_watch')
    .values({ id, connection_arn: connectionArn, repository, ...values })
    .onConflict((c) => c.column('id').doUpdateSet(values))
    .execute();
}

export async function deleteWatch(tx: Tx, id: string): Promise<void> {
  await tables(tx).deleteFrom('codeconnections_watch').where('id', '=', id).execute();
}

/** Keeps what was told of a pull request. @returns false when that is what was told last */
export async function notePullRequest(
  tx: Tx,
  watch_id: string,
  number: string,
  state: string,
): Promise<boolean> {
  const its = tables(tx).selectFrom('codeconnections_pull_request').select('state');
  const known = await its
    .where('watch_id', '=', watch_id)
    .where('number', '=', number)
    .executeTakeFirst();
  if (known?.state === state) return false;
  await tables(tx)
    .insertInto('codeconnections_pull_request')
    .values({ watch_id, number, state })
    .onConflict((c) => c.columns(['watch_id', 'number']).doUpdateSet({ state }))
    .execute();
  return true;
}
