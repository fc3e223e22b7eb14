import type * as sdk from '@aws-sdk/client-ec2';
import type { ServiceContext } from '../../../kit/service.ts';
import type { Tags } from '../../../kit/tags.ts';
import { invalidValue, missing, notFound } from '../errors.ts';
import type { TaggedInstance } from '../model/instance.ts';
import { macOf } from '../model/metadata.ts';
import * as net from '../model/network.ts';
import { tagsById } from '../store/tags.ts';
import { ec2 } from './declare.ts';
import { groupNames, taggedInstances } from './instances.ts';
import { described, tagList } from './lists.ts';

// The one VPC of an account: records, of which CDK's and Terraform's lookups are true as far as they go.

interface Its<T> {
  value: T;
  tags: Tags;
}

async function tagged<T>(
  ctx: ServiceContext,
  values: readonly T[],
  idOf: (value: T) => string,
): Promise<Its<T>[]> {
  const tags = await tagsById(ctx.db, ctx);
  return values.map((value) => ({ value, tags: tags.get(idOf(value)) ?? new Map() }));
}

const tagsOf = ({ tags }: { tags: Tags }) => tags;

export const describeVpcs = ec2('describeVpcs', {}, async (ctx, { VpcIds: ids, ...asked }) => {
  const all = await tagged(ctx, [net.vpcOf(ctx)], (id) => id);
  const kind = {
    ...{ prefix: 'vpc', tagsOf },
    idOf: ({ value }: Its<string>) => value,
    factsOf: ({ value }: Its<string>) => ({
      ...{ 'vpc-id': value, cidr: net.VPC_CIDR, 'cidr-block': net.VPC_CIDR, state: 'available' },
      ...{ 'is-default': 'true', isDefault: 'true', 'owner-id': ctx.accountId },
      ...{ 'cidr-block-association.cidr-block': net.VPC_CIDR, 'dhcp-options-id': undefined },
    }),
  };
  const { items, ...more } = described(ctx, kind, all, { ...asked, ids });
  return {
    Vpcs: items.map(({ value, tags }) => ({
      ...{ VpcId: value, CidrBlock: net.VPC_CIDR, State: 'available' as const, IsDefault: true },
      ...{ OwnerId: ctx.accountId, InstanceTenancy: 'default' as const, DhcpOptionsId: 'default' },
      CidrBlockAssociationSet: [
        {
          ...{ AssociationId: `vpc-cidr-assoc-${value.slice(4)}`, CidrBlock: net.VPC_CIDR },
          CidrBlockState: { State: 'associated' as const },
        },
      ],
      Tags: tagList(tags),
    })),
    ...more,
  };
});

export const describeVpcAttribute = ec2(
  'describeVpcAttribute',
  {
    resource: ({ region, accountId }, { VpcId }) =>
      `arn:aws:ec2:${region}:${accountId}:vpc/${VpcId}`,
  },
  async (ctx, { VpcId, Attribute }) => {
    if (VpcId === undefined) throw missing('VpcId');
    if (VpcId !== net.vpcOf(ctx)) throw notFound('vpc', VpcId);
    if (Attribute === 'enableDnsSupport') return { VpcId, EnableDnsSupport: { Value: true } };
    if (Attribute === 'enableDnsHostnames') return { VpcId, EnableDnsHostnames: { Value: true } };
    if (Attribute === 'enableNetworkAddressUsageMetrics')
      return { VpcId, EnableNetworkAddressUsageMetrics: { Value: false } };
    throw invalidValue(`Value (${Attribute}) for parameter attribute is invalid.`);
  },
);

/** A network of that size less the five that AWS keeps. */
const ADDRESSES = 4091;

