import { randomUUID } from 'node:crypto';
import type { Kysely } from 'kysely';
import type { Logger } from 'pino';
import type { OpenDatabase, Tx } from '../db/database.ts';
import { statement } from '../db/statement.ts';
import type { Clock } from '../lib/clock.ts';
import { decodeJson, encodeJson } from '../lib/json.ts';
import type { Engine, Reconciler } from './engine.ts';
import { type AwsEvent, type Events, matches, type Subscription } from './events.ts';

/** How long events are kept, and how long a delivery that fails is tried again: EventBridge's 24 hours. */
const KEPT_MS = 24 * 60 * 60_000;
const COLLECTOR = 'event/collect';

type OutboxTables = {
  engine_event: { id: string; published_at: number; event: string };
  /** `lane` and `position` of those that are delivered in order. */
  engine_delivery: {
    subscription: string;
    event_id: string;
    lane: string | null;
    position: number | null;
  };
};
const on = (db: Kysely<object>) => db.withTables<OutboxTables>();

const insertEvent = statement<OutboxTables['engine_event'], unknown>((tx, value) =>
  on(tx)
    .insertInto('engine_event')
    .values({ id: value('id'), published_at: value('published_at'), event: value('event') }),
);

const insertDelivery = statement<OutboxTables['engine_delivery'], unknown>((tx, value) =>
  on(tx)
    .insertInto('engine_delivery')
    .values({
      ...{ subscription: value('subscription'), event_id: value('event_id') },
      ...{ lane: value('lane'), position: value('position') },
    }),
);

const deleteDelivery = statement<{ subscription: string; event_id: string }, unknown>((tx, value) =>
  on(tx)
    .deleteFrom('engine_delivery')
    .where('subscription', '=', value('subscription'))
    .where('event_id', '=', value('event_id')),
);

/** What is owed to a subscription by event, or in a lane in its order. */
const selectOwed = (by: 'event_id' | 'lane') =>
  statement<{ subscription: string; key: string }, { id: string; event: string }>((tx, value) =>
    on(tx)
      .selectFrom('engine_delivery')
      .innerJoin('engine_event', 'engine_event.id', 'engine_delivery.event_id')
      .select(['engine_event.id', 'engine_event.event'])
      .where('engine_delivery.subscription', '=', value('subscription'))
      .where(`engine_delivery.${by}`, '=', value('key'))
      .orderBy('engine_delivery.position')
      .limit(1),
  );
const owedByEvent = selectOwed('event_id');
const owedInLane = selectOwed('lane');

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
 * of. Each subscription is a reconciler (`event/SUBSCRIPTION`, its key the event's id, or the lane where it wants
 * events in order), so each is delivered, and tried again, on its own.
 */
export function makeEvents<C>(
  options: EventsOptions<C>,
): Events & { reconcilers: Reconciler<C>[] } {
  const { clock, subscriptions, wake } = options;
  return {
    reconcilers: [...subscriptions.map((s) => deliverer(options, s)), collector(options)],

    async mayWant(tx, kind) {
      for (const { pattern, mayWant } of subscriptions) {
        const types = pattern['detail-type'];
        if (types && !types.includes(kind['detail-type'])) continue;
        if ((await mayWant?.(tx, kind)) ?? true) return true;
      }
      return false;
    },

    async publish(tx, newEvent, { toWatchersOnly = false } = {}) {
      const now = clock.now();
      const time = `${now.toISOString().slice(0, 19)}Z`;
      const event: AwsEvent = { version: '0', id: randomUUID(), ...newEvent, time };
      const wanting: Subscription<C>[] = [];
      for (const subscription of subscriptions) {
        const { pattern, wants, watches } = subscription;
        if (toWatchersOnly && !watches) continue;
        if (matches(pattern, event) && ((await wants?.(tx, event)) ?? true))
          wanting.push(subscription);
      }
      if (wanting.length === 0) return;
      const row = { id: event.id, published_at: now.getTime(), event: encodeJson(event) };
      await insertEvent(tx, row);
      for (const { name, inOrder } of wanting) {
        const lane = inOrder ? laneOf(event) : null;
        const position = lane === null ? null : await nextPosition(tx, name, lane);
        const delivery = { subscription: name, event_id: event.id, lane, position };
        await insertDelivery(tx, delivery);
        await wake(tx, `event/${name}`, lane ?? event.id);
      }
    },
  };
}

/** The resource that the event is of. */
const laneOf = ({ source, account, region, resources: [first = ''] }: AwsEvent) =>
  `${source} ${account} ${region} ${first}`;

/** Behind what is owed in the lane, or the first again. */
async function nextPosition(tx: Tx, subscription: string, lane: string): Promise<number> {
  const { last } = await on(tx)
    .selectFrom('engine_delivery')
    .select(({ fn }) => fn.max('position').as('last'))
    .where('subscription', '=', subscription)
    .where('lane', '=', lane)
    .executeTakeFirstOrThrow();
  return Number(last ?? 0) + 1;
}

function deliverer<C>(options: EventsOptions<C>, subscription: Subscription<C>): Reconciler<C> {
  const { database } = options;
  return {
    name: `event/${subscription.name}`,
    async reconcile(ctx, key) {
      const { name, inOrder } = subscription;
      const owed = () =>
        (inOrder ? owedInLane : owedByEvent)(database.db, { subscription: name, key });
      const [first] = await owed();
      if (!first) return undefined;
      await subscription.deliver(ctx, decodeJson<AwsEvent>(first.event));
      await database.transaction((tx) =>
        deleteDelivery(tx, { subscription: name, event_id: first.id }),
      );
      return inOrder && (await owed()).length > 0 ? 'now' : undefined;
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
