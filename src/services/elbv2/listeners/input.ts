import { unsupported } from '../../../aws/errors.ts';
import type { Tx } from '../../../db/database.ts';
import { needCertificates as needThem } from '../../../kit/load-balancing/certificates.ts';
import {
  DEFAULT_SSL_POLICY,
  findSslPolicy,
  isAwsPolicyName,
} from '../../../kit/load-balancing/ssl-policies.ts';
import type { ServiceContext } from '../../../kit/service.ts';
import { certificateNotFound, invalid, policyNotFound } from '../errors.ts';
import { isSecure, type Protocol } from '../model/protocols.ts';
import type { Listener, LoadBalancer } from '../model/things.ts';

export interface GivenListener {
  Protocol?: string | undefined;
  SslPolicy?: string | undefined;
  Certificates?:
    | { CertificateArn?: string | undefined; IsDefault?: boolean | undefined }[]
    | undefined;
  AlpnPolicy?: string[] | undefined;
  MutualAuthentication?: { Mode?: string | undefined } | undefined;
}

const PROTOCOLS = {
  application: ['HTTP', 'HTTPS'],
  network: ['TCP', 'TLS', 'UDP', 'TCP_UDP', 'QUIC', 'TCP_QUIC'],
};

function protocolOf(type: LoadBalancer['type'], given: string | undefined): Protocol {
  const all = PROTOCOLS[type];
  if (given === undefined || !all.includes(given))
    throw invalid(`Listener protocol '${given ?? ''}' must be one of '${all.join(', ')}'`);
  if (given === 'HTTP' || given === 'HTTPS' || given === 'TCP' || given === 'TLS') return given;
  throw unsupported(`listeners of the protocol ${given}`);
}

/** What a listener speaks, and how. @param before as it was, where it is changed */
export function readListener(
  type: LoadBalancer['type'],
  given: GivenListener,
  before?: Listener,
): Pick<Listener, 'protocol' | 'sslPolicy' | 'certificates'> {
  const protocol = protocolOf(type, given.Protocol ?? before?.protocol);
  if (given.AlpnPolicy?.some((one) => one !== 'None'))
    throw unsupported('AlpnPolicy of listeners, but for None');
  if ((given.MutualAuthentication?.Mode ?? 'off') !== 'off')
    throw unsupported('mutual authentication of listeners');
  if (!isSecure(protocol)) {
    if (given.Certificates?.length || given.SslPolicy !== undefined)
      throw invalid(`A certificate cannot be specified for ${protocol} listeners`);
    return { protocol, sslPolicy: undefined, certificates: [] };
  }
  const { Certificates: [certificate, ...more] = [] } = given;
  if (more.length > 0) throw invalid('Up to one certificate can be specified');
  const arn = certificate?.CertificateArn ?? before?.certificates[0];
  if (arn === undefined) throw invalid(`A certificate must be specified for ${protocol} listeners`);
  const others = before?.certificates.slice(1).filter((one) => one !== arn) ?? [];
  const sslPolicy = policyOf(given.SslPolicy ?? before?.sslPolicy ?? DEFAULT_SSL_POLICY);
  return { protocol, sslPolicy, certificates: [arn, ...others] };
}

function policyOf(name: string): string {
  if (findSslPolicy(name)) return name;
  if (isAwsPolicyName(name) && /(?:-FIPS|-PQ|-2015-)/.test(name))
    throw unsupported(`the SSL policy ${name}`);
  throw policyNotFound();
}

/** @throws CertificateNotFound */
export const needCertificates = (
  ctx: ServiceContext,
  tx: Tx,
  arns: readonly string[],
): Promise<void> => needThem(ctx, tx, arns, certificateNotFound);
