import { at, need, on } from '../../../kit/resource.ts';
import type { ServiceContext } from '../../../kit/service.ts';
import { missingParameter, unknownAttribute } from '../errors.ts';
import { ringQueue } from '../messages/topics.ts';
import {
  type Attributes,
  COUNTS,
  READABLE,
  settingsOf,
  shownAttributes,
  withAttributes,
} from '../model/attributes.ts';
import { withoutPermission, withPermission } from '../model/policy.ts';
import { arnOf, type Queue } from '../model/queue.ts';
import { type LocatedQueue, ownQueue, queue } from '../resources/queue.ts';
import { countMessages } from '../store/messages.ts';
import { updateQueue } from '../store/queues.ts';
import { checkPolicies, checkPolicy } from './attribute-checks.ts';
import { sqs } from './declare.ts';

export const getQueueAttributes = sqs(
  'getQueueAttributes',
  on(queue, ({ QueueUrl }) => QueueUrl),
  async (ctx, { AttributeNames: names = [] }, found) => {
    const unknown = names.find((name) => !READABLE.has(name));
    if (unknown !== undefined) throw unknownAttribute(unknown);
    const all: Record<string, string> = {
      QueueArn: arnOf(found),
      ...(await counts(ctx, found, names)),
      CreatedTimestamp: String(Math.floor(found.createdAt / 1_000)),
      LastModifiedTimestamp: String(Math.floor(found.modifiedAt / 1_000)),
      ...shownAttributes(found.attributes, found.settings.fifo),
    };
    const wanted = new Set<string>(names);
    const entries = Object.entries(all).filter(([name]) => wanted.has('All') || wanted.has(name));
    return entries.length === 0 ? {} : { Attributes: Object.fromEntries(entries) };
  },
);

/** Counted only where somebody asks. */
async function counts(
  ctx: ServiceContext,
  found: Queue,
  names: readonly string[],
): Promise<Record<string, string>> {
  if (!['All', ...COUNTS].some((name) => names.includes(name))) return {};
  const { visible, inFlight, delayed } = await countMessages(
    ctx.db,
    found,
    ctx.clock.now().getTime(),
  );
  return {
    ApproximateNumberOfMessages: String(visible),
    ApproximateNumberOfMessagesNotVisible: String(inFlight),
    ApproximateNumberOfMessagesDelayed: String(delayed),
  };
}

export const setQueueAttributes = sqs(
  'setQueueAttributes',
  at(ownQueue, ({ QueueUrl }) => QueueUrl),
  async (ctx, { Attributes: given }, located) => {
    if (given === undefined) throw missingParameter('Attributes');
    await change(ctx, located, () => given);
    return {};
  },
);

export const addPermission = sqs(
  'addPermission',
  at(ownQueue, ({ QueueUrl }) => QueueUrl),
  async (ctx, input, located) => {
    const { Label: label, AWSAccountIds: accountIds = [], Actions: actions = [] } = input;
    if (label === undefined || label === '') throw missingParameter('Label');
    if (accountIds.length === 0) throw missingParameter('AWSAccountIds');
    if (actions.length === 0) throw missingParameter('Actions');
    await change(ctx, located, ({ attributes }) => ({
      Policy: withPermission(attributes.Policy, located.arn, { label, accountIds, actions }),
    }));
    return {};
  },
);

export const removePermission = sqs(
  'removePermission',
  at(ownQueue, ({ QueueUrl }) => QueueUrl),
  async (ctx, { Label: label }, located) => {
    if (label === undefined || label === '') throw missingParameter('Label');
    await change(ctx, located, ({ attributes }) => ({
      Policy: withoutPermission(attributes.Policy, label),
    }));
    return {};
  },
);

/** Sets what `given` makes of the queue as it is. */
async function change(
  ctx: ServiceContext,
  located: LocatedQueue,
  given: (found: Queue) => Attributes,
): Promise<void> {
  await ctx.transaction(async (tx) => {
    const found = await need(tx, ownQueue, located);
    const { fifo } = found.settings;
    const set = given(found);
    const attributes = withAttributes(found.attributes, set, { fifo, isNew: false });
    if (set.Policy) checkPolicy(ctx, set.Policy);
    await checkPolicies(ctx, tx, found, set);
    await updateQueue(tx, {
      ...{ ...found, attributes, settings: settingsOf(attributes, fifo) },
      modifiedAt: ctx.clock.now().getTime(),
    });
    await ringQueue(ctx, tx, found.id);
  });
}
