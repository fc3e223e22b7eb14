import type { LaunchTemplateSpecification } from '@aws-sdk/client-auto-scaling';
import {
  DescribeAvailabilityZonesCommand,
  DescribeLaunchTemplatesCommand,
  DescribeSubnetsCommand,
  EC2Client,
  RunInstancesCommand,
} from '@aws-sdk/client-ec2';
import { DescribeTargetGroupsCommand } from '@aws-sdk/client-elastic-load-balancing-v2';
import { unsupported } from '../../../aws/errors.ts';
import { forwarded } from '../../../kit/forwarded.ts';
import type { ServiceContext } from '../../../kit/service.ts';
import { checkNewTags } from '../../../kit/tags.ts';
import { isRefusal, statusOf } from '../../../lib/refusal.ts';
import { ec2Of, elbOf } from '../effects/clients.ts';
import { launchInput } from '../effects/instances.ts';
import { invalid, noConfiguration, unauthorizedTemplate } from '../errors.ts';
import { MAX_SIZE, MAX_TARGET_GROUPS } from '../limits.ts';
import { TERMINATION_POLICIES } from '../model/choose.ts';
import type { GroupBody, GroupTag, Launch, Place } from '../model/group.ts';
import { TAG_RULES } from '../resources/group.ts';
import { findConfiguration } from '../store/configurations.ts';

/** Refuses members by name that are said and not served. */
export function refuse(input: object, members: readonly string[]): void {
  for (const member of members) {
    const value = (input as Record<string, unknown>)[member];
    const isEmpty = Array.isArray(value) && value.length === 0;
    if (value !== undefined && value !== false && !isEmpty) throw unsupported(member);
  }
}

/** What neither containers nor this machine have. */
export const REFUSED = [
  ...['MixedInstancesPolicy', 'PlacementGroup', 'CapacityRebalance', 'InstanceMaintenancePolicy'],
  ...['AvailabilityZoneImpairmentPolicy', 'CapacityReservationSpecification', 'Operator'],
  ...['InstanceLifecyclePolicy', 'LoadBalancerNames', 'AvailabilityZoneIds'],
  'SkipZonalShiftValidation',
];

interface GivenLaunch {
  LaunchConfigurationName?: string | undefined;
  LaunchTemplate?: LaunchTemplateSpecification | undefined;
  InstanceId?: string | undefined;
}

/** What a group is to launch; undefined where nothing is said. The template is one of the caller's. */
export async function readLaunch(
  ctx: ServiceContext,
  { LaunchConfigurationName: name, LaunchTemplate: template, InstanceId }: GivenLaunch,
): Promise<Launch | undefined> {
  if (InstanceId !== undefined) throw unsupported('groups made from an instance (InstanceId)');
  if (name !== undefined && template !== undefined)
    throw invalid(
      'Valid requests must contain either launchTemplate, LaunchConfigurationName, InstanceId or MixedInstancesPolicy parameter.',
    );
  if (name !== undefined) {
    const found = await findConfiguration(ctx.db, ctx, name);
    if (!found) throw noConfiguration(name);
    return { kind: 'configuration', name, createdAt: found.createdAt };
  }
  return template && readTemplate(ctx, template);
}

export async function readTemplate(
  ctx: ServiceContext,
  { LaunchTemplateId: id, LaunchTemplateName: named, Version }: LaunchTemplateSpecification,
): Promise<Launch> {
  if ((id === undefined) === (named === undefined))
    throw invalid('Valid requests must contain either launchTemplateId or LaunchTemplateName');
  const [found] = await asItself(ctx, async (ec2) => {
    const names = named === undefined ? {} : { LaunchTemplateNames: [named] };
    const ids = id === undefined ? {} : { LaunchTemplateIds: [id] };
    const command = new DescribeLaunchTemplatesCommand({ ...ids, ...names });
    return (await ec2.send(command)).LaunchTemplates ?? [];
  });
  const { LaunchTemplateId = '', LaunchTemplateName = '' } = found ?? {};
  return { kind: 'template', id: LaunchTemplateId, name: LaunchTemplateName, version: Version };
}

const anyGroup = ({ accountId, region }: ServiceContext) => ({
  ...{ accountId, region, name: '*', body: { id: '*' } },
});

/** What EC2 knows, asked as the service itself. @throws ValidationError in EC2's words */
async function asItself<T>(ctx: ServiceContext, use: (ec2: EC2Client) => Promise<T>): Promise<T> {
  try {
    return await use(ec2Of(ctx, anyGroup(ctx)));
  } catch (error) {
    throw isRefusal(error) ? invalid(error.message) : error;
  }
}

