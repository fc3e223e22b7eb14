import { unsupported } from '../../../aws/errors.ts';
import { authorizeFound } from '../../../kit/resource.ts';
import type { ServiceContext } from '../../../kit/service.ts';
import { describe } from '../effects/instances.ts';
import { invalid, notInGroup, notManaged } from '../errors.ts';
import { MAX_INSTANCES } from '../limits.ts';
import * as commands from '../model/commands.ts';
import type { Draft } from '../model/draft.ts';
import type { Activity, Group, Member } from '../model/group.ts';
import { ill } from '../model/reports.ts';
import { USER_CHECK } from '../model/texts.ts';
import { group as groupKind, isMeant, onGroup } from '../resources/group.ts';
import { findGroup } from '../store/groups.ts';
import { allMembers, memberOf } from '../store/members.ts';
import { autoscaling, change, changed, paged } from './declare.ts';
import { activityShape, instanceShape, shownMembers } from './shapes.ts';

export const describeAutoScalingInstances = autoscaling(
  'describeAutoScalingInstances',
  {},
  async (ctx, input) => {
    const { InstanceIds: ids = [], IncludeManagedResources: _ } = input;
    const all = shownMembers(await allMembers(ctx.db, ctx)).filter(
      ({ instanceId = '' }) => ids.length === 0 || ids.includes(instanceId),
    );
    const { items, next } = paged(ctx, input, all, ({ instanceId = '' }) => instanceId);
    const AutoScalingInstances = items.map((member) => ({
      ...{ ...instanceShape(member), AutoScalingGroupName: member.group },
      HealthStatus: member.body.healthy ? 'HEALTHY' : 'UNHEALTHY',
    }));
    return { AutoScalingInstances, ...next };
  },
);

/**
 * The group that an instance is in. Whether there is one is for those to know who may do this to all of them.
 * @throws ValidationError where it is in none
 */
async function groupOf(
  ctx: ServiceContext,
  action: string,
  instanceId: string,
  named?: string,
): Promise<{ group: Group; member: Member }> {
  const member = await memberOf(ctx.db, ctx, instanceId);
  const group = member && (await findGroup(ctx.db, ctx, member.group));
  const located = groupKind.locate(ctx, group?.name ?? named ?? '*');
  await authorizeFound(ctx, groupKind, { action, located, thing: group }, {});
  if (!group) throw notManaged(instanceId);
  if (named !== undefined && !isMeant(groupKind.locate(ctx, named), group))
    throw notInGroup(instanceId, named);
  return { group, member };
}

function memberIn(draft: Draft, instanceId: string): Member {
  const found = draft.byId(instanceId);
  if (!found) throw notManaged(instanceId);
  return found;
}

export const terminateInstanceInAutoScalingGroup = autoscaling(
  'terminateInstanceInAutoScalingGroup',
  'self',
  async (ctx, input) => {
    const { InstanceId: id = '', ShouldDecrementDesiredCapacity: decrement = false } = input;
    if (input.InstanceIds?.length) throw unsupported('InstanceIds');
    const action = 'autoscaling:TerminateInstanceInAutoScalingGroup';
    const { group } = await groupOf(ctx, action, id, input.AutoScalingGroupName);
    const activity = await changed(ctx, group, (draft) => {
      const member = memberIn(draft, id);
      const { phase } = member.body;
      if (phase === 'leaving' || phase === 'terminate-wait' || phase === 'terminating')
        throw invalid(`The instance ${id} is being terminated already.`);
      commands.terminate(draft, member, decrement);
      return member.body.activity;
    });
    return activity ? { Activity: activityShape(group.name, activity) } : {};
  },
);

export const setInstanceHealth = autoscaling('setInstanceHealth', 'self', async (ctx, input) => {
  const { InstanceId: id = '', HealthStatus: status, ShouldRespectGracePeriod = true } = input;
  const { group } = await groupOf(ctx, 'autoscaling:SetInstanceHealth', id);
  if (status !== 'Healthy' && status !== 'Unhealthy')
    throw invalid(`Invalid health status: ${status}. It is Healthy or Unhealthy.`);
  await changed(ctx, group, (draft, now) => {
    const member = memberIn(draft, id);
    if (status === 'Healthy') {
      member.body.healthy = true;
      delete member.body.illness;
      return;
    }
    const since = member.body.inServiceAt ?? now;
    const isNew = now < since + draft.body.grace * 1000;
    if (!(ShouldRespectGracePeriod && isNew)) ill(member, USER_CHECK);
  });
  return {};
});

