import type { X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { rootCertificates } from 'node:tls';
import { CA_NAME } from '../lib/certificates.ts';
import { isLoopback } from '../lib/loopback.ts';
import { certificatesIn } from '../lib/signed-message.ts';
import { ConfigError, type OnPremisesConfig } from './config.ts';
import { systemWords } from './system-error.ts';

/** Where a host's server is, and what the host was told to trust. */
export interface Connection {
  endpoint: string;
  /** Undefined: AWS's own. */
  s3Endpoint?: string;
  logsEndpoint: string;
  /** CA certificates (PEM) that the host was given. */
  given?: string;
  /** What TLS connections are checked with: what was given, besides what Node trusts. */
  tlsCa?: string;
}

export interface ConnectionFlags {
  ca?: string;
  'allow-plain-http'?: boolean;
}

/** @throws ConfigError when the host should not talk to such a server, or what it trusts cannot be read */
export function readConnection(
  flags: ConnectionFlags,
  config: OnPremisesConfig,
  env: Record<string, string | undefined>,
): Connection {
  const named = env.AWS_ENDPOINT_URL || undefined;
  const endpoint = named ?? `https://codedeploy-commands.${config.region}.amazonaws.com`;
  const s3Endpoint = env.AWS_ENDPOINT_URL_S3 || named;
  const logsEndpoint =
    env.AWS_ENDPOINT_URL_CLOUDWATCH_LOGS || named || `https://logs.${config.region}.amazonaws.com`;
  for (const url of [endpoint, s3Endpoint ?? endpoint, logsEndpoint]) {
    if (!flags['allow-plain-http']) checkTransport(url);
  }
  return { endpoint, s3Endpoint, logsEndpoint, ...readTrust(flags, config, env) };
}

/**
 * AWS_CA_BUNDLE is for TLS, and on many machines for other servers than this: it tells whose specifications count only
 * when it holds the CA of a Slipway server.
 */
function readTrust(
  flags: ConnectionFlags,
  config: OnPremisesConfig,
  env: Record<string, string | undefined>,
): Pick<Connection, 'given' | 'tlsCa'> {
  const bundle = env.AWS_CA_BUNDLE ? readCertificates(env.AWS_CA_BUNDLE) : undefined;
  const own = bundle && certificatesIn(bundle).some(isServerCa) ? bundle : undefined;
  const file = flags.ca ?? (own ? undefined : config.caBundle);
  const given = file === undefined ? own : readCertificates(file);
  const forTls = [...new Set([given, bundle])].filter((pem) => pem !== undefined);
  return {
    given,
    ...(forTls.length > 0 && { tlsCa: [...forTls, ...rootCertificates].join('\n') }),
  };
}

const isServerCa = ({ subject }: X509Certificate) => subject === `CN=${CA_NAME}`;

/** Whoever connects to these gets to this machine. */
const UNSPECIFIED = ['0.0.0.0', '[::]'];

/** Over plain HTTP to another machine, anybody on the way reads and holds up what an agent and its server say. */
function checkTransport(endpoint: string): void {
  if (!URL.canParse(endpoint)) throw new ConfigError(`${endpoint} is no URL.`);
  const { protocol, hostname } = new URL(endpoint);
  if (protocol !== 'http:' || isLoopback(hostname) || UNSPECIFIED.includes(hostname)) return;
  throw new ConfigError(
    `${endpoint} is plain HTTP to another machine. Use https:// with --ca FILE (ca.pem of the server's data directory), or say --allow-plain-http.`,
  );
}

function readCertificates(file: string): string {
  let content: string;
  try {
    content = readFileSync(file, 'utf8');
  } catch (error) {
    throw new ConfigError(`The CA certificates ${file} cannot be read: ${systemWords(error)}`);
  }
  if (certificatesIn(content).length > 0) return content;
  throw new ConfigError(`${file} holds no certificate in PEM.`);
}
