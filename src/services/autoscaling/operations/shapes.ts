import type * as sdk from '@aws-sdk/client-auto-scaling';
import {
  type Activity,
  arnOf,
  type Group,
  globalMs,
  type Hook,
  type Launch,
  lifecycleState,
  type Member,
} from '../model/group.ts';

const launchShape = (launch: Launch) =>
  launch.kind === 'configuration'
    ? { LaunchConfigurationName: launch.name }
    : { LaunchTemplate: templateShape(launch) };

export const templateShape = ({ id, name, version }: Extract<Launch, { kind: 'template' }>) => ({
  ...{ LaunchTemplateId: id, LaunchTemplateName: name },
  ...(version !== undefined && { Version: version }),
});

export function instanceShape(member: Member): sdk.Instance {
  const { instanceId, body } = member;
  return {
    InstanceId: instanceId,
    ...(body.type && { InstanceType: body.type }),
    AvailabilityZone: body.zone,
    LifecycleState: lifecycleState(member) as sdk.LifecycleState,
    HealthStatus: body.healthy ? 'Healthy' : 'Unhealthy',
    ...launchShape(body.launch),
    ProtectedFromScaleIn: body.protected,
  };
}

/** Those that are there: EC2 has given them their ids. */
export const shownMembers = (members: readonly Member[]) =>
  members.filter(({ instanceId }) => instanceId !== undefined);

export const tagShape = (
  group: string,
  { key, value, propagates }: Group['body']['tags'][number],
) => ({
  ...{ ResourceId: group, ResourceType: 'auto-scaling-group', Key: key, Value: value },
  PropagateAtLaunch: propagates,
});

export const roleArn = ({ accountId }: { accountId: string }) =>
  `arn:aws:iam::${accountId}:role/aws-service-role/autoscaling.amazonaws.com/AWSServiceRoleForAutoScaling`;

export function groupShape(group: Group, members: readonly Member[]): sdk.AutoScalingGroup {
  const { name, body } = group;
  const subnets = body.places.map(({ subnet }) => subnet).filter((one) => one !== undefined);
  return {
    ...{ AutoScalingGroupName: name, AutoScalingGroupARN: arnOf(group) },
    ...launchShape(body.launch),
    ...{ MinSize: body.min, MaxSize: body.max, DesiredCapacity: body.desired },
    DefaultCooldown: body.cooldown,
    AvailabilityZones: [...new Set(body.places.map(({ zone }) => zone))],
    ...{ LoadBalancerNames: [], TargetGroupARNs: body.targetGroups },
    ...{ HealthCheckType: body.health, HealthCheckGracePeriod: body.grace },
    Instances: shownMembers(members).map(instanceShape),
    CreatedTime: new Date(body.createdAt),
    SuspendedProcesses: body.suspended.map(({ process, reason }) => ({
      ...{ ProcessName: process, SuspensionReason: reason },
    })),
    ...(subnets.length > 0 && { VPCZoneIdentifier: subnets.join(',') }),
    EnabledMetrics: [],
    ...(body.deleting && { Status: 'Delete in progress' }),
    Tags: body.tags.map((tag) => tagShape(name, tag)),
    ...{ TerminationPolicies: body.policies, NewInstancesProtectedFromScaleIn: body.protects },
    ServiceLinkedRoleARN: roleArn(group),
    ...(body.lifetime !== undefined && { MaxInstanceLifetime: body.lifetime }),
    ...(body.context !== undefined && { Context: body.context }),
    ...(body.warmup !== undefined && { DefaultInstanceWarmup: body.warmup }),
    TrafficSources: body.targetGroups.map((Identifier) => ({ Identifier, Type: 'elbv2' })),
  };
}

export const activityShape = (group: string, activity: Activity): sdk.Activity => ({
  ...{ ActivityId: activity.id, AutoScalingGroupName: group },
  ...{ Description: activity.description, Cause: activity.cause },
  StartTime: new Date(activity.startedAt),
  ...(activity.endedAt !== undefined && { EndTime: new Date(activity.endedAt) }),
  StatusCode: activity.status as sdk.ScalingActivityStatusCode,
  ...(activity.message !== undefined && { StatusMessage: activity.message }),
  ...{ Progress: activity.progress, Details: activity.details },
});

export const hookShape = (group: string, hook: Hook): sdk.LifecycleHook => ({
  ...{ LifecycleHookName: hook.name, AutoScalingGroupName: group },
  ...{ LifecycleTransition: hook.transition, DefaultResult: hook.otherwise },
  HeartbeatTimeout: hook.heartbeatMs / 1000,
  GlobalTimeout: globalMs(hook) / 1000,
  ...(hook.target !== undefined && { NotificationTargetARN: hook.target }),
  ...(hook.roleArn !== undefined && { RoleARN: hook.roleArn }),
  ...(hook.metadata !== undefined && { NotificationMetadata: hook.metadata }),
});