export const describeSubnets = ec2(
  'describeSubnets',
  {},
  async (ctx, { SubnetIds: ids, ...asked }) => {
    const vpc = net.vpcOf(ctx);
    const all = await tagged(ctx, net.subnetsOf(ctx), ({ id }) => id);
    const arn = (id: string) => `arn:aws:ec2:${ctx.region}:${ctx.accountId}:subnet/${id}`;
    const kind = {
      ...{ prefix: 'subnet', tagsOf },
      idOf: ({ value }: Its<net.Subnet>) => value.id,
      factsOf: ({ value: { id, zone, zoneId, cidr } }: Its<net.Subnet>) => ({
        ...{ 'subnet-id': id, 'vpc-id': vpc, 'availability-zone': zone, availabilityZone: zone },
        ...{ 'availability-zone-id': zoneId, 'cidr-block': cidr, cidr, cidrBlock: cidr },
        ...{ 'default-for-az': 'true', defaultForAz: 'true', state: 'available' },
        ...{ 'owner-id': ctx.accountId, 'map-public-ip-on-launch': 'true', 'subnet-arn': arn(id) },
      }),
    };
    const { items, ...more } = described(ctx, kind, all, { ...asked, ids });
    return {
      Subnets: items.map(({ value: { id, zone, zoneId, cidr }, tags }) => ({
        ...{
          SubnetId: id,
          SubnetArn: arn(id),
          VpcId: vpc,
          CidrBlock: cidr,
          OwnerId: ctx.accountId,
        },
        ...{ AvailabilityZone: zone, AvailabilityZoneId: zoneId, DefaultForAz: true },
        ...{
          MapPublicIpOnLaunch: true,
          State: 'available' as const,
          AssignIpv6AddressOnCreation: false,
        },
        ...{ AvailableIpAddressCount: ADDRESSES, Ipv6CidrBlockAssociationSet: [] },
        Tags: tagList(tags),
      })),
      ...more,
    };
  },
);

export const describeRouteTables = ec2(
  'describeRouteTables',
  {},
  async (ctx, { RouteTableIds: ids, ...asked }) => {
    const vpc = net.vpcOf(ctx);
    const all = await tagged(ctx, [net.routeTableOf(ctx)], (id) => id);
    const association = net.mainAssociationOf(ctx);
    const kind = {
      ...{ prefix: 'rtb', tagsOf },
      idOf: ({ value }: Its<string>) => value,
      factsOf: ({ value }: Its<string>) => ({
        ...{ 'route-table-id': value, 'vpc-id': vpc, 'association.main': 'true' },
        ...{ 'association.route-table-association-id': association, 'owner-id': ctx.accountId },
        ...{ 'association.route-table-id': value, 'association.subnet-id': undefined },
        'association.gateway-id': undefined,
        'route.destination-cidr-block': [net.VPC_CIDR, '0.0.0.0/0'],
        'route.gateway-id': ['local', net.internetGatewayOf(ctx)],
        'route.nat-gateway-id': undefined,
        'route.state': 'active',
      }),
    };
    const { items, ...more } = described(ctx, kind, all, { ...asked, ids });
    const route = (DestinationCidrBlock: string, GatewayId: string, Origin: sdk.RouteOrigin) => ({
      ...{ DestinationCidrBlock, GatewayId, Origin, State: 'active' as const },
    });
    return {
      RouteTables: items.map(({ value, tags }) => ({
        ...{ RouteTableId: value, VpcId: vpc, OwnerId: ctx.accountId, PropagatingVgws: [] },
        Associations: [
          {
            ...{ Main: true, RouteTableAssociationId: association, RouteTableId: value },
            AssociationState: { State: 'associated' as const },
          },
        ],
        Routes: [
          route(net.VPC_CIDR, 'local', 'CreateRouteTable'),
          route('0.0.0.0/0', net.internetGatewayOf(ctx), 'CreateRoute'),
        ],
        Tags: tagList(tags),
      })),
      ...more,
    };
  },
);

export const describeInternetGateways = ec2(
  'describeInternetGateways',
  {},
  async (ctx, { InternetGatewayIds: ids, ...asked }) => {
    const vpc = net.vpcOf(ctx);
    const all = await tagged(ctx, [net.internetGatewayOf(ctx)], (id) => id);
    const kind = {
      ...{ prefix: 'igw', tagsOf },
      idOf: ({ value }: Its<string>) => value,
      factsOf: ({ value }: Its<string>) => ({
        ...{ 'internet-gateway-id': value, 'attachment.vpc-id': vpc },
        ...{ 'attachment.state': 'attached', 'owner-id': ctx.accountId },
      }),
    };
    const { items, ...more } = described(ctx, kind, all, { ...asked, ids });
    return {
      InternetGateways: items.map(({ value, tags }) => ({
        ...{ InternetGatewayId: value, OwnerId: ctx.accountId, Tags: tagList(tags) },
        Attachments: [{ State: 'attached' as sdk.AttachmentStatus, VpcId: vpc }],
      })),
      ...more,
    };
  },
);

/** The interface and the volume of each instance that is not gone go with it. */
async function attached(ctx: ServiceContext): Promise<TaggedInstance[]> {
  return (await taggedInstances(ctx.db, ctx)).filter(({ state }) => state !== 'terminated');
}

