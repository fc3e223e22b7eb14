import { randomUUID } from 'node:crypto';
import type { Kysely } from 'kysely';
import type { Logger } from 'pino';
import type { OpenDatabase } from '../db/database.ts';
import type { Clock } from '../lib/clock.ts';
import { decodeJson, encodeJson } from '../lib/json.ts';
import type { Engine, Reconciler } from './engine.ts';
import { type AwsEvent, type Events, matches, type Subscription } from './events.ts';

/** How long events are kept, and how long a delivery that fails is tried again: EventBridge's 24 hours. */
const KEPT_MS = 24 * 60 * 60_000;
const COLLECTOR = 'event/collect';

type OutboxTables = {
  engine_event: { id: string; published_at: number; event: string };
  engine_delivery: { subscription: string; event_id: string };
};
const on = (db: Kysely<object>) => db.withTables<OutboxTables>();

export interface EventsOptions<C> {
  /** With the schema of `engineMigrations`. */
  database: OpenDatabase;
  clock: Clock;
  log: Logger;
  subscriptions: Subscription<C>[];
  /** The engine's, which is made with the reconcilers that come from here. */
  wake: Engine['wake'];
}

/**
 * Events as an outbox: the event and what is owed to each subscription commit with the work that they tell
 * of. Each subscription is a reconciler (`event/SUBSCRIPTION`, its key the event's id), so each is delivered,
 * and tried again, on its own.
 */
export function makeEvents<C>(
  options: EventsOptions<C>,
): Events & { reconcilers: Reconciler<C>[] } {
  const { clock, subscriptions, wake } = options;
  return {
    reconcilers: [...subscriptions.map((s) => deliverer(options, s)), collector(options)],

    async publish(tx, newEvent, { toWatchersOnly = false } = {}) {
      const now = clock.now();
      const time = `${now.toISOString().slice(0, 19)}Z`;
      const event: AwsEvent = { version: '0', id: randomUUID(), ...newEvent, time };
      const wanting: string[] = [];
      for (const { name, pattern, wants, watches } of subscriptions) {
        if (toWatchersOnly && !watches) continue;
        if (matches(pattern, event) && ((await wants?.(tx, event)) ?? true)) wanting.push(name);
      }
      if (wanting.length === 0) return;
      const row = { id: event.id, published_at: now.getTime(), event: encodeJson(event) };
      await on(tx).insertInto('engine_event').values(row).execute();
      for (const name of wanting) {
        const delivery = { subscription: name, event_id: event.id };
        await on(tx).insertInto('engine_delivery').values(delivery).execute();
        await wake(tx, `event/${name}`, event.id);
      }
    },
  };
}

function deliverer<C>(options: EventsOptions<C>, subscription: Subscription<C>): Reconciler<C> {
  const { database } = options;
  return {
    name: `event/${subscription.name}`,
    async reconcile(ctx, id) {
      const owed = await on(database.db)
        .selectFrom('engine_delivery')
        .innerJoin('engine_event', 'engine_event.id', 'engine_delivery.event_id')
        .select('engine_event.event')
        .where('engine_delivery.subscription', '=', subscription.name)
        .where('engine_delivery.event_id', '=', id)
        .executeTakeFirst();
      if (!owed) return undefined;
      await subscription.deliver(ctx, decodeJson<AwsEvent>(owed.event));
      await database.transaction((tx) =>
        on(tx)
          .deleteFrom('engine_delivery')
          .where('subscription', '=', subscription.name)
          .where('event_id', '=', id)
          .execute(),
      );
      return undefined;
    },
  };
}

/** Drops what is older than a day; woken by its own sweep, once a minute. */
function collector<C>({ database, clock, log }: EventsOptions<C>): Reconciler<C> {
  return {
    name: COLLECTOR,
    sweep: async () => ['events'],
    async reconcile() {
      const now = clock.now().getTime();
      const old = on(database.db)
        .selectFrom('engine_event')
        .select('id')
        .where('published_at', '<', now - KEPT_MS);
      const ids = (await old.execute()).map((row) => row.id);
      for (let i = 0; i < ids.length; i += 500) {
        const batch = ids.slice(i, i + 500);
        const given = await database.transaction(async (tx) => {
          const undelivered = on(tx).deleteFrom('engine_delivery').where('event_id', 'in', batch);
          const rows = await undelivered.returning(['subscription', 'event_id']).execute();
          await on(tx).deleteFrom('engine_event').where('id', 'in', batch).execute();
          return rows;
        });
        for (const lost of given)
          log.error(lost, 'An event could not be delivered for a day; it is dropped');
      }
      return undefined;
    },
  };
}
