// A private PostgreSQL cluster for tests: in a temporary directory, on a free loopback port, gone afterwards.
import { execFile, execFileSync, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { chownSync, existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import pg from 'pg';

const execute = promisify(execFile);
const START_MS = 30_000;

export interface PostgresCluster {
  /** `postgres://…/postgres` of its superuser. */
  url: string;
  /** kill -9 of the postmaster: every connection breaks, and none is taken. */
  kill(): Promise<void>;
  /** Starts again on the same port and data after kill; resolves when it answers. */
  restart(): Promise<void>;
  stop(): Promise<void>;
}

/** Why there is none. */
export interface NoPostgres {
  skipped: string;
}

/** The account that the servers run under: PostgreSQL refuses to run as root. */
function account(): { uid: number; gid: number } | undefined {
  if (process.getuid?.() !== 0) return {} as { uid: number; gid: number };
  try {
    const ask = (what: string) =>
      Number(execFileSync('id', [what, 'postgres'], { encoding: 'utf8' }));
    return { uid: ask('-u'), gid: ask('-g') };
  } catch {
    return undefined;
  }
}

/** Directory with initdb and postgres: Debian keeps them out of PATH; the newest version wins. */
function binaries(): string | undefined {
  const debian = '/usr/lib/postgresql';
  const versions = existsSync(debian)
    ? readdirSync(debian).sort((a, b) => Number(b) - Number(a))
    : [];
  const places = [
    ...versions.map((version) => join(debian, version, 'bin')),
    ...(process.env.PATH ?? '').split(delimiter),
  ];
  return places.find((place) =>
    ['initdb', 'postgres'].every((name) => existsSync(join(place, name))),
  );
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  const { port } = server.address() as { port: number };
  await new Promise((resolve) => server.close(resolve));
  return port;
}

async function answers(url: string): Promise<boolean> {
  const client = new pg.Client({ connectionString: url });
  try {
    await client.connect();
    return true;
  } catch {
    return false;
  } finally {
    await client.end().catch(() => {});
  }
}

/** Makes and starts a cluster, or says why it cannot. Stop it; it also dies with this process's exit. */
export async function startPostgres(): Promise<PostgresCluster | NoPostgres> {
  const bin = binaries();
  if (!bin) return { skipped: 'PostgreSQL (initdb, postgres) is not installed' };
  const owner = account();
  if (!owner)
    return { skipped: 'running as root, and there is no user postgres to run PostgreSQL as' };

  const directory = mkdtempSync(join(tmpdir(), 'slipway-postgres-'));
  const password = randomBytes(16).toString('hex');
  const passwordFile = join(directory, 'password');
  writeFileSync(passwordFile, password, { mode: 0o600 });
  if (owner.uid !== undefined)
    for (const p of [directory, passwordFile]) chownSync(p, owner.uid, owner.gid);
  const data = join(directory, 'data');
  await execute(
    join(bin, 'initdb'),
    [
      ...['-D', data, '-U', 'postgres', '--auth=scram-sha-256', `--pwfile=${passwordFile}`],
      ...['--no-sync', '--encoding=UTF8', '--locale=C'],
    ],
    { ...owner, cwd: directory },
  );

  const port = await freePort();
  const url = `postgres://postgres:${password}@127.0.0.1:${port}/postgres`;
  // What is here outlives the death of its processes, not that of the machine, so it need not wait for the disk.
  const settings = [
    'fsync=off',
    'full_page_writes=off',
    'max_connections=200',
    'unix_socket_directories=',
  ];
  const launch = () =>
    spawn(
      join(bin, 'postgres'),
      ['-D', data, '-h', '127.0.0.1', '-p', String(port), ...settings.flatMap((s) => ['-c', s])],
      { ...owner, cwd: directory, stdio: 'ignore' },
    );
  let server = launch();
  const end = async (signal: 'SIGQUIT' | 'SIGKILL') => {
    if (server.exitCode !== null || server.signalCode !== null) return;
    const exited = once(server, 'exit');
    server.kill(signal);
    await exited;
  };
  const killAtExit = () => {
    server.kill('SIGQUIT');
    rmSync(directory, { recursive: true, force: true });
  };
  process.on('exit', killAtExit);

  async function stop(): Promise<void> {
    process.off('exit', killAtExit);
    await end('SIGQUIT');
    rmSync(directory, { recursive: true, force: true });
  }
  /** @returns false when it ended instead of answering */
  async function ready(): Promise<boolean> {
    const deadline = Date.now() + START_MS;
    while (!(await answers(url))) {
      if (server.exitCode !== null || Date.now() > deadline) return false;
      await sleep(50);
    }
    return true;
  }

  if (!(await ready())) {
    await stop();
    throw new Error('PostgreSQL did not start.');
  }
  return {
    url,
    stop,
    kill: () => end('SIGKILL'),
    async restart() {
      // What the killed one leaves behind keeps the next from starting for a moment.
      const deadline = Date.now() + START_MS;
      do {
        if (Date.now() > deadline) throw new Error('PostgreSQL did not start again.');
        server = launch();
      } while (!(await ready()));
    },
  };
}
