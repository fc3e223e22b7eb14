import { randomUUID } from 'node:crypto';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { text } from 'node:stream/consumers';
import { afterAll, expect, test } from 'vitest';
import { capabilityContract, executorContract, fileSystemContract } from '../contract.ts';
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

const group = makeControlGroup('probe');
if (group) await endControlGroup(group);
else process.stderr.write('SKIPPED control groups: this machine lets nobody make any\n');

test.skipIf(group === undefined)(
  'what it left running without its environment ends with it, also without a sandbox',
  async () => {
    const executor = plain();
    const tag = `stray-${randomUUID()}`;
    const loop = 'while :; do : >"$1/alive"; sleep 0.1; done';
    const script = `env -i /usr/bin/setsid /bin/sh -c '${loop}' ${tag} "$1" >/dev/null 2>&1 & while [ ! -e "$1/alive" ]; do sleep 0.05; done`;
    const handle = await executor.prepare({
      id: 'no-environment',
      command: (root) => ['/bin/sh', '-c', script, 'work', root],
      environment: {},
      labels: {},
    });
    await executor.start(handle);
    expect(await executor.wait(handle)).toEqual({ kind: 'exited', status: 0 });
    const left = () => readdirSync('/proc').filter((pid) => commandOf(pid).includes(tag));
    await expect.poll(left).toEqual([]);
    const ofWork = join(dirname(group ?? ''), 'slipway-no-environment');
    expect(existsSync(ofWork)).toBe(true);
    await executor.remove(handle);
    expect(existsSync(ofWork)).toBe(false);
  },
);

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

  test("a link to the server's files leads where it leads for the work: to nothing", async () => {
    const secret = join(stateDirs[0] ?? '', 'master.key');
    writeFileSync(secret, 'the key');
    const executor = open();
    const script = `cd "$1" && ln -s ${secret} file && ln -s ${stateDirs[0]} directory`;
    const handle = await executor.prepare({
      id: 'links-out',
      command: (root) => ['/bin/sh', '-c', script, 'work', root],
      environment: {},
      labels: {},
    });
    await executor.start(handle);
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
    const handle = await executor.prepare({
      id: 'own-output',
      command: (root) => ['/bin/sh', '-c', script, 'work', root],
      environment: {},
      labels: {},
    });
    await executor.start(handle);
    await executor.wait(handle);
    expect(await text(executor.logs(handle))).toBe('one\ntwo\nthree\n');
    expect(await text(executor.logs(handle, { stream: 'stderr' }))).toMatch(/denied\nthree\n$/);
    await executor.remove(handle);
  });
} else {
  process.stderr.write(`SKIPPED executor contract: process, in bubblewrap: ${works}\n`);
}
