import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { rootPrincipal } from '../src/aws/auth/root.ts';
import { readConfig } from '../src/config.ts';
import { listen } from '../src/listen.ts';
import type { Credentials, Endpoint } from './any-call.ts';

/** A server in this process, all of it: for sweeps of so many calls that sockets and signatures would cost more than they do. */
export interface ServerInside extends Endpoint, Credentials {
  stop(): Promise<void>;
}

/** @param flags as of `slipway up`; with `--auth relaxed`, say, as sweeps have it, whoever has no role may do all */
export async function startInside(...flags: string[]): Promise<ServerInside> {
  const dataDir = mkdtempSync(join(tmpdir(), 'slipway-inside-'));
  const argv = [
    '--port',
    '0',
    '--data',
    dataDir,
    '--executor',
    'process',
    '--log-level',
    'error',
    ...flags,
  ];
  const config = readConfig(argv, { ...process.env, SLIPWAY_CHECK_OUTPUTS: '1' });
  const { endpoint, server, close } = await listen(config);
  const { region } = config;
  const { accountId, accessKeyId, secretAccessKey } = server.rootKey;
  const principal = rootPrincipal(accountId);
  return {
    ...{ endpoint, region, accessKeyId, secretAccessKey },
    inside: { endpoint, region, principal, dispatch: server.handle },
    async stop() {
      await close();
      rmSync(dataDir, { recursive: true, force: true });
    },
  };
}
