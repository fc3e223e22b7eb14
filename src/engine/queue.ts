import { randomBytes } from 'node:crypto';
import { type Kysely, type SqlBool, sql } from 'kysely';
import type { OpenDatabase, Tx } from '../db/database.ts';

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
const AGAIN = 'again';
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
  if (keys.length === 0) return;
  const times = { due_at: dueAt, woken_at: now };
  const rows = keys.map((key) => ({ name, key, id: newId(), ...times, failures: 0 }));
  await on(tx).insertInto('engine_wake').values(rows).execute();
}

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
  const rows = await on(database.db)
    .selectFrom('engine_wake as w')
    .select('w.key')
    .where('w.name', '=', name)
    .where('w.due_at', '<=', now)
    .where(isFree)
    .groupBy('w.key')
    .orderBy((e) => e.fn.min('w.due_at'))
    .orderBy((e) => e.fn.min('w.id'))
    .limit(limit)
    .execute();
  return rows.map((row) => row.key);
}

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
  const lease = await on(tx)
    .insertInto('engine_lease')
    .values({ name, key, node, token, since: now })
    .onConflict((c) => c.columns(['name', 'key']).doNothing())
    .returning('token')
    .executeTakeFirst();
  if (!lease) return undefined;
  const woken = await on(tx)
    .deleteFrom('engine_wake')
    .where('name', '=', name)
    .where('key', '=', key)
    .where('due_at', '<=', now)
    .where('id', '!=', AGAIN)
    .executeTakeFirst();
  const again = await on(tx)
    .selectFrom('engine_wake')
    .select(['due_at', 'failures', 'failing_since', 'error_message'])
    .where('name', '=', name)
    .where('key', '=', key)
    .where('id', '=', AGAIN)
    .executeTakeFirst();
  if (woken.numDeletedRows === 0n && !(again && again.due_at <= now)) {
    // Another node was faster, and done already.
    await deleteLease(tx, { name, key, token });
    return undefined;
  }
  return { name, key, token, failing: again && failingOf(again) };
}

type FailureColumns = Pick<
  QueueTables['engine_wake'],
  'failures' | 'failing_since' | 'error_message'
>;

/** What a row says of failures; undefined when it tells of none. */
export function failingOf(row: FailureColumns): Failing | undefined {
  const { failures, failing_since: since, error_message: words } = row;
  return failures > 0 ? { failures, since: since ?? 0, words: words ?? '' } : undefined;
}

async function deleteLease(
  tx: Tx,
  lease: { name: string; key: string; token: string },
): Promise<boolean> {
  const gone = await on(tx)
    .deleteFrom('engine_lease')
    .where('name', '=', lease.name)
    .where('key', '=', lease.key)
    .where('token', '=', lease.token)
    .executeTakeFirst();
  return gone.numDeletedRows > 0n;
}

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
    if (!(await deleteLease(tx, lease))) return false;
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
      await on(tx)
        .deleteFrom('engine_wake')
        .where('name', '=', name)
        .where('key', '=', key)
        .where('id', '=', AGAIN)
        .execute();
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
  const row = await on(database.db)
    .selectFrom('engine_wake')
    .select((e) => e.fn.min('due_at').as('due'))
    .where('name', '=', name)
    .where('due_at', '>', now)
    .executeTakeFirst();
  return row?.due ?? undefined;
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
