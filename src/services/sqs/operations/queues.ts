import { randomUUID } from 'node:crypto';
import type { Tx } from '../../../db/database.ts';
import { page } from '../../../kit/pages.ts';
import { at, need, on } from '../../../kit/resource.ts';
import type { ServiceContext } from '../../../kit/service.ts';
import { checkNewTags } from '../../../kit/tags.ts';
import {
  deletedRecently,
  invalidParameter,
  invalidValue,
  purgeInProgress,
  queueExists,
} from '../errors.ts';
import { MAX_LIST, NAME_REST_MS, PURGE_REST_MS } from '../limits.ts';
import { ringQueue } from '../messages/topics.ts';
import { type Attributes, differing, settingsOf, withAttributes } from '../model/attributes.ts';
import { isFifoName, type Queue, queueUrl } from '../model/queue.ts';
import { CLEAN } from '../reconcilers/clean.ts';
import { type LocatedQueue, namedQueue, ownQueue, queue, TAG_RULES } from '../resources/queue.ts';
import { dropEmptyGroups } from '../store/groups.ts';
import { deleteUpTo, lastSeq } from '../store/messages.ts';
import {
  deleteQueue as deleteRow,
  findQueue,
  holdQueue,
  insertQueue,
  listQueues as listRows,
  notePurge,
  wasDeleted,
} from '../store/queues.ts';
import { READ_COMMITTED } from '../store/tables.ts';
import { checkPolicies } from './attribute-checks.ts';
import { sqs } from './declare.ts';

export const createQueue = sqs(
  'createQueue',
  at(namedQueue, ({ QueueName: name }) => ({ name })),
  async (ctx, { QueueName: name = '', Attributes: given = {}, tags = {} }, located) => {
    checkName(name, given);
    const asked = withAttributes({}, given, { fifo: isFifoName(name), isNew: true });
    checkNewTags(tags, TAG_RULES);
    if (Object.keys(tags).length > 0) await ctx.authorize('sqs:TagQueue', located.arn);
    const made = await ctx.transaction(async (tx) => {
      const known = await findQueue(tx, located, name);
      if (!known) return makeQueue(ctx, tx, located, { asked, tags });
      const other = differing(known.attributes, asked, given);
      if (other !== undefined) throw queueExists(other);
      return known;
    });
    return { QueueUrl: queueUrl(ctx.endpoint, made) };
  },
);

/** @throws InvalidParameterValue */
function checkName(name: string, { FifoQueue }: Attributes): void {
  if (!/^[A-Za-z0-9_-]{1,80}$/.test(name.replace(/\.fifo$/, '')) || name.length > 80)
    throw invalidValue(
      FifoQueue === 'true' || isFifoName(name)
        ? 'The name of a FIFO queue can only include alphanumeric characters, hyphens, or underscores, must end with .fifo suffix and be 1 to 80 in length.'
        : 'Can only include alphanumeric characters, hyphens, or underscores. 1 to 80 in length',
    );
  if (isFifoName(name) !== (FifoQueue?.toLowerCase() === 'true'))
    throw invalidValue(
      isFifoName(name)
        ? 'Can only include alphanumeric characters, hyphens, or underscores. 1 to 80 in length'
        : 'The name of a FIFO queue can only include alphanumeric characters, hyphens, or underscores, must end with .fifo suffix and be 1 to 80 in length.',
    );
}

async function makeQueue(
  ctx: ServiceContext,
  tx: Tx,
  { accountId, region, name }: LocatedQueue,
  { asked, tags }: { asked: Attributes; tags: Record<string, string> },
): Promise<Queue> {
  const now = ctx.clock.now().getTime();
  if (await wasDeleted(tx, { accountId, region }, name, now - NAME_REST_MS))
    throw deletedRecently();
  const made: Queue = {
    ...{ accountId, region, name, id: randomUUID(), attributes: asked, tags },
    ...{ createdAt: now, modifiedAt: now, settings: settingsOf(asked, isFifoName(name)) },
  };
  await checkPolicies(ctx, tx, made, asked);
  await insertQueue(tx, made);
  return made;
}

export const getQueueUrl = sqs(
  'getQueueUrl',
  on(namedQueue, ({ QueueName: name, QueueOwnerAWSAccountId: accountId }) => ({ name, accountId })),
  async (ctx, _input, found) => ({ QueueUrl: queueUrl(ctx.endpoint, found) }),
);

export const listQueues = sqs('listQueues', {}, async (ctx, input) => {
  const { QueueNamePrefix: prefix = '', MaxResults } = input;
  const limit = checkMaxResults(MaxResults);
  const { items, nextToken } = await page(
    ctx,
    { token: input.NextToken, limit, refuse: invalidToken },
    (after, count) => listRows(ctx.db, ctx, { prefix, after, count }),
    ({ name }) => name,
  );
  return {
    ...(items.length > 0 && { QueueUrls: items.map((found) => queueUrl(ctx.endpoint, found)) }),
    // Who does not say how many he takes gets the first thousand, and no more.
    ...(nextToken && MaxResults !== undefined && { NextToken: nextToken }),
  };
});

export const invalidToken = () => invalidValue('Invalid or expired next token.');

/** @throws InvalidParameterValue */
export function checkMaxResults(given: number | undefined): number {
  if (given === undefined) return MAX_LIST;
  if (!Number.isInteger(given) || given < 1 || given > MAX_LIST)
    throw invalidParameter(given, 'MaxResults', `MaxResults must be between 1 and ${MAX_LIST}.`);
  return given;
}

export const deleteQueue = sqs(
  'deleteQueue',
  at(ownQueue, ({ QueueUrl }) => QueueUrl),
  async (ctx, _input, located) => {
    await ctx.transaction(async (tx) => {
      const found = await need(tx, ownQueue, located);
      await deleteRow(tx, found, ctx.clock.now().getTime());
      await ctx.engine.wake(tx, CLEAN, found.id);
      await ringQueue(ctx, tx, found.id);
    });
    return {};
  },
);

/** Deleted in one transaction: others have their turn between two. */
const BATCH = 5_000;

export const purgeQueue = sqs(
  'purgeQueue',
  on(queue, ({ QueueUrl }) => QueueUrl),
  async (ctx, _input, { id, name, settings }) => {
    const now = ctx.clock.now().getTime();
    const last = await ctx.transaction(async (tx) => {
      if (!(await notePurge(tx, id, now, now - PURGE_REST_MS))) throw purgeInProgress(name);
      return lastSeq(tx, id);
    }, READ_COMMITTED);
    if (last === undefined) return {};
    for (let deleted = BATCH; deleted === BATCH; )
      deleted = await ctx.transaction(async (tx) => {
        if (settings.fifo) await holdQueue(tx, id);
        return deleteUpTo(tx, id, last, BATCH);
      }, READ_COMMITTED);
    if (settings.fifo)
      await ctx.transaction(async (tx) => {
        await holdQueue(tx, id);
        await dropEmptyGroups(tx, id);
      }, READ_COMMITTED);
    return {};
  },
);
