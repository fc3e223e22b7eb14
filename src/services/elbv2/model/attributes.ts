import { unsupported } from '../../../aws/errors.ts';
import { ownValue } from '../../../lib/own.ts';
import { configuration, invalid } from '../errors.ts';
import type { BalancerType } from './arns.ts';

/** What an attribute is at first, and which values it may have here. Others of AWS's are refused by name. */
interface Rule {
  value: string;
  /** AWS has them, and nobody here does what they say. */
  others?: readonly string[];
  takes: readonly string[] | { from: number; to: number };
}

const FLAG = ['true', 'false'];
const only = (value: string, ...others: string[]): Rule => ({ value, takes: [value], others });
const off = only('false', 'true');

const OF_ALL: Record<string, Rule> = {
  'access_logs.s3.enabled': off,
  'access_logs.s3.bucket': only(''),
  'access_logs.s3.prefix': only(''),
  'deletion_protection.enabled': { value: 'false', takes: FLAG },
  'load_balancing.cross_zone.enabled': { value: 'true', takes: FLAG },
  'ipv6.deny_all_igw_traffic': off,
  'zonal_shift.config.enabled': off,
};

/** https://docs.aws.amazon.com/elasticloadbalancing/latest/application/application-load-balancers.html#load-balancer-attributes */
export const BALANCER_ATTRIBUTES: Record<BalancerType, Record<string, Rule>> = {
  application: {
    ...OF_ALL,
    'load_balancing.cross_zone.enabled': only('true'),
    'idle_timeout.timeout_seconds': { value: '60', takes: { from: 1, to: 4000 } },
    'client_keep_alive.seconds': { value: '3600', takes: { from: 60, to: 604_800 } },
    'connection_logs.s3.enabled': off,
    'connection_logs.s3.bucket': only(''),
    'connection_logs.s3.prefix': only(''),
    'routing.http.desync_mitigation_mode': {
      value: 'defensive',
      takes: ['defensive', 'strictest'],
      others: ['monitor'],
    },
    'routing.http.drop_invalid_header_fields.enabled': { value: 'false', takes: FLAG },
    'routing.http.preserve_host_header.enabled': { value: 'false', takes: FLAG },
    'routing.http.x_amzn_tls_version_and_cipher_suite.enabled': off,
    'routing.http.xff_client_port.enabled': off,
    'routing.http.xff_header_processing.mode': {
      value: 'append',
      takes: ['append', 'preserve', 'remove'],
    },
    'routing.http2.enabled': { value: 'true', takes: FLAG },
    'waf.fail_open.enabled': off,
  },
  network: OF_ALL,
};

const SHARED: Record<string, Rule> = {
  'deregistration_delay.timeout_seconds': { value: '300', takes: { from: 0, to: 3600 } },
  'stickiness.enabled': { value: 'false', takes: FLAG },
  'target_group_health.dns_failover.minimum_healthy_targets.count': only('1'),
  'target_group_health.dns_failover.minimum_healthy_targets.percentage': only('off'),
  'target_group_health.unhealthy_state_routing.minimum_healthy_targets.count': only('1'),
  'target_group_health.unhealthy_state_routing.minimum_healthy_targets.percentage': only('off'),
  'load_balancing.cross_zone.enabled': only('use_load_balancer_configuration', 'true', 'false'),
};

/** https://docs.aws.amazon.com/elasticloadbalancing/latest/application/edit-target-group-attributes.html */
export const GROUP_ATTRIBUTES: Record<'HTTP' | 'TCP', Record<string, Rule>> = {
  HTTP: {
    ...SHARED,
    'stickiness.type': { value: 'lb_cookie', takes: ['lb_cookie'], others: ['app_cookie'] },
    'stickiness.lb_cookie.duration_seconds': { value: '86400', takes: { from: 1, to: 604_800 } },
    'load_balancing.algorithm.type': {
      value: 'round_robin',
      takes: ['round_robin', 'least_outstanding_requests', 'weighted_random'],
    },
    'load_balancing.algorithm.anomaly_mitigation': only('off', 'on'),
    'slow_start.duration_seconds': only('0'),
  },
  TCP: {
    ...SHARED,
    'stickiness.type': { value: 'source_ip', takes: ['source_ip'] },
    'deregistration_delay.connection_termination.enabled': { value: 'false', takes: FLAG },
    'preserve_client_ip.enabled': only('false', 'true'),
    'proxy_protocol_v2.enabled': off,
  },
};

export type Attributes = Record<string, string>;

/** All attributes, those that were set and the rest as they are at first. */
export const allAttributes = (rules: Record<string, Rule>, set: Attributes) =>
  Object.entries(rules).map(([Key, { value }]) => ({ Key, Value: ownValue(set, Key) ?? value }));

export const attribute = (rules: Record<string, Rule>, set: Attributes, key: string): string =>
  ownValue(set, key) ?? ownValue(rules, key)?.value ?? '';

/** @throws InvalidConfigurationRequest, ValidationError, and a refusal of what is not served */
export function readAttributes(
  rules: Record<string, Rule>,
  given: readonly { Key?: string | undefined; Value?: string | undefined }[],
): Attributes {
  const read: [string, string][] = [];
  for (const { Key = '', Value = '' } of given) {
    const rule = ownValue(rules, Key);
    if (!rule) throw configuration(`Attribute key '${Key}' is not recognized`);
    check(Key, Value, rule);
    read.push([Key, Value]);
  }
  if (new Set(read.map(([key]) => key)).size < read.length)
    throw invalid('An attribute key can be specified only once');
  return Object.fromEntries(read);
}

function check(key: string, value: string, { takes, others }: Rule): void {
  if (!Array.isArray(takes)) {
    const { from, to } = takes as { from: number; to: number };
    if (!/^\d{1,9}$/.test(value) || Number(value) < from || Number(value) > to)
      throw invalid(`'${key}' must be an integer between ${from} and ${to}`);
    return;
  }
  if (takes.includes(value)) return;
  // What has one value alone has others at AWS.
  if (others?.includes(value) || takes.length === 1)
    throw unsupported(`the attribute ${key}=${value}`);
  throw invalid(`'${value}' is not a valid value of the attribute '${key}'`);
}
