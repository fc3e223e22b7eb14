import { createPrivateKey, X509Certificate } from 'node:crypto';

interface GivenCertificate {
  body: string;
  key: string;
  chain: string | undefined;
}

/** What is wrong with a certificate. */
export type Fault = 'body' | 'key' | 'mismatch' | 'chain';

const BLOCK = /-----BEGIN CERTIFICATE-----[A-Za-z0-9+/=\s]+-----END CERTIFICATE-----/g;

/** The certificates of a text, or undefined where something else stands in it too. */
function certificatesOf(pem: string): X509Certificate[] | undefined {
  const blocks = pem.match(BLOCK) ?? [];
  if (blocks.length === 0 || pem.replaceAll(BLOCK, '').trim() !== '') return undefined;
  try {
    return blocks.map((block) => new X509Certificate(block));
  } catch {
    return undefined;
  }
}

function keyOf(pem: string) {
  try {
    // One that is encrypted asks for a passphrase, which nobody would have later.
    return createPrivateKey({ key: pem, format: 'pem' });
  } catch {
    return undefined;
  }
}

/** Checks a certificate and its key, which are kept as they were given: each of the chain has signed the one before it. */
export function checkCertificate(given: GivenCertificate): { expiresAt: Date } | Fault {
  const [certificate, ...more] = certificatesOf(given.body) ?? [];
  if (!certificate || more.length > 0) return 'body';
  const key = keyOf(given.key);
  if (!key) return 'key';
  if (!certificate.checkPrivateKey(key)) return 'mismatch';
  const chain = given.chain === undefined ? [] : certificatesOf(given.chain);
  if (!chain) return 'chain';
  let below = certificate;
  for (const above of chain) {
    if (!below.checkIssued(above) || !below.verify(above.publicKey)) return 'chain';
    below = above;
  }
  return { expiresAt: new Date(certificate.validTo) };
}
