import { randomBytes } from 'node:crypto';
import type { Kysely, SqlBool } from 'kysely';
import type { OpenDatabase, Tx } from '../db/database.ts';
import { sql } from '../db/kysely.ts';
import { statement } from '../db/statement.ts';

/**
 * The queue: what is to be looked at (`engine_wake`), who looks at what (`engine_lease`), and who lives
 * (`engine_node`). A wake-up is a row of its own, so that two transactions that wake one key never wait
 * for each other; all that are due go when the key is claimed. The lease is what proves, after a crash,
 * that the key was being worked on.
 */
export type QueueTables = {
  engine_wake: {
    name: string;
    key: string;
    id: string;
    due_at: number;
    /** When it was put here. */
    woken_at: number;
    failures: number;
    /** When the first of these failures was, and what the last one said; null without any. */
    failing_since: number | null;
    error_message: string | null;
  };
  engine_lease: { name: string; key: string; node: string; token: string; since: number };
  /** `beat_at`: when the beat was counted up last, by the node's own clock; null where none beats. */
  engine_node: { node: string; host: string; beat: number; since: number; beat_at: number | null };
};

/** Failures in a row, the last of them just now. */
export interface Failing {
  failures: number;
  /** Epoch milliseconds of the first. */
  since: number;
  /** What the last one said, in words for people. */
  words: string;
}

/** A key that this node may work on until it settles it, or is declared dead. */
export interface Claim {
  name: string;
  key: string;
  token: string;
  /** How it went before this run, where it failed. */
  failing: Failing | undefined;
}

/** When a key is to be looked at again, after a run. */
export interface Again {
  /** Epoch milliseconds; 0 is at once. */
  dueAt: number;
  failing: Failing | undefined;
}

/** The one row of a key that a run leaves behind; those that wake it have random ids. */
export const AGAIN = 'again';
/** Due at once, whatever the clocks of the nodes say. */
export const AT_ONCE = 0;

const READ_COMMITTED = { isolation: 'read committed' } as const;

const on = (db: Kysely<object>) => db.withTables<QueueTables>();

let lastId = 0;

/** Ids go up with time, so that wake-ups which are due at once are served in their order. */
function newId(): string {
  // Microseconds, made up below the millisecond.
  lastId = Math.max(lastId + 1, Date.now() * 1_000);
  return `${lastId.toString(36)}-${randomBytes(6).toString('base64url')}`;
}

/** When wake-ups are due, and when they were put in, in epoch milliseconds. */
export interface WakeTimes {
  dueAt: number;
  now: number;
}

/** Adds wake-ups of `keys`. */
export async function addWakes(
  tx: Tx,
  name: string,
  keys: string[],
  { dueAt, now }: WakeTimes,
): Promise<void> {
  const times = { due_at: dueAt, woken_at: now };
  const rows = keys.map((key) => ({ name, key, id: newId(), ...times, failures: 0 }));
  const [first] = rows;
  if (rows.length === 1 && first) await insertWake(tx, first);
  else if (first) await on(tx).insertInto('engine_wake').values(rows).execute();
}

type NewWake = Pick<
  QueueTables['engine_wake'],
  'name' | 'key' | 'id' | 'due_at' | 'woken_at' | 'failures'
>;

const insertWake = statement<NewWake, unknown>((tx, value) =>
  on(tx)
    .insertInto('engine_wake')
    .values({
      ...{ name: value('name'), key: value('key'), id: value('id') },
      ...{ due_at: value('due_at'), woken_at: value('woken_at'), failures: value('failures') },
    }),
);

/** Those of `keys` that nobody works on and that are not due already. */
export async function idleKeys(
  tx: Tx,
  name: string,
  keys: string[],
  now: number,
): Promise<string[]> {
  const due = await on(tx)
    .selectFrom('engine_wake')
    .select('key')
    .where('name', '=', name)
    .where('key', 'in', keys)
    .where('due_at', '<=', now)
    .union(
      on(tx)
        .selectFrom('engine_lease')
        .select('key')
        .where('name', '=', name)
        .where('key', 'in', keys),
    )
    .execute();
  const busy = new Set(due.map((row) => row.key));
  return keys.filter((key) => !busy.has(key));
}

/** Of wake-ups as `w`: nobody works on the key. */
export const isFree = sql<SqlBool>`not exists (select 1 from engine_lease as l where l.name = w.name and l.key = w.key)`;