export const describeNetworkInterfaces = ec2(
  'describeNetworkInterfaces',
  {},
  async (ctx, { NetworkInterfaceIds: ids, ...asked }) => {
    const names = await groupNames(ctx.db, ctx);
    const all = await tagged(ctx, await attached(ctx), ({ id }) => net.interfaceOf(id));
    const kind = {
      ...{ prefix: 'eni', tagsOf },
      idOf: ({ value }: Its<TaggedInstance>) => net.interfaceOf(value.id),
      factsOf: ({ value: { id, body, address } }: Its<TaggedInstance>) => ({
        ...{ 'network-interface-id': net.interfaceOf(id), 'vpc-id': net.vpcOf(ctx) },
        ...{ 'subnet-id': body.subnetId, 'availability-zone': body.zone, status: 'in-use' },
        ...{
          'attachment.instance-id': id,
          'attachment.status': 'attached',
          'group-id': body.groups,
        },
        ...{ 'private-ip-address': address, 'addresses.private-ip-address': address },
        ...{ 'owner-id': ctx.accountId, 'mac-address': macOf(id), 'interface-type': 'interface' },
        ...{ description: '', 'requester-managed': 'false', 'attachment.device-index': '0' },
      }),
    };
    const { items, ...more } = described(ctx, kind, all, { ...asked, ids });
    return {
      NetworkInterfaces: items.map(({ value, tags }) =>
        interfaceShape(ctx, value, { names, tags }),
      ),
      ...more,
    };
  },
);

function interfaceShape(
  ctx: ServiceContext,
  { id, body, address }: TaggedInstance,
  { names, tags }: { names: ReadonlyMap<string, string>; tags: Tags },
): sdk.NetworkInterface {
  const name = address && net.privateNameOf(address, ctx.region);
  return {
    ...{ NetworkInterfaceId: net.interfaceOf(id), VpcId: net.vpcOf(ctx), SubnetId: body.subnetId },
    ...{ AvailabilityZone: body.zone, Status: 'in-use', InterfaceType: 'interface' },
    ...{ OwnerId: ctx.accountId, MacAddress: macOf(id), Description: '', RequesterManaged: false },
    SourceDestCheck: body.sourceDestCheck,
    ...(name && {
      ...{ PrivateIpAddress: address, PrivateDnsName: name },
      PrivateIpAddresses: [{ Primary: true, PrivateIpAddress: address, PrivateDnsName: name }],
    }),
    Groups: body.groups.map((GroupId) => ({ GroupId, GroupName: names.get(GroupId) ?? '' })),
    Attachment: {
      ...{ AttachmentId: net.attachmentOf(id), InstanceId: id, InstanceOwnerId: ctx.accountId },
      ...{ DeviceIndex: 0, DeleteOnTermination: true, Status: 'attached' },
      AttachTime: new Date(body.launchedAt),
    },
    TagSet: tagList(tags),
  };
}

/** In GiB: said of every root volume, since a container has as much as its machine. */
const VOLUME_GIB = 8;

export const describeVolumes = ec2(
  'describeVolumes',
  {},
  async (ctx, { VolumeIds: ids, ...asked }) => {
    const all = await tagged(ctx, await attached(ctx), ({ id }) => net.volumeOf(id));
    const kind = {
      ...{ prefix: 'vol', tagsOf },
      idOf: ({ value }: Its<TaggedInstance>) => net.volumeOf(value.id),
      factsOf: ({ value: { id, body } }: Its<TaggedInstance>) => ({
        ...{ 'volume-id': net.volumeOf(id), 'availability-zone': body.zone, status: 'in-use' },
        ...{ 'attachment.instance-id': id, 'attachment.status': 'attached', size: `${VOLUME_GIB}` },
        ...{ 'attachment.device': '/dev/xvda', 'attachment.delete-on-termination': 'true' },
        ...{ 'volume-type': 'gp3', encrypted: 'false', 'snapshot-id': undefined },
      }),
    };
    const { items, ...more } = described(ctx, kind, all, { ...asked, ids });
    return {
      Volumes: items.map(({ value: { id, body }, tags }) => ({
        ...{ VolumeId: net.volumeOf(id), AvailabilityZone: body.zone, State: 'in-use' as const },
        ...{ Size: VOLUME_GIB, VolumeType: 'gp3' as const, Encrypted: false, SnapshotId: '' },
        ...{
          CreateTime: new Date(body.launchedAt),
          MultiAttachEnabled: false,
          Tags: tagList(tags),
        },
        Attachments: [
          {
            ...{ InstanceId: id, VolumeId: net.volumeOf(id), Device: '/dev/xvda' },
            ...{ State: 'attached' as const, DeleteOnTermination: true },
            AttachTime: new Date(body.launchedAt),
          },
        ],
      })),
      ...more,
    };
  },
);
