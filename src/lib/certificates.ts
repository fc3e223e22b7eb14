import { createPrivateKey, randomBytes, X509Certificate } from 'node:crypto';
import { existsSync } from 'node:fs';
import { isIP } from 'node:net';
import { join } from 'node:path';
import forge from 'node-forge';
import { DEPLOYMENT_SIGNER } from './codedeploy-commands.ts';
import { readText, writeOnce } from './files.ts';
import { StartError } from './start-error.ts';

export interface ServerCertificate {
  /** PEM: the server's certificate, then its CA's. */
  cert: string;
  key: string;
  /** File that clients trust: AWS_CA_BUNDLE, SSL_CERT_FILE. */
  caFile: string;
}

/** Who has signed every certificate of a server's own. */
export const CA_NAME = 'Slipway local CA';

const KEY_BITS = 2048;
const CA_YEARS = 10;
/** Apple's clients refuse server certificates that live longer. */
const SERVER_DAYS = 820;

/**
 * The server's own CA (made once and kept in `ca.pem` and `ca.key` under `dataDir`) and a server
 * certificate for `names` signed by it. Made when the first TLS connection comes, so that a start
 * over plain HTTP does not pay for it; the CA is there before (ca-process.ts), for who is to trust it.
 */
export function serverCertificate(dataDir: string, names: string[]): ServerCertificate {
  const ca = certificateAuthority(dataDir);
  const keys = forge.pki.rsa.generateKeyPair(KEY_BITS);
  const certificate = blank(keys.publicKey, 'Slipway server', SERVER_DAYS);
  certificate.setIssuer(ca.certificate.subject.attributes);
  certificate.setExtensions([
    { name: 'basicConstraints', cA: false },
    { name: 'keyUsage', digitalSignature: true, keyEncipherment: true },
    { name: 'extKeyUsage', serverAuth: true },
    { name: 'subjectAltName', altNames: names.map(altName) },
  ]);
  certificate.sign(ca.key, forge.md.sha256.create());
  return {
    cert: forge.pki.certificateToPem(certificate) + ca.pem,
    key: forge.pki.privateKeyToPem(keys.privateKey),
    caFile: join(dataDir, 'ca.pem'),
  };
}

/**
 * A certificate of the server's CA for the key that signs deployment specifications: what host agents trust.
 * @param keyPem the private RSA key
 */
export function signerCertificate(dataDir: string, keyPem: string): string {
  // openssl smime and the like ask for the second.
  const purposes = { name: 'extKeyUsage', codeSigning: true, emailProtection: true };
  return signingCertificate(dataDir, keyPem, DEPLOYMENT_SIGNER.commonName, [purposes]);
}

/**
 * A certificate of the server's CA for a key that signs messages, by which their receivers verify them.
 * @param keyPem the private RSA key
 */
export function messageCertificate(dataDir: string, keyPem: string, commonName: string): string {
  return signingCertificate(dataDir, keyPem, commonName, []);
}

function signingCertificate(
  dataDir: string,
  keyPem: string,
  commonName: string,
  extensions: object[],
): string {
  const ca = certificateAuthority(dataDir);
  const key = forge.pki.privateKeyFromPem(keyPem);
  const publicKey = forge.pki.setRsaPublicKey(key.n, key.e);
  const certificate = blank(publicKey, commonName, CA_YEARS * 365);
  certificate.setIssuer(ca.certificate.subject.attributes);
  certificate.setExtensions([
    { name: 'basicConstraints', cA: false },
    { name: 'keyUsage', digitalSignature: true, critical: true },
    ...extensions,
  ]);
  certificate.sign(ca.key, forge.md.sha256.create());
  return forge.pki.certificateToPem(certificate);
}

interface Ca {
  certificate: forge.pki.Certificate;
  key: forge.pki.rsa.PrivateKey;
  pem: string;
}

/**
 * The server's own CA; made when there is none yet. Of two servers that make it at once both go on with the same.
 * @throws StartError when its key is lost or another one: clients trust the certificate, so that it is not made anew
 */
export function certificateAuthority(dataDir: string): Ca {
  const ca = readCa(dataDir) ?? makeCa(dataDir);
  const key = createPrivateKey(forge.pki.privateKeyToPem(ca.key));
  if (new X509Certificate(ca.pem).checkPrivateKey(key)) return ca;
  throw new StartError(`${join(dataDir, 'ca.key')} is not the key of ca.pem beside it.`);
}

function readCa(dataDir: string): Ca | undefined {
  const [pemFile, keyFile] = [join(dataDir, 'ca.pem'), join(dataDir, 'ca.key')];
  if (!existsSync(pemFile) || !existsSync(keyFile)) return undefined;
  const [pem, keyPem] = [readText(pemFile), readText(keyFile)];
  try {
    const key = forge.pki.privateKeyFromPem(keyPem) as forge.pki.rsa.PrivateKey;
    return { certificate: forge.pki.certificateFromPem(pem), key, pem };
  } catch {
    throw new StartError(
      `${pemFile} or ${keyFile} is damaged: put them back from a backup, or remove both to have a new CA made.`,
    );
  }
}

function makeCa(dataDir: string): Ca {
  const made = forge.pki.rsa.generateKeyPair(KEY_BITS).privateKey;
  // The key first: a certificate without its key would be useless, the other way round is made anew.
  const kept = writeOnce(join(dataDir, 'ca.key'), forge.pki.privateKeyToPem(made), 0o600);
  const key = forge.pki.privateKeyFromPem(kept);
  const publicKey = forge.pki.setRsaPublicKey(key.n, key.e);
  const certificate = blank(publicKey, CA_NAME, CA_YEARS * 365);
  certificate.setIssuer(certificate.subject.attributes);
  certificate.setExtensions([
    { name: 'basicConstraints', cA: true, critical: true },
    { name: 'keyUsage', keyCertSign: true, cRLSign: true, critical: true },
  ]);
  certificate.sign(key, forge.md.sha256.create());
  const pem = writeOnce(join(dataDir, 'ca.pem'), forge.pki.certificateToPem(certificate), 0o644);
  return { certificate: forge.pki.certificateFromPem(pem), key, pem };
}

function blank(
  publicKey: forge.pki.rsa.PublicKey,
  commonName: string,
  days: number,
): forge.pki.Certificate {
  const certificate = forge.pki.createCertificate();
  certificate.publicKey = publicKey;
  certificate.serialNumber = serialNumber(randomBytes(15));
  certificate.validity.notBefore = new Date(Date.now() - 24 * 3600 * 1000);
  certificate.validity.notAfter = new Date(Date.now() + days * 24 * 3600 * 1000);
  certificate.setSubject([{ name: 'commonName', value: commonName }]);
  return certificate;
}

/**
 * A serial number is positive, and DER allows no zeros before it: its first byte is neither 0 nor above 127. With a
 * 0 first and another by chance, OpenSSL could not read one certificate in 512.
 */
export function serialNumber(random: Buffer): string {
  return `01${random.toString('hex')}`;
}

const DNS = 2;
const IP = 7;

function altName(name: string): { type: number; value?: string; ip?: string } {
  return isIP(name) ? { type: IP, ip: name } : { type: DNS, value: name };
}