/** Up to `limit` keys of `name` that are due and free, those that wait longest first. */
async function dueKeys(
  database: OpenDatabase,
  name: string,
  limit: number,
  now: number,
): Promise<string[]> {
  const rows = await selectDue(database.db, { name, limit, now });
  return rows.map((row) => row.key);
}

const selectDue = statement<{ name: string; limit: number; now: number }, { key: string }>(
  (tx, value) =>
    on(tx)
      .selectFrom('engine_wake as w')
      .select('w.key')
      .where('w.name', '=', value('name'))
      .where('w.due_at', '<=', value('now'))
      .where(isFree)
      .groupBy('w.key')
      .orderBy((e) => e.fn.min('w.due_at'))
      .orderBy((e) => e.fn.min('w.id'))
      .limit(value('limit')),
);

/**
 * Claims up to `limit` keys of `name` that are due.
 * @throws a foreign key error when `node` has been declared dead.
 */
export async function claim(
  database: OpenDatabase,
  node: string,
  name: string,
  limit: number,
  now: number,
): Promise<Claim[]> {
  const keys = await dueKeys(database, name, limit, now);
  if (keys.length === 0) return [];
  return database.transaction(async (tx) => {
    const claims: Claim[] = [];
    for (const key of keys) {
      const claimed = await claimKey(tx, node, name, key, now);
      if (claimed) claims.push(claimed);
    }
    return claims;
  }, READ_COMMITTED);
}

async function claimKey(
  tx: Tx,
  node: string,
  name: string,
  key: string,
  now: number,
): Promise<Claim | undefined> {
  const token = randomBytes(12).toString('base64url');
  const [lease] = await insertLease(tx, { name, key, node, token, since: now });
  if (!lease) return undefined;
  const woken = await deleteDue(tx, { name, key, now });
  const [again] = await selectAgain(tx, { name, key });
  if (woken.length === 0 && !(again && again.due_at <= now)) {
    // Another node was faster, and done already.
    await deleteLease(tx, { name, key, token });
    return undefined;
  }
  return { name, key, token, failing: again && failingOf(again) };
}

const insertLease = statement<QueueTables['engine_lease'], { token: string }>((tx, value) =>
  on(tx)
    .insertInto('engine_lease')
    .values({
      ...{ name: value('name'), key: value('key'), node: value('node') },
      ...{ token: value('token'), since: value('since') },
    })
    .onConflict((c) => c.columns(['name', 'key']).doNothing())
    .returning('token'),
);

const deleteDue = statement<{ name: string; key: string; now: number }, { id: string }>(
  (tx, value) =>
    on(tx)
      .deleteFrom('engine_wake')
      .where('name', '=', value('name'))
      .where('key', '=', value('key'))
      .where('due_at', '<=', value('now'))
      .where('id', '!=', AGAIN)
      .returning('id'),
);

const selectAgain = statement<{ name: string; key: string }, FailureColumns & { due_at: number }>(
  (tx, value) =>
    on(tx)
      .selectFrom('engine_wake')
      .select(['due_at', 'failures', 'failing_since', 'error_message'])
      .where('name', '=', value('name'))
      .where('key', '=', value('key'))
      .where('id', '=', AGAIN),
);

type FailureColumns = Pick<
  QueueTables['engine_wake'],
  'failures' | 'failing_since' | 'error_message'
>;

/** What a row says of failures; undefined when it tells of none. */
export function failingOf(row: FailureColumns): Failing | undefined {
  const { failures, failing_since: since, error_message: words } = row;
  return failures > 0 ? { failures, since: since ?? 0, words: words ?? '' } : undefined;
}

const deleteLease = statement<{ name: string; key: string; token: string }, { node: string }>(
  (tx, value) =>
    on(tx)
      .deleteFrom('engine_lease')
      .where('name', '=', value('name'))
      .where('key', '=', value('key'))
      .where('token', '=', value('token'))
      .returning('node'),
);

const deleteAgain = statement<{ name: string; key: string }, unknown>((tx, value) =>
  on(tx)
    .deleteFrom('engine_wake')
    .where('name', '=', value('name'))
    .where('key', '=', value('key'))
    .where('id', '=', AGAIN),
);

