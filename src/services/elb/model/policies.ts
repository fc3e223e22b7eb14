import { unsupported } from '../../../aws/errors.ts';
import {
  DEFAULT_SSL_POLICY,
  findSslPolicy,
  isAwsPolicyName,
  SSL_POLICIES,
  type SslPolicy,
} from '../../../kit/load-balancing/ssl-policies.ts';
import { ownValue } from '../../../lib/own.ts';
import type { StickyPlan, TlsVersion } from '../../../network/balancing/plan.ts';
import { configuration, policyTypeNotFound } from '../errors.ts';
import type { Policy, PolicyType } from './things.ts';

/** What AWS has for classic load balancers, of those that are honoured here. */
const PREDEFINED = [
  DEFAULT_SSL_POLICY,
  'ELBSecurityPolicy-TLS-1-2-2017-01',
  'ELBSecurityPolicy-TLS-1-1-2017-01',
];

const REFERENCE = 'Reference-Security-Policy';
const ORDER = 'Server-Defined-Cipher-Order';
const VERSIONS: Record<string, TlsVersion> = {
  'Protocol-TLSv1': 'TLSv1',
  'Protocol-TLSv1.1': 'TLSv1.1',
  'Protocol-TLSv1.2': 'TLSv1.2',
};
/** More than there are. */
const MOST_ATTRIBUTES = 200;
const UNSERVED = [
  'ProxyProtocolPolicyType',
  'PublicKeyPolicyType',
  'BackendServerAuthenticationPolicyType',
];

const attributesOf = ({ protocols, ciphers }: SslPolicy) => [
  ...Object.entries(VERSIONS).flatMap(([name, version]) =>
    protocols.includes(version) ? [{ name, value: 'true' }] : [],
  ),
  { name: ORDER, value: 'true' },
  ...ciphers.map((name) => ({ name, value: 'true' })),
];

/** Policies that every load balancer may refer to. */
export const predefined = (): Policy[] =>
  PREDEFINED.flatMap((name) => {
    const found = findSslPolicy(name);
    return found
      ? [{ name, type: 'SSLNegotiationPolicyType' as const, attributes: attributesOf(found) }]
      : [];
  });

export const defaultPolicy = (): Policy => sslPolicyNamed(DEFAULT_SSL_POLICY, DEFAULT_SSL_POLICY);

function sslPolicyNamed(name: string, reference: string): Policy {
  const found = predefined().find((one) => one.name === reference);
  if (!found) {
    if (isAwsPolicyName(reference)) throw unsupported(`the SSL policy ${reference}`);
    throw configuration(`There is no SSL policy ${reference}`);
  }
  const attributes = [{ name: REFERENCE, value: reference }, ...found.attributes];
  return { name, type: 'SSLNegotiationPolicyType', attributes };
}

type Given = readonly { AttributeName?: string | undefined; AttributeValue?: string | undefined }[];

/** A policy as a caller describes it. @throws what is wrong with it, and a refusal of what is not served */
export function readPolicy(name: string, type: string, given: Given): Policy {
  if (UNSERVED.includes(type)) throw unsupported(`policies of the type ${type}`);
  if (given.length > MOST_ATTRIBUTES) throw configuration('There are too many policy attributes');
  const set = given.map(({ AttributeName = '', AttributeValue = '' }) => ({
    name: AttributeName,
    value: AttributeValue,
  }));
  const of = (key: string) => set.find((one) => one.name === key)?.value;
  switch (type) {
    case 'AppCookieStickinessPolicyType':
      return appCookie(name, only(set, 'CookieName') ?? '');
    case 'LBCookieStickinessPolicyType':
      return loadBalancerCookie(name, only(set, 'CookieExpirationPeriod'));
    case 'SSLNegotiationPolicyType': {
      if (name.startsWith('ELBSecurityPolicy-'))
        throw configuration('Policy names that begin with ELBSecurityPolicy- are reserved');
      const twice = set.find((one, at) => set.findIndex((other) => other.name === one.name) < at);
      if (twice) throw configuration(`The policy attribute '${twice.name}' is there twice`);
      const reference = of(REFERENCE);
      if (reference === undefined) return custom(name, set);
      if (set.length > 1)
        throw configuration(`Beside ${REFERENCE} a policy has no other attributes`);
      return sslPolicyNamed(name, reference);
    }
    default:
      throw policyTypeNotFound(type);
  }
}

function only(set: Policy['attributes'], key: string): string | undefined {
  const other = set.find((one) => one.name !== key);
  if (other) throw configuration(`The policy attribute '${other.name}' is not known`);
  return set[0]?.value;
}

