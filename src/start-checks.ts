import { accessSync, constants, readFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { dirname, resolve } from 'node:path';
import { createSecureContext } from 'node:tls';
import { getSystemErrorMessage } from 'node:util';
import type { TlsIdentity } from './aws/http-server.ts';
import type { Config } from './config.ts';
import { StartError } from './lib/start-error.ts';

/**
 * What would stop a start, looked at before the start makes anything.
 * @returns the certificate and key that were given, if any. @throws StartError, and what the port says
 */
export async function checkStart(config: Config): Promise<TlsIdentity | undefined> {
  checkReadyFile(config);
  const given = givenIdentity(config);
  if (config.port !== 0) await checkPort(config);
  return given;
}

function checkReadyFile({ readyFile, dataDir }: Config): void {
  if (readyFile === undefined) return;
  const directory = dirname(resolve(readyFile));
  // The data directory itself is made by the start.
  if (directory === dataDir) return;
  try {
    accessSync(directory, constants.W_OK | constants.X_OK);
  } catch (error) {
    throw new StartError(`--ready-file ${readyFile} cannot be written: ${reason(error)}.`);
  }
}

function givenIdentity({ tlsCert, tlsKey }: Config): TlsIdentity | undefined {
  if (tlsCert === undefined || tlsKey === undefined) return undefined;
  const identity = { cert: readPem('--tls-cert', tlsCert), key: readPem('--tls-key', tlsKey) };
  const good = (what: string, part: Partial<TlsIdentity>) => {
    try {
      createSecureContext(part);
    } catch (error) {
      throw new StartError(`${what}: ${(error as Error).message}.`);
    }
  };
  good(`--tls-cert ${tlsCert} is no certificate in PEM`, { cert: identity.cert });
  good(`--tls-key ${tlsKey} is no key in PEM without a password`, { key: identity.key });
  good(`--tls-key ${tlsKey} is not the key of --tls-cert ${tlsCert}`, identity);
  return identity;
}

function readPem(flag: string, file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    throw new StartError(`${flag} ${file} cannot be read: ${reason(error)}.`);
  }
}

function reason(error: unknown): string {
  const { errno, message } = error as NodeJS.ErrnoException;
  return errno === undefined ? message : getSystemErrorMessage(errno);
}

/** Another program may still be quicker; then the start has made its directory in vain. */
async function checkPort({ host, port }: Config): Promise<void> {
  const server = createServer();
  await new Promise<void>((free, taken) => {
    server.once('error', taken);
    server.listen(port, host, () => server.close(() => free()));
  });
}
