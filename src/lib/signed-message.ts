import { createHash, verify, X509Certificate } from 'node:crypto';
import forge from 'node-forge';
import { ownValue } from './own.ts';

/** A private key and its self-signed certificate, both PEM. */
export interface Signer {
  key: string;
  certificate: string;
}

const YEARS = 30;

/** The certificate that goes with a private RSA key. */
export function selfSignedCertificate(keyPem: string, commonName: string, now: Date): string {
  const key = forge.pki.privateKeyFromPem(keyPem);
  const certificate = forge.pki.createCertificate();
  certificate.publicKey = forge.pki.setRsaPublicKey(key.n, key.e);
  certificate.serialNumber = `01${createHash('sha256').update(keyPem).digest('hex').slice(0, 30)}`;
  certificate.validity.notBefore = now;
  certificate.validity.notAfter = new Date(now);
  certificate.validity.notAfter.setFullYear(now.getFullYear() + YEARS);
  const name = [{ name: 'commonName', value: commonName }];
  certificate.setSubject(name);
  certificate.setIssuer(name);
  certificate.sign(key, forge.md.sha256.create());
  return forge.pki.certificateToPem(certificate);
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

/**
 * The content of a signed message. Any certificate is accepted, but the signature has to be right.
 * @param pem `BEGIN PKCS7` or `BEGIN PKCS #7 SIGNED DATA`
 * @throws Error when it is no such message or was changed after it was signed
 */
export function openMessage(pem: string): string {
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
  const valid = message.certificates.some((certificate) =>
    verify(
      digest,
      signed,
      new X509Certificate(forge.pki.certificateToPem(certificate)).publicKey,
      signature,
    ),
  );
  if (!valid) throw new Error('The signature of the message is not valid.');
  return content.toString('utf8');
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
