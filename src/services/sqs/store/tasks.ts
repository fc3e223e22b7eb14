import type { Db, Tx } from '../../../db/database.ts';
import { defineDocument } from '../../../db/document.ts';
import { type SqsTables, tables } from './tables.ts';

/** A task that moves the messages of a dead-letter queue. */
export interface MoveTask {
  id: string;
  /** The queue that they are moved out of. */
  queueId: string;
  /** Epoch milliseconds. */
  startedAt: number;
  status: 'RUNNING' | 'COMPLETED' | 'CANCELLING' | 'CANCELLED' | 'FAILED';
  sourceArn: string;
  /** Where it is not said they go back to where each came from. */
  destinationArn?: string;
  perSecond?: number;
  /** Epoch milliseconds: its rate lets it move no more before. */
  restsUntil?: number;
  moved: number;
  toMove: number;
  failure?: string;
}

type Body = Omit<MoveTask, 'id' | 'queueId' | 'startedAt' | 'status'>;
const document = defineDocument<Body>();

function taskOf(row: SqsTables['sqs_move_task']): MoveTask {
  const status = row.status as MoveTask['status'];
  const { id, queue_id: queueId, started_at: startedAt } = row;
  return { id, queueId, startedAt, status, ...document.decode(row.body) };
}

function rowOf({ id, queueId, startedAt, status, ...body }: MoveTask): SqsTables['sqs_move_task'] {
  const encoded = document.encode(body);
  return { id, queue_id: queueId, started_at: startedAt, status, body: encoded };
}

export async function insertTask(tx: Tx, task: MoveTask): Promise<void> {
  await tables(tx).insertInto('sqs_move_task').values(rowOf(task)).execute();
}

export async function updateTask(tx: Tx, task: MoveTask): Promise<void> {
  const { status, body } = rowOf(task);
  await tables(tx)
    .updateTable('sqs_move_task')
    .set({ status, body })
    .where('id', '=', task.id)
    .execute();
}

export async function findTask(db: Db | Tx, id: string): Promise<MoveTask | undefined> {
  const row = await tables(db)
    .selectFrom('sqs_move_task')
    .selectAll()
    .where('id', '=', id)
    .executeTakeFirst();
  return row && taskOf(row);
}

/** The newest first. */
export async function listTasks(db: Db | Tx, queueId: string, count: number): Promise<MoveTask[]> {
  const rows = await tables(db)
    .selectFrom('sqs_move_task')
    .selectAll()
    .where('queue_id', '=', queueId)
    .orderBy('started_at', 'desc')
    .orderBy('id', 'desc')
    .limit(count)
    .execute();
  return rows.map(taskOf);
}

/** Ids of tasks that are not at their end. */
export async function listActive(db: Db): Promise<string[]> {
  const rows = await tables(db)
    .selectFrom('sqs_move_task')
    .select('id')
    .where('status', 'in', ['RUNNING', 'CANCELLING'])
    .execute();
  return rows.map(({ id }) => id);
}
