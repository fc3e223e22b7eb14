import { unsupported } from '../../../aws/errors.ts';
import { groupArn } from '../model/group.ts';
import { group as groupKind } from '../resources/group.ts';
import { listGroups } from '../store/groups.ts';
import { autoscaling, needGroup, pageOfHistory } from './declare.ts';
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
    const meant = named === undefined ? undefined : groupKind.locate(ctx, named);
    if (named !== undefined && !gone) await needGroup(ctx, named);
    const here = new Set((await listGroups(ctx.db, ctx)).map(({ body }) => body.id));
    const groupIds = meant?.id === undefined ? (gone ? undefined : [...here]) : [meant.id];
    const { items, next } = await pageOfHistory(ctx, input, 'activity', {
      ...{ name: meant?.name, groupIds, ids },
    });
    const Activities = items.map(({ group, groupId, its }) => ({
      ...activityShape(group, its),
      AutoScalingGroupARN: groupArn(ctx, groupId, group),
      ...(!here.has(groupId) && { AutoScalingGroupState: 'Deleted' }),
    }));
    return { Activities, ...next };
  },
);
