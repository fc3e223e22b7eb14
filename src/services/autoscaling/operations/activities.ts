import { unsupported } from '../../../aws/errors.ts';
import { groupArn } from '../model/group.ts';
import { group as groupKind } from '../resources/group.ts';
import { listGroups } from '../store/groups.ts';
import { listHistory } from '../store/history.ts';
import { autoscaling, needGroup, paged } from './declare.ts';
import { activityShape } from './shapes.ts';

/** Newest first; of groups that are gone where they are asked for. */
export const describeScalingActivities = autoscaling(
  'describeScalingActivities',
  {},
  async (ctx, input) => {
    const {
      ActivityIds: ids = [],
      AutoScalingGroupName: named,
      IncludeDeletedGroups: gone,
    } = input;
    const { IncludeManagedResources: _ } = input;
    if (input.Filters?.length) throw unsupported('Filters of DescribeScalingActivities');
    const name = named === undefined ? undefined : groupKind.locate(ctx, named).name;
    if (named !== undefined && !gone) await needGroup(ctx, named);
    const here = new Set((await listGroups(ctx.db, ctx)).map(({ body }) => body.id));
    const all = (await listHistory(ctx.db, 'activity', ctx, name)).filter(
      ({ its, groupId }) =>
        (ids.length === 0 || ids.includes(its.id)) && (gone || here.has(groupId)),
    );
    const { items, next } = paged(
      ...([ctx, input, all] as const),
      ({ its }) => [its.startedAt, its.id],
      'descending',
    );
    const Activities = items.map(({ group, groupId, its }) => ({
      ...activityShape(group, its),
      AutoScalingGroupARN: groupArn(ctx, groupId, group),
      ...(!here.has(groupId) && { AutoScalingGroupState: 'Deleted' }),
    }));
    return { Activities, ...next };
  },
);
