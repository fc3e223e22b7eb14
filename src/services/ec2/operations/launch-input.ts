import { createHash } from 'node:crypto';
import type * as sdk from '@aws-sdk/client-ec2';
import { unsupported } from '../../../aws/errors.ts';
import type { ServiceContext } from '../../../kit/service.ts';
import { combination, invalidValue, malformed, missing, noKeyPair, notFound } from '../errors.ts';
import { MAX_COUNT, MAX_GROUPS } from '../limits.ts';
import { prefixOf } from '../model/ids.ts';
import type { Image } from '../model/images.ts';
import { architectureOf } from '../model/images.ts';
import { METADATA_DEFAULTS, type MetadataOptions } from '../model/instance.ts';
import { defaultType, instanceTypes } from '../model/instance-types.ts';
import { lineOf } from '../model/key-pairs.ts';
import { type Subnet, subnetsOf } from '../model/network.ts';
import { readUserData } from '../model/user-data.ts';
import { findKeyPair } from '../store/key-pairs.ts';
import { listGroups } from '../store/security-groups.ts';
import { visibleImages } from './image-lists.ts';
import { refuse } from './inputs.ts';

type Input = sdk.RunInstancesCommandInput;

/** What AWS has for instances and a container has not. */
const REFUSED = [
  ...['BlockDeviceMappings', 'Ipv6AddressCount', 'Ipv6Addresses', 'KernelId', 'RamdiskId'],
  ...['ElasticGpuSpecification', 'ElasticInferenceAccelerators'],
  ...['InstanceMarketOptions', 'CpuOptions', 'CapacityReservationSpecification'],
  ...['HibernationOptions', 'LicenseSpecifications', 'EnclaveOptions', 'PrivateDnsNameOptions'],
  ...['EnablePrimaryIpv6', 'NetworkPerformanceOptions', 'Operator'],
  ...['SecondaryInterfaces', 'PrivateIpAddress', 'AdditionalInfo'],
];

/** What an interface of a call may say: where the instance is, and nothing that a container's network cannot do. */
const INTERFACE_REFUSED = [
  ...['NetworkInterfaceId', 'PrivateIpAddress', 'PrivateIpAddresses', 'Ipv6Addresses'],
  ...['Ipv6AddressCount', 'SecondaryPrivateIpAddressCount', 'Ipv4Prefixes', 'Ipv6Prefixes'],
  ...['Ipv4PrefixCount', 'Ipv6PrefixCount', 'AssociateCarrierIpAddress', 'InterfaceType'],
  ...['NetworkCardIndex', 'PrimaryIpv6', 'EnaSrdSpecification', 'ConnectionTrackingSpecification'],
  ...['EnaQueueCount', 'Description'],
];

export interface Launch {
  count: number;
  image: Image;
  type: string;
  subnet: Subnet;
  groups: string[];
  metadata: MetadataOptions;
  key?: { name: string; line: string } | undefined;
  recovers: boolean;
}

/** Checks a call for new instances, but for its tags and its profile. @throws AWS's errors */
export async function checkLaunch(ctx: ServiceContext, input: Input): Promise<Launch> {
  requireMachines(ctx);
  refuse(input, 'RunInstances', REFUSED);
  refuse(input.Monitoring ?? {}, 'RunInstances.Monitoring', ['MetricCategoryIds']);
  refuse(input.MaintenanceOptions ?? {}, 'RunInstances.MaintenanceOptions', ['RebootMigration']);
  const key = await keyOf(ctx, input.KeyName);
  checkUserData(input.UserData);
  const metadata = metadataOptions(METADATA_DEFAULTS, input.MetadataOptions ?? {});
  return {
    ...{ count: countOf(input), image: await imageOf(ctx, input.ImageId), type: typeOf(input) },
    ...(await placeOf(ctx, input)),
    metadata,
    ...(key && { key }),
    recovers: input.MaintenanceOptions?.AutoRecovery !== 'disabled',
  };
}

