import { randomUUID } from 'node:crypto';
import type * as sdk from '@aws-sdk/client-auto-scaling';
import { isAwsError } from '../../../aws/errors.ts';
import { invalid, limit, noSchedule, scheduleExists } from '../errors.ts';
import { MAX_SCHEDULES } from '../limits.ts';
import type { Draft } from '../model/draft.ts';
import type { Group, Scheduled } from '../model/group.ts';
import { nextTime } from '../model/schedule.ts';
import { group as groupKind, onGroup } from '../resources/group.ts';
import { listGroups } from '../store/groups.ts';
import { autoscaling, changed, paged } from './declare.ts';

type Given = sdk.ScheduledUpdateGroupActionRequest & { Time?: Date | undefined };

const TWO_YEARS_MS = 2 * 366 * 86_400_000;

function read(given: Given, now: number): Omit<Scheduled, 'id'> {
  const { ScheduledActionName: name = '', Recurrence: recurrence, TimeZone: zone } = given;
  const { MinSize: min, MaxSize: max, DesiredCapacity: desired } = given;
  if (min === undefined && max === undefined && desired === undefined)
    throw invalid('At least one of MinSize, MaxSize and DesiredCapacity must be specified.');
  if ([min, max, desired].some((size) => size !== undefined && size < 0))
    throw invalid('Sizes of a scheduled action are 0 or more.');
  if (min !== undefined && max !== undefined && min > max)
    throw invalid(`Max bound, ${max}, must be greater than or equal to min bound, ${min}`);
  const start = (given.StartTime ?? given.Time)?.getTime();
  const end = given.EndTime?.getTime();
  if (start === undefined && !recurrence)
    throw invalid('A scheduled action needs a StartTime or a Recurrence.');
  if (start !== undefined && (Number.isNaN(start) || start <= now))
    throw invalid('Given start time is in the past');
  if (start !== undefined && start > now + TWO_YEARS_MS)
    throw invalid('Given start time is too far in the future');
  if (end !== undefined && end <= (start ?? now))
    throw invalid('The end time of a scheduled action is after its start time.');
  if (zone !== undefined && !recurrence) throw invalid('A TimeZone needs a Recurrence.');
  // The first time is the start time itself.
  const next = start ?? due(recurrence ?? '', zone, now);
  if (recurrence) due(recurrence, zone, now);
  return {
    ...{ name, next },
    ...(start !== undefined && { start }),
    ...(end !== undefined && { end }),
    ...(recurrence && { recurrence }),
    ...(zone !== undefined && { zone }),
    ...(min !== undefined && { min }),
    ...(max !== undefined && { max }),
    ...(desired !== undefined && { desired }),
  };
}

/** Five fields, as cron has them, and nothing that goes on every minute's fraction. */
function due(recurrence: string, zone: string | undefined, now: number): number {
  try {
    if (recurrence.length > 255) throw new Error('too long');
    return nextTime(recurrence, zone, now);
  } catch {
    throw invalid(`Given recurrence string: ${recurrence} is invalid`);
  }
}

function put({ body }: Draft, one: Omit<Scheduled, 'id'>): void {
  const before = body.schedules.find(({ name }) => name === one.name);
  const others = body.schedules.filter(({ name }) => name !== one.name);
  if (others.length >= MAX_SCHEDULES) throw limit('scheduled actions', MAX_SCHEDULES);
  if (others.some(({ next }) => next === one.next)) throw scheduleExists(one.name);
  body.schedules = [...others, { id: before?.id ?? randomUUID(), ...one }];
}

export const putScheduledUpdateGroupAction = autoscaling(
  'putScheduledUpdateGroupAction',
  onGroup,
  async (ctx, input, group) => {
    const one = read(input, ctx.clock.now().getTime());
    await changed(ctx, group, (draft) => put(draft, one));
    return {};
  },
);

const MOST_IN_BATCH = 50;