/** May the caller have instances of this, and can they be? EC2 is asked to try it, as the caller. */
export async function checkLaunch(ctx: ServiceContext, launch: Launch, where: Place | undefined) {
  const input = await launchInput(ctx, ctx, launch);
  await tryRun(ctx, launch.kind, launch.name, {
    ...input,
    ...(where?.subnet !== undefined && { SubnetId: where.subnet }),
    ...(where && where.subnet === undefined && { Placement: { AvailabilityZone: where.zone } }),
  });
}

export async function tryRun(
  ctx: ServiceContext,
  kind: Launch['kind'],
  name: string,
  input: Awaited<ReturnType<typeof launchInput>>,
): Promise<void> {
  const ec2 = ctx.client(EC2Client, forwarded(ctx, 'autoscaling'));
  try {
    await ec2.send(new RunInstancesCommand({ ...input, MinCount: 1, MaxCount: 1, DryRun: true }));
  } catch (error) {
    if (!isRefusal(error)) throw error;
    if (error.name === 'DryRunOperation') return;
    if (statusOf(error) === 501) throw error;
    const isDenied = ['UnauthorizedOperation', 'AccessDenied', 'AccessDeniedException'];
    if (isDenied.includes(error.name))
      throw unauthorizedTemplate(
        kind === 'template'
          ? `You are not authorized to use launch template: ${name}. ${error.message}`
          : error.message,
      );
    throw invalid(
      kind === 'template'
        ? `You must use a valid fully-formed launch template. ${error.message}`
        : error.message,
    );
  }
}

/** Where instances may be; undefined where nothing is said. */
export async function readPlaces(
  ctx: ServiceContext,
  given: { AvailabilityZones?: string[] | undefined; VPCZoneIdentifier?: string | undefined },
): Promise<Place[] | undefined> {
  const { AvailabilityZones: zones = [], VPCZoneIdentifier } = given;
  const subnets = (VPCZoneIdentifier ?? '')
    .split(',')
    .map((one) => one.trim())
    .filter(Boolean);
  if (subnets.length > 0) {
    const found = await asItself(ctx, async (ec2) => {
      const command = new DescribeSubnetsCommand({ SubnetIds: [...new Set(subnets)] });
      return (await ec2.send(command)).Subnets ?? [];
    });
    const places = found.map(({ AvailabilityZone: zone = '', SubnetId: subnet }) => ({
      zone,
      subnet,
    }));
    if (zones.length > 0 && zones.some((zone) => !places.some((one) => one.zone === zone)))
      throw invalid(
        `The availability zones of the specified subnets and the Auto Scaling group do not match`,
      );
    return places;
  }
  if (zones.length === 0) return undefined;
  await asItself(ctx, (ec2) =>
    ec2.send(new DescribeAvailabilityZonesCommand({ ZoneNames: [...new Set(zones)] })),
  );
  return [...new Set(zones)].map((zone) => ({ zone, subnet: undefined }));
}

/** @throws where one of them is not there */
export async function checkTargetGroups(ctx: ServiceContext, arns: readonly string[]) {
  if (arns.length === 0) return;
  if (arns.length > MAX_TARGET_GROUPS)
    throw invalid(`No more than ${MAX_TARGET_GROUPS} target groups are attached to a group.`);
  try {
    const command = new DescribeTargetGroupsCommand({ TargetGroupArns: [...new Set(arns)] });
    const { TargetGroups = [] } = await elbOf(ctx, anyGroup(ctx)).send(command);
    const wrong = TargetGroups.find(({ TargetType }) => TargetType !== 'instance');
    if (wrong)
      throw invalid(
        `Target group ${wrong.TargetGroupArn} has a target type other than instance. Only instance targets are supported.`,
      );
  } catch (error) {
    if (!isRefusal(error) || error.name === 'ValidationError') throw error;
    throw invalid(
      'Provided Target Groups may not be valid. Please ensure they exist and try again.',
    );
  }
}

export function checkSizes({ min, max, desired }: { min: number; max: number; desired: number }) {
  for (const [name, value] of Object.entries({ MinSize: min, MaxSize: max }))
    if (value < 0 || value > MAX_SIZE) throw invalid(`${name} must be between 0 and ${MAX_SIZE}`);
  if (min > max)
    throw invalid(`Max bound, ${max}, must be greater than or equal to min bound, ${min}`);
  if (desired < min || desired > max)
    throw invalid(
      `Desired capacity:${desired} must be between the specified min size:${min} and max size:${max}`,
    );
}

export interface GivenTag {
  Key: string | undefined;
  Value?: string | undefined;
  PropagateAtLaunch?: boolean | undefined;
  ResourceId?: string | undefined;
  ResourceType?: string | undefined;
}

