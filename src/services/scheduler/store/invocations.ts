import type { Target } from '@aws-sdk/client-scheduler';
import type { Db, Tx } from '../../../db/database.ts';
import { decodeJson, encodeJson } from '../../../lib/json.ts';
import type { SchedulePlace } from './schedules.ts';
import { tables } from './tables.ts';

/** A call that a schedule owes its target. */
export interface Invocation {
  /** The execution's id. */
  id: string;
  schedule: SchedulePlace;
  arn: string;
  target: Target;
  scheduledAt: Date;
  startedAt: Date;
  /** The next try is not before. */
  dueAt: Date;
  /** Tries that failed. */
  attempts: number;
  /** The schedule goes with it. */
  isLast: boolean;
}

type InvocationBody = Omit<Invocation, 'id' | 'dueAt'>;

/** Invocations that one sweep wakes. */
const SWEPT_AT_ONCE = 1000;

export async function findInvocation(db: Db | Tx, id: string): Promise<Invocation | undefined> {
  const all = tables(db).selectFrom('scheduler_invocation').selectAll();
  const row = await all.where('id', '=', id).executeTakeFirst();
  return row && { id, dueAt: new Date(row.due_at), ...decodeJson<InvocationBody>(row.body) };
}

export async function saveInvocation(tx: Tx, { id, dueAt, ...its }: Invocation): Promise<void> {
  const values = { due_at: dueAt.getTime(), body: encodeJson(its) };
  await tables(tx)
    .insertInto('scheduler_invocation')
    .values({ id, ...values })
    .onConflict((c) => c.column('id').doUpdateSet(values))
    .execute();
}

export async function deleteInvocation(tx: Tx, id: string): Promise<void> {
  await tables(tx).deleteFrom('scheduler_invocation').where('id', '=', id).execute();
}

/** Some of those whose time has come: the engine's sweep wakes what was missed. @param now epoch ms */
export async function listDueInvocations(db: Db | Tx, now: number): Promise<string[]> {
  const rows = await tables(db)
    .selectFrom('scheduler_invocation')
    .select('id')
    .where('due_at', '<=', now)
    .orderBy('due_at')
    .limit(SWEPT_AT_ONCE)
    .execute();
  return rows.map(({ id }) => id);
}
