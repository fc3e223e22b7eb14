import type { NewEvent } from '../../../engine/events.ts';
import type { Owner } from '../store/tables.ts';
import { type Activity, arnOf, type Group, type Held, type Hook, LAUNCHING } from './group.ts';

const instanceArn = ({ accountId, region }: Owner, id: string) =>
  `arn:aws:ec2:${region}:${accountId}:instance/${id}`;

const about = (group: Group, type: string): Omit<NewEvent, 'detail'> => ({
  ...{ source: 'aws.autoscaling', 'detail-type': type },
  ...{ account: group.accountId, region: group.region, resources: [arnOf(group)] },
});

const way = (launches: boolean) =>
  launches
    ? { Origin: 'EC2', Destination: 'AutoScalingGroup' }
    : { Origin: 'AutoScalingGroup', Destination: 'EC2' };

/** https://docs.aws.amazon.com/autoscaling/ec2/userguide/ec2-auto-scaling-event-reference.html */
export function hookDetail(group: Group, hook: Hook, { token }: Held, instanceId: string) {
  return {
    LifecycleActionToken: token,
    AutoScalingGroupName: group.name,
    LifecycleHookName: hook.name,
    EC2InstanceId: instanceId,
    LifecycleTransition: hook.transition,
    ...(hook.metadata !== undefined && { NotificationMetadata: hook.metadata }),
    ...way(hook.transition === LAUNCHING),
  };
}

export const hookEvent = (group: Group, hook: Hook, held: Held, instanceId: string): NewEvent => ({
  ...about(
    group,
    hook.transition === LAUNCHING
      ? 'EC2 Instance-launch Lifecycle Action'
      : 'EC2 Instance-terminate Lifecycle Action',
  ),
  detail: hookDetail(group, hook, held, instanceId),
});

export function activityDetail(
  group: Group,
  activity: Activity,
  instanceId: string,
  launches: boolean,
) {
  return {
    ...{ StatusCode: activity.status, Description: activity.description },
    ...{ AutoScalingGroupName: group.name, ActivityId: activity.id, RequestId: activity.id },
    Details: JSON.parse(activity.details) as object,
    StatusMessage: activity.message ?? '',
    StartTime: new Date(activity.startedAt).toISOString(),
    EndTime: new Date(activity.endedAt ?? activity.startedAt).toISOString(),
    ...{ EC2InstanceId: instanceId, Cause: activity.cause, ...way(launches) },
  };
}

export function activityEvent(
  group: Group,
  activity: Activity,
  instanceId: string,
  launches: boolean,
): NewEvent {
  const ok = activity.status === 'Successful';
  const event = about(
    group,
    `EC2 Instance ${launches ? 'Launch' : 'Terminate'} ${ok ? 'Successful' : 'Unsuccessful'}`,
  );
  if (instanceId) event.resources.push(instanceArn(group, instanceId));
  return { ...event, detail: activityDetail(group, activity, instanceId, launches) };
}

export const refreshEvent = (group: Group, what: string, id: string): NewEvent => ({
  ...about(group, `EC2 Auto Scaling Instance Refresh ${what}`),
  detail: { InstanceRefreshId: id, AutoScalingGroupName: group.name },
});
