import { X509Certificate } from 'node:crypto';
import {
  connect as connectSecure,
  createSecureContext,
  type SecureContext,
  type SecureContextOptions,
  type Server,
  type TlsOptions,
} from 'node:tls';
import type { CertificatePlan, TlsPlan } from './plan.ts';

interface Known {
  certificate: X509Certificate;
  context: SecureContext;
}

/** How a listener speaks TLS now: what it is told later holds for connections that come then. */
export class LiveTls {
  #plan: TlsPlan;
  #known: Known[];

  /** @throws what OpenSSL says of a certificate or its key */
  constructor(plan: TlsPlan) {
    this.#plan = plan;
    this.#known = knownOf(plan);
  }

  update(plan: TlsPlan, server: unknown): void {
    if (JSON.stringify(plan) === JSON.stringify(this.#plan)) return;
    this.#known = knownOf(plan);
    this.#plan = plan;
    // Of `node:tls` and `node:https` both.
    (server as Pick<Server, 'setSecureContext'>).setSecureContext(
      contextOf(plan, plan.certificates[0]),
    );
  }

  /** Of a server that speaks so. */
  options(): TlsOptions {
    const [first] = this.#plan.certificates;
    return {
      ...contextOf(this.#plan, first),
      SNICallback: (name, done) => done(null, this.contextFor(name)),
    };
  }

  /** Is one of its certificates for this host? */
  isFor(name: string): boolean {
    return this.#known.some(({ certificate }) => certificate.checkHost(name) !== undefined);
  }

  /** Of the certificate for a host; of the first where none is. */
  contextFor(name: string): SecureContext | undefined {
    const found = this.#known.find(({ certificate }) => certificate.checkHost(name) !== undefined);
    return (found ?? this.#known[0])?.context;
  }
}

const contextOf = (
  { minVersion, maxVersion, ciphers }: TlsPlan,
  certificate: CertificatePlan | undefined,
): SecureContextOptions => ({
  ...{ minVersion, maxVersion, ciphers, honorCipherOrder: true },
  ...{ cert: certificate?.chain, key: certificate?.key },
});

const knownOf = (plan: TlsPlan): Known[] =>
  plan.certificates.map((certificate) => ({
    certificate: new X509Certificate(certificate.chain),
    context: createSecureContext(contextOf(plan, certificate)),
  }));

/** A connection to a target that speaks TLS: which certificate it has is not looked at, as ELB does not. */
export const connectToSecure = (to: { host: string; port: number; allowHalfOpen?: boolean }) =>
  connectSecure({ ...to, rejectUnauthorized: false });
