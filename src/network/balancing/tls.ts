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
  /** The first is for clients that name no server, or one that none of them is for. */
  first: SecureContext;
  exact: Map<string, SecureContext>;
  /** By the domain, of which one label more is meant. */
  wildcard: Map<string, SecureContext>;
}

/** How a listener speaks TLS now: what it is told later holds for connections that come then. */
export class LiveTls {
  #plan: TlsPlan;
  #known: Known;

  /** @throws what OpenSSL says of a certificate or its key, and where there is none */
  constructor(plan: TlsPlan) {
    this.#plan = plan;
    this.#known = knownOf(plan);
  }

  /** @throws as when it is made; it goes on as it was then */
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

  /** Is one of its certificates for this host, and how? @param name in lower case */
  isFor(name: string): 'exact' | 'wildcard' | undefined {
    if (this.#known.exact.has(name)) return 'exact';
    return this.#known.wildcard.has(domainOf(name)) ? 'wildcard' : undefined;
  }

  /** Of the certificate for a host; of the first where none is. */
  contextFor(host: string): SecureContext {
    const { first, exact, wildcard } = this.#known;
    const name = host.toLowerCase();
    return exact.get(name) ?? wildcard.get(domainOf(name)) ?? first;
  }
}

/** Without its first label. */
const domainOf = (name: string) => name.replace(/^[^.]*\.?/, '');

const contextOf = (
  { minVersion, maxVersion, ciphers }: TlsPlan,
  certificate: CertificatePlan | undefined,
): SecureContextOptions => ({
  ...{ minVersion, maxVersion, ciphers, honorCipherOrder: true },
  ...{ cert: certificate?.chain, key: certificate?.key },
});

function knownOf(plan: TlsPlan): Known {
  const exact: Known['exact'] = new Map();
  const wildcard: Known['wildcard'] = new Map();
  const contexts = plan.certificates.map((one) => {
    const context = createSecureContext(contextOf(plan, one));
    for (const name of namesIn(new X509Certificate(one.chain))) {
      const [names, key] = name.startsWith('*.') ? [wildcard, name.slice(2)] : [exact, name];
      // Of two for one host it is the first one's.
      if (!names.has(key)) names.set(key, context);
    }
    return context;
  });
  const [first] = contexts;
  if (!first) throw new Error('there is none');
  return { first, exact, wildcard };
}

/** The hosts that a certificate is for: its subject counts where it has no other names, as clients see it. */
function namesIn({ subject, subjectAltName = '' }: X509Certificate): string[] {
  const others = subjectAltName.split(', ').filter((one) => one.startsWith('DNS:'));
  const names =
    others.length > 0
      ? others.map((one) => one.slice('DNS:'.length))
      : (subject ?? '').split('\n').flatMap((one) => (one.startsWith('CN=') ? one.slice(3) : []));
  return names.map((name) => name.toLowerCase());
}

/** A connection to a target that speaks TLS: which certificate it has is not looked at, as ELB does not. */
export const connectToSecure = (to: { host: string; port: number; allowHalfOpen?: boolean }) =>
  connectSecure({ ...to, rejectUnauthorized: false });