/**
 * Ends a run: gives the lease back and notes when to look again, if at all, and how it failed, if it did.
 * @param now epoch milliseconds
 * @returns false when the lease was lost: somebody else looks after the key.
 */
export function settle(
  database: OpenDatabase,
  lease: Claim,
  again: Again | undefined,
  now: number,
): Promise<boolean> {
  const { name, key } = lease;
  return database.transaction(async (tx) => {
    if ((await deleteLease(tx, lease)).length === 0) return false;
    if (again) {
      const { failures = 0, since = null, words = null } = again.failing ?? {};
      const next = {
        ...{ due_at: again.dueAt, woken_at: now },
        ...{ failures, failing_since: since, error_message: words },
      };
      await on(tx)
        .insertInto('engine_wake')
        .values({ name, key, id: AGAIN, ...next })
        .onConflict((c) => c.columns(['name', 'key', 'id']).doUpdateSet(next))
        .execute();
    } else {
      await deleteAgain(tx, { name, key });
    }
    return true;
  }, READ_COMMITTED);
}

/** When the next wake-up of `name` after `now` is due, in epoch milliseconds. */
export async function nextDue(
  database: OpenDatabase,
  name: string,
  now: number,
): Promise<number | undefined> {
  const [row] = await selectNextDue(database.db, { name, now });
  return row?.due ?? undefined;
}

const selectNextDue = statement<{ name: string; now: number }, { due: number | null }>(
  (tx, value) =>
    on(tx)
      .selectFrom('engine_wake')
      .select((e) => e.fn.min('due_at').as('due'))
      .where('name', '=', value('name'))
      .where('due_at', '>', value('now')),
);

/** Clocks of several nodes, and timers, differ by less. */
export const SET_BACK_MS = 1000;

/**
 * Makes wake-ups due that were put in later than now, before a clock was set back: each reconciler looks what its time is.
 * @param now epoch milliseconds
 */
export async function dueAgain(database: OpenDatabase, now: number): Promise<void> {
  await database.transaction(
    (tx) =>
      on(tx)
        .updateTable('engine_wake')
        .set({ due_at: AT_ONCE, woken_at: now })
        .where('woken_at', '>', now + SET_BACK_MS)
        .execute(),
    READ_COMMITTED,
  );
}

/** When the first wake-up of each name is or was due, in epoch milliseconds, whoever works on it. */
export async function firstDue(database: OpenDatabase): Promise<Map<string, number>> {
  const rows = await on(database.db)
    .selectFrom('engine_wake')
    .select((e) => ['name', e.fn.min('due_at').as('due')])
    .groupBy('name')
    .execute();
  return new Map(rows.map((row) => [row.name, row.due]));
}

/** Makes this node known: its leases are good while its row exists. @param now epoch milliseconds, as of all that follow */
export async function register(
  database: OpenDatabase,
  { node, host, now }: { node: string; host: string; now: number },
): Promise<void> {
  const row = { node, host, beat: 0, since: now };
  await database.transaction(
    (tx) => on(tx).insertInto('engine_node').values(row).execute(),
    READ_COMMITTED,
  );
}

/** @returns false when the node has been declared dead. */
export async function beat(database: OpenDatabase, node: string, now: number): Promise<boolean> {
  const update = await database.transaction(
    (tx) =>
      on(tx)
        .updateTable('engine_node')
        .set((e) => ({ beat: e('beat', '+', 1), beat_at: now }))
        .where('node', '=', node)
        .executeTakeFirst(),
    READ_COMMITTED,
  );
  return update.numUpdatedRows > 0n;
}

export function nodes(database: OpenDatabase): Promise<QueueTables['engine_node'][]> {
  return on(database.db).selectFrom('engine_node').selectAll().execute();
}

/**
 * Declares a node dead: what it worked on is woken again, in the same transaction that ends its leases.
 * A dead node that claims at the same moment makes this fail; try again later.
 */
export async function bury(database: OpenDatabase, node: string, now: number): Promise<void> {
  await database.transaction(async (tx) => {
    const lost = await on(tx)
      .deleteFrom('engine_lease')
      .where('node', '=', node)
      .returning(['name', 'key'])
      .execute();
    for (const { name, key } of lost) await addWakes(tx, name, [key], { dueAt: AT_ONCE, now });
    await on(tx).deleteFrom('engine_node').where('node', '=', node).execute();
  }, READ_COMMITTED);
}
