import type { Tx } from '../../../db/database.ts';
import type { Platform, ServiceContext } from '../../../kit/service.ts';
import {
  invalidParameter,
  invalidReceipt,
  missingParameter,
  notInFlight,
  queueNotFound,
  receiptExpired,
} from '../errors.ts';
import { MAX_VISIBILITY_S } from '../limits.ts';
import type { Queue } from '../model/queue.ts';
import { settleGroup } from '../store/groups.ts';
import { deleteReceived, findReceived, type Receipt, setVisible } from '../store/messages.ts';
import { holdQueue } from '../store/queues.ts';
import { type MessageRow, READ_COMMITTED } from '../store/tables.ts';
import { ringQueue } from './topics.ts';

const CONTEXT = 'sqs receipt';

/** Sealed, so that who has not received a message cannot make one up. */
export function receiptHandle(
  { vault }: Pick<Platform, 'vault'>,
  { queue_id, seq, receipt }: MessageRow,
): string {
  return vault.seal(`${queue_id} ${seq} ${receipt}`, CONTEXT);
}

/** @throws MissingParameter ReceiptHandleIsInvalid */
export function openHandle(
  { vault }: Pick<Platform, 'vault'>,
  queue: Queue,
  handle: string | undefined,
): Receipt {
  if (handle === undefined || handle === '') throw missingParameter('ReceiptHandle');
  let text: string;
  try {
    text = vault.open(handle, CONTEXT).toString('utf8');
  } catch {
    throw invalidReceipt(handle);
  }
  const [queueId = '', seq = '', receipt = ''] = text.split(' ');
  if (queueId !== queue.id) throw invalidReceipt(handle);
  return { queueId, seq, receipt };
}

/** A change of one message that was received, in a transaction of several such. */
type Change = (tx: Tx, now: number) => Promise<void>;

/** Runs each; what one refuses is told in its place, and the others are done. */
export async function changeEach(
  ctx: ServiceContext,
  queue: Queue,
  changes: readonly Change[],
): Promise<(Error | undefined)[]> {
  return ctx.transaction(async (tx) => {
    if (queue.settings.fifo && (await holdQueue(tx, queue.id)) === undefined) throw queueNotFound();
    const now = ctx.clock.now().getTime();
    const results: (Error | undefined)[] = [];
    for (const change of changes) results.push(await refusalOf(() => change(tx, now)));
    return results;
  }, READ_COMMITTED);
}

/** Codes by which a change is refused before it has done anything. */
const REFUSALS = new Set([
  ...['InvalidParameterValueException', 'MissingRequiredParameterException'],
  ...['MessageNotInflight', 'ReceiptHandleIsInvalid'],
]);

async function refusalOf(work: () => Promise<void>): Promise<Error | undefined> {
  try {
    await work();
    return undefined;
  } catch (error) {
    if (error instanceof Error && REFUSALS.has(error.name)) return error;
    throw error;
  }
}

/** What was received again since, or is gone, stays as it is: the call succeeds, as AWS's does. */
export function deletion(ctx: ServiceContext, queue: Queue, handle: string | undefined): Change {
  return async (tx, now) => {
    const receipt = openHandle(ctx, queue, handle);
    if (!queue.settings.fifo) return deleteReceived(tx, receipt);
    const row = await findReceived(tx, receipt);
    if (!row) return;
    if (row.visible_at <= now) throw receiptExpired(handle ?? '');
    await deleteReceived(tx, receipt);
    await settleGroup(tx, queue.id, row.group_id ?? '', now);
    await ringQueue(ctx, tx, queue.id);
  };
}

export function changeOfVisibility(
  ctx: ServiceContext,
  queue: Queue,
  handle: string | undefined,
  seconds: number | undefined,
): Change {
  return async (tx, now) => {
    const receipt = openHandle(ctx, queue, handle);
    const timeout = checkVisibility(seconds);
    if (timeout === undefined) throw missingParameter('VisibilityTimeout');
    const row = await findReceived(tx, receipt);
    if (!row || row.visible_at <= now) throw notInFlight();
    if (now + timeout > (row.received_at ?? now) + MAX_VISIBILITY_S * 1_000)
      throw invalidParameter(
        seconds,
        'VisibilityTimeout',
        `Total VisibilityTimeout for the message is beyond the limit [${MAX_VISIBILITY_S} seconds].`,
      );
    await setVisible(tx, receipt, now + timeout);
    if (queue.settings.fifo) await settleGroup(tx, queue.id, row.group_id ?? '', now);
    await ringQueue(ctx, tx, queue.id);
  };
}

/** @returns milliseconds. @throws InvalidParameterValue */
export function checkVisibility(seconds: number | undefined): number | undefined {
  if (seconds === undefined) return undefined;
  if (!Number.isInteger(seconds) || seconds < 0 || seconds > MAX_VISIBILITY_S)
    throw invalidParameter(
      seconds,
      'VisibilityTimeout',
      `VisibilityTimeout must be an integer between 0 and ${MAX_VISIBILITY_S}.`,
    );
  return seconds * 1_000;
}
