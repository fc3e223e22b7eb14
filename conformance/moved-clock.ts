import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readConfig } from '../src/config.ts';
import { ManualClock } from '../src/lib/clock.ts';
import { listen } from '../src/listen.ts';
import { cliEnvironment, type Ready } from './server.ts';

export interface MovedServer extends Pick<Ready, 'endpoint' | 'region' | 'accountId'> {
  env: NodeJS.ProcessEnv;
  clock: ManualClock;
  /** Moves the clock by so many milliseconds, and waits until all that is due by then is done. */
  move(ms: number): Promise<void>;
  stop(): Promise<void>;
}

/**
 * A server on a port, in this process, whose clock the test moves. It is relaxed, since commands sign with the time that
 * it really is; roles that exist may do what their policies say all the same.
 */
export async function startMovedServer(start: Date): Promise<MovedServer> {
  const data = mkdtempSync(join(tmpdir(), 'slipway-moved-'));
  const { PATH } = process.env;
  const flags = ['--port', '0', '--data', data, '--auth', 'relaxed', '--executor', 'process'];
  const config = readConfig(flags, { PATH, SLIPWAY_CHECK_OUTPUTS: '1' });
  const clock = new ManualClock(start);
  const { endpoint, server, close } = await listen(config, { clock });
  const { region } = config;
  const key = server.rootKey;
  return {
    ...{ endpoint, region, accountId: key.accountId, clock },
    env: cliEnvironment({ endpoint, region, ...key }),
    async move(ms) {
      clock.advance(ms);
      await server.platform.engine.idle();
    },
    async stop() {
      await close();
      rmSync(data, { recursive: true, force: true });
    },
  };
}