async function keyOf(ctx: ServiceContext, name: string | undefined): Promise<Launch['key']> {
  if (name === undefined) return undefined;
  const found = await findKeyPair(ctx.db, ctx, { name });
  if (!found) throw noKeyPair(name);
  return { name, line: lineOf(found) };
}

/** Processes have no network and no metadata address of their own. */
function requireMachines({ executors }: ServiceContext): void {
  if (executors.all.some(({ capabilities }) => capabilities.includes('machine'))) return;
  throw unsupported('EC2 instances on a server without a Docker Engine (--executor docker)');
}

/** As many as there can be, and no fewer than are wanted. */
function countOf({ MinCount, MaxCount }: Input): number {
  if (MinCount === undefined) throw missing('MinCount');
  if (MaxCount === undefined) throw missing('MaxCount');
  if (MinCount < 1 || MaxCount < 1)
    throw invalidValue(
      `Value (${Math.min(MinCount, MaxCount)}) for parameter minCount is invalid.`,
    );
  if (MinCount > MaxCount) throw combination('MinCount must not be greater than MaxCount');
  if (MinCount > MAX_COUNT)
    throw invalidValue(`No more than ${MAX_COUNT} instances are made by one call.`);
  return Math.min(MaxCount, MAX_COUNT);
}

async function imageOf(ctx: ServiceContext, id: string | undefined): Promise<Image> {
  if (id === undefined) throw missing('ImageId');
  if (id.startsWith('resolve:ssm:')) throw unsupported('an ImageId that is a parameter of SSM');
  if (prefixOf(id) !== 'ami') throw malformed('ami', id);
  const found = (await visibleImages(ctx)).find((image) => image.id === id);
  if (!found) throw notFound('ami', id);
  return found;
}

function typeOf({ InstanceType, EbsOptimized: _, CreditSpecification }: Input): string {
  const architecture = architectureOf(process.arch);
  if (CreditSpecification?.CpuCredits && CreditSpecification.CpuCredits !== 'standard')
    throw unsupported('unlimited CPU credits');
  const type = InstanceType ?? defaultType(architecture);
  if (instanceTypes(architecture).some(({ name }) => name === type)) return type;
  throw invalidValue(
    `Invalid value '${type}' for InstanceType. Of this machine are: ${instanceTypes(architecture)
      .map(({ name }) => name)
      .join(', ')}.`,
  );
}

async function placeOf(
  ctx: ServiceContext,
  input: Input,
): Promise<{ subnet: Subnet; groups: string[] }> {
  const { Placement = {}, NetworkInterfaces = [] } = input;
  refuse(Placement, 'RunInstances.Placement', [
    ...['Affinity', 'GroupName', 'PartitionNumber', 'HostId', 'SpreadDomain'],
    ...['HostResourceGroupArn', 'GroupId', 'AvailabilityZoneId'],
  ]);
  if (Placement.Tenancy !== undefined && Placement.Tenancy !== 'default')
    throw unsupported(`the tenancy ${Placement.Tenancy}`);
  const [first, ...more] = NetworkInterfaces;
  if (more.length > 0) throw unsupported('more than one network interface');
  const given = first ?? {};
  refuse(given, 'RunInstances.NetworkInterfaces', INTERFACE_REFUSED);
  if ((given.DeviceIndex ?? 0) !== 0)
    throw unsupported('a network interface that is not the first');
  if (given.DeleteOnTermination === false)
    throw unsupported('a network interface that outlives its instance');
  if (given.AssociatePublicIpAddress) throw unsupported('public addresses');
  const ids = [...(input.SecurityGroupIds ?? []), ...(given.Groups ?? [])];
  if (first && (input.SubnetId !== undefined || input.SecurityGroupIds?.length))
    throw combination(
      'Network interfaces and an instance-level subnet ID may not be specified on the same request',
    );
  return {
    subnet: subnetOf(ctx, input.SubnetId ?? given.SubnetId, Placement.AvailabilityZone),
    groups: await groupsOf(ctx, ids, input.SecurityGroups ?? []),
  };
}

