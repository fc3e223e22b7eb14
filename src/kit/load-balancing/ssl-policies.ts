import type { TlsRules, TlsVersion } from '../../network/balancing/plan.ts';

/** How a listener speaks TLS, by AWS's name for it. */
export interface SslPolicy {
  name: string;
  protocols: TlsVersion[];
  ciphers: string[];
}

/** OpenSSL's names of TLS 1.3's. */
const NEWEST = ['TLS_AES_128_GCM_SHA256', 'TLS_AES_256_GCM_SHA384', 'TLS_CHACHA20_POLY1305_SHA256'];
const GCM = [
  'ECDHE-ECDSA-AES128-GCM-SHA256',
  'ECDHE-RSA-AES128-GCM-SHA256',
  'ECDHE-ECDSA-AES256-GCM-SHA384',
  'ECDHE-RSA-AES256-GCM-SHA384',
];
const FORWARD = [
  'ECDHE-ECDSA-AES128-GCM-SHA256',
  'ECDHE-RSA-AES128-GCM-SHA256',
  'ECDHE-ECDSA-AES128-SHA256',
  'ECDHE-RSA-AES128-SHA256',
  'ECDHE-ECDSA-AES256-GCM-SHA384',
  'ECDHE-RSA-AES256-GCM-SHA384',
  'ECDHE-ECDSA-AES256-SHA384',
  'ECDHE-RSA-AES256-SHA384',
];
const FORWARD_SHA1 = [
  'ECDHE-ECDSA-AES128-SHA',
  'ECDHE-RSA-AES128-SHA',
  'ECDHE-RSA-AES256-SHA',
  'ECDHE-ECDSA-AES256-SHA',
];
const STATIC = ['AES128-GCM-SHA256', 'AES128-SHA256', 'AES256-GCM-SHA384', 'AES256-SHA256'];
const STATIC_SHA1 = ['AES128-SHA', 'AES256-SHA'];
const ALL = [...FORWARD, ...FORWARD_SHA1, ...STATIC, ...STATIC_SHA1];

const FROM_1_0: TlsVersion[] = ['TLSv1', 'TLSv1.1', 'TLSv1.2'];
const FROM_1_1: TlsVersion[] = ['TLSv1.1', 'TLSv1.2'];
const ONLY_1_2: TlsVersion[] = ['TLSv1.2'];

const of = (name: string, protocols: TlsVersion[], ciphers: string[]): SslPolicy => ({
  name: `ELBSecurityPolicy-${name}`,
  ...{ protocols, ciphers },
});
const with13 = (name: string, protocols: TlsVersion[], ciphers: string[]): SslPolicy =>
  of(name, ['TLSv1.3', ...protocols], [...NEWEST, ...ciphers]);

/**
 * Those of AWS's that OpenSSL, as Node has it, honours to the letter. The one with 3DES, those of FIPS and those with key exchanges
 * after quantum computers are not among them.
 * https://docs.aws.amazon.com/elasticloadbalancing/latest/application/describe-ssl-policies.html
 */
export const SSL_POLICIES: readonly SslPolicy[] = [
  of('2016-08', FROM_1_0, ALL),
  with13('TLS13-1-2-2021-06', ONLY_1_2, FORWARD),
  with13('TLS13-1-2-Res-2021-06', ONLY_1_2, GCM),
  with13('TLS13-1-2-Ext1-2021-06', ONLY_1_2, [...FORWARD, ...STATIC]),
  with13('TLS13-1-2-Ext2-2021-06', ONLY_1_2, ALL),
  with13('TLS13-1-1-2021-06', FROM_1_1, ALL),
  with13('TLS13-1-0-2021-06', FROM_1_0, ALL),
  of('TLS13-1-3-2021-06', ['TLSv1.3'], NEWEST),
  of('TLS-1-2-2017-01', ONLY_1_2, [...FORWARD, ...STATIC]),
  of('TLS-1-2-Ext-2018-06', ONLY_1_2, ALL),
  of('TLS-1-1-2017-01', FROM_1_1, ALL),
  of('FS-2018-06', FROM_1_0, [...FORWARD, ...FORWARD_SHA1]),
  of('FS-1-1-2019-08', FROM_1_1, [...FORWARD, ...FORWARD_SHA1]),
  of('FS-1-2-2019-08', ONLY_1_2, [...FORWARD, ...FORWARD_SHA1]),
  of('FS-1-2-Res-2019-08', ONLY_1_2, FORWARD),
  of('FS-1-2-Res-2020-10', ONLY_1_2, GCM),
];

/** Where nobody says another one, as at AWS. */
export const DEFAULT_SSL_POLICY = 'ELBSecurityPolicy-2016-08';

/** AWS has more of this name's kind, which are refused by name. */
export const isAwsPolicyName = (name: string) => /^ELBSecurityPolicy-[-A-Za-z0-9]+$/.test(name);

export const findSslPolicy = (name: string): SslPolicy | undefined =>
  SSL_POLICIES.find((policy) => policy.name === name);

const ORDER: TlsVersion[] = ['TLSv1', 'TLSv1.1', 'TLSv1.2', 'TLSv1.3'];

/** What a listener is told of a policy. */
export function tlsRulesOf({
  protocols,
  ciphers,
}: Pick<SslPolicy, 'protocols' | 'ciphers'>): TlsRules {
  const [minVersion = 'TLSv1.2'] = ORDER.filter((one) => protocols.includes(one));
  const maxVersion = ORDER.findLast((one) => protocols.includes(one)) ?? 'TLSv1.3';
  // OpenSSL takes the two oldest versions, whose signatures have SHA-1, at no level above.
  const old = minVersion === 'TLSv1' || minVersion === 'TLSv1.1';
  const list = old ? [...ciphers, '@SECLEVEL=0'] : ciphers;
  return { minVersion, maxVersion, ciphers: list.join(':') };
}
