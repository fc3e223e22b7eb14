import { randomUUID } from 'node:crypto';
import { behind } from '../../../db/behind.ts';
import type { Db, Tx } from '../../../db/database.ts';
import { defineDocument } from '../../../db/document.ts';
import type { Alarm, CompositeAlarm, MetricAlarm } from '../model/alarm.ts';
import { type Owner, owned, tables } from './tables.ts';

const document = defineDocument<Alarm>();

/** An alarm as it was read: whoever writes it says which revision it changes. */
export interface StoredAlarm<A extends Alarm = Alarm> {
  alarm: A;
  revision: string;
}

interface Row {
  revision: string;
  body: string;
}
const stored = ({ revision, body }: Row): StoredAlarm => ({
  revision,
  alarm: document.decode(body),
});

const alarmsOf = (db: Db | Tx, { accountId, region }: Owner) =>
  tables(db)
    .selectFrom('cloudwatch_alarm')
    .where('account_id', '=', accountId)
    .where('region', '=', region);

export async function findAlarm(
  db: Db | Tx,
  owner: Owner,
  name: string,
): Promise<StoredAlarm | undefined> {
  const row = await alarmsOf(db, owner)
    .select(['revision', 'body'])
    .where('name', '=', name)
    .executeTakeFirst();
  return row && stored(row);
}

/** Rows a statement. */
const AT_ONCE = 500;

/** Those of the names that there are. */
export async function findAlarms(
  db: Db | Tx,
  owner: Owner,
  names: readonly string[],
): Promise<StoredAlarm[]> {
  const found: StoredAlarm[] = [];
  for (let from = 0; from < names.length; from += AT_ONCE) {
    const rows = await alarmsOf(db, owner)
      .select(['revision', 'body'])
      .where('name', 'in', names.slice(from, from + AT_ONCE))
      .orderBy('name')
      .execute();
    for (const row of rows) found.push(stored(row));
  }
  return found;
}

export interface AlarmFilter {
  prefix?: string | undefined;
  state?: string | undefined;
  kinds?: readonly string[] | undefined;
}

/** Alarms by name, from behind `after` on. */
export async function listAlarms(
  db: Db | Tx,
  owner: Owner,
  { prefix, state, kinds }: AlarmFilter,
  after: string | undefined,
  limit: number,
): Promise<StoredAlarm[]> {
  let query = alarmsOf(db, owner)
    .select(['revision', 'body'])
    .where(behind(['name'], 'asc', after === undefined ? undefined : [after]));
  if (prefix !== undefined)
    query = query.where((e) =>
      e(e.fn('substr', [e.ref('name'), e.val(1), e.val([...prefix].length)]), '=', prefix),
    );
  if (state !== undefined) query = query.where('state', '=', state);
  if (kinds) query = query.where('kind', 'in', kinds);
  const rows = await query.orderBy('name').limit(limit).execute();
  return rows.map(stored);
}

/** Composite alarms of an account and region, all of them. */
export async function compositeAlarms(
  db: Db | Tx,
  owner: Owner,
): Promise<StoredAlarm<CompositeAlarm>[]> {
  const rows = await alarmsOf(db, owner)
    .select(['revision', 'body'])
    .where('kind', '=', 'CompositeAlarm')
    .orderBy('name')
    .execute();
  return rows.map(stored) as StoredAlarm<CompositeAlarm>[];
}

/** How often an alarm is evaluated, in milliseconds; 0 for those that follow others. */
export async function putAlarm(tx: Tx, alarm: Alarm, everyMs: number): Promise<void> {
  const row = {
    ...owned(alarm),
    name: alarm.name,
    kind: alarm.kind,
    state: alarm.state.value,
    every_ms: everyMs,
    revision: randomUUID(),
    body: document.encode(alarm),
  };
  const { account_id: _account, region: _region, name: _name, ...changed } = row;
  await tables(tx)
    .insertInto('cloudwatch_alarm')
    .values(row)
    .onConflict((conflict) =>
      conflict.columns(['account_id', 'region', 'name']).doUpdateSet(changed),
    )
    .execute();
}

