import { derivedId } from './ids.ts';

interface Place {
  accountId: string;
  region: string;
}

/** The one VPC of an account in a region: the default one, with a subnet in each of three zones. */
export const VPC_CIDR = '172.31.0.0/16';
const ZONES = ['a', 'b', 'c'];

export const vpcOf = ({ accountId, region }: Place): string => derivedId('vpc', accountId, region);
export const internetGatewayOf = (place: Place): string => derivedId('igw', vpcOf(place));
export const routeTableOf = (place: Place): string => derivedId('rtb', vpcOf(place));
/** How its main route table is associated. */
export const mainAssociationOf = (place: Place): string => derivedId('rtbassoc', vpcOf(place));

export interface Subnet {
  id: string;
  zone: string;
  zoneId: string;
  cidr: string;
}

/** `use1-az1` of us-east-1. */
function zoneIdOf(region: string, index: number): string {
  const [area = '', direction = '', number = ''] = region.split('-').slice(-3);
  const short = direction.startsWith('north') || direction.startsWith('south');
  const word = short ? `${direction[0]}${direction.slice(5)[0] ?? ''}` : (direction[0] ?? '');
  return `${area}${word}${number}-az${index + 1}`;
}

export function zonesOf(region: string): { name: string; id: string }[] {
  return ZONES.map((letter, index) => ({
    ...{ name: `${region}${letter}`, id: zoneIdOf(region, index) },
  }));
}

export function subnetsOf(place: Place): Subnet[] {
  const vpc = vpcOf(place);
  return zonesOf(place.region).map(({ name, id }, index) => ({
    id: derivedId('subnet', vpc, name),
    ...{ zone: name, zoneId: id },
    cidr: `172.31.${index * 16}.0/20`,
  }));
}

/** `ip-172-31-0-10.ec2.internal` */
export function privateNameOf(address: string, region: string): string {
  const suffix = region === 'us-east-1' ? 'ec2.internal' : `${region}.compute.internal`;
  return `ip-${address.replaceAll('.', '-')}.${suffix}`;
}

/** The one interface, its attachment and the one volume of an instance. */
export const interfaceOf = (instance: string): string => derivedId('eni', instance);
export const attachmentOf = (instance: string): string => derivedId('eni-attach', instance);
export const volumeOf = (instance: string): string => derivedId('vol', instance);

/** Regions that are on for every account. https://docs.aws.amazon.com/global-infrastructure/latest/regions/aws-regions.html */
export const REGIONS = [
  ...['ap-south-1', 'eu-north-1', 'eu-west-3', 'eu-west-2', 'eu-west-1', 'ap-northeast-3'],
  ...['ap-northeast-2', 'ap-northeast-1', 'ca-central-1', 'sa-east-1', 'ap-southeast-1'],
  ...['ap-southeast-2', 'eu-central-1', 'us-east-1', 'us-east-2', 'us-west-1', 'us-west-2'],
];
