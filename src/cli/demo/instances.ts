import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { textAtMost } from '../../lib/at-most.ts';
import { ANSWER_MS } from '../signed-get.ts';
import type { InstanceIdentity } from './resources.ts';
import { type DemoServer, end, spawnNode } from './server.ts';

/** A line, of what the demo deploys. */
const LONGEST_ANSWER = 64 * 1024;

/** A host on this machine: an agent with its own root directory, a prefix for what it deploys, and a port for the application. */
export interface Instance {
  name: string;
  port: number;
  prefix: string;
  agent: ChildProcess;
}

/** Starts the agent of one instance, configured by a file in the official on-premises format. */
export async function startInstance(
  server: Pick<DemoServer, 'endpoint' | 'region'>,
  identity: InstanceIdentity,
  directory: string,
  detached: boolean,
): Promise<Instance> {
  const prefix = join(directory, 'prefix');
  mkdirSync(prefix, { recursive: true });
  const configFile = join(directory, 'codedeploy.onpremises.yml');
  const lines = {
    region: server.region,
    iam_user_arn: identity.userArn,
    aws_access_key_id: identity.accessKeyId,
    aws_secret_access_key: identity.secretAccessKey,
  };
  const yaml = Object.entries(lines).map(([key, value]) => `${key}: ${JSON.stringify(value)}\n`);
  writeFileSync(configFile, yaml.join(''), { mode: 0o600 });
  const port = await freePort();
  const env = { ...process.env, AWS_ENDPOINT_URL: server.endpoint, PORT: String(port) };
  const args = [
    'agent',
    '--config',
    configFile,
    '--root-dir',
    join(directory, 'root'),
    '--prefix',
    prefix,
  ];
  const errors = join(directory, 'agent.log');
  const agent = spawnNode('src/cli/main.ts', args, { env, detached, errors });
  return { name: identity.name, port, prefix, agent };
}

/** Stops the agent and the application that it has deployed. */
export async function stopInstance(instance: Instance): Promise<void> {
  await end(instance.agent);
  const pidFile = join(instance.prefix, 'opt', 'web-app', 'web-app.pid');
  if (!existsSync(pidFile)) return;
  try {
    process.kill(Number(readFileSync(pidFile, 'utf8')), 'SIGTERM');
  } catch {
    // It had ended by itself.
  }
}

/** What the application of an instance answers to `GET /`. */
export async function answerOf(instance: Instance): Promise<string> {
  const signal = AbortSignal.timeout(ANSWER_MS);
  const { status, body } = await fetch(`http://127.0.0.1:${instance.port}/`, { signal });
  const text = await textAtMost(body ?? Readable.from([]), LONGEST_ANSWER, 'The answer');
  return `${status} ${text.trim()}`;
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  return typeof address === 'object' && address ? address.port : 0;
}
