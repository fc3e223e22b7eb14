import type { TlsIdentity } from './aws/http-server.ts';

/**
 * The server's certificate of its own CA: made at the first need, and anew when the server has a name or an address
 * that it lacks. A laptop changes its network, a container network comes up.
 * @param names that the server has by now
 */
export function makeOwnIdentity(
  dataDir: string,
  names: () => string[],
): () => Promise<TlsIdentity> {
  let good = new Set<string>();
  let identity: Promise<TlsIdentity> | undefined;
  return () => {
    const now = names();
    const [before, goodBefore] = [identity, good];
    if (before && now.every((name) => good.has(name))) return before;
    good = new Set(now);
    const made: Promise<TlsIdentity> = certificate(dataDir, now).catch((error) => {
      // It is tried again; what there is serves most clients meanwhile.
      if (identity === made) [identity, good] = [before, goodBefore];
      if (before) return before;
      throw error;
    });
    identity = made;
    return made;
  };
}

async function certificate(dataDir: string, names: string[]): Promise<TlsIdentity> {
  // Few servers are asked for TLS: certificates and what makes them are loaded then.
  const { serverCertificate } = await import('./lib/certificates.ts');
  return serverCertificate(dataDir, names);
}
