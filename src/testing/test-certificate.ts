import forge from 'node-forge';

/** A certificate that has signed itself, for these hosts, with its key; PEM. Expires in a day. */
export function testCertificate(...hosts: [string, ...string[]]): { cert: string; key: string } {
  const keys = forge.pki.rsa.generateKeyPair(2048);
  const certificate = forge.pki.createCertificate();
  certificate.publicKey = keys.publicKey;
  certificate.serialNumber = '01';
  certificate.validity.notBefore = new Date(Date.now() - 60_000);
  certificate.validity.notAfter = new Date(Date.now() + 86_400_000);
  const subject = [{ name: 'commonName', value: hosts[0] }];
  certificate.setSubject(subject);
  certificate.setIssuer(subject);
  const altNames = hosts.map((value) => ({ type: 2, value }));
  certificate.setExtensions([{ name: 'subjectAltName', altNames }]);
  certificate.sign(keys.privateKey, forge.md.sha256.create());
  return {
    cert: forge.pki.certificateToPem(certificate),
    key: forge.pki.privateKeyToPem(keys.privateKey),
  };
}
