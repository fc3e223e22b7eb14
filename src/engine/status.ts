import type { Kysely, RawBuilder, SqlBool } from 'kysely';
import type { OpenDatabase } from '../db/database.ts';
import { sql } from '../db/kysely.ts';
import type {
  EngineStatus,
  FailingKey,
  Lease,
  Listed,
  NodeStatus,
  ReconcilerStatus,
  StuckKey,
  StuckRule,
} from '../lib/engine-status.ts';
import type { QueueLength, Reconciler } from './engine.ts';
import { AGAIN, failingOf, isFree, type QueueTables } from './queue.ts';

/** How many of each are listed. */
const LISTED = 100;
/** A key that is due is begun at once where there is room. */
const WAITING_MS = 5 * 60_000;
/** A run is one look, one decision and one effect. */
const WORKING_MS = 15 * 60_000;

/** What counts of reconcilers. */
type Facts = Pick<Reconciler<never>, 'name' | 'longestMs' | 'stays'>[];

interface Asking {
  /** Those that this node runs. */
  reconcilers: Facts;
  /** The name of this node. */
  node: string;
  /** Epoch milliseconds. */
  now: number;
}

const on = (db: Kysely<object>) => db.withTables<QueueTables>();
const iso = (time: number) => new Date(time).toISOString();

/** Since when a wake-up is due: those that are due at once bear no time. */
const dueSince = sql<number>`case when due_at > woken_at then due_at else woken_at end`;
/** Of a query with a limit: how many rows it would have without. */
const total = sql<number>`count(*) over ()`.as('total');

/** Reads how durable work goes: a handful of queries, none of which locks anything. */
export async function readStatus(database: OpenDatabase, asking: Asking): Promise<EngineStatus> {
  const db = on(database.db);
  const rule = ruleOf(asking.reconcilers);
  const [nodes, reconcilers, leases, failing, waiting, working] = await Promise.all([
    nodesOf(db, asking.node),
    reconcilersOf(db, asking.now, rule.staying),
    leasesOf(db, sql`1 = 1`),
    failingKeys(db),
    waitingKeys(db, asking.now - rule.waitingMs),
    leasesOf(db, tooLong(rule, asking.now)),
  ]);
  return {
    at: iso(asking.now),
    ...{ nodes, reconcilers, leases, failing, rule },
    stuck: bothStuck(waiting, working),
  };
}

/** The two numbers that metrics show, by reconciler; read from indices alone. */
export async function queueLengths(
  database: OpenDatabase,
  reconcilers: Facts,
  now: number,
): Promise<Map<string, QueueLength>> {
  const db = on(database.db);
  const counted = (which: RawBuilder<SqlBool>) =>
    db
      .selectFrom('engine_wake as w')
      .select((e) => ['name', e.fn.countAll<number>().as('count')])
      .where(which)
      .groupBy('name')
      .execute();
  const [due, failing] = await Promise.all([
    counted(isDue(now, stayingOf(reconcilers))),
    counted(fails),
  ]);
  const lengths = new Map<string, QueueLength>();
  for (const { name, count } of due) lengths.set(name, { due: count, failing: 0 });
  for (const { name, count } of failing)
    lengths.set(name, { due: lengths.get(name)?.due ?? 0, failing: count });
  return lengths;
}

/** Word for word the condition of the index `engine_wake_failing`. */
const fails = sql<SqlBool>`failures > 0`;

const stayingOf = (reconcilers: Facts): string[] =>
  reconcilers.flatMap(({ name, stays }) => (stays ? [name] : []));

/**
 * Of wake-ups as `w`: the time has come, and somebody has to begin. A key that is at work bears the wake-up that a run before
 * has left until this one is settled, and what wakes a key with which somebody stays is for that one to hear.
 */
function isDue(now: number, staying: readonly string[]): RawBuilder<SqlBool> {
  const served =
    staying.length === 0
      ? sql`w.id = ${AGAIN}`
      : sql`(w.id = ${AGAIN} or w.name in (${sql.join(staying)}))`;
  return sql<SqlBool>`(w.due_at <= ${now} and not (${served} and not (${isFree})))`;
}

function ruleOf(reconcilers: Facts): StuckRule {
  const longer = reconcilers.flatMap(({ name, longestMs }) =>
    longestMs === undefined ? [] : [[name, longestMs] as const],
  );
  return {
    waitingMs: WAITING_MS,
    workingMs: WORKING_MS,
    exceptions: Object.fromEntries(longer),
    staying: stayingOf(reconcilers),
  };
}

async function nodesOf(db: Kysely<QueueTables>, self: string): Promise<Listed<NodeStatus>> {
  const rows = await db
    .selectFrom('engine_node')
    .select(['node', 'since', 'beat_at', total])
    .orderBy('since')
    .limit(LISTED)
    .execute();
  return listed(rows, ({ node, since, beat_at }) => ({
    node,
    since: iso(since),
    ...(beat_at !== null && { lastHeartbeat: iso(beat_at) }),
    self: node === self,
  }));
}

