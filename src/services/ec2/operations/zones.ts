import type * as sdk from '@aws-sdk/client-ec2';
import { pageOfList } from '../../../kit/pages.ts';
import { invalidToken, invalidValue } from '../errors.ts';
import type { Facts } from '../model/filters.ts';
import { architectureOf } from '../model/images.ts';
import { type InstanceType, instanceTypes } from '../model/instance-types.ts';
import { REGIONS, zonesOf } from '../model/network.ts';
import { ec2 } from './declare.ts';
import { filtered, limitOf } from './lists.ts';

export const describeRegions = ec2('describeRegions', {}, async (ctx, input) => {
  const { RegionNames: names = [], Filters, AllRegions: _ } = input;
  const all = [...new Set([ctx.region, ...REGIONS])].sort();
  const unknown = names.find((name) => !all.includes(name));
  if (unknown !== undefined) throw invalidValue(`Invalid region names: [${unknown}]`);
  const shapes = all
    .filter((name) => names.length === 0 || names.includes(name))
    .map((name) => ({
      ...{ RegionName: name, Endpoint: `ec2.${name}.amazonaws.com` },
      OptInStatus: 'opt-in-not-required',
    }));
  return {
    Regions: filtered(Filters, shapes, {
      factsOf: ({ RegionName, Endpoint, OptInStatus }) => ({
        ...{ 'region-name': RegionName, endpoint: Endpoint, 'opt-in-status': OptInStatus },
      }),
    }),
  };
});

export const describeAvailabilityZones = ec2(
  'describeAvailabilityZones',
  {},
  async (ctx, input) => {
    const { ZoneNames = [], ZoneIds = [], Filters, AllAvailabilityZones: _ } = input;
    const all = zonesOf(ctx.region);
    const unknown = ZoneNames.find((name) => !all.some((zone) => zone.name === name));
    if (unknown !== undefined) throw invalidValue(`Invalid availability zone: [${unknown}]`);
    const named = all.filter(
      ({ name, id }) =>
        (ZoneNames.length === 0 || ZoneNames.includes(name)) &&
        (ZoneIds.length === 0 || ZoneIds.includes(id)),
    );
    const factsOf = ({ name, id }: { name: string; id: string }): Facts => ({
      ...{ 'zone-name': name, 'zone-id': id, 'region-name': ctx.region, state: 'available' },
      ...{ 'zone-type': 'availability-zone', 'opt-in-status': 'opt-in-not-required' },
      ...{ 'group-name': ctx.region, message: undefined },
    });
    return {
      AvailabilityZones: filtered(Filters, named, { factsOf }).map(({ name, id }) => ({
        ...{
          State: 'available' as const,
          ZoneName: name,
          ZoneId: id,
          ZoneType: 'availability-zone',
        },
        ...{ RegionName: ctx.region, GroupName: ctx.region, NetworkBorderGroup: ctx.region },
        ...{ OptInStatus: 'opt-in-not-required' as const, Messages: [] },
      })),
    };
  },
);

const typeFacts = ({ name, cpus, memoryMiB }: InstanceType): Facts => ({
  'instance-type': name,
  'vcpu-info.default-vcpus': String(cpus),
  'memory-info.size-in-mib': String(memoryMiB),
  'processor-info.supported-architecture': architectureOf(process.arch),
  'current-generation': 'true',
  'bare-metal': 'false',
  hypervisor: 'xen',
});

export const describeInstanceTypes = ec2('describeInstanceTypes', {}, async (ctx, input) => {
  const { InstanceTypes = [], Filters, MaxResults = 100, NextToken: token } = input;
  const architecture = architectureOf(process.arch);
  const all = instanceTypes(architecture);
  const unknown = InstanceTypes.find((type) => !all.some(({ name }) => name === type));
  if (unknown !== undefined)
    throw invalidValue(`The following supplied instance types do not exist: [${unknown}]`);
  const named = all.filter(
    ({ name }) => InstanceTypes.length === 0 || InstanceTypes.some((type) => type === name),
  );
  const list = filtered(Filters, named, { factsOf: typeFacts });
  const asked = { token: token || undefined, limit: limitOf(MaxResults), refuse: invalidToken };
  const { items, nextToken } = pageOfList(ctx, asked, list, ({ name }) => name);
  return {
    InstanceTypes: items.map(({ name, cpus, memoryMiB }) => ({
      InstanceType: name as sdk._InstanceType,
      ...{ CurrentGeneration: true, FreeTierEligible: false, BareMetal: false },
      ...{ SupportedUsageClasses: ['on-demand' as const], Hypervisor: 'xen' as const },
      ...{ SupportedRootDeviceTypes: ['ebs' as const], InstanceStorageSupported: false },
      SupportedVirtualizationTypes: ['hvm' as const],
      ProcessorInfo: { SupportedArchitectures: [architecture] },
      VCpuInfo: { DefaultVCpus: cpus },
      MemoryInfo: { SizeInMiB: memoryMiB },
      BurstablePerformanceSupported: name.startsWith('t'),
    })),
    ...(nextToken !== undefined && { NextToken: nextToken }),
  };
});
