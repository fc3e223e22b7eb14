import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { certificateAuthority } from '../lib/certificates.ts';

// In a process of its own: what Node trusts is the process's.
test('what AWS_CA_BUNDLE names is trusted beside the rest, and what is none changes nothing', () => {
  const directory = mkdtempSync(join(tmpdir(), 'slipway-bundle-'));
  try {
    certificateAuthority(directory);
    const ca = join(directory, 'ca.pem');
    const ours = readFileSync(ca, 'utf8');
    writeFileSync(join(directory, 'none.pem'), 'nothing');
    const program = `
      import { X509Certificate } from 'node:crypto';
      import { getCACertificates } from 'node:tls';
      import { trustBundle } from ${JSON.stringify(join(import.meta.dirname, 'trusted-bundle.ts'))};
      const trusted = () =>
        new Set(getCACertificates('default').map((one) => new X509Certificate(one).fingerprint256));
      const before = trusted();
      trustBundle({ AWS_CA_BUNDLE: process.argv[1] });
      const after = trusted();
      const { fingerprint256 } = new X509Certificate(process.argv[2]);
      console.log(after.size - before.size, after.has(fingerprint256));`;
    const run = (file: string) =>
      execFileSync(process.execPath, ['--input-type=module', '-e', program, file, ours]).toString();
    expect(run(ca)).toBe('1 true\n');
    expect(run(join(directory, 'none.pem'))).toBe('0 false\n');
    expect(run(join(directory, 'missing.pem'))).toBe('0 false\n');
  } finally {
    rmSync(directory, { recursive: true });
  }
});