export function appCookie(name: string, cookie: string): Policy {
  if (!/^[-!#$%&'*+.^_`|~0-9A-Za-z]{1,256}$/.test(cookie) || cookie === 'AWSELB')
    throw configuration(`The cookie name '${cookie}' is not valid`);
  const attributes = [{ name: 'CookieName', value: cookie }];
  return { name, type: 'AppCookieStickinessPolicyType', attributes };
}

/** @param period seconds; undefined for as long as the browser is open */
export function loadBalancerCookie(name: string, period: string | undefined): Policy {
  if (period !== undefined && !/^[1-9]\d{0,9}$/.test(period))
    throw configuration('CookieExpirationPeriod must be a number of seconds greater than 0');
  const attributes =
    period === undefined ? [] : [{ name: 'CookieExpirationPeriod', value: period }];
  return { name, type: 'LBCookieStickinessPolicyType', attributes };
}

/** Protocols and ciphers, each by a word of its own. */
function custom(name: string, set: Policy['attributes']): Policy {
  // TLS 1.3 is not for classic load balancers, nor are its ciphers.
  const ciphers = new Set(
    SSL_POLICIES.flatMap((policy) => policy.ciphers.filter((one) => !one.startsWith('TLS_'))),
  );
  const odd = set.find(({ value }) => value !== 'true' && value !== 'false');
  if (odd) throw configuration(`The policy attribute '${odd.name}' must be true or false`);
  const wanted = set.filter(({ value }) => value === 'true');
  for (const one of wanted) {
    if (Object.hasOwn(VERSIONS, one.name) || one.name === ORDER) continue;
    if (one.name.startsWith('Protocol-')) throw unsupported(`${one.name} of SSL policies`);
    if (!ciphers.has(one.name)) throw unsupported(`the cipher ${one.name}`);
  }
  const { protocols, ciphers: list } = rulesOf(wanted);
  if (!wanted.some((one) => one.name === ORDER))
    throw unsupported('SSL policies by which the client chooses the cipher');
  if (list.length === 0) throw configuration('At least one cipher must be enabled');
  const order = Object.values(VERSIONS);
  const span = protocols.map((version) => order.indexOf(version)).sort();
  if (span.length === 0) throw configuration('At least one protocol must be enabled');
  if ((span.at(-1) ?? 0) - (span[0] ?? 0) >= span.length)
    throw unsupported('SSL policies that leave out a version between two others');
  return { name, type: 'SSLNegotiationPolicyType', attributes: wanted };
}

/** What a policy of TLS says. */
export function rulesOf(
  attributes: Policy['attributes'],
): Pick<SslPolicy, 'protocols' | 'ciphers'> {
  const words = attributes.filter(({ value }) => value === 'true').map((one) => one.name);
  return {
    protocols: words.flatMap((word) => ownValue(VERSIONS, word) ?? []),
    ciphers: words.filter(
      (word) => !Object.hasOwn(VERSIONS, word) && word !== ORDER && word !== REFERENCE,
    ),
  };
}

/** How clients come back to their instance by a policy, if it is one of cookies. */
export function stickyOf({ type, attributes }: Policy): StickyPlan | undefined {
  const [first] = attributes;
  if (type === 'AppCookieStickinessPolicyType') return { cookie: 'AWSELB', follows: first?.value };
  if (type !== 'LBCookieStickinessPolicyType') return undefined;
  return { cookie: 'AWSELB', ...(first && { seconds: Number(first.value) }) };
}

export const TYPES: Record<PolicyType, { words: string; attributes: [string, string, string][] }> =
  {
    AppCookieStickinessPolicyType: {
      words: 'Stickiness that follows a cookie of the application. For HTTP and HTTPS listeners.',
      attributes: [['CookieName', 'String', 'ONE']],
    },
    LBCookieStickinessPolicyType: {
      words: 'Stickiness by a cookie of the load balancer. For HTTP and HTTPS listeners.',
      attributes: [['CookieExpirationPeriod', 'Long', 'ZERO_OR_ONE']],
    },
    SSLNegotiationPolicyType: {
      words: 'Protocols and ciphers by which a listener speaks TLS. For HTTPS and SSL listeners.',
      attributes: [REFERENCE, ...Object.keys(VERSIONS), ORDER].map((name) => [
        name,
        name === REFERENCE ? 'String' : 'Boolean',
        'ZERO_OR_ONE',
      ]),
    },
  };
