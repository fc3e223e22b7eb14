import { spawnSync } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import {
  closeSync,
  constants,
  existsSync,
  mkdtempSync,
  openSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { text } from 'node:stream/consumers';
import { setTimeout as later } from 'node:timers/promises';
import { afterAll, expect, test, vi } from 'vitest';
import { capabilityContract } from '../capabilities/contract.ts';
import { executorContract } from '../contract.ts';
import type { Executor } from '../executor.ts';
import { fileSystemContract } from '../file-system/contract.ts';
import { terminalContract } from '../terminal/contract.ts';
import { endControlGroup, makeControlGroup } from './control-group.ts';
import { makeProcessExecutor } from './process-executor.ts';
import { probeSandbox } from './sandbox.ts';

const path = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';
const stateDirs = ['plain', 'sandboxed'].map((name) =>
  mkdtempSync(join(tmpdir(), `slipway-${name}-`)),
);
afterAll(() => {
  for (const dir of stateDirs) rmSync(dir, { recursive: true, force: true });
});

const common = { path, hidden: [] };
const plain = () =>
  makeProcessExecutor({ ...common, stateDir: stateDirs[0] ?? '', sandbox: 'off' });
executorContract('process, plain', { open: plain });
fileSystemContract('process, plain', { open: plain });
capabilityContract('process, plain', { open: plain });
/** As another program makes it. */
const made = (sandbox: string, stateDir = '') => ({
  ...{ by: 'makeProcessExecutor', from: new URL('./process-executor.ts', import.meta.url) },
  options: { ...common, stateDir, sandbox },
});
terminalContract('process, plain', { open: plain, made: made('off', stateDirs[0]) });

const group = makeControlGroup('probe');
if (group) await endControlGroup(group);
else process.stderr.write('SKIPPED control groups: this machine lets nobody make any\n');

test('a stop of work that is about to run does not wait for what was removed meanwhile', async () => {
  const executor = plain();
  const command = () => ['/bin/true'];
  const handle = await executor.prepare({ id: 'removed', command, environment: {}, labels: {} });
  const dir = join(stateDirs[0] ?? '', 'removed');
  // As a server leaves it that has begun to start the work.
  writeFileSync(join(dir, 'started'), '');
  // The stop has found it once it looks for its process; there it waits for who writes that down.
  const pid = join(dir, 'pid');
  rmSync(pid);
  spawnSync('mkfifo', [pid]);
  const stopping = executor.stop(handle, 50);
  const open = () => openSync(pid, constants.O_WRONLY | constants.O_NONBLOCK);
  const writer = await vi.waitFor(open, { timeout: 10_000, interval: 5 });
  rmSync(dir, { recursive: true });
  closeSync(writer);
  await stopping;
  expect((await executor.attach(handle)).state).toBe('absent');
});

test.skipIf(group === undefined)(
  'what it left running without its environment ends with it, also without a sandbox',
  async () => {
    const executor = plain();
    const tag = `stray-${randomUUID()}`;
    const loop = 'while :; do : >"$1/alive"; sleep 0.1; done';
    const script = `env -i /usr/bin/setsid /bin/sh -c '${loop}' ${tag} "$1" >/dev/null 2>&1 & while [ ! -e "$1/alive" ]; do sleep 0.05; done`;
    const handle = await started(executor, 'no-environment', script);
    expect(await executor.wait(handle)).toEqual({ kind: 'exited', status: 0 });
    const left = () => readdirSync('/proc').filter((pid) => commandOf(pid).includes(tag));
    await expect.poll(left).toEqual([]);
    const ofWork = join(dirname(group ?? ''), 'slipway-no-environment');
    expect(existsSync(ofWork)).toBe(true);
    await executor.remove(handle);
    expect(existsSync(ofWork)).toBe(false);
  },
);

test.skipIf(process.platform !== 'linux')(
  'what writes its output may be slow: it is not cut off',
  async () => {
    const executor = plain();
    const script =
      'echo ready; until [ -e "$1/go" ]; do sleep 0.05; done; echo rest; echo report >&2';
    const handle = await started(executor, 'slow-pumps', script);
    for await (const chunk of executor.logs(handle)) if (`${chunk}`.includes('ready')) break;
    const dir = join(stateDirs[0] ?? '', 'slow-pumps');
    const pumps = readFileSync(join(dir, 'pumps'), 'utf8').trim().split(' ');
    const processes = pumps.flatMap((pid) => [pid, ...descendantsOf(pid)]).map(Number);
    for (const pid of processes) process.kill(pid, 'SIGSTOP');
    writeFileSync(join(dir, 'root', 'go'), '');
    await expect.poll(() => existsSync(join(dir, 'status'))).toBe(true);
    // Longer than one that has nothing to write is waited for.
    await later(3_000);
    for (const pid of processes) process.kill(pid, 'SIGCONT');
    expect(await executor.wait(handle)).toEqual({ kind: 'exited', status: 0 });
    expect(await text(executor.logs(handle))).toBe('ready\nrest\n');
    expect(await text(executor.logs(handle, { stream: 'stderr' }))).toBe('report\n');
    await executor.remove(handle);
  },
);

/** Work of a script that gets its root as `$1`. */
async function started(executor: Executor, id: string, script: string): Promise<string> {
  const handle = await executor.prepare({
    id,
    command: (root) => ['/bin/sh', '-c', script, 'work', root],
    environment: {},
    labels: {},
  });
  await executor.start(handle);
  return handle;
}

function descendantsOf(pid: string): string[] {
  const children = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8');
  return children
    .split(' ')
    .filter(Boolean)
    .flatMap((child) => [child, ...descendantsOf(child)]);
}

function commandOf(pid: string): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8');
  } catch {
    return '';
  }
}

