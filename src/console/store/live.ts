import { randomUUID } from 'node:crypto';
import type { Tx } from '../../db/database.ts';
import { statement } from '../../db/statement.ts';
import type { AwsEvent } from '../../engine/events.ts';
import { decodeJson, encodeJson } from '../../lib/json.ts';
import { tables } from './tables.ts';

export interface Place {
  accountId: string;
  region: string;
}

/** How far the events of a place have come. */
export interface Watch {
  epoch: string;
  lastPosition: number;
}

/** So many are kept for pages whose connection was lost. */
export const KEPT_EVENTS = 1000;
/** Of old places, so that who opens a page does not wait for it. */
const AT_ONCE = 100;

const at = ({ accountId: account_id, region }: Place) => ({ account_id, region });

/** Asked by all who publish. */
const findWatch = statement<Place, { epoch: string; until_at: number }>((tx, value) =>
  tables(tx)
    .selectFrom('console_watch')
    .select(['epoch', 'until_at'])
    .where('account_id', '=', value('accountId'))
    .where('region', '=', value('region')),
);

/** @param now epoch milliseconds */
export async function isWatched(tx: Tx, place: Place, now: number): Promise<boolean> {
  const [row] = await findWatch(tx, place);
  return row !== undefined && row.until_at > now;
}

/** Is somebody about to be shown events of this place? Until then they are kept. Begins anew where nobody has looked for a while. */
export async function watch(
  tx: Tx,
  place: Place,
  { now, until }: { now: number; until: number },
): Promise<Watch> {
  const [row] = await findWatch(tx, place);
  if (row && row.until_at > now) {
    // Many look at once: not each of them has to say so.
    if (row.until_at < until - (until - now) / 2)
      await tables(tx)
        .updateTable('console_watch')
        .set({ until_at: until })
        .where('account_id', '=', place.accountId)
        .where('region', '=', place.region)
        .execute();
    return { epoch: row.epoch, lastPosition: (await lastPosition(tx, place)) ?? 0 };
  }
  await forget(tx, place);
  await forgetOld(tx, now);
  const begun = { epoch: randomUUID().slice(0, 8), until_at: until };
  await tables(tx)
    .insertInto('console_watch')
    .values({ ...at(place), ...begun })
    .onConflict((conflict) => conflict.columns(['account_id', 'region']).doUpdateSet(begun))
    .execute();
  const first = { last_position: 0 };
  await tables(tx)
    .insertInto('console_position')
    .values({ ...at(place), ...first })
    .onConflict((conflict) => conflict.columns(['account_id', 'region']).doUpdateSet(first))
    .execute();
  return { epoch: begun.epoch, lastPosition: 0 };
}

async function lastPosition(tx: Tx, { accountId, region }: Place): Promise<number | undefined> {
  const row = await tables(tx)
    .selectFrom('console_position')
    .select('last_position')
    .where('account_id', '=', accountId)
    .where('region', '=', region)
    .executeTakeFirst();
  return row?.last_position;
}

/** Places at which nobody looks any more. */
async function forgetOld(tx: Tx, now: number): Promise<void> {
  const old = await tables(tx)
    .selectFrom('console_watch')
    .select(['account_id', 'region'])
    .where('until_at', '<=', now)
    .limit(AT_ONCE)
    .execute();
  for (const { account_id: accountId, region } of old) await forget(tx, { accountId, region });
}

async function forget(tx: Tx, { accountId, region }: Place): Promise<void> {
  for (const table of ['console_position', 'console_event', 'console_watch'] as const)
    await tables(tx)
      .deleteFrom(table)
      .where('account_id', '=', accountId)
      .where('region', '=', region)
      .execute();
}

/** @returns where it is then; undefined where nobody looks */
async function movePosition(tx: Tx, place: Place, by: number): Promise<number | undefined> {
  const row = await tables(tx)
    .updateTable('console_position')
    .set(({ eb }) => ({ last_position: eb('last_position', '+', by) }))
    .where('account_id', '=', place.accountId)
    .where('region', '=', place.region)
    .returning('last_position')
    .executeTakeFirst();
  return row?.last_position;
}

/**
 * Keeps an event behind all that are kept, once. The transaction may be `read committed`.
 * @returns whether it was new
 */
export async function keepEvent(tx: Tx, place: Place, event: AwsEvent): Promise<boolean> {
  // The place's row is locked from here to the commit: positions are committed in their order, so that who reads one has been
  // able to read all before it. What follows sees all that whoever held it has committed.
  const last = await movePosition(tx, place, 0);
  if (last === undefined) return false;
  const known = await tables(tx)
    .selectFrom('console_event')
    .select('position')
    .where('account_id', '=', place.accountId)
    .where('region', '=', place.region)
    .where('event_id', '=', event.id)
    .executeTakeFirst();
  if (known) return false;
  const position = last + 1;
  await movePosition(tx, place, 1);
  await tables(tx)
    .insertInto('console_event')
    .values({ ...at(place), position, event_id: event.id, event: encodeJson(event) })
    .execute();
  await tables(tx)
    .deleteFrom('console_event')
    .where('account_id', '=', place.accountId)
    .where('region', '=', place.region)
    .where('position', '<=', position - KEPT_EVENTS)
    .execute();
  return true;
}

/** The next events behind a position. */
export async function eventsBehind(
  tx: Tx,
  { accountId, region }: Place,
  position: number,
  most: number,
): Promise<{ position: number; event: AwsEvent }[]> {
  const rows = await tables(tx)
    .selectFrom('console_event')
    .select(['position', 'event'])
    .where('account_id', '=', accountId)
    .where('region', '=', region)
    .where('position', '>', position)
    .orderBy('position')
    .limit(most)
    .execute();
  return rows.map((row) => ({ position: row.position, event: decodeJson<AwsEvent>(row.event) }));
}
