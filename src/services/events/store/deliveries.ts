import type { Db, Tx } from '../../../db/database.ts';
import { decodeJson, encodeJson } from '../../../lib/json.ts';
import { type BusEvent, readEvent } from '../model/event.ts';
import { tables } from './tables.ts';
import type { RulePlace } from './targets.ts';

/** An event that is owed to one target. */
export interface Delivery {
  id: string;
  rule: RulePlace;
  ruleArn: string;
  targetId: string;
  event: BusEvent;
  /** Buses that the event has come through before this one. */
  hops: number;
  startedAt: Date;
  /** Tries that failed. */
  attempts: number;
  /** There was no room for it among those to targets outside. */
  crowded?: boolean;
  /** The next try is not before. */
  dueAt: Date;
}

/** Deliveries that one sweep wakes. */
const SWEPT_AT_ONCE = 1000;

type DeliveryBody = Omit<Delivery, 'id' | 'startedAt' | 'dueAt' | 'event'> & {
  /** JSON; in older rows the event itself. */
  event: string | BusEvent;
};

const encoded = ({ event, ...body }: Omit<Delivery, 'id' | 'startedAt' | 'dueAt'>) =>
  encodeJson({ ...body, event: JSON.stringify(event) } satisfies DeliveryBody);

/** @returns false where it was there already */
export async function insertDelivery(
  tx: Tx,
  { id, startedAt, dueAt, ...body }: Delivery,
): Promise<boolean> {
  const result = await tables(tx)
    .insertInto('events_delivery')
    .values({
      ...{ id, started_at: startedAt.getTime(), due_at: dueAt.getTime() },
      body: encoded(body),
    })
    .onConflict((c) => c.column('id').doNothing())
    .executeTakeFirst();
  return Number(result.numInsertedOrUpdatedRows ?? 0) > 0;
}

export async function findDelivery(db: Db | Tx, id: string): Promise<Delivery | undefined> {
  const row = await tables(db)
    .selectFrom('events_delivery')
    .selectAll()
    .where('id', '=', id)
    .executeTakeFirst();
  if (!row) return undefined;
  const { event, ...body } = decodeJson<DeliveryBody>(row.body);
  return {
    ...{ id, startedAt: new Date(row.started_at), dueAt: new Date(row.due_at), ...body },
    event: typeof event === 'string' ? readEvent(event) : event,
  };
}

export async function updateDelivery(
  tx: Tx,
  { id, startedAt: _, dueAt, ...body }: Delivery,
): Promise<void> {
  await tables(tx)
    .updateTable('events_delivery')
    .set({ due_at: dueAt.getTime(), body: encoded(body) })
    .where('id', '=', id)
    .execute();
}

export async function deleteDelivery(tx: Tx, id: string): Promise<void> {
  await tables(tx).deleteFrom('events_delivery').where('id', '=', id).execute();
}

/** Some of those whose time has come: the engine's sweep wakes what was missed. @param now epoch ms */
export async function listDueDeliveries(db: Db | Tx, now: number): Promise<string[]> {
  const rows = await tables(db)
    .selectFrom('events_delivery')
    .select('id')
    .where('due_at', '<=', now)
    .orderBy('due_at')
    .limit(SWEPT_AT_ONCE)
    .execute();
  return rows.map(({ id }) => id);
}