/** Writes a change of what was read. @returns false where somebody else has changed it since */
export async function changeAlarm(tx: Tx, { alarm, revision }: StoredAlarm): Promise<boolean> {
  const { numUpdatedRows } = await tables(tx)
    .updateTable('cloudwatch_alarm')
    .set({ state: alarm.state.value, revision: randomUUID(), body: document.encode(alarm) })
    .where('account_id', '=', alarm.accountId)
    .where('region', '=', alarm.region)
    .where('name', '=', alarm.name)
    .where('revision', '=', revision)
    .executeTakeFirst();
  return numUpdatedRows > 0n;
}

export async function deleteAlarms(tx: Tx, owner: Owner, names: readonly string[]): Promise<void> {
  await tables(tx)
    .deleteFrom('cloudwatch_alarm')
    .where('account_id', '=', owner.accountId)
    .where('region', '=', owner.region)
    .where('name', 'in', names)
    .execute();
}

/** Where a walk over the alarms of all accounts goes on. */
export type WheelKey = readonly [accountId: string, region: string, name: string];

export interface WheelRow {
  key: WheelKey;
  revision: string;
}

/** The alarms that are evaluated so often, of all accounts, from behind `after` on. */
export async function wheelRows(
  db: Db | Tx,
  everyMs: number,
  after: WheelKey | undefined,
  limit: number,
): Promise<WheelRow[]> {
  const rows = await tables(db)
    .selectFrom('cloudwatch_alarm')
    .select(['account_id', 'region', 'name', 'revision'])
    .where('every_ms', '=', everyMs)
    .where(behind(['account_id', 'region', 'name'], 'asc', after))
    .orderBy('account_id')
    .orderBy('region')
    .orderBy('name')
    .limit(limit)
    .execute();
  return rows.map(({ account_id, region, name, revision }) => ({
    key: [account_id, region, name],
    revision,
  }));
}

/** How often there are alarms to evaluate, in milliseconds, each once. */
export async function wheelSpeeds(db: Db | Tx): Promise<number[]> {
  const rows = await tables(db)
    .selectFrom('cloudwatch_alarm')
    .select('every_ms')
    .where('every_ms', '>', 0)
    .groupBy('every_ms')
    .execute();
  return rows.map(({ every_ms }) => every_ms);
}

/** Metric alarms by their revisions. */
export async function alarmsByName(
  db: Db | Tx,
  keys: readonly WheelKey[],
): Promise<StoredAlarm<MetricAlarm>[]> {
  const owners = new Map<string, { owner: Owner; names: string[] }>();
  for (const [accountId, region, name] of keys) {
    const id = `${accountId} ${region}`;
    const group = owners.get(id) ?? { owner: { accountId, region }, names: [] };
    owners.set(id, group);
    group.names.push(name);
  }
  const found: StoredAlarm[] = [];
  for (const { owner, names } of owners.values())
    for (const one of await findAlarms(db, owner, names)) found.push(one);
  return found as StoredAlarm<MetricAlarm>[];
}

/** Notes that a turn is done. */
export async function noteTick(tx: Tx, everyMs: number, number: number): Promise<void> {
  await tables(tx)
    .insertInto('cloudwatch_tick')
    .values({ every_ms: everyMs, number })
    .onConflict((conflict) => conflict.column('every_ms').doUpdateSet({ number }))
    .execute();
}

/** The last turn that is done. */
export async function lastTick(db: Db | Tx, everyMs: number): Promise<number | undefined> {
  const row = await tables(db)
    .selectFrom('cloudwatch_tick')
    .select('number')
    .where('every_ms', '=', everyMs)
    .executeTakeFirst();
  return row?.number;
}

/** Accounts and regions with composite alarms: `ACCOUNT/REGION`. */
export async function compositeOwners(db: Db | Tx): Promise<string[]> {
  const rows = await tables(db)
    .selectFrom('cloudwatch_alarm')
    .select(['account_id', 'region'])
    .where('every_ms', '=', 0)
    .groupBy(['account_id', 'region'])
    .execute();
  return rows.map(({ account_id, region }) => `${account_id}/${region}`);
}
