import type { ReplayState } from '@aws-sdk/client-eventbridge';
import type { Db, Tx } from '../../../db/database.ts';
import { decodeJson, encodeJson } from '../../../lib/json.ts';
import { REPLAY_KEPT_DAYS } from '../limits.ts';
import type { ArchiveKey } from './archives.ts';
import { type EventsTables, type Owner, tables } from './tables.ts';

export interface Replay {
  accountId: string;
  region: string;
  name: string;
  arn: string;
  state: ReplayState;
  reason?: string;
  description?: string;
  archiveId: string;
  archiveArn: string;
  bus: string;
  busArn: string;
  filterArns?: string[];
  from: Date;
  to: Date;
  startedAt: Date;
  endedAt?: Date;
  /** The last event that was replayed. */
  after?: ArchiveKey;
}

type ReplayBody = Omit<Replay, 'accountId' | 'region' | 'name'>;

const replayOf = (row: EventsTables['events_replay']): Replay => ({
  ...{ accountId: row.account_id, region: row.region, name: row.name },
  ...decodeJson<ReplayBody>(row.body),
});

const owned = (db: Db | Tx, { accountId, region }: Owner) =>
  tables(db)
    .selectFrom('events_replay')
    .selectAll()
    .where('account_id', '=', accountId)
    .where('region', '=', region);

export async function findReplay(
  db: Db | Tx,
  owner: Owner,
  name: string,
): Promise<Replay | undefined> {
  const row = await owned(db, owner).where('name', '=', name).executeTakeFirst();
  return row && replayOf(row);
}

export async function listReplays(db: Db | Tx, owner: Owner): Promise<Replay[]> {
  return (await owned(db, owner).execute()).map(replayOf);
}

export async function listAllReplays(db: Db | Tx): Promise<Replay[]> {
  return (await tables(db).selectFrom('events_replay').selectAll().execute()).map(replayOf);
}

const KEPT_MS = REPLAY_KEPT_DAYS * 24 * 3_600_000;

/** Did it end so long ago that it is told of no more? */
export const isForgettable = ({ endedAt }: Replay, now: Date): boolean =>
  endedAt !== undefined && now.getTime() - endedAt.getTime() > KEPT_MS;

/** Forgets those that ended long ago. */
export async function forgetReplays(tx: Tx, now: Date): Promise<void> {
  const old = (await listAllReplays(tx)).filter((replay) => isForgettable(replay, now));
  for (const { accountId, region, name } of old)
    await tables(tx)
      .deleteFrom('events_replay')
      .where('account_id', '=', accountId)
      .where('region', '=', region)
      .where('name', '=', name)
      .execute();
}

export async function saveReplay(
  tx: Tx,
  { accountId: account_id, region, name, ...its }: Replay,
): Promise<void> {
  const body = encodeJson(its);
  await tables(tx)
    .insertInto('events_replay')
    .values({ account_id, region, name, body })
    .onConflict((c) => c.columns(['account_id', 'region', 'name']).doUpdateSet({ body }))
    .execute();
}
