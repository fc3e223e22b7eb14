import type { PutAlarmMuteRuleCommandInput } from '@aws-sdk/client-cloudwatch';
import { page } from '../../../kit/pages.ts';
import { at, authorizeOn, on, tagObject } from '../../../kit/resource.ts';
import type { ServiceContext } from '../../../kit/service.ts';
import { checkNewTags, tagsOf } from '../../../kit/tags.ts';
import { invalidToken, validation } from '../errors.ts';
import { ALARMS_PAGE } from '../limits.ts';
import { checkSchedule, MuteError, type MuteRule, muteStatus, muteType } from '../model/mute.ts';
import { alarm, TAG_RULES } from '../resources/alarm.ts';
import { muteRule } from '../resources/mute-rule.ts';
import { deleteMuteRule, findMuteRule, listMuteRules, putMuteRule } from '../store/mute-rules.ts';
import { cloudwatch } from './declare.ts';

export const putAlarmMuteRule = cloudwatch(
  'putAlarmMuteRule',
  at(muteRule, ({ Name }) => Name),
  async (ctx, input, located) => {
    const schedule = scheduleOf(ctx, input);
    const { MuteTargets, Tags: tags = [], Description: description } = input;
    const alarms = MuteTargets?.AlarmNames ?? [];
    checkNewTags(tags, TAG_RULES);
    if (tags.length > 0) await authorizeOn(ctx, muteRule, located, 'cloudwatch:TagResource');
    // To mute an alarm takes the permission on it.
    for (const name of alarms)
      await authorizeOn(ctx, alarm, alarm.locate(ctx, name), 'cloudwatch:PutAlarmMuteRule');
    const { accountId, region, name } = located;
    await ctx.transaction(async (tx) => {
      const before = await findMuteRule(tx, located, name);
      await putMuteRule(tx, {
        ...{ accountId, region, name, ...schedule, alarms, updatedAt: ctx.clock.now() },
        ...(description !== undefined && { description }),
        tags: before?.tags ?? tagObject(tagsOf(tags)),
      });
    });
    return {};
  },
);

function scheduleOf(
  ctx: ServiceContext,
  { Rule, StartDate: start, ExpireDate: expire }: PutAlarmMuteRuleCommandInput,
) {
  const { Expression: expression = '', Duration: duration = '', Timezone } = Rule?.Schedule ?? {};
  const schedule = {
    ...{ expression, duration },
    ...(Timezone !== undefined && { timezone: Timezone }),
    ...(start && { start }),
    ...(expire && { expire }),
  };
  try {
    checkSchedule(schedule, ctx.clock.now().getTime());
  } catch (error) {
    throw error instanceof MuteError ? validation(error.message) : error;
  }
  return schedule;
}

function summaryOf(ctx: ServiceContext, rule: MuteRule) {
  return {
    AlarmMuteRuleArn: muteRule.locate(ctx, rule.name).arn,
    ...(rule.expire && { ExpireDate: rule.expire }),
    Status: muteStatus(rule, ctx.clock.now().getTime()),
    MuteType: muteType(rule),
    LastUpdatedTimestamp: rule.updatedAt,
  };
}

export const getAlarmMuteRule = cloudwatch(
  'getAlarmMuteRule',
  on(muteRule, ({ AlarmMuteRuleName }) => AlarmMuteRuleName),
  async (ctx, _input, rule) => ({
    Name: rule.name,
    ...summaryOf(ctx, rule),
    ...(rule.description !== undefined && { Description: rule.description }),
    Rule: {
      Schedule: {
        ...{ Expression: rule.expression, Duration: rule.duration },
        ...(rule.timezone !== undefined && { Timezone: rule.timezone }),
      },
    },
    MuteTargets: { AlarmNames: rule.alarms },
    ...(rule.start && { StartDate: rule.start }),
  }),
);

export const listAlarmMuteRules = cloudwatch('listAlarmMuteRules', {}, async (ctx, input) => {
  const { AlarmName, Statuses, MaxRecords = ALARMS_PAGE, NextToken } = input;
  const now = ctx.clock.now().getTime();
  const isAsked = (rule: MuteRule) =>
    (AlarmName === undefined || rule.alarms.includes(AlarmName)) &&
    (Statuses === undefined || Statuses.includes(muteStatus(rule, now)));
  const { items, nextToken } = await page(
    ctx,
    { token: NextToken, limit: MaxRecords, refuse: invalidToken },
    async (after: string | undefined, count) =>
      (await listMuteRules(ctx.db, ctx, after)).filter(isAsked).slice(0, count),
    ({ name }) => name,
  );
  return {
    AlarmMuteRuleSummaries: items.map((rule) => summaryOf(ctx, rule)),
    ...(nextToken !== undefined && { NextToken: nextToken }),
  };
});

export const deleteAlarmMuteRule = cloudwatch(
  'deleteAlarmMuteRule',
  at(muteRule, ({ AlarmMuteRuleName }) => AlarmMuteRuleName),
  async (ctx, _input, located) => {
    await ctx.transaction((tx) => deleteMuteRule(tx, located, located.name));
    return {};
  },
);
