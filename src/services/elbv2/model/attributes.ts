import { unsupported } from '../../../aws/errors.ts';
import { ownValue } from '../../../lib/own.ts';
import { configuration, invalid } from '../errors.ts';
import type { BalancerType } from './arns.ts';
import type { Protocol } from './protocols.ts';

/** What an attribute is at first, and which values it may have here. Others of AWS's are refused by name. */
interface Rule {
  value: string;
  /** AWS has them, and nobody here does what they say. */
  others?: readonly string[];
  takes: readonly string[] | { from: number; to: number } | RegExp;
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
    'routing.http.desync_mitigation_mode': only('defensive', 'strictest', 'monitor'),
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

/** A cookie's name, and none of the balancer's own. */
const APP_COOKIE = /^(?!AWSALB)[-!#$%&'*+.^_`|~0-9A-Za-z]{0,256}$/;

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
    'stickiness.type': { value: 'lb_cookie', takes: ['lb_cookie', 'app_cookie'] },
    'stickiness.app_cookie.cookie_name': { value: '', takes: APP_COOKIE },
    'stickiness.app_cookie.duration_seconds': { value: '86400', takes: { from: 1, to: 604_800 } },
    'stickiness.lb_cookie.duration_seconds': { value: '86400', takes: { from: 1, to: 604_800 } },
    'load_balancing.algorithm.type': {
      value: 'round_robin',
      takes: ['round_robin', 'least_outstanding_requests', 'weighted_random'],
    },
    'load_balancing.algorithm.anomaly_mitigation': only('off', 'on'),
    'slow_start.duration_seconds': { value: '0', takes: { from: 0, to: 900 } },
  },
  TCP: {
    ...SHARED,
    'stickiness.type': { value: 'source_ip', takes: ['source_ip'] },
    'deregistration_delay.connection_termination.enabled': { value: 'false', takes: FLAG },
    'preserve_client_ip.enabled': only('false', 'true'),
    'proxy_protocol_v2.enabled': off,
  },
};

const TEXT = /^[\x20-\x7e]{0,1024}$/;
const header = (takes: Rule['takes'] = TEXT): Rule => ({ value: '', takes });

/** Headers that a listener sets in answers, and what they may say. */
const ANSWER_HEADERS: Record<string, Rule> = {
  strict_transport_security: header(),
  access_control_allow_origin: header(),
  access_control_allow_methods: header(),
  access_control_allow_headers: header(),
  access_control_allow_credentials: header(['', 'true']),
  access_control_expose_headers: header(),
  access_control_max_age: header(/^\d{0,9}$/),
  content_security_policy: header(),
  x_content_type_options: header(['', 'nosniff']),
  x_frame_options: header(/^(?:|DENY|SAMEORIGIN|ALLOW-FROM [\x21-\x7e]{1,512})$/),
};

const answerKey = (name: string) => `routing.http.response.${name}.header_value`;

/** https://docs.aws.amazon.com/elasticloadbalancing/latest/application/header-modification.html */
const OF_REQUESTS: Record<string, Rule> = {
  'routing.http.response.server.enabled': { value: 'true', takes: FLAG },
  ...Object.fromEntries(
    Object.entries(ANSWER_HEADERS).map(([name, rule]) => [answerKey(name), rule]),
  ),
};

/** What requests that came over TLS tell their targets of it: nothing here. */
const OF_TLS: Record<string, Rule> = Object.fromEntries(
  ['Mtls-Clientcert-Serial-Number', 'Mtls-Clientcert-Issuer', 'Mtls-Clientcert-Subject']
    .concat(['Mtls-Clientcert-Validity', 'Mtls-Clientcert-Leaf', 'Mtls-Clientcert'])
    .concat(['Tls-Version', 'Tls-Cipher-Suite'])
    .map((name) => [
      `routing.http.request.x_amzn_${name.toLowerCase().replaceAll('-', '_')}.header_name`,
      only(`X-Amzn-${name}`),
    ]),
);

export const LISTENER_ATTRIBUTES: Record<Protocol, Record<string, Rule>> = {
  HTTP: OF_REQUESTS,
  HTTPS: { ...OF_REQUESTS, ...OF_TLS },
  TCP: { 'tcp.idle_timeout.seconds': { value: '350', takes: { from: 60, to: 6000 } } },
  TLS: {},
};

/** The headers that a listener sets in each answer. */
export const answerHeadersOf = (set: Attributes): { name: string; value: string }[] =>
  Object.keys(ANSWER_HEADERS).flatMap((name) => {
    const value = ownValue(set, answerKey(name)) ?? '';
    return value === '' ? [] : [{ name: name.replaceAll('_', '-'), value }];
  });

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
  if (takes instanceof RegExp) {
    if (!takes.test(value)) throw invalid(`The value of the attribute '${key}' is not valid`);
    return;
  }
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
