import type { Tx } from '../../../db/database.ts';
import { decodeJson, encodeJson } from '../../../lib/json.ts';
import { tables } from './tables.ts';

/** A message that is owed to a queue or a topic. */
export interface OwedMessage {
  id: string;
  /** The key of the reconciler that brings it: `BUCKET/ARN`. */
  destination: string;
  /** In which order a destination gets its messages. */
  sequence: number;
  createdAt: Date;
  /** The bucket's. */
  accountId: string;
  message: string;
  /** Tries that failed. */
  attempts: number;
  nextAt?: Date | undefined;
}

type Body = Pick<OwedMessage, 'accountId' | 'message' | 'attempts' | 'nextAt'>;

export async function insertOwed(tx: Tx, owed: OwedMessage): Promise<void> {
  const { id, destination, sequence, createdAt } = owed;
  const row = { id, destination, sequence, created_at: createdAt.getTime(), body: bodyOf(owed) };
  await tables(tx).insertInto('s3_notification').values(row).execute();
}

/** The first that a destination gets. */
export async function firstOwed(tx: Tx, destination: string): Promise<OwedMessage | undefined> {
  const row = await tables(tx)
    .selectFrom('s3_notification')
    .selectAll()
    .where('destination', '=', destination)
    .orderBy('sequence')
    .orderBy('id')
    .limit(1)
    .executeTakeFirst();
  if (!row) return undefined;
  const { id, sequence, created_at, body } = row;
  return {
    ...{ id, destination, sequence, createdAt: new Date(created_at) },
    ...decodeJson<Body>(body),
  };
}

export async function updateOwed(tx: Tx, owed: OwedMessage): Promise<void> {
  await tables(tx)
    .updateTable('s3_notification')
    .set({ body: bodyOf(owed) })
    .where('id', '=', owed.id)
    .execute();
}

export async function deleteOwed(tx: Tx, id: string): Promise<void> {
  await tables(tx).deleteFrom('s3_notification').where('id', '=', id).execute();
}

/** All that are owed something. */
export async function owedDestinations(tx: Tx): Promise<string[]> {
  const rows = await tables(tx)
    .selectFrom('s3_notification')
    .select('destination')
    .distinct()
    .execute();
  return rows.map(({ destination }) => destination);
}

function bodyOf({ accountId, message, attempts, nextAt }: Body): string {
  return encodeJson({ accountId, message, attempts, nextAt });
}
