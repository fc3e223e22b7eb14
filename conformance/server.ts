import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const root = join(import.meta.dirname, '..');

/** What the ready file says (DESIGN.md, The outside). */
export interface Ready {
  endpoint: string;
  region: string;
  accountId: string;
  accessKeyId: string;
  secretAccessKey: string;
  pid: number;
}

export interface TestServer extends Ready {
  dataDir: string;
  /** Configuration for an SDK client under the root key. */
  client: {
    endpoint: string;
    region: string;
    credentials: { accessKeyId: string; secretAccessKey: string };
  };
  /** Environment for the aws CLI, git and agents under the root key; nothing of the machine's own AWS set-up leaks in. */
  env: NodeJS.ProcessEnv;
  /** kill -9. */
  kill(): Promise<void>;
  /** Starts again on the same port and data after kill. */
  restart(): Promise<void>;
  /**
   * SIGTERM; resolves with the exit code when all is drained, and removes the data.
   * @throws Error when an operation answered what its model does not have
   */
  stop(): Promise<number | null>;
  /** What the server wrote to standard error so far. */
  log(): string;
  /** What it wrote to standard output until it was ready. */
  out(): string;
}

export interface TestServerOptions {
  flags?: string[];
  env?: Record<string, string>;
  /** An existing data directory: not removed at the end. */
  dataDir?: string;
}

/** A real server process on a free port with a directory of its own. */
export async function startServer(options: TestServerOptions = {}): Promise<TestServer> {
  const dataDir = options.dataDir ?? mkdtempSync(join(tmpdir(), 'slipway-test-'));
  const readyFile = join(
    dataDir,
    `ready-${process.pid}-${Math.random().toString(36).slice(2)}.json`,
  );
  let log = '';
  let said = '';
  const launch = async (port: string): Promise<{ child: ChildProcess; ready: Ready }> => {
    const args = [
      'up',
      '--port',
      port,
      '--data',
      dataDir,
      '--ready-file',
      readyFile,
      // Journeys are the same on every machine; the Docker executor's tests bring the image they need.
      '--executor',
      'process',
      ...(options.flags ?? []),
    ];
    const child = spawn(process.execPath, [...process.execArgv, 'src/main.ts', ...args], {
      cwd: root,
      // Outputs that are not as their models say are 500s.
      env: { SLIPWAY_CHECK_OUTPUTS: '1', ...process.env, ...options.env },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    child.stderr.on('data', (chunk) => {
      log += chunk;
    });
    await new Promise<void>((resolve, reject) => {
      let out = '';
      child.stdout.on('data', (chunk) => {
        out += chunk;
        said = out;
        if (/^Ready\.$/m.test(out)) resolve();
      });
      child.once('exit', (code) =>
        reject(new Error(`The server ended with ${code}:\n${out}${log}`)),
      );
    });
    return { child, ready: JSON.parse(readFileSync(readyFile, 'utf8')) };
  };
  let { child, ready } = await launch('0');
  const ended = async () => {
    if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
    return child.exitCode;
  };
  const credentials = { accessKeyId: ready.accessKeyId, secretAccessKey: ready.secretAccessKey };
  return {
    ...ready,
    /** Of the one that runs now. */
    get pid() {
      return ready.pid;
    },
    dataDir,
    client: { endpoint: ready.endpoint, region: ready.region, credentials },
    env: cliEnvironment(ready),
    async kill() {
      child.kill('SIGKILL');
      await ended();
    },
    async restart() {
      ({ child, ready } = await launch(new URL(ready.endpoint).port));
    },
    async stop() {
      child.kill('SIGTERM');
      const code = await ended();
      if (!options.dataDir) rmSync(dataDir, { recursive: true, force: true });
      const breach = /.*answers what its model does not have.*/.exec(log);
      if (breach) throw new Error(breach[0]);
      return code;
    },
    log: () => log,
    out: () => said,
  };
}

/** The environment of an AWS client that uses this server with these credentials. */
export function cliEnvironment(
  server: Pick<Ready, 'endpoint' | 'region' | 'accessKeyId' | 'secretAccessKey'>,
): NodeJS.ProcessEnv {
  return {
    PATH: process.env.PATH,
    HOME: tmpdir(),
    LANG: 'C.UTF-8',
    AWS_ENDPOINT_URL: server.endpoint,
    AWS_ACCESS_KEY_ID: server.accessKeyId,
    AWS_SECRET_ACCESS_KEY: server.secretAccessKey,
    AWS_REGION: server.region,
    AWS_DEFAULT_REGION: server.region,
    AWS_DISABLE_HOST_PREFIX_INJECTION: 'true',
    AWS_CONFIG_FILE: '/dev/null',
    AWS_SHARED_CREDENTIALS_FILE: '/dev/null',
    AWS_EC2_METADATA_DISABLED: 'true',
    AWS_PAGER: '',
    GIT_CONFIG_GLOBAL: '/dev/null',
    GIT_CONFIG_NOSYSTEM: '1',
    GIT_TERMINAL_PROMPT: '0',
  };
}