function subnetOf(ctx: ServiceContext, id: string | undefined, zone: string | undefined): Subnet {
  const all = subnetsOf(ctx);
  if (id !== undefined) {
    const named = all.find((subnet) => subnet.id === id);
    if (!named) throw prefixOf(id) === 'subnet' ? notFound('subnet', id) : malformed('subnet', id);
    if (zone !== undefined && named.zone !== zone)
      throw invalidValue(`The subnet ${id} is not in the availability zone ${zone}.`);
    return named;
  }
  const [first] = all;
  const found = zone === undefined ? first : all.find((subnet) => subnet.zone === zone);
  if (!found) throw invalidValue(`Invalid availability zone: [${zone}]`);
  return found;
}

/** Ids of the groups, of which each instance has one at least. */
export async function groupsOf(
  ctx: ServiceContext,
  ids: readonly string[],
  names: readonly string[] = [],
): Promise<string[]> {
  const all = await listGroups(ctx.db, ctx);
  const byName = names.map((name) => {
    const found = all.find((group) => group.name === name);
    if (!found) throw notFound('sg', name);
    return found.id;
  });
  for (const id of ids) {
    if (prefixOf(id) !== 'sg') throw malformed('sg', id);
    if (!all.some((group) => group.id === id)) throw notFound('sg', id);
  }
  const chosen = [...new Set([...ids, ...byName])];
  if (chosen.length > MAX_GROUPS)
    throw invalidValue(`An instance has ${MAX_GROUPS} security groups at most.`);
  const [first] = all;
  return chosen.length > 0 || !first ? chosen : [first.id];
}

/** @throws where it cannot be read, or says what only cloud-init does */
export function checkUserData(text: string | undefined): void {
  if (text === undefined) return;
  const data = readUserData(text);
  if (data.kind === 'invalid') throw invalidValue(data.reason);
  if (data.kind === 'unsupported') throw unsupported(data.reason);
}

/** Tokens may be asked for, and tags shown; the hop limit is kept. */
export function metadataOptions(
  before: MetadataOptions,
  given: sdk.InstanceMetadataOptionsRequest,
): MetadataOptions {
  if (given.HttpProtocolIpv6 === 'enabled') throw unsupported('metadata by IPv6');
  const { HttpPutResponseHopLimit: hops = before.hopLimit } = given;
  if (hops < 1 || hops > 64)
    throw invalidValue(`Value (${hops}) for parameter HttpPutResponseHopLimit is invalid.`);
  return {
    tokens: oneOf(given.HttpTokens, ['optional', 'required'], before.tokens, 'HttpTokens'),
    endpoint: oneOf(given.HttpEndpoint, ['enabled', 'disabled'], before.endpoint, 'HttpEndpoint'),
    hopLimit: hops,
    tags: oneOf(
      ...([given.InstanceMetadataTags, ['enabled', 'disabled'] as const, before.tags] as const),
      'InstanceMetadataTags',
    ),
  };
}

function oneOf<T extends string>(
  given: string | undefined,
  values: readonly T[],
  otherwise: T,
  name: string,
): T {
  if (given === undefined) return otherwise;
  const found = values.find((value) => value === given);
  if (!found) throw invalidValue(`Value (${given}) for parameter ${name} is invalid.`);
  return found;
}

/** What has to be the same in a call that repeats another's client token. */
export function digestOf(input: {
  ClientToken?: string | undefined;
  DryRun?: boolean | undefined;
}): string {
  const { ClientToken: _, DryRun: __, ...rest } = input;
  const ordered = JSON.stringify(rest, (_key, value) =>
    value && typeof value === 'object' && !Array.isArray(value)
      ? Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)))
      : value,
  );
  return createHash('sha256').update(ordered).digest('hex').slice(0, 32);
}