/** The instances of a call, all of which have to be in the group. */
function named(draft: Draft, ids: readonly string[] | undefined): Member[] {
  if (!ids?.length) throw invalid('At least one instance ID must be specified.');
  if (ids.length > MAX_INSTANCES)
    throw invalid(`No more than ${MAX_INSTANCES} instances are named by one call.`);
  return [...new Set(ids)].map((id) => {
    const found = draft.byId(id);
    if (!found) throw notInGroup(id, draft.group.name);
    return found;
  });
}

function inPhase(members: readonly Member[], phase: Member['body']['phase'], state: string): void {
  const wrong = members.find(({ body }) => body.phase !== phase);
  if (wrong) throw invalid(`The instance ${wrong.instanceId} is not in ${state}.`);
}

const activities = (group: string, members: readonly Member[]) =>
  members
    .map(({ body }) => body.activity)
    .filter((activity): activity is Activity => activity !== undefined)
    .map((activity) => activityShape(group, activity));

export const setInstanceProtection = autoscaling(
  'setInstanceProtection',
  onGroup,
  async (ctx, { InstanceIds, ProtectedFromScaleIn = false }, group) => {
    await changed(ctx, group, (draft) => {
      for (const { body } of named(draft, InstanceIds)) body.protected = ProtectedFromScaleIn;
    });
    return {};
  },
);

export const detachInstances = autoscaling(
  'detachInstances',
  onGroup,
  async (ctx, input, group) => {
    const { ShouldDecrementDesiredCapacity: decrement = false } = input;
    return changed(ctx, group, (draft) => {
      const members = named(draft, input.InstanceIds);
      const { standing = [], serving = [] } = Object.groupBy(members, ({ body }) =>
        body.phase === 'standby' ? 'standing' : 'serving',
      );
      inPhase(serving, 'in-service', 'InService or Standby');
      // What stands by does not count already.
      commands.detach(draft, serving, decrement);
      commands.detach(draft, standing, false);
      return { Activities: activities(group.name, members) };
    });
  },
);

export const enterStandby = autoscaling(
  'enterStandby',
  onGroup,
  async (ctx, { InstanceIds, ShouldDecrementDesiredCapacity: decrement = false }, group) =>
    changed(ctx, group, (draft) => {
      const members = named(draft, InstanceIds);
      inPhase(members, 'in-service', 'InService');
      commands.enterStandby(draft, members, decrement);
      return { Activities: activities(group.name, members) };
    }),
);

export const exitStandby = autoscaling(
  'exitStandby',
  onGroup,
  async (ctx, { InstanceIds }, group) =>
    changed(ctx, group, (draft) => {
      const members = named(draft, InstanceIds);
      inPhase(members, 'standby', 'Standby');
      commands.exitStandby(draft, members);
      return { Activities: activities(group.name, members) };
    }),
);

/** Instances that run, of the account's own, and of no other group. */
export const attachInstances = autoscaling(
  'attachInstances',
  onGroup,
  async (ctx, input, group) => {
    const ids = [...new Set(input.InstanceIds ?? [])];
    if (ids.length === 0) throw invalid('At least one instance ID must be specified.');
    if (ids.length > MAX_INSTANCES)
      throw invalid(`No more than ${MAX_INSTANCES} instances are attached by one call.`);
    const found = await describe(ctx, group, ids);
    const given = ids.map((id): commands.Attached => {
      const instance = found.get(id);
      if (!instance) throw invalid(`Invalid Instance ID: ${id}`);
      if (instance.State?.Name !== 'running')
        throw invalid(`Instance ${id} is not in correct state: it is ${instance.State?.Name}.`);
      return {
        ...{ instanceId: id, zone: instance.Placement?.AvailabilityZone ?? '' },
        ...{ subnet: instance.SubnetId, type: instance.InstanceType, imageId: instance.ImageId },
      };
    });
    await ctx.transaction(async (tx) => {
      for (const id of ids) {
        const member = await memberOf(tx, ctx, id);
        if (member)
          throw invalid(
            `Instance ${id} is already part of AutoScalingGroup:${member.group}. Instances cannot be part of multiple AutoScalingGroups.`,
          );
      }
      await change(ctx, tx, group, (draft) => {
        const zones = draft.body.places.map(({ zone }) => zone);
        const elsewhere = given.find(({ zone }) => !zones.includes(zone));
        if (elsewhere)
          throw invalid(
            `Instance ${elsewhere.instanceId} is in a different availability zone than the group.`,
          );
        commands.attach(draft, given);
      });
    });
    return {};
  },
);
