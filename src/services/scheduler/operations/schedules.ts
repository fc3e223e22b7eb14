import type { CreateScheduleCommandInput } from '@aws-sdk/client-scheduler';
import type { Tx } from '../../../db/database.ts';
import { withDefaults } from '../../../kit/delivery/retry.ts';
import { need } from '../../../kit/resource.ts';
import type { ServiceContext } from '../../../kit/service.ts';
import { conflict, groupNotFound, invalid } from '../errors.ts';
import { firstOf, type Schedule } from '../model/schedule.ts';
import { keyOf, SCHEDULE } from '../reconcilers/names.ts';
import { atSchedule, type LocatedSchedule, onSchedule, schedule } from '../resources/schedule.ts';
import { findGroup } from '../store/groups.ts';
import {
  deleteSchedule as deleteRow,
  findSchedule,
  listSchedules as listRows,
  saveSchedule,
} from '../store/schedules.ts';
import { checkTarget, settingsOf } from './checks.ts';
import { scheduler } from './declare.ts';
import { paginate } from './pages.ts';

export const createSchedule = scheduler('createSchedule', atSchedule, async (ctx, input, located) =>
  put(ctx, input, located, async (tx) => {
    if (!(await findGroup(tx, located, located.group))) throw groupNotFound(located.group);
    const known = await findSchedule(tx, located);
    const isRepeated = input.ClientToken !== undefined && known?.clientToken === input.ClientToken;
    if (known && !isRepeated) throw conflict(`Schedule ${located.name} already exists.`);
    return known;
  }),
);

export const updateSchedule = scheduler('updateSchedule', atSchedule, async (ctx, input, located) =>
  put(ctx, input, located, (tx) => need(tx, schedule, located)),
);

async function put(
  ctx: ServiceContext,
  input: CreateScheduleCommandInput,
  located: LocatedSchedule,
  find: (tx: Tx) => Promise<Schedule | undefined>,
) {
  const settings = settingsOf(input, ctx.clock.now());
  await checkTarget(ctx, settings.target, located);
  return ctx.transaction(async (tx) => {
    const known = await find(tx);
    const now = ctx.clock.now();
    const { accountId, region, group, name, arn } = located;
    const nextAt = firstOf(settings, now, known);
    if (nextAt === 'past') throw invalid(`Invalid Schedule Expression ${settings.expression}.`);
    const made: Schedule = {
      ...{ accountId, region, group, name, arn, ...settings },
      ...{ createdAt: known?.createdAt ?? now, modifiedAt: now },
      ...(input.ClientToken !== undefined && { clientToken: input.ClientToken }),
      ...(nextAt && { nextAt }),
    };
    await saveSchedule(tx, made);
    if (nextAt) await ctx.engine.wake(tx, SCHEDULE, keyOf(made), nextAt);
    return { ScheduleArn: arn };
  });
}

export const deleteSchedule = scheduler(
  'deleteSchedule',
  atSchedule,
  async (ctx, _input, located) => {
    await ctx.transaction(async (tx) => {
      await need(tx, schedule, located);
      await deleteRow(tx, located);
    });
    return {};
  },
);

export const getSchedule = scheduler('getSchedule', onSchedule, async (_ctx, _input, found) => ({
  ...{ Arn: found.arn, GroupName: found.group, Name: found.name, State: found.state },
  ...{ ScheduleExpression: found.expression, ScheduleExpressionTimezone: found.zone },
  ...{ StartDate: found.start, EndDate: found.end, Description: found.description },
  ...{ Target: { ...found.target, RetryPolicy: withDefaults(found.target.RetryPolicy) } },
  ...{ FlexibleTimeWindow: found.window },
  ...{ ActionAfterCompletion: found.afterCompletion },
  ...{ CreationDate: found.createdAt, LastModificationDate: found.modifiedAt },
}));

export const listSchedules = scheduler('listSchedules', {}, async (ctx, input) => {
  const { GroupName, NamePrefix = '', State } = input;
  if (GroupName !== undefined && !(await findGroup(ctx.db, ctx, GroupName)))
    throw groupNotFound(GroupName);
  const all = (await listRows(ctx.db, ctx, GroupName)).filter(
    ({ name, state }) => name.startsWith(NamePrefix) && (State ?? state) === state,
  );
  const { items, next } = paginate(ctx, input, all, ({ group, name }) => `${group}/${name}`);
  const Schedules = items.map(({ arn, group, name, state, target, createdAt, modifiedAt }) => ({
    ...{ Arn: arn, GroupName: group, Name: name, State: state, Target: { Arn: target.Arn } },
    ...{ CreationDate: createdAt, LastModificationDate: modifiedAt },
  }));
  return { Schedules, ...next };
});
