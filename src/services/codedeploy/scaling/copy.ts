import type { AutoScalingGroup } from '@aws-sdk/client-auto-scaling';
import { isGone, type Scaling } from './client.ts';
import { isOurs } from './names.ts';

/** What AWS marks a copied group with: the deployment that has made it. */
const COPY_TAG = 'CodeDeployProvisioningDeploymentId';

/** What would touch a group's instances or their traffic while a deployment goes on. */
const HELD_BACK = ['AddToLoadBalancer', 'AlarmNotification', 'ScheduledActions'];

/**
 * Makes the copy of a group, empty, with all that scales it; then it gets the size of the original (CD-ASG-04). Each step may be
 * done again. Target groups stay with the original until the copy has the traffic.
 */
export async function makeCopy(
  scaling: Scaling,
  original: AutoScalingGroup,
  copy: string,
  { deploymentId, now }: { deploymentId: string; now: number },
): Promise<void> {
  const { client, sdk } = scaling;
  const { LaunchTemplate: template } = original;
  const named = { AutoScalingGroupName: copy };
  const Tags = [
    ...(original.Tags ?? []).flatMap(({ Key = '', Value, PropagateAtLaunch }) =>
      Key.startsWith('aws:') || Key === COPY_TAG ? [] : [{ Key, Value, PropagateAtLaunch }],
    ),
    { Key: COPY_TAG, Value: deploymentId, PropagateAtLaunch: true },
  ];
  try {
    await client.send(
      new sdk.CreateAutoScalingGroupCommand({
        ...{ ...named, Tags, MinSize: 0, DesiredCapacity: 0, MaxSize: original.MaxSize },
        ...(template
          ? {
              LaunchTemplate: {
                LaunchTemplateId: template.LaunchTemplateId,
                Version: template.Version,
              },
            }
          : { LaunchConfigurationName: original.LaunchConfigurationName }),
        MixedInstancesPolicy: original.MixedInstancesPolicy,
        AvailabilityZones: original.AvailabilityZones,
        VPCZoneIdentifier: original.VPCZoneIdentifier || undefined,
        ...{ HealthCheckType: original.HealthCheckType, DefaultCooldown: original.DefaultCooldown },
        HealthCheckGracePeriod: original.HealthCheckGracePeriod,
        TerminationPolicies: original.TerminationPolicies,
        NewInstancesProtectedFromScaleIn: original.NewInstancesProtectedFromScaleIn,
        MaxInstanceLifetime: original.MaxInstanceLifetime,
        DefaultInstanceWarmup: original.DefaultInstanceWarmup,
        Context: original.Context,
      }),
    );
  } catch (error) {
    if (!(error as Error).name.startsWith('AlreadyExists')) throw error;
  }
  await copyRest(scaling, original.AutoScalingGroupName ?? '', copy, now);
  await client.send(new sdk.SuspendProcessesCommand({ ...named, ScalingProcesses: HELD_BACK }));
  await client.send(
    new sdk.UpdateAutoScalingGroupCommand({
      ...{ ...named, MinSize: original.MinSize, DesiredCapacity: original.DesiredCapacity },
    }),
  );
}

/** Policies, notifications, schedules, and the hooks of others. */
async function copyRest(
  { client, sdk }: Scaling,
  original: string,
  copy: string,
  now: number,
): Promise<void> {
  const of = { AutoScalingGroupName: original };
  const to = { AutoScalingGroupName: copy };
  const { ScalingPolicies = [] } = await client.send(new sdk.DescribePoliciesCommand(of));
  for (const { PolicyName, PolicyARN: _, Alarms: __, ...policy } of ScalingPolicies)
    await client.send(new sdk.PutScalingPolicyCommand({ ...policy, ...to, PolicyName }));
  const told = await client.send(
    new sdk.DescribeNotificationConfigurationsCommand({ AutoScalingGroupNames: [original] }),
  );
  const topics = Map.groupBy(told.NotificationConfigurations ?? [], ({ TopicARN }) => TopicARN);
  for (const [TopicARN, configurations] of topics) {
    const types = configurations.map(({ NotificationType = '' }) => NotificationType);
    await client.send(
      new sdk.PutNotificationConfigurationCommand({
        ...{ ...to, TopicARN, NotificationTypes: types },
      }),
    );
  }
  const schedules = sdk.paginateDescribeScheduledActions({ client }, of);
  for await (const { ScheduledUpdateGroupActions = [] } of schedules)
    for (const {
      ScheduledActionARN: _,
      Time: __,
      StartTime,
      ...action
    } of ScheduledUpdateGroupActions) {
      const isAhead = StartTime !== undefined && StartTime.getTime() > now;
      // What was to be done once has been done.
      if (!isAhead && !action.Recurrence) continue;
      await client.send(
        new sdk.PutScheduledUpdateGroupActionCommand({
          ...{ ...action, ...to, ScheduledActionName: action.ScheduledActionName },
          // One that comes again and has begun goes on with its next time.
          ...(isAhead && { StartTime }),
        }),
      );
    }
  const { LifecycleHooks = [] } = await client.send(new sdk.DescribeLifecycleHooksCommand(of));
  for (const { GlobalTimeout: _, ...hook } of LifecycleHooks)
    if (!isOurs(hook.LifecycleHookName ?? ''))
      await client.send(
        new sdk.PutLifecycleHookCommand({
          ...hook,
          ...to,
          LifecycleHookName: hook.LifecycleHookName,
        }),
      );
}

/** The copy scales by itself from now on, and is in the target groups of the original, which brings none of its instances there any more. */
export async function handOver(
  { client, sdk }: Scaling,
  { AutoScalingGroupName: original, TargetGroupARNs = [] }: AutoScalingGroup,
  copy: string,
): Promise<void> {
  const to = { AutoScalingGroupName: copy };
  if (TargetGroupARNs.length > 0)
    await client.send(new sdk.AttachLoadBalancerTargetGroupsCommand({ ...to, TargetGroupARNs }));
  await client.send(new sdk.ResumeProcessesCommand({ ...to, ScalingProcesses: HELD_BACK }));
  await client.send(
    new sdk.SuspendProcessesCommand({
      ...{ AutoScalingGroupName: original, ScalingProcesses: ['AddToLoadBalancer'] },
    }),
  );
}

/** The original is as it was. */
export async function takeBack({ client, sdk }: Scaling, original: string): Promise<void> {
  try {
    await client.send(
      new sdk.ResumeProcessesCommand({
        ...{ AutoScalingGroupName: original, ScalingProcesses: ['AddToLoadBalancer'] },
      }),
    );
  } catch (error) {
    if (!isGone(error)) throw error;
  }
}

/** A group and its instances go. */
export async function removeGroup({ client, sdk }: Scaling, name: string): Promise<void> {
  try {
    await client.send(
      new sdk.DeleteAutoScalingGroupCommand({ AutoScalingGroupName: name, ForceDelete: true }),
    );
  } catch (error) {
    if (!isGone(error)) throw error;
  }
}
