import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { type DemoServer, startServer } from '../demo/server.ts';
import { type Server, type ServerOptions, serverOf } from '../server.ts';

/** A refusal in words. */
export class Refused extends Error {}

interface Wanted extends ServerOptions {
  what: 'run' | 'build';
  /** Undefined where nobody asked for one: processes, on a server that is started for this. */
  executor?: string | undefined;
  keep?: boolean | undefined;
  environment: NodeJS.ProcessEnv;
}

/**
 * The server that runs, or one for this alone where none was named.
 * @param begun its directory has the data of a server that is started, which is noted in it
 * @throws Refused
 */
export async function serverFor(
  begun: { directory: string; own?: DemoServer },
  { what, executor, keep, environment, ...options }: Wanted,
): Promise<Server> {
  const found = serverOf(options, environment);
  const named =
    options.data !== undefined || options.account !== undefined || environment.AWS_ENDPOINT_URL;
  if (typeof found !== 'string' && (await answers(found))) {
    if (executor === undefined) return found;
    throw new Refused(
      `--executor is of a server that is started for this ${what}, and the server at ${found.endpoint} runs: leave it out, or start that server with "slipway up --executor ${executor}"`,
    );
  }
  if (named) {
    throw new Refused(
      typeof found === 'string' ? found : `the server at ${found.endpoint} does not answer`,
    );
  }
  process.stderr.write(`No server runs: one is started for this ${what}.\n`);
  const data = join(begun.directory, 'data');
  mkdirSync(data);
  // Its builds reach what this machine does.
  const handedOn = ['network', ...(environment.npm_config_registry ? ['npm_config_registry'] : [])];
  const flags = ['--executor', executor ?? 'process', '--build-env', handedOn.join(',')];
  begun.own = await startServer(data, flags, !!keep);
  return begun.own;
}

async function answers({ endpoint }: Server): Promise<boolean> {
  try {
    const signal = AbortSignal.timeout(5_000);
    const { ok, body } = await fetch(`${endpoint}/_slipway/health`, { signal });
    await body?.cancel();
    return ok;
  } catch {
    return false;
  }
}