/** What fails fails alone. */
async function batch<T>(
  items: readonly T[],
  nameOf: (item: T) => string | undefined,
  work: (item: T) => Promise<unknown>,
): Promise<sdk.FailedScheduledUpdateGroupActionRequest[]> {
  if (items.length > MOST_IN_BATCH)
    throw invalid(`No more than ${MOST_IN_BATCH} scheduled actions are named by one call.`);
  const failed: sdk.FailedScheduledUpdateGroupActionRequest[] = [];
  for (const item of items) {
    try {
      await work(item);
    } catch (error) {
      const codes = ['ValidationError', 'AlreadyExistsFault', 'LimitExceededFault'];
      if (!isAwsError(error, ...codes, 'AlreadyExists', 'LimitExceeded')) throw error;
      const { name: ErrorCode, message: ErrorMessage } = error as Error;
      failed.push({ ScheduledActionName: nameOf(item), ErrorCode, ErrorMessage });
    }
  }
  return failed;
}

export const batchPutScheduledUpdateGroupAction = autoscaling(
  'batchPutScheduledUpdateGroupAction',
  onGroup,
  async (ctx, { ScheduledUpdateGroupActions: given = [] }, group) => ({
    FailedScheduledUpdateGroupActions: await batch(
      given,
      ({ ScheduledActionName }) => ScheduledActionName,
      async (one) => {
        const read_ = read(one, ctx.clock.now().getTime());
        await changed(ctx, group, (draft) => put(draft, read_));
      },
    ),
  }),
);

const remove = (name: string) => (draft: Draft) => {
  const { body } = draft;
  if (!body.schedules.some((one) => one.name === name)) throw noSchedule(name);
  body.schedules = body.schedules.filter((one) => one.name !== name);
};

export const deleteScheduledAction = autoscaling(
  'deleteScheduledAction',
  onGroup,
  async (ctx, { ScheduledActionName: name = '' }, group) => {
    await changed(ctx, group, remove(name));
    return {};
  },
);

export const batchDeleteScheduledAction = autoscaling(
  'batchDeleteScheduledAction',
  onGroup,
  async (ctx, { ScheduledActionNames: names = [] }, group) => ({
    FailedScheduledActions: await batch(
      names,
      (name) => name,
      (name) => changed(ctx, group, remove(name)),
    ),
  }),
);

const shape = (group: Group, one: Scheduled): sdk.ScheduledUpdateGroupAction => ({
  ...{ AutoScalingGroupName: group.name, ScheduledActionName: one.name },
  ScheduledActionARN: `arn:aws:autoscaling:${group.region}:${group.accountId}:scheduledUpdateGroupAction:${one.id}:autoScalingGroupName/${group.name}:scheduledActionName/${one.name}`,
  ...{ StartTime: new Date(one.next), Time: new Date(one.next) },
  ...(one.end !== undefined && { EndTime: new Date(one.end) }),
  ...(one.recurrence && { Recurrence: one.recurrence }),
  ...(one.zone && { TimeZone: one.zone }),
  ...(one.min !== undefined && { MinSize: one.min }),
  ...(one.max !== undefined && { MaxSize: one.max }),
  ...(one.desired !== undefined && { DesiredCapacity: one.desired }),
});

export const describeScheduledActions = autoscaling(
  'describeScheduledActions',
  {},
  async (ctx, input) => {
    const { AutoScalingGroupName: named, ScheduledActionNames: names = [] } = input;
    const { IncludeManagedResources: _ } = input;
    const name = named === undefined ? undefined : groupKind.locate(ctx, named).name;
    const from = input.StartTime?.getTime() ?? 0;
    const until = input.EndTime?.getTime() ?? Number.MAX_SAFE_INTEGER;
    const all = (await listGroups(ctx.db, ctx))
      .filter((group) => name === undefined || group.name === name)
      .flatMap((group) => group.body.schedules.map((one) => ({ group, one })))
      .filter(({ one }) =>
        names.length > 0 ? names.includes(one.name) : one.next >= from && one.next <= until,
      );
    const { items, next } = paged(ctx, input, all, ({ group, one }) => [group.name, one.name]);
    return {
      ScheduledUpdateGroupActions: items.map(({ group, one }) => shape(group, one)),
      ...next,
    };
  },
);
