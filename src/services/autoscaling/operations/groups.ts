import { randomUUID } from 'node:crypto';
import type { Filter } from '@aws-sdk/client-auto-scaling';
import type { Tx } from '../../../db/database.ts';
import type { ServiceContext } from '../../../kit/service.ts';
import {
  activityInProgress,
  coolsDown,
  groupEnds,
  groupExists,
  groupInUse,
  invalid,
  limit,
  noGroup,
} from '../errors.ts';
import { DEFAULT_COOLDOWN, MAX_GROUPS, MAX_HOOKS } from '../limits.ts';
import { arnOf, type Group, type GroupBody, type Hook, type Member } from '../model/group.ts';
import { resize } from '../model/resize.ts';
import * as texts from '../model/texts.ts';
import { settle } from '../reconcilers/group.ts';
import { GROUP, groupKey, HEALTH } from '../reconcilers/names.ts';
import { atGroup, onGroup } from '../resources/group.ts';
import { findGroup, listGroups, saveGroup } from '../store/groups.ts';
import { allMembers } from '../store/members.ts';
import { autoscaling, change, changed, paged } from './declare.ts';
import {
  checkLaunch,
  checkSizes,
  checkTargetGroups,
  REFUSED,
  readLaunch,
  readPlaces,
  readSettings,
  readTags,
  refuse,
} from './group-input.ts';
import { readHook } from './hook-input.ts';
import { groupShape, roleArn } from './shapes.ts';
import { targetsSaid } from './target-input.ts';

export const createAutoScalingGroup = autoscaling(
  'createAutoScalingGroup',
  atGroup,
  async (ctx, input) => {
    const { AutoScalingGroupName: name = '', MinSize: min = 0, MaxSize: max = 0 } = input;
    if (name.includes(':')) throw invalid('The name of a group may have no colon.');
    refuse(input, REFUSED);
    const desired = input.DesiredCapacity ?? min;
    checkSizes({ min, max, desired });
    const { set } = readSettings(input, roleArn(ctx));
    const tags = readTags(input.Tags ?? []);
    const targetGroups = targetsSaid(input.TargetGroupARNs, input.TrafficSources);
    const launch = await readLaunch(ctx, input);
    if (!launch)
      throw invalid(
        'Valid requests must contain either launchTemplate, LaunchConfigurationName, InstanceId or MixedInstancesPolicy parameter.',
      );
    const places = await readPlaces(ctx, input);
    if (!places) throw invalid('At least one Availability Zone or VPC Subnet is required.');
    await checkTargetGroups(ctx, targetGroups);
    await checkLaunch(ctx, launch, places[0]);
    const now = ctx.clock.now().getTime();
    const body: GroupBody = {
      ...{ id: randomUUID(), createdAt: now, launch, min, max, desired, places, targetGroups },
      ...{ cooldown: DEFAULT_COOLDOWN, health: 'EC2', grace: 0, policies: ['Default'] },
      ...{ protects: false, tags, hooks: [], suspended: [], scaling: [], schedules: [] },
      ...{ notifications: [], coolsUntil: 0, failures: 0, waitsUntil: 0, owed: 0 },
      ...{ why: texts.created(now, desired), numbers: 0, ...set },
    };
    const group: Group = { accountId: ctx.accountId, region: ctx.region, name, body };
    body.hooks = await readHooks(ctx, group, input.LifecycleHookSpecificationList ?? []);
    await ctx.transaction(async (tx) => {
      const before = await findGroup(tx, ctx, name);
      if (before) throw before.body.deleting ? groupEnds(name) : groupExists(name);
      if ((await listGroups(tx, ctx)).length >= MAX_GROUPS)
        throw limit('Auto Scaling groups', MAX_GROUPS);
      await saveGroup(tx, group);
      await wake(ctx, tx, group);
    });
    return {};
  },
);

/** Brings it to where it can go at once, and has it looked after. */
async function wake(ctx: ServiceContext, tx: Tx, group: Group): Promise<void> {
  await settle(ctx, tx, groupKey(group), () => undefined);
  await ctx.engine.wake(tx, GROUP, groupKey(group));
  await ctx.engine.wake(tx, HEALTH, groupKey(group));
}

async function readHooks(
  ctx: ServiceContext,
  group: Group,
  given: Parameters<typeof readHook>[2][],
): Promise<Hook[]> {
  if (given.length > MAX_HOOKS) throw limit('lifecycle hooks', MAX_HOOKS);
  const hooks: Hook[] = [];
  for (const one of given) hooks.push(await readHook(ctx, arnOf(group), one));
  if (new Set(hooks.map(({ name }) => name)).size < hooks.length)
    throw invalid('Names of lifecycle hooks must differ.');
  return hooks;
}

