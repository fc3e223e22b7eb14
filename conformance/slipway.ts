import { join } from 'node:path';
import { run } from './run.ts';
import type { TestServer } from './server.ts';

/** `slipway …` as the environment of the aws command says. */
export function slipway(server: TestServer, args: string[], input = '') {
  const main = join(import.meta.dirname, '..', 'src', 'cli', 'main.ts');
  const env = { ...server.env, AWS_ENDPOINT_URL: server.endpoint };
  return run(process.execPath, [...process.execArgv, main, ...args], { env, input });
}
