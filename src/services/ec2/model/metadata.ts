import type { TaggedInstance } from './instance.ts';
import { interfaceOf, privateNameOf, subnetsOf, VPC_CIDR, vpcOf } from './network.ts';

/** What the metadata of an instance is made of. */
export interface MetadataSource {
  instance: TaggedInstance;
  architecture: string;
  /** Base64 decoded. */
  userData: Buffer | undefined;
  groupNames: string[];
}

/** A leaf, or a directory of them. */
type Node = string | { [name: string]: Node } | undefined;

/** A MAC address that follows from an instance's id: locally administered. */
export function macOf(id: string): string {
  const hex = id.replace(/^i-/, '').padEnd(10, '0').slice(-10);
  return `02:${hex.match(/../g)?.join(':') ?? ''}`;
}

/** https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/instance-identity-documents.html */
export function identityDocument({ instance, architecture }: MetadataSource): object {
  const { accountId, region, id, address, body } = instance;
  return {
    ...{ accountId, architecture, availabilityZone: body.zone },
    ...{ billingProducts: null, devpayProductCodes: null, marketplaceProductCodes: null },
    ...{ imageId: body.imageId, instanceId: id, instanceType: body.type, kernelId: null },
    pendingTime: seconds(body.launchedAt),
    ...{ privateIp: address ?? null, ramdiskId: null, region, version: '2017-09-30' },
  };
}

const seconds = (ms: number) => `${new Date(ms).toISOString().slice(0, 19)}Z`;

/** What has no secret of it: all but credentials. */
function tree(source: MetadataSource): { [name: string]: Node } {
  const { instance, groupNames } = source;
  const { body, region, address } = instance;
  const mac = macOf(instance.id);
  const subnet = subnetsOf(instance).find(({ id }) => id === body.subnetId);
  const name = address && privateNameOf(address, region);
  const tags = Object.fromEntries(instance.tags);
  return {
    'ami-id': body.imageId,
    'ami-launch-index': String(body.launchIndex),
    'ami-manifest-path': '(unknown)',
    hostname: name,
    'instance-action': 'none',
    'instance-id': instance.id,
    'instance-life-cycle': 'on-demand',
    'instance-type': body.type,
    'local-hostname': name,
    'local-ipv4': address,
    mac,
    network: {
      interfaces: {
        macs: {
          [mac]: {
            'device-number': '0',
            'interface-id': interfaceOf(instance.id),
            'local-hostname': name,
            'local-ipv4s': address,
            mac,
            'owner-id': instance.accountId,
            'security-group-ids': body.groups.join('\n'),
            'security-groups': groupNames.join('\n'),
            'subnet-id': body.subnetId,
            'subnet-ipv4-cidr-block': subnet?.cidr,
            'vpc-id': vpcOf(instance),
            'vpc-ipv4-cidr-block': VPC_CIDR,
          },
        },
      },
    },
    placement: {
      'availability-zone': body.zone,
      'availability-zone-id': subnet?.zoneId,
      region,
    },
    profile: 'default-hvm',
    ...(body.key && { 'public-keys': { 0: { 'openssh-key': body.key.line } } }),
    'reservation-id': body.reservationId,
    'security-groups': groupNames.join('\n'),
    services: { domain: 'amazonaws.com', partition: 'aws' },
    ...(body.metadata.tags === 'enabled' && instance.tags.size > 0 && { tags: { instance: tags } }),
  };
}

/** What stands at a path below `meta-data/`; undefined where nothing does. */
export function metadataAt(source: MetadataSource, path: string): string | undefined {
  let node: Node = { ...tree(source), ...(source.instance.body.profile && { iam: {} }) };
  const { key } = source.instance.body;
  // The one directory whose list is not of its names.
  if (key && path === 'public-keys') return `0=${key.name}`;
  for (const part of path.split('/').filter((one) => one !== '')) {
    if (typeof node !== 'object' || !Object.hasOwn(node, part)) return undefined;
    node = node[part];
  }
  if (typeof node !== 'object') return node;
  return listing(node);
}

/** Names, those of directories with a slash. */
function listing(node: { [name: string]: Node }): string {
  return Object.entries(node)
    .filter(([, value]) => value !== undefined)
    .map(([name, value]) => (typeof value === 'object' ? `${name}/` : name))
    .sort()
    .join('\n');
}
