import type { CreateEventBusCommandInput } from '@aws-sdk/client-eventbridge';
import { parseArn } from '../../../aws/arn.ts';
import { unsupported } from '../../../aws/errors.ts';
import { at, need, on, tagObject } from '../../../kit/resource.ts';
import { checkNewTags, tagsOf } from '../../../kit/tags.ts';
import { busExists, invalid, invalidParameter, limitExceeded } from '../errors.ts';
import { BUSES } from '../limits.ts';
import { DEFAULT_BUS } from '../model/names.ts';
import { bus, TAG_RULES } from '../resources/bus.ts';
import { type Bus, deleteBus, findBus, listBuses, saveBus } from '../store/buses.ts';
import { listRules } from '../store/rules.ts';
import { events } from './declare.ts';
import { paginate } from './pages.ts';

interface NamesBus {
  Name?: string | undefined;
}
const atBus = at(bus, ({ Name }: NamesBus) => Name);
const onBus = on(bus, ({ Name }: NamesBus) => Name);

type BusSettings = Pick<
  CreateEventBusCommandInput,
  'Description' | 'DeadLetterConfig' | 'KmsKeyIdentifier' | 'LogConfig'
>;

export const createEventBus = events('createEventBus', atBus, async (ctx, input, located) => {
  const { Name: name = '' } = input;
  if (input.EventSourceName !== undefined || name.startsWith('aws.partner'))
    throw unsupported('partner event sources (EventSourceName)');
  if (name.includes('/') || name.startsWith('arn:')) throw invalidParameter('Name');
  const settings = checked(input);
  checkNewTags(input.Tags ?? [], TAG_RULES);
  const now = ctx.clock.now();
  const { accountId, region } = ctx;
  return ctx.transaction(async (tx) => {
    if (await findBus(tx, ctx, name)) throw busExists(name);
    const most = await ctx.quotas.value(tx, ctx, 'events', BUSES);
    if ((await listBuses(tx, ctx)).length >= most)
      throw limitExceeded('The requested resource exceeds the maximum number allowed.');
    const made: Bus = {
      ...{ accountId, region, name, arn: located.arn, ...settings },
      ...{ tags: tagObject(tagsOf(input.Tags)), createdAt: now, modifiedAt: now },
    };
    await saveBus(tx, made);
    return { EventBusArn: made.arn, ...shownSettings(made) };
  });
});

/** What is not served is refused by name. */
function checked({ Description, DeadLetterConfig, KmsKeyIdentifier, LogConfig }: BusSettings) {
  if (KmsKeyIdentifier) throw unsupported('customer managed keys of event buses');
  if (LogConfig?.Level !== undefined && LogConfig.Level !== 'OFF')
    throw unsupported('logs of event buses (LogConfig)');
  const queue = DeadLetterConfig?.Arn;
  if (queue !== undefined && parseArn(queue)?.service !== 'sqs')
    throw invalidParameter('DeadLetterConfig');
  return {
    ...(Description !== undefined && { description: Description }),
    ...(queue !== undefined && { deadLetterArn: queue }),
  };
}

const shownSettings = ({ description, deadLetterArn }: Bus) => ({
  ...(description !== undefined && { Description: description }),
  ...(deadLetterArn !== undefined && { DeadLetterConfig: { Arn: deadLetterArn } }),
});

export const updateEventBus = events('updateEventBus', atBus, async (ctx, input, located) => {
  const settings = checked(input);
  return ctx.transaction(async (tx) => {
    const found = await need(tx, bus, located);
    const changed = { ...found, ...settings, modifiedAt: ctx.clock.now() };
    await saveBus(tx, changed);
    return { Arn: found.arn, Name: found.name, ...shownSettings(changed) };
  });
});

export const deleteEventBus = events('deleteEventBus', atBus, async (ctx, _input, located) => {
  const { name } = located;
  if (name === DEFAULT_BUS) throw invalid('Cannot delete event bus default.');
  return ctx.transaction(async (tx) => {
    // What is gone already is deleted.
    if (!(await bus.find(tx, located))) return {};
    if ((await listRules(tx, located, name)).length > 0)
      throw invalid(`Cannot delete event bus ${name} since it has rules.`);
    await deleteBus(tx, located, name);
    return {};
  });
});

export const describeEventBus = events('describeEventBus', onBus, async (_ctx, _input, found) => ({
  ...shown(found),
  ...shownSettings(found),
}));

const shown = ({ name, arn, policy, description, createdAt, modifiedAt }: Bus) => ({
  ...{ Name: name, Arn: arn, Policy: policy, Description: description },
  ...{ CreationTime: createdAt, LastModifiedTime: modifiedAt },
});

export const listEventBuses = events('listEventBuses', {}, async (ctx, input) => {
  const all = await listBuses(ctx.db, ctx);
  const named = all.filter(({ name }) => name.startsWith(input.NamePrefix ?? ''));
  const { items, next } = paginate(ctx, input, named, ({ name }) => name);
  return { EventBuses: items.map(shown), ...next };
});
