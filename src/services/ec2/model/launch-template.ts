import type * as sdk from '@aws-sdk/client-ec2';
import type { Owner } from '../store/tables.ts';

/** A launch template, without its versions. */
export interface LaunchTemplate extends Owner {
  id: string;
  name: string;
  clientToken: string | undefined;
  body: {
    /** Epoch milliseconds. */
    createdAt: number;
    createdBy: string;
    defaultVersion: number;
    /** The highest that is there. */
    latestVersion: number;
    /** The highest that there was: numbers are not given again. */
    lastNumber: number;
    /** Parameters of the call with its client token, digested. */
    request?: string;
  };
}

export interface TemplateVersion {
  number: number;
  clientToken: string | undefined;
  body: {
    createdAt: number;
    createdBy: string;
    description?: string;
    data: sdk.RequestLaunchTemplateData;
    request?: string;
  };
}

/** Which of its versions `1`, `$Latest` or `$Default` are; undefined for what is none of these forms. */
export function versionNumber(
  { body }: Pick<LaunchTemplate, 'body'>,
  said: string | undefined,
): number | undefined {
  if (said === undefined || said === '' || said === '$Default') return body.defaultVersion;
  if (said === '$Latest') return body.latestVersion;
  return /^[1-9]\d{0,8}$/.test(said) ? Number(said) : undefined;
}

type Run = sdk.RunInstancesCommandInput;

/**
 * A call for instances with what its template says put in: the call's own word goes before the template's, member by member.
 * Tags of both come together, and the call's subnet goes into the template's interface.
 * https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_RunInstances.html
 */
export function withTemplate(input: Run, data: sdk.RequestLaunchTemplateData): Run {
  const {
    TagSpecifications,
    RamDiskId,
    ElasticGpuSpecifications,
    NetworkInterfaces,
    Placement,
    MetadataOptions,
    ...rest
  } = data;
  const { LaunchTemplate: _, ...said } = input;
  const own = Object.fromEntries(Object.entries(said).filter(([, value]) => isSaid(value)));
  // Where the call names groups or a place of its own, those of the template are out of the question.
  const groups = input.SecurityGroupIds?.length || input.SecurityGroups?.length;
  const { SecurityGroupIds: __, SecurityGroups: ___, ...groupless } = rest;
  const interfaces = input.NetworkInterfaces?.length ? undefined : NetworkInterfaces;
  const merged = {
    ...(groups ? groupless : rest),
    ...(RamDiskId !== undefined && { RamdiskId: RamDiskId }),
    ...(ElasticGpuSpecifications && { ElasticGpuSpecification: ElasticGpuSpecifications }),
    ...(interfaces && { NetworkInterfaces: interfaces }),
    ...own,
    ...((Placement || input.Placement) && { Placement: { ...Placement, ...input.Placement } }),
    ...((MetadataOptions || input.MetadataOptions) && {
      MetadataOptions: { ...MetadataOptions, ...input.MetadataOptions },
    }),
    TagSpecifications: tagsOfBoth(TagSpecifications ?? [], input.TagSpecifications ?? []),
  } as Run;
  const { SubnetId, ...elsewhere } = merged;
  const [first, ...more] = interfaces ?? [];
  if (SubnetId === undefined || !first || first.SubnetId !== undefined) return merged;
  return { ...elsewhere, NetworkInterfaces: [{ ...first, SubnetId }, ...more] } as Run;
}

const isSaid = (value: unknown) =>
  value !== undefined && !(Array.isArray(value) && value.length === 0);

function tagsOfBoth(
  template: sdk.LaunchTemplateTagSpecificationRequest[],
  call: sdk.TagSpecification[],
): sdk.TagSpecification[] {
  const byType = new Map<string, Map<string, sdk.Tag>>();
  for (const { ResourceType = '', Tags = [] } of [...template, ...call]) {
    const tags = byType.get(ResourceType) ?? new Map<string, sdk.Tag>();
    for (const tag of Tags) tags.set(tag.Key ?? '', tag);
    byType.set(ResourceType, tags);
  }
  return [...byType].map(([type, tags]) => ({
    ...{ ResourceType: type as sdk.ResourceType, Tags: [...tags.values()] },
  }));
}
