import type { Db, Tx } from '../../../db/database.ts';
import { decodeJson, encodeJson } from '../../../lib/json.ts';
import { tables } from './tables.ts';

/** Something that an alarm has to do because its state changed. */
export interface AlarmAction {
  id: string;
  /** Epoch milliseconds. */
  createdAt: number;
  accountId: string;
  region: string;
  alarmName: string;
  alarmType: 'MetricAlarm' | 'CompositeAlarm';
  alarmArn: string;
  /** What is done: an ARN. */
  target: string;
  subject: string;
  message: string;
  /** It waits for the end of a mute rule. */
  muted?: boolean;
  /** The state that the alarm has come to. */
  state: string;
  /** What came of it last, of one that is done again and again: a scaling policy is as long as the alarm goes on. */
  told?: string;
  /** When it is done again, epoch milliseconds. */
  nextAt?: number;
}

export async function addAction(tx: Tx, action: AlarmAction): Promise<void> {
  const { id, createdAt } = action;
  await tables(tx)
    .insertInto('cloudwatch_action')
    .values({ id, created_at: createdAt, body: encodeJson(action) })
    .execute();
}

export async function findAction(db: Db | Tx, id: string): Promise<AlarmAction | undefined> {
  const row = await tables(db)
    .selectFrom('cloudwatch_action')
    .select('body')
    .where('id', '=', id)
    .executeTakeFirst();
  return row && decodeJson<AlarmAction>(row.body);
}

export async function deleteAction(tx: Tx, id: string): Promise<void> {
  await tables(tx).deleteFrom('cloudwatch_action').where('id', '=', id).execute();
}

/** Ids of what is left to do. */
export async function openActions(db: Db | Tx, limit: number): Promise<string[]> {
  const rows = await tables(db)
    .selectFrom('cloudwatch_action')
    .select('id')
    .orderBy('created_at')
    .limit(limit)
    .execute();
  return rows.map(({ id }) => id);
}
