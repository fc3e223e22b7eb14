import type * as sdk from '@aws-sdk/client-ec2';
import type { Facts } from '../model/filters.ts';
import { architectureOf } from '../model/images.ts';
import { STATE_CODES, type TaggedInstance } from '../model/instance.ts';
import { macOf } from '../model/metadata.ts';
import { attachmentOf, interfaceOf, privateNameOf, volumeOf, vpcOf } from '../model/network.ts';
import { tagList } from './lists.ts';

export const stateShape = (state: keyof typeof STATE_CODES): sdk.InstanceState => ({
  ...{ Code: STATE_CODES[state], Name: state },
});

/** Names of security groups by their ids. */
export type GroupNames = ReadonlyMap<string, string>;

const groupsShape = (groups: readonly string[], names: GroupNames): sdk.GroupIdentifier[] =>
  groups.map((GroupId) => ({ GroupId, GroupName: names.get(GroupId) ?? '' }));

export const ROOT_DEVICE = '/dev/xvda';

/** An instance as DescribeInstances shows it. */
export function instanceShape(instance: TaggedInstance, names: GroupNames): sdk.Instance {
  const { id, state, body, address, region, accountId, clientToken } = instance;
  const { metadata, profile, stateReason } = body;
  const isHere = state !== 'terminated';
  const groups = groupsShape(body.groups, names);
  const name = address ? privateNameOf(address, region) : '';
  return {
    InstanceId: id,
    ImageId: body.imageId,
    State: stateShape(state),
    PrivateDnsName: name,
    PublicDnsName: '',
    StateTransitionReason: body.transition ?? '',
    AmiLaunchIndex: body.launchIndex,
    ProductCodes: [],
    InstanceType: body.type as sdk._InstanceType,
    LaunchTime: new Date(body.launchedAt),
    Placement: { AvailabilityZone: body.zone, GroupName: '', Tenancy: 'default' },
    Monitoring: { State: body.monitored ? 'enabled' : 'disabled' },
    Architecture: architectureOf(process.arch),
    RootDeviceType: 'ebs',
    RootDeviceName: ROOT_DEVICE,
    VirtualizationType: 'hvm',
    Hypervisor: 'xen',
    EbsOptimized: body.ebsOptimized,
    EnaSupport: true,
    ...(clientToken !== undefined && { ClientToken: clientToken }),
    ...(stateReason && { StateReason: { Code: stateReason.code, Message: stateReason.message } }),
    Tags: tagList(instance.tags),
    ...(isHere && {
      ...(address && { PrivateIpAddress: address }),
      SubnetId: body.subnetId,
      VpcId: vpcOf(instance),
      SecurityGroups: groups,
      SourceDestCheck: body.sourceDestCheck,
      ...(profile && { IamInstanceProfile: { Arn: profile.arn, Id: profile.id } }),
      NetworkInterfaces: [interfaceShape(instance, { groups, name, accountId })],
      BlockDeviceMappings: [volumeShape(instance)],
    }),
    MetadataOptions: {
      State: 'applied',
      HttpTokens: metadata.tokens,
      HttpPutResponseHopLimit: metadata.hopLimit,
      HttpEndpoint: metadata.endpoint,
      HttpProtocolIpv6: 'disabled',
      InstanceMetadataTags: metadata.tags,
    },
    MaintenanceOptions: { AutoRecovery: body.staysDown ? 'disabled' : 'default' },
    ...(body.key && { KeyName: body.key.name }),
    PrivateDnsNameOptions: {
      ...{ HostnameType: 'ip-name', EnableResourceNameDnsARecord: false },
      EnableResourceNameDnsAAAARecord: false,
    },
    CurrentInstanceBootMode: 'legacy-bios',
  };
}

const volumeShape = ({ id, body }: TaggedInstance): sdk.InstanceBlockDeviceMapping => ({
  DeviceName: ROOT_DEVICE,
  Ebs: {
    ...{ AttachTime: new Date(body.launchedAt), DeleteOnTermination: true },
    ...{ Status: 'attached', VolumeId: volumeOf(id) },
  },
});

function interfaceShape(
  instance: TaggedInstance,
  { groups, name, accountId }: { groups: sdk.GroupIdentifier[]; name: string; accountId: string },
): sdk.InstanceNetworkInterface {
  const { id, body, address = '' } = instance;
  return {
    NetworkInterfaceId: interfaceOf(id),
    Attachment: {
      ...{ AttachmentId: attachmentOf(id), AttachTime: new Date(body.launchedAt) },
      ...{ DeleteOnTermination: true, DeviceIndex: 0, NetworkCardIndex: 0, Status: 'attached' },
    },
    ...{ Description: '', Groups: groups, InterfaceType: 'interface', Ipv6Addresses: [] },
    ...{ MacAddress: macOf(id), OwnerId: accountId, SourceDestCheck: body.sourceDestCheck },
    ...{ Status: 'in-use', SubnetId: body.subnetId, VpcId: vpcOf(instance) },
    ...(address && {
      PrivateIpAddress: address,
      PrivateDnsName: name,
      PrivateIpAddresses: [{ Primary: true, PrivateDnsName: name, PrivateIpAddress: address }],
    }),
  };
}

/** What filters of DescribeInstances compare with. */
export function instanceFacts(instance: TaggedInstance, names: GroupNames): Facts {
  const { id, state, body, address, region, accountId, clientToken } = instance;
  const isHere = state !== 'terminated';
  const here = <T>(value: T) => (isHere ? value : undefined);
  return {
    'instance-id': id,
    'instance-state-name': state,
    'instance-state-code': String(STATE_CODES[state]),
    'instance-type': body.type,
    'instance-lifecycle': undefined,
    'image-id': body.imageId,
    'availability-zone': body.zone,
    'subnet-id': here(body.subnetId),
    'vpc-id': here(vpcOf(instance)),
    'private-ip-address': address,
    'private-dns-name': address && privateNameOf(address, region),
    'ip-address': undefined,
    'dns-name': '',
    'owner-id': accountId,
    'reservation-id': body.reservationId,
    'client-token': clientToken,
    'iam-instance-profile.arn': here(body.profile?.arn),
    'iam-instance-profile.id': here(body.profile?.id),
    'instance.group-id': here(body.groups),
    'instance.group-name': here(body.groups.map((group) => names.get(group))),
    'group-id': here(body.groups),
    'group-name': here(body.groups.map((group) => names.get(group))),
    'network-interface.network-interface-id': here(interfaceOf(id)),
    'network-interface.subnet-id': here(body.subnetId),
    'block-device-mapping.volume-id': here(volumeOf(id)),
    'key-name': body.key?.name,
    'launch-time': new Date(body.launchedAt).toISOString(),
    'launch-index': String(body.launchIndex),
    'monitoring-state': body.monitored ? 'enabled' : 'disabled',
    'metadata-options.http-tokens': body.metadata.tokens,
    'metadata-options.http-endpoint': body.metadata.endpoint,
    'metadata-options.instance-metadata-tags': body.metadata.tags,
    'root-device-type': 'ebs',
    'root-device-name': ROOT_DEVICE,
    architecture: architectureOf(process.arch),
    'virtualization-type': 'hvm',
    hypervisor: 'xen',
    platform: undefined,
    tenancy: 'default',
    'placement-group-name': undefined,
    'state-reason-code': body.stateReason?.code,
    reason: body.transition,
    'source-dest-check': String(body.sourceDestCheck),
  };
}
