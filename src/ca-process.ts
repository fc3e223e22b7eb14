import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';

/**
 * Makes the server's CA where there is none yet, in a process of its own beside the start: an RSA key takes a
 * processor some tenths of a second, and what makes certificates takes memory that a server need not keep.
 * @returns settles when `ca.pem` is there
 */
export async function ensureCa(dataDir: string): Promise<void> {
  if (['ca.pem', 'ca.key'].every((name) => existsSync(join(dataDir, name)))) return;
  const program = join(import.meta.dirname, 'lib', 'make-ca.ts');
  await promisify(execFile)(process.execPath, [...process.execArgv, program, dataDir]).catch(
    async () => {
      // Here, for its error.
      const { certificateAuthority } = await import('./lib/certificates.ts');
      certificateAuthority(dataDir);
    },
  );
}
