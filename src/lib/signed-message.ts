import { createHash, verify, X509Certificate } from 'node:crypto';
import forge from 'node-forge';
import { ownValue } from './own.ts';

/** A private key and its certificate, both PEM. */
export interface Signer {
  key: string;
  certificate: string;
}

/** `content` in a PKCS#7 signed-data message (PEM, `BEGIN PKCS7`) with the signer's certificate in it. */
export function signMessage(content: string, signer: Signer): string {
  const message = forge.pkcs7.createSignedData();
  message.content = forge.util.createBuffer(content, 'utf8');
  message.addCertificate(signer.certificate);
  message.addSigner({
    key: forge.pki.privateKeyFromPem(signer.key),
    certificate: forge.pki.certificateFromPem(signer.certificate),
    digestAlgorithm: forge.pki.oids.sha256 as string,
    authenticatedAttributes: [],
  });
  message.sign();
  return forge.pkcs7.messageToPem(message);
}

/** What forge keeps of a message that it has parsed; its types do not say. */
interface Captured {
  content: forge.asn1.Asn1;
  signature: string;
  digestAlgorithm: string;
  authenticatedAttributes?: forge.asn1.Asn1[];
}

const DIGESTS: Record<string, string> = {
  [forge.pki.oids.sha1 as string]: 'sha1',
  [forge.pki.oids.sha256 as string]: 'sha256',
  [forge.pki.oids.sha384 as string]: 'sha384',
  [forge.pki.oids.sha512 as string]: 'sha512',
};

/** A message is genuine, but of somebody whose signatures do not count. */
export class UntrustedSigner extends Error {}

/** Whose signatures count. */
export interface Trust {
  /** CA certificates (PEM, each with one or more). */
  anchors: string[];
  /** What the certificate of a signer has to be made for. */
  signer: { commonName: string; purpose: string };
  now: Date;
}

/**
 * The content of a signed message.
 * @param pem `BEGIN PKCS7` or `BEGIN PKCS #7 SIGNED DATA`
 * @throws Error when it is no such message, was changed after it was signed, or its signer is not trusted
 */
export function openMessage(pem: string, trust: Trust): string {
  const [block] = forge.pem.decode(pem.replaceAll('PKCS #7 SIGNED DATA', 'PKCS7'));
  if (block?.type !== 'PKCS7') throw new Error('The message is no PKCS#7 message in PEM.');
  const message = forge.pkcs7.messageFromAsn1(
    forge.asn1.fromDer(block.body),
  ) as forge.pkcs7.PkcsSignedData & {
    rawCapture: Captured;
  };
  const captured = message.rawCapture;
  const content = contentOf(captured);
  const digest = ownValue(DIGESTS, forge.asn1.derToOid(captured.digestAlgorithm));
  const signed = signedBytes(captured, content, digest);
  const signature = Buffer.from(captured.signature, 'binary');
  const signer = message.certificates
    .map((certificate) => new X509Certificate(forge.pki.certificateToPem(certificate)))
    .find(({ publicKey }) => verify(digest, signed, publicKey, signature));
  if (!signer) throw new Error('The signature of the message is not valid.');
  const doubt = doubtAbout(signer, trust);
  if (doubt) throw new UntrustedSigner(`The signature of the message is not trusted: ${doubt}.`);
  return content.toString('utf8');
}

/** Why a signer is not one of those whose signatures count. */
function doubtAbout(signer: X509Certificate, { anchors, signer: asked, now }: Trust) {
  const issuer = anchors
    .flatMap(certificatesIn)
    .find((ca) => ca.ca && signer.checkIssued(ca) && signer.verify(ca.publicKey));
  if (!issuer) return 'its certificate is of another CA';
  const isMadeFor =
    signer.subject === `CN=${asked.commonName}` && signer.keyUsage?.includes(asked.purpose);
  if (!isMadeFor) return `its certificate, of ${signer.subject}, is not made for this`;
  const isInTime = [signer, issuer].every(
    ({ validFrom, validTo }) => new Date(validFrom) <= now && now <= new Date(validTo),
  );
  return isInTime ? undefined : `its certificate is not valid at ${now.toISOString()}`;
}

const CERTIFICATE = /-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g;

/** The certificates in a PEM file; those that cannot be read, as old ones in the bundles of machines, are left out. */
export function certificatesIn(pem: string): X509Certificate[] {
  return (pem.match(CERTIFICATE) ?? []).flatMap((certificate) => {
    try {
      return [new X509Certificate(certificate)];
    } catch {
      return [];
    }
  });
}

/** The bytes of the content: one octet string, or one that is made of several. */
function contentOf(captured: Captured): Buffer {
  const [octets] = (captured.content?.value ?? []) as forge.asn1.Asn1[];
  if (!octets) throw new Error('The message has no content.');
  const parts =
    typeof octets.value === 'string'
      ? [octets.value]
      : octets.value.map((part) => String(part.value));
  return Buffer.from(parts.join(''), 'binary');
}

/** What was signed: the content, or attributes that hold the digest of the content. */
function signedBytes(captured: Captured, content: Buffer, digest: string | undefined): Buffer {
  if (!digest) throw new Error('The message is signed with an unknown digest algorithm.');
  const attributes = captured.authenticatedAttributes;
  if (!attributes?.length) return content;
  const expected = createHash(digest).update(content).digest('binary');
  const { Class, Type } = forge.asn1;
  const found = attributes.some((attribute) => {
    const [oid, values] = attribute.value as [forge.asn1.Asn1, forge.asn1.Asn1];
    const isDigest = forge.asn1.derToOid(oid.value as string) === forge.pki.oids.messageDigest;
    return isDigest && (values.value as forge.asn1.Asn1[])[0]?.value === expected;
  });
  if (!found) throw new Error('The content of the message is not the one that was signed.');
  const set = forge.asn1.create(Class.UNIVERSAL, Type.SET, true, attributes);
  return Buffer.from(forge.asn1.toDer(set).getBytes(), 'binary');
}