export const describeAutoScalingGroups = autoscaling(
  'describeAutoScalingGroups',
  {},
  async (ctx, input) => {
    const { AutoScalingGroupNames: names = [], IncludeInstances = true } = input;
    const { IncludeManagedResources: _ } = input;
    const passes = filtersOf(input.Filters ?? []);
    const all = (await listGroups(ctx.db, ctx)).filter(
      (group) =>
        (names.length === 0 || names.includes(group.name) || names.includes(arnOf(group))) &&
        passes(group),
    );
    const { items, next } = paged(ctx, input, all, ({ name }) => name);
    const members = IncludeInstances
      ? Map.groupBy(await allMembers(ctx.db, ctx), ({ group }) => group)
      : new Map<string, Member[]>();
    const AutoScalingGroups = items.map((one) => groupShape(one, members.get(one.name) ?? []));
    return { AutoScalingGroups, ...next };
  },
);

function filtersOf(filters: readonly Filter[]): (group: Group) => boolean {
  const tests = filters.map(({ Name = '', Values = [] }) => {
    const has = (values: (string | undefined)[]) =>
      values.some((value) => value !== undefined && Values.includes(value));
    if (Name === 'tag-key') return ({ body }: Group) => has(body.tags.map(({ key }) => key));
    if (Name === 'tag-value') return ({ body }: Group) => has(body.tags.map(({ value }) => value));
    if (!Name.startsWith('tag:')) throw invalid(`Filter type ${Name} is not correct.`);
    const key = Name.slice(4);
    return ({ body }: Group) =>
      has(body.tags.filter((tag) => tag.key === key).map(({ value }) => value));
  });
  return (group) => tests.every((test) => test(group));
}

export const updateAutoScalingGroup = autoscaling(
  'updateAutoScalingGroup',
  onGroup,
  async (ctx, input, group) => {
    refuse(input, REFUSED);
    const { set, unset } = readSettings(input, roleArn(ctx));
    const launch = await readLaunch(ctx, input);
    const places = await readPlaces(ctx, input);
    if (launch) await checkLaunch(ctx, launch, (places ?? group.body.places)[0]);
    await ctx.transaction(async (tx) => {
      await change(ctx, tx, group, (draft, now) => {
        const { body } = draft;
        if (launch && body.refresh?.wanted)
          throw invalid(
            'An active instance refresh with a desired configuration exists. All configuration options derived from the desired configuration are not available for update while the instance refresh is active.',
          );
        Object.assign(body, set, launch && { launch }, places && { places });
        for (const name of unset) delete body[name];
        // What was not launched is tried with what the group has now.
        body.failures = 0;
        body.waitsUntil = 0;
        const { MinSize: min = body.min, MaxSize: max = body.max } = input;
        const kept = Math.min(Math.max(body.desired, min), max);
        const { DesiredCapacity: desired = kept } = input;
        checkSizes({ min, max, desired });
        const why = texts.updated(now, 'user request', { min, max, desired }, body.desired);
        resize(draft, { min, max, desired }, why);
      });
      await ctx.engine.wake(tx, HEALTH, groupKey(group));
    });
    return {};
  },
);

export const setDesiredCapacity = autoscaling(
  'setDesiredCapacity',
  onGroup,
  async (ctx, { DesiredCapacity: desired = 0, HonorCooldown = false }, group) => {
    await changed(ctx, group, (draft, now) => {
      const { body } = draft;
      if (HonorCooldown && now < body.coolsUntil) throw coolsDown(group.name);
      if (desired > body.max)
        throw invalid(
          `New SetDesiredCapacity value ${desired} is above max value ${body.max} for the AutoScalingGroup.`,
        );
      if (desired < body.min)
        throw invalid(
          `New SetDesiredCapacity value ${desired} is below min value ${body.min} for the AutoScalingGroup.`,
        );
      resize(draft, { desired }, texts.explicitly(now, body.desired, desired));
    });
    return {};
  },
);

/** With ForceDelete its instances go first, and it with the last of them. */
export const deleteAutoScalingGroup = autoscaling(
  'deleteAutoScalingGroup',
  onGroup,
  async (ctx, { ForceDelete = false }, group) => {
    const found = await ctx.transaction((tx) =>
      settle(ctx, tx, groupKey(group), ({ body, members }) => {
        const serves = ({ body: { phase } }: Member) => ['in-service', 'standby'].includes(phase);
        if (!ForceDelete && members.some(serves)) throw groupInUse();
        if (!ForceDelete && members.length > 0) throw activityInProgress();
        body.deleting = true;
      }),
    );
    if (!found) throw noGroup(group.name);
    return {};
  },
);
