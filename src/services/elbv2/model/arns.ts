import { type Arn, formatArn, parseArn } from '../../../aws/arn.ts';
import type { Located, Place } from '../../../kit/resource.ts';

export type Kind = 'balancer' | 'group' | 'listener' | 'rule';

const SERVICE = 'elasticloadbalancing';
const PATTERNS: Record<Kind, RegExp> = {
  balancer: /^loadbalancer\/(?:app|net)\/[-A-Za-z0-9]+\/[0-9a-f*]+$/,
  group: /^targetgroup\/[-A-Za-z0-9]+\/[0-9a-f*]+$/,
  listener: /^listener\/(?:app|net)\/[-A-Za-z0-9]+\/[0-9a-f]+\/[0-9a-f*]+$/,
  rule: /^listener-rule\/(?:app|net)\/[-A-Za-z0-9]+\/[0-9a-f]+\/[0-9a-f]+\/[0-9a-f*]+$/,
};

export function locatedAt(kind: Kind, arn: Arn | undefined): Located | undefined {
  if (arn?.service !== SERVICE || !PATTERNS[kind].test(arn.resource)) return undefined;
  const { accountId, region, partition } = arn;
  return { accountId, region, partition, arn: formatArn(arn) };
}

export const locatedOf = (kind: Kind, text: string) => locatedAt(kind, parseArn(text));

const arnOf = ({ partition, region, accountId }: Place, resource: string) =>
  formatArn({ partition, service: SERVICE, region, accountId, resource });

export type BalancerType = 'application' | 'network';

/** @param id 16 hexadecimal digits, or `*` in a question about one that is not there yet */
export const balancerArn = (place: Place, type: BalancerType, name: string, id: string) =>
  arnOf(place, `loadbalancer/${type === 'network' ? 'net' : 'app'}/${name}/${id}`);
export const groupArn = (place: Place, name: string, id: string) =>
  arnOf(place, `targetgroup/${name}/${id}`);
/** A listener's of its balancer's, a rule's of its listener's. */
export const childArn = (arn: string, id: string) =>
  `${arn.replace(':listener/', ':listener-rule/').replace(':loadbalancer/', ':listener/')}/${id}`;

export const idOf = (arn: string) => arn.slice(arn.lastIndexOf('/') + 1);