export function readTags(given: readonly GivenTag[]): GroupTag[] {
  checkNewTags(given as { Key: string }[], TAG_RULES);
  return given.map(
    ({ Key: key = '', Value: value = '', PropagateAtLaunch: propagates = false }) => {
      if (key.length > 128 || value.length > 256)
        throw invalid('A tag has a key of 128 characters and a value of 256 at most.');
      return { key, value, propagates };
    },
  );
}

interface GivenSettings {
  DefaultCooldown?: number | undefined;
  HealthCheckType?: string | undefined;
  HealthCheckGracePeriod?: number | undefined;
  TerminationPolicies?: string[] | undefined;
  NewInstancesProtectedFromScaleIn?: boolean | undefined;
  MaxInstanceLifetime?: number | undefined;
  DefaultInstanceWarmup?: number | undefined;
  Context?: string | undefined;
  DesiredCapacityType?: string | undefined;
  ServiceLinkedRoleARN?: string | undefined;
  DeletionProtection?: string | undefined;
  AvailabilityZoneDistribution?: { CapacityDistributionStrategy?: string | undefined } | undefined;
}

type Settings = Pick<
  GroupBody,
  'cooldown' | 'health' | 'grace' | 'policies' | 'protects' | 'lifetime' | 'warmup' | 'context'
>;

/** What a call says of how a group goes about it. */
export function readSettings(
  input: GivenSettings,
  role: string,
): { set: Partial<Settings>; unset: (keyof Settings)[] } {
  const strategy = input.AvailabilityZoneDistribution?.CapacityDistributionStrategy;
  if (strategy !== undefined && strategy !== 'balanced-best-effort')
    throw unsupported(`the capacity distribution strategy ${strategy}`);
  if (input.DeletionProtection !== undefined && input.DeletionProtection !== 'none')
    throw unsupported('DeletionProtection');
  if (input.DesiredCapacityType !== undefined && input.DesiredCapacityType !== 'units')
    throw unsupported(`the desired capacity type ${input.DesiredCapacityType}`);
  if (input.ServiceLinkedRoleARN !== undefined && input.ServiceLinkedRoleARN !== role)
    throw unsupported('a service-linked role with a suffix of its own');
  const { HealthCheckType: types, TerminationPolicies: policies } = input;
  const checks = types?.split(',').map((one) => one.trim());
  const unknown = checks?.find((one) => one !== 'EC2' && one !== 'ELB');
  if (unknown === 'VPC_LATTICE' || unknown === 'EBS')
    throw unsupported(`health checks of ${unknown}`);
  if (unknown !== undefined) throw invalid(`Invalid health check type: ${unknown}`);
  for (const policy of policies ?? []) {
    if (policy.startsWith('arn:')) throw unsupported('termination policies that are functions');
    if (!TERMINATION_POLICIES.includes(policy))
      throw invalid(`Invalid termination policy: ${policy}`);
  }
  if (policies?.includes('Default') && policies.at(-1) !== 'Default')
    throw invalid('Default termination policy should be the last in the list');
  const { MaxInstanceLifetime: lifetime, DefaultInstanceWarmup: warmup } = input;
  if (lifetime !== undefined && lifetime !== 0 && (lifetime < 86_400 || lifetime > 31_536_000))
    throw invalid('MaxInstanceLifetime must be 0, or between 86400 and 31536000 seconds');
  const seconds = (name: string, value: number | undefined) => {
    if (value !== undefined && (value < 0 || value > 31_536_000))
      throw invalid(`${name} is no number of seconds that can be waited for`);
    return value;
  };
  const cooldown = seconds('DefaultCooldown', input.DefaultCooldown);
  const grace = seconds('HealthCheckGracePeriod', input.HealthCheckGracePeriod);
  return {
    set: {
      ...(cooldown !== undefined && { cooldown }),
      ...(checks && { health: checks.includes('ELB') ? ('ELB' as const) : ('EC2' as const) }),
      ...(grace !== undefined && { grace }),
      ...(policies?.length && { policies }),
      ...(input.NewInstancesProtectedFromScaleIn !== undefined && {
        protects: input.NewInstancesProtectedFromScaleIn,
      }),
      ...(lifetime && { lifetime }),
      ...(warmup !== undefined && warmup >= 0 && { warmup }),
      ...(input.Context !== undefined && { context: input.Context }),
    },
    unset: [
      ...(lifetime === 0 ? (['lifetime'] as const) : []),
      ...(warmup !== undefined && warmup < 0 ? (['warmup'] as const) : []),
    ],
  };
}
