import { X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { writeAtomically } from '../lib/files.ts';
import { ask } from './ask.ts';
import { connectionWords, systemWords } from './system-error.ts';

/** Whose specifications a host executes. */
export interface ServerTrust {
  /** CA certificates in PEM. @throws Error when the server's CA cannot be had */
  anchors(): Promise<string[]>;
  /** How whoever runs the host makes it trust the server, where it does not and should. */
  remedy: string;
}

export interface TrustOptions {
  endpoint: string;
  /** CA certificates (PEM) that the host was given. */
  given?: string;
  /** CA certificates that TLS connections are checked with. */
  tlsCa?: string;
  /** Where the CA is kept that the server named at the first contact. */
  pinFile: string;
  /** Which registration it was: another one may be with another server. */
  registration: string;
  info(message: string): void;
  /** How long the server may take to name its CA, in milliseconds. */
  longestMs?: number;
}

interface Pin {
  registration: string;
  certificate: string;
}

const CA_PATH = '/_slipway/ca.pem';
const TIMEOUT_MS = 20_000;
/** It is one certificate; some hundreds would fit in. */
const LONGEST_CA = 512 * 1024;

/**
 * The CA whose specifications count: the one that the host was given, or the one that the server names at the first
 * contact, which is kept. Over plain HTTP anybody may answer, so there what was given alone counts.
 */
export function makeServerTrust(options: TrustOptions): ServerTrust {
  const { endpoint, given } = options;
  const remedy = given
    ? "Give the host the server's own CA: ca.pem of its data directory by --ca."
    : `If the server has a new CA, remove ${options.pinFile} and start the agent again.`;
  const isPlain = new URL(endpoint).protocol === 'http:';
  if (given && isPlain) return { remedy, anchors: async () => [given] };
  let pinned: string | undefined;
  const named = async () => {
    pinned ??= readPin(options) ?? (await pin(options));
    return pinned;
  };
  return {
    remedy,
    async anchors() {
      if (!given) return [await named()];
      // Over TLS the server has shown who it is: besides a certificate that it was given it has a CA of its own.
      const own = await named().catch(() => undefined);
      return own ? [given, own] : [given];
    },
  };
}

function readPin({ pinFile, registration }: TrustOptions): string | undefined {
  let pin: Pin;
  try {
    pin = JSON.parse(readFileSync(pinFile, 'utf8'));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw new Error(`${pinFile} cannot be read: ${systemWords(error)}`);
  }
  return pin.registration === registration ? pin.certificate : undefined;
}

async function pin(options: TrustOptions) {
  const { endpoint, tlsCa, pinFile, registration, info, longestMs = TIMEOUT_MS } = options;
  const url = new URL(CA_PATH, endpoint);
  const certificate = await fetchCa(url, tlsCa, longestMs).catch((error: Error) => {
    throw new Error(
      `${endpoint} has not named a CA to trust (--ca gives one): ${connectionWords(error)}`,
    );
  });
  const { fingerprint256 } = new X509Certificate(certificate);
  const kept: Pin = { registration, certificate };
  writeAtomically(pinFile, JSON.stringify(kept), 0o600);
  info(`From now on the CA of ${endpoint} is trusted, ${fingerprint256}: kept in ${pinFile}.`);
  return certificate;
}

async function fetchCa(url: URL, ca: string | undefined, longestMs: number): Promise<string> {
  const patience = { idleMs: longestMs, longestMs };
  const { status, body } = await ask(url, { ca, patience, mostBytes: LONGEST_CA });
  if (status === 200 && body.includes('BEGIN CERTIFICATE')) return body;
  throw new Error(`${CA_PATH} is answered with ${status}`);
}