const works = process.platform === 'linux' ? await probeSandbox(path) : 'not Linux';
if (typeof works !== 'string') {
  const open = () =>
    makeProcessExecutor({ ...common, stateDir: stateDirs[1] ?? '', sandbox: 'auto' });
  executorContract('process, in bubblewrap', { open });
  fileSystemContract('process, in bubblewrap', { open });
  capabilityContract('process, in bubblewrap', { open });
  terminalContract('process, in bubblewrap', { open, made: made('auto', stateDirs[1]) });

  test("a link to the server's files leads where it leads for the work: to nothing", async () => {
    const secret = join(stateDirs[0] ?? '', 'master.key');
    writeFileSync(secret, 'the key');
    const executor = open();
    const script = `cd "$1" && ln -s ${secret} file && ln -s ${stateDirs[0]} directory`;
    const handle = await started(executor, 'links-out', script);
    await executor.wait(handle);
    const { root } = await executor.attach(handle);
    const followed = await executor.copyOut(handle, root, () => true, { follow: true });
    expect(Buffer.concat(await followed.toArray()).toString()).not.toContain('the key');
    for (const path of [secret, `${root}/directory`, `${root}/file`]) {
      await expect(executor.copyOut(handle, path)).rejects.toMatchObject({ code: 'ENOENT' });
    }
    await executor.remove(handle);
  });

  test('its output goes to the log, and nowhere else: it is not to be read again', async () => {
    const executor = open();
    const script =
      'echo one; timeout 5 cat </dev/stdout >"$1/taken"; echo two >/dev/stdout; echo three | tee /dev/stderr';
    const handle = await started(executor, 'own-output', script);
    await executor.wait(handle);
    expect(await text(executor.logs(handle))).toBe('one\ntwo\nthree\n');
    expect(await text(executor.logs(handle, { stream: 'stderr' }))).toMatch(/denied\nthree\n$/);
    await executor.remove(handle);
  });
} else {
  process.stderr.write(`SKIPPED executor contract: process, in bubblewrap: ${works}\n`);
}