async function reconcilersOf(
  db: Kysely<QueueTables>,
  now: number,
  staying: readonly string[],
): Promise<ReconcilerStatus[]> {
  const due = isDue(now, staying);
  const wakes = await db
    .selectFrom('engine_wake as w')
    .select([
      'name',
      sql<number>`count(case when ${due} then 1 end)`.as('queued'),
      sql<number | null>`min(case when ${due} then ${dueSince} end)`.as('oldest'),
      sql<number>`count(case when due_at > ${now} then 1 end)`.as('later'),
      sql<number>`count(case when ${fails} then 1 end)`.as('failing'),
    ])
    .groupBy('name')
    .execute();
  const leases = await db
    .selectFrom('engine_lease')
    .select((e) => ['name', e.fn.countAll<number>().as('working')])
    .groupBy('name')
    .execute();
  const woken = new Map(wakes.map((row) => [row.name, row]));
  const working = new Map(leases.map((row) => [row.name, row.working]));
  const names = [...new Set([...woken.keys(), ...working.keys()])].sort();
  return names.map((name) => {
    const { queued = 0, oldest, later = 0, failing = 0 } = woken.get(name) ?? {};
    return {
      ...{ name, queued },
      ...(oldest != null && { oldest: iso(oldest) }),
      ...{ later, working: working.get(name) ?? 0, failing },
    };
  });
}

async function leasesOf(
  db: Kysely<QueueTables>,
  which: RawBuilder<SqlBool>,
): Promise<Listed<Lease>> {
  const rows = await db
    .selectFrom('engine_lease')
    .select(['name', 'key', 'node', 'since', total])
    .where(which)
    .orderBy('since')
    .orderBy('name')
    .orderBy('key')
    .limit(LISTED)
    .execute();
  return listed(rows, ({ name, key, node, since }) => ({
    ...{ reconciler: name, key, node },
    since: iso(since),
  }));
}

/** Leases that are older than their reconciler's runs may be. */
function tooLong({ workingMs, exceptions, staying }: StuckRule, now: number): RawBuilder<SqlBool> {
  const longer = Object.entries(exceptions).map(
    ([name, longest]) => sql`when ${name} then ${sql.lit(longest)}`,
  );
  const longest =
    longer.length > 0
      ? sql`case name ${sql.join(longer, sql` `)} else ${sql.lit(workingMs)} end`
      : sql.lit(workingMs);
  const late = sql<SqlBool>`since + ${longest} <= ${now}`;
  return staying.length === 0 ? late : sql`${late} and name not in (${sql.join(staying)})`;
}

async function failingKeys(db: Kysely<QueueTables>): Promise<Listed<FailingKey>> {
  const rows = await db
    .selectFrom('engine_wake')
    .select(['name', 'key', 'failures', 'failing_since', 'error_message', total])
    .select(dueSince.as('due'))
    .where(fails)
    .orderBy('failing_since')
    .limit(LISTED)
    .execute();
  return listed(rows, (row) => {
    const { failures = 0, since = 0, words = '' } = failingOf(row) ?? {};
    return {
      ...{ reconciler: row.name, key: row.key, attempts: failures },
      ...{ since: iso(since), lastError: words, nextTry: iso(row.due) },
    };
  });
}

/** Keys that have been due since `before`, and nobody works on. */
async function waitingKeys(db: Kysely<QueueTables>, before: number): Promise<Listed<StuckKey>> {
  const rows = await db
    .selectFrom('engine_wake as w')
    .select((e) => ['w.name', 'w.key', e.fn.min<number>(dueSince).as('since'), total])
    .where('w.due_at', '<=', before)
    .where('w.woken_at', '<=', before)
    .where(isFree)
    .groupBy(['w.name', 'w.key'])
    .orderBy('since')
    .limit(LISTED)
    .execute();
  return listed(rows, ({ name, key, since }) => ({
    ...{ reconciler: name, key, state: 'waiting' as const },
    since: iso(since),
  }));
}

function bothStuck(waiting: Listed<StuckKey>, working: Listed<Lease>): Listed<StuckKey> {
  const held = working.first.map((lease) => ({ ...lease, state: 'working' as const }));
  const all = [...waiting.first, ...held].sort((a, b) => (a.since < b.since ? -1 : 1));
  return { total: waiting.total + working.total, first: all.slice(0, LISTED) };
}

function listed<R extends { total: number }, T>(rows: R[], toItem: (row: R) => T): Listed<T> {
  return { total: rows[0]?.total ?? 0, first: rows.map(toItem) };
}
