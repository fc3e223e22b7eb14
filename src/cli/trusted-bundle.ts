import { readFileSync } from 'node:fs';
import { getCACertificates, setDefaultCACertificates } from 'node:tls';
import { certificatesIn } from '../lib/signed-message.ts';

/**
 * What AWS_CA_BUNDLE names is trusted beside what Node trusts, by all that this process calls: the aws command and AWS's other
 * SDKs read that variable, and the one for JavaScript does not. A file that is not there, or has no certificate, is as none.
 */
export function trustBundle({ AWS_CA_BUNDLE: file }: NodeJS.ProcessEnv): void {
  if (!file) return;
  let certificates: string[] = [];
  try {
    certificates = certificatesIn(readFileSync(file, 'utf8')).map(String);
  } catch {
    return;
  }
  if (certificates.length > 0)
    setDefaultCACertificates([...getCACertificates('default'), ...certificates]);
}
