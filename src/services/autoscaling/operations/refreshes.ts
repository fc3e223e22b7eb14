import { randomUUID } from 'node:crypto';
import type * as sdk from '@aws-sdk/client-auto-scaling';
import { unsupported } from '../../../aws/errors.ts';
import { pinned } from '../effects/instances.ts';
import { invalid, irreversible, noRefresh, refreshInProgress } from '../errors.ts';
import { refreshEvent } from '../model/events.ts';
import type { Refresh } from '../model/group.ts';
import { cancelRefresh, outdated, percentOf, rollBack } from '../model/refresh.ts';
import { onGroup } from '../resources/group.ts';
import { autoscaling, changed, needGroup, pageOfHistory } from './declare.ts';
import { checkLaunch, readTemplate, refuse } from './group-input.ts';
import { templateShape } from './shapes.ts';

type Settings = Pick<
  Refresh,
  'minHealthy' | 'maxHealthy' | 'warmup' | 'skipMatching' | 'autoRollback' | 'protectedOnes'
>;

function read(given: sdk.RefreshPreferences, warmupOfGroup: number): Settings {
  refuse(given, ['CheckpointPercentages', 'CheckpointDelay', 'AlarmSpecification', 'BakeTime']);
  if (given.StandbyInstances !== undefined && given.StandbyInstances !== 'Ignore')
    throw unsupported(`StandbyInstances ${given.StandbyInstances}`);
  const { MinHealthyPercentage: minHealthy = 90 } = given;
  const { MaxHealthyPercentage: maxHealthy = minHealthy === 100 ? 110 : 100 } = given;
  if (minHealthy < 0 || minHealthy > 100 || maxHealthy < 100 || maxHealthy > 200)
    throw invalid(
      'MinHealthyPercentage is between 0 and 100, MaxHealthyPercentage between 100 and 200.',
    );
  if (maxHealthy - minHealthy > 100)
    throw invalid(
      'The difference of MaxHealthyPercentage and MinHealthyPercentage is 100 at most.',
    );
  const { InstanceWarmup: warmup = warmupOfGroup } = given;
  if (warmup < 0 || warmup > 86_400)
    throw invalid('InstanceWarmup is no number of seconds that can be waited for');
  return {
    ...{ minHealthy, maxHealthy, warmup },
    skipMatching: given.SkipMatching ?? false,
    autoRollback: given.AutoRollback ?? false,
    protectedOnes: given.ScaleInProtectedInstances ?? 'Wait',
  };
}

export const startInstanceRefresh = autoscaling(
  'startInstanceRefresh',
  onGroup,
  async (ctx, { Strategy = 'Rolling', DesiredConfiguration, Preferences = {} }, group) => {
    if (Strategy !== 'Rolling') throw unsupported(`the refresh strategy ${Strategy}`);
    refuse(DesiredConfiguration ?? {}, ['MixedInstancesPolicy']);
    const { warmup, grace, health } = group.body;
    const settings = read(Preferences, warmup ?? (health === 'ELB' ? grace : 0));
    const template = DesiredConfiguration?.LaunchTemplate;
    const wanted = template && (await readTemplate(ctx, template));
    if (wanted) await checkLaunch(ctx, wanted, group.body.places[0]);
    if (settings.autoRollback && !wanted)
      throw invalid('AutoRollback needs a DesiredConfiguration to roll back from.');
    const matching =
      settings.skipMatching && (await pinned(ctx, group, wanted ?? group.body.launch));
    const id = randomUUID();
    await changed(ctx, group, (draft, now) => {
      const { body } = draft;
      if (body.refresh) throw refreshInProgress();
      const refresh: Refresh = {
        ...{ id, status: 'InProgress', startedAt: now, ...settings },
        ...(wanted && { wanted }),
        ...(matching && { matching }),
        ...{ before: body.launch, total: 0, left: 0 },
      };
      const total = outdated(draft.members, refresh, wanted ?? body.launch).length;
      body.failures = 0;
      body.refresh = { ...refresh, total, left: total };
      draft.event(refreshEvent(draft.group, 'Started', id));
    });
    return { InstanceRefreshId: id };
  },
);

export const cancelInstanceRefresh = autoscaling(
  'cancelInstanceRefresh',
  onGroup,
  async (ctx, { WaitForTransitioningInstances: waits = false }, group) => {
    // What it has begun with an instance goes on either way.
    void waits;
    const cancelled = await changed(ctx, group, cancelRefresh);
    if (!cancelled) throw noRefresh();
    return { InstanceRefreshId: cancelled.id };
  },
);

export const rollbackInstanceRefresh = autoscaling(
  'rollbackInstanceRefresh',
  onGroup,
  async (ctx, _input, group) =>
    changed(ctx, group, (draft) => {
      const { refresh } = draft.body;
      if (refresh?.status !== 'InProgress') throw noRefresh();
      const { before } = refresh;
      const moves = before.kind === 'template' && !/^\d+$/.test(before.version ?? '');
      if (!refresh.wanted || moves)
        throw irreversible(
          'The instance refresh has no desired configuration, or the launch template of the group names no version by its number.',
        );
      rollBack(draft, 'Rolled back due to user request.');
      return { InstanceRefreshId: refresh.id };
    }),
);

const shape = (group: string, refresh: Refresh): sdk.InstanceRefresh => ({
  ...{ InstanceRefreshId: refresh.id, AutoScalingGroupName: group, Status: refresh.status },
  ...(refresh.reason && { StatusReason: refresh.reason }),
  StartTime: new Date(refresh.startedAt),
  ...(refresh.endedAt !== undefined && { EndTime: new Date(refresh.endedAt) }),
  ...{ PercentageComplete: percentOf(refresh), InstancesToUpdate: refresh.left },
  Strategy: 'Rolling',
  Preferences: {
    ...{ MinHealthyPercentage: refresh.minHealthy, MaxHealthyPercentage: refresh.maxHealthy },
    ...{ InstanceWarmup: refresh.warmup, SkipMatching: refresh.skipMatching },
    ...{ AutoRollback: refresh.autoRollback, ScaleInProtectedInstances: refresh.protectedOnes },
    StandbyInstances: 'Ignore',
  },
  ...(refresh.wanted?.kind === 'template' && {
    DesiredConfiguration: { LaunchTemplate: templateShape(refresh.wanted) },
  }),
  ...(refresh.rollback && {
    RollbackDetails: {
      RollbackReason: refresh.rollback.reason,
      RollbackStartTime: new Date(refresh.rollback.at),
      PercentageCompleteOnRollback: refresh.rollback.percent,
      InstancesToUpdateOnRollback: refresh.rollback.left,
    },
  }),
});

/** Newest first. */
export const describeInstanceRefreshes = autoscaling(
  'describeInstanceRefreshes',
  {},
  async (ctx, input) => {
    const { AutoScalingGroupName = '', InstanceRefreshIds: ids = [] } = input;
    const { name, body } = await needGroup(ctx, AutoScalingGroupName);
    const groupIds = [body.id];
    const { items, next } = await pageOfHistory(ctx, input, 'refresh', { name, groupIds, ids });
    return { InstanceRefreshes: items.map(({ its }) => shape(name, its)), ...next };
  },
);
