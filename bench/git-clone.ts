import { execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startServer } from '../conformance/server.ts';
import { remotesOf, startDaemon } from './git-push.ts';

const COMMITS = 10_000;
/** Random, so that the repository has as many bytes: 100 MB in all. */
const FILE_BYTES = 10_000;
const PUSHES = 3;
const STARTS = 3;
/** After each start. */
const CLONES = 2;

/** Pushes and clones of an encrypted repository beside those of `git daemon`; also the first clone after a start. */
export async function benchGitClone(): Promise<string[]> {
  const directory = mkdtempSync(join(tmpdir(), 'slipway-bench-'));
  const dataDir = join(directory, 'data');
  const source = join(directory, 'source.git');
  execFileSync('git', ['init', '--quiet', '--bare', '--initial-branch=main', source]);
  execFileSync('git', ['-C', source, 'fast-import', '--quiet'], { input: history() });
  const served = join(directory, 'served');
  mkdirSync(served);
  const server = await startServer({ dataDir });
  const daemon = await startDaemon(served);
  const remoteAt = await remotesOf(server);
  const remotes = {
    daemon: `git://127.0.0.1:${daemon.port}/bench`,
    slipway: '',
  };
  const timed = (...args: string[]) => {
    const started = performance.now();
    execFileSync('git', args, { env: server.env, stdio: ['ignore', 'pipe', 'pipe'] });
    return performance.now() - started;
  };
  // In turn, and the best of some: what else the machine does hits both.
  const pushed = { daemon: Infinity, slipway: Infinity };
  const push = (remote: string) => timed('-C', source, 'push', '--quiet', remote, 'main');
  for (let round = 0; round < PUSHES; round += 1) {
    rmSync(join(served, 'bench'), { recursive: true, force: true });
    execFileSync('git', ['init', '--quiet', '--bare', join(served, 'bench')]);
    pushed.daemon = Math.min(pushed.daemon, push(remotes.daemon));
    remotes.slipway = await remoteAt(`bench-${round}`);
    pushed.slipway = Math.min(pushed.slipway, push(remotes.slipway));
  }
  const clone = (remote: string) => {
    const to = join(directory, 'clone');
    const took = timed('clone', '--quiet', '--bare', remote, to);
    rmSync(to, { recursive: true });
    return took;
  };
  let first = Infinity;
  const best = { daemon: Infinity, slipway: Infinity };
  for (let start = 0; start < STARTS; start += 1) {
    await server.kill();
    await server.restart();
    first = Math.min(first, clone(remotes.slipway));
    for (let round = 0; round < CLONES; round += 1)
      for (const name of ['daemon', 'slipway'] as const)
        best[name] = Math.min(best[name], clone(remotes[name]));
  }
  daemon.stop();
  await server.stop();
  rmSync(directory, { recursive: true });
  const beside = (what: string, slipway: number, peer: number) =>
    `${what}: ${slipway.toFixed(0)} ms, git daemon ${peer.toFixed(0)} ms, ${(slipway / peer).toFixed(2)} times`;
  return [
    `${beside('git push of 10,000 commits, 100 MB', pushed.slipway, pushed.daemon)}`,
    `${beside('git clone, the first one after a start', first, best.daemon)}`,
    `${beside('git clone', best.slipway, best.daemon)} (aim 1.30 at most)`,
  ];
}

function history(): Buffer {
  const parts: (string | Buffer)[] = [];
  for (let n = 1; n <= COMMITS; n += 1) {
    const content = randomBytes(FILE_BYTES);
    parts.push(
      `commit refs/heads/main\ncommitter b <b@b> ${1_700_000_000 + n} +0000\ndata 1\nm\n`,
      `M 100644 inline d${n % 100}/f${n}\ndata ${FILE_BYTES}\n`,
      content,
      '\n',
    );
  }
  return Buffer.concat(parts.map((part) => Buffer.from(part)));
}
