import type { Health } from '../../../network/balancing/plan.ts';

export type Protocol = 'HTTP' | 'HTTPS' | 'TCP' | 'SSL';

/** Of which layer a protocol is: of requests, or of connections. */
export const layerOf = (protocol: Protocol): 'HTTP' | 'TCP' =>
  protocol === 'HTTP' || protocol === 'HTTPS' ? 'HTTP' : 'TCP';
export const isSecure = (protocol: Protocol) => protocol === 'HTTPS' || protocol === 'SSL';

export interface Listener {
  port: number;
  protocol: Protocol;
  instancePort: number;
  instanceProtocol: Protocol;
  /** The ARN of its certificate: of HTTPS and SSL. */
  certificate: string | undefined;
  /** Names of the balancer's policies. */
  policies: string[];
}

/** Of those that have one; each as often as it is there. */
export const certificateArns = (listeners: readonly Pick<Listener, 'certificate'>[]): string[] =>
  listeners.flatMap(({ certificate }) => certificate ?? []);

export type PolicyType =
  | 'AppCookieStickinessPolicyType'
  | 'LBCookieStickinessPolicyType'
  | 'SSLNegotiationPolicyType';

export interface Policy {
  name: string;
  type: PolicyType;
  attributes: { name: string; value: string }[];
}

export interface HealthCheck {
  /** `HTTP:80/path`, `TCP:80` */
  target: string;
  interval: number;
  timeout: number;
  unhealthy: number;
  healthy: number;
}

export interface Attributes {
  crossZone: boolean;
  draining: { enabled: boolean; seconds: number };
  idleSeconds: number;
  desync: 'defensive';
}

export interface LoadBalancer {
  arn: string;
  accountId: string;
  region: string;
  name: string;
  address: string;
  /** Another one each time that one is made, also by the name of one that was deleted. */
  creation: string;
  revision: number;
  applied: number;
  dnsName: string;
  scheme: 'internet-facing' | 'internal';
  zones: string[];
  subnets: string[];
  vpcId: string | undefined;
  securityGroups: string[];
  listeners: Listener[];
  policies: Policy[];
  healthCheck: HealthCheck;
  attributes: Attributes;
  tags: Record<string, string>;
  createdAt: Date;
  /** Why listeners are not open, by their ports. */
  problems: Record<string, string>;
}

export interface Instance {
  balancerArn: string;
  id: string;
  address: string;
  health: Health;
  /** Epoch milliseconds; undefined while it is registered. */
  drainsUntil: number | undefined;
  /** The listeners at whose port nothing goes on there any more. */
  drained: string[];
}
