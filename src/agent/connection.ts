import { readFileSync } from 'node:fs';
import { rootCertificates } from 'node:tls';
import { isLoopback } from '../lib/loopback.ts';
import { ConfigError, type OnPremisesConfig } from './config.ts';

/** Where a host's server is, and what the host was told to trust. */
export interface Connection {
  endpoint: string;
  /** Undefined: AWS's own. */
  s3Endpoint?: string;
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
  for (const url of [endpoint, s3Endpoint ?? endpoint]) {
    if (!flags['allow-plain-http']) checkTransport(url);
  }
  const file = flags.ca ?? (env.AWS_CA_BUNDLE || config.caBundle);
  const given = file === undefined ? undefined : readCertificates(file);
  const tlsCa = given && [given, ...rootCertificates].join('\n');
  return { endpoint, s3Endpoint, given, tlsCa };
}

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
    throw new ConfigError(`The CA certificates cannot be read: ${(error as Error).message}`);
  }
  if (content.includes('-----BEGIN CERTIFICATE-----')) return content;
  throw new ConfigError(`${file} holds no certificate in PEM.`);
}
