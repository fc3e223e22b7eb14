import type {
  Action,
  RuleCondition,
  TargetTypeEnum,
} from '@aws-sdk/client-elastic-load-balancing-v2';
import type { Health } from '../../../network/balancing/plan.ts';
import type { BalancerType } from './arns.ts';
import type { Attributes } from './attributes.ts';
import type { Protocol } from './protocols.ts';

export interface LoadBalancer {
  arn: string;
  accountId: string;
  region: string;
  name: string;
  address: string;
  revision: number;
  applied: number;
  type: BalancerType;
  scheme: 'internet-facing' | 'internal';
  ipAddressType: 'ipv4';
  dnsName: string;
  vpcId: string;
  zones: { zone: string; subnet: string }[];
  securityGroups: string[];
  attributes: Attributes;
  tags: Record<string, string>;
  createdAt: Date;
}

export interface HealthSettings {
  enabled: boolean;
  protocol: 'HTTP' | 'HTTPS' | 'TCP';
  /** `traffic-port`, or a number. */
  port: string;
  path: string | undefined;
  interval: number;
  timeout: number;
  healthy: number;
  unhealthy: number;
  matcher: string | undefined;
}

export interface TargetGroup {
  arn: string;
  accountId: string;
  region: string;
  name: string;
  protocol: Protocol;
  port: number;
  vpcId: string | undefined;
  targetType: Extract<TargetTypeEnum, 'instance' | 'ip'>;
  health: HealthSettings;
  attributes: Attributes;
  tags: Record<string, string>;
}

export interface Listener {
  arn: string;
  balancerArn: string;
  port: number;
  problem: string | undefined;
  protocol: Protocol;
  /** Of HTTPS and TLS. */
  sslPolicy: string | undefined;
  /** ARNs, the default one first. */
  certificates: string[];
  attributes: Attributes;
  tags: Record<string, string>;
}

export interface Rule {
  arn: string;
  listenerArn: string;
  /** `DEFAULT_PRIORITY` for the default rule. */
  priority: number;
  conditions: RuleCondition[];
  actions: Action[];
  tags: Record<string, string>;
}

/** Above all that callers may say. */
export const DEFAULT_PRIORITY = 1_000_000;
export const isDefault = ({ priority }: Pick<Rule, 'priority'>) => priority === DEFAULT_PRIORITY;

export interface Target {
  groupArn: string;
  /** As it was registered. */
  id: string;
  port: number;
  drainsUntil: number | undefined;
  address: string;
  /** The fleet said where it is. */
  ours: boolean;
  zone: string | undefined;
  health: Health;
}

/** How a plan calls it. */
export const targetName = ({ id, port }: Pick<Target, 'id' | 'port'>) => `${id}:${port}`;
export const idOfName = (name: string) => name.slice(0, name.lastIndexOf(':'));
