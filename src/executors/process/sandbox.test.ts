import { type ChildProcessWithoutNullStreams, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  chmodSync,
  chownSync,
  mkdirSync,
  mkdtempSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { withFilter } from './filter-descriptor.ts';
import { makeProcessExecutor } from './process-executor.ts';
import { probeSandbox, sandboxed } from './sandbox.ts';

const path = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';
const tools = process.platform === 'linux' ? await probeSandbox(path) : 'not Linux';
const skipped = typeof tools === 'string' ? ` (skipped: ${tools})` : '';
if (skipped) process.stderr.write(`SKIPPED attacks on the sandbox${skipped}\n`);
const asRoot = typeof tools !== 'string' && tools.root;

/** Numbers of system calls. */
const CALLS = {
  x64: { add: 248, keyctl: 250, ioctl: 16 },
  arm64: { add: 217, keyctl: 219, ioctl: 29 },
};

/** Not below /tmp: work has one of its own, which would hide all that the sandbox forgets. */
const CACHE = join(import.meta.dirname, '..', '..', '..', 'node_modules', '.cache');
let place = '';
let nearby = '';
let toolchains = '';
beforeAll(() => {
  mkdirSync(CACHE, { recursive: true });
  place = mkdtempSync(join(CACHE, 'sandbox-'));
  mkdirSync(join(place, 'work'), { mode: 0o700 });
  writeFileSync(join(place, 'master.key'), 'KEY-OF-THE-SERVER', { mode: 0o600 });
  writeFileSync(join(place, 'readable'), 'READABLE-BY-ALL', { mode: 0o644 });
  nearby = asRoot ? mkdtempSync('/opt/slipway-other-') : '';
  if (nearby) {
    chmodSync(nearby, 0o755);
    writeFileSync(join(nearby, 'master.key'), 'KEY-OF-ANOTHER', { mode: 0o644 });
  }
});
afterAll(() => {
  rmSync(place, { recursive: true, force: true });
  for (const other of [nearby, toolchains])
    if (other) rmSync(other, { recursive: true, force: true });
});

async function work(script: string) {
  const stateDir = join(place, 'work');
  const executor = makeProcessExecutor({ stateDir, path, sandbox: 'auto', hidden: [place] });
  const handle = await executor.prepare({
    id: `attack-${Math.random().toString(36).slice(2)}`,
    command: (root) => ['/bin/sh', '-c', script, 'work', root],
    environment: {},
    labels: {},
  });
  await executor.start(handle);
  return {
    executor,
    handle,
    async said() {
      await executor.wait(handle);
      return (
        (await text(executor.logs(handle))) +
        (await text(executor.logs(handle, { stream: 'stderr' })))
      );
    },
  };
}

/** Says for each command whether it came through. */
const tries = (commands: string[]) =>
  commands
    .map((command, n) => `if (${command}) >/dev/null 2>&1; then echo through ${n}; fi`)
    .join('\n');

describe.skipIf(skipped)(`attacks on the sandbox${skipped}`, () => {
  test('it has no power, and cannot come to any', async () => {
    const { said } = await work('grep -E "^(Cap|NoNewPrivs)" /proc/self/status; id -u');
    const status = await said();
    for (const set of ['Inh', 'Prm', 'Eff', 'Bnd', 'Amb'])
      expect(status).toMatch(new RegExp(`^Cap${set}:\\s+0{16}$`, 'm'));
    expect(status).toMatch(/^NoNewPrivs:\s+1$/m);
    // As on AWS it is called root.
    expect(status).toMatch(/^0$/m);
  });

  test('mounts, namespaces and devices', async () => {
    const commands = [
      'umount /codebuild',
      'umount -l /proc',
      'mount -o remount,rw /usr',
      'mount -o remount,bind,rw /usr /usr',
      'mount --bind / /mnt',
      'mount -t tmpfs none /codebuild',
      'mount -t proc none /proc',
      'unshare -m true',
      'unshare -Ur true',
      'unshare -U true',
      'unshare -p -f true',
      'chroot / true',
      'mknod /tmp/disk b 254 0',
      'hostname other',
      'date -s 2001-01-01',
      'setpriv --reuid 1 true',
      'chown 1 /tmp',
      'echo 1 > /proc/sys/kernel/sysrq',
      'echo b > /proc/sysrq-trigger',
      'touch /usr/written || touch /etc/written || touch /opt/written || touch /sys/written',
      'echo x > /etc/passwd',
      'su -c true',
    ];
    const { said } = await work(`${tries(commands)}\necho end`);
    expect(await said()).toBe('end\n');
  });

  test('keyrings, which no namespace keeps apart, and typing into a terminal', async () => {
    const { keyctl, add, ioctl } = CALLS[process.arch as keyof typeof CALLS];
    // keyctl's GET_KEYRING_ID and DESCRIBE of the session keyring, a new key in it, TIOCSTI and TIOCLINUX.
    const calls = [
      `${keyctl}, 0, -3, 0`,
      `${keyctl}, 6, -3, 0, 0`,
      `${add}, $user, $name, $value, 5, -3`,
      `${ioctl}, 0, 0x5412, $value`,
      `${ioctl}, 0, 0x541c, $value`,
    ];
    const perl = calls.map((each) => `syscall(${each}) == -1 ? $!+0 : "done"`).join(', ');
    const { said } = await work(
      `perl -e '($user, $name, $value) = ("user", "name", "value"); print join(" ", ${perl}), "\\n"'
       grep -h Seccomp: /proc/1/status /proc/self/status
       for file in /proc/self/fd/*; do readlink "$file"; done | grep -c slipway-filter`,
    );
    // What watches over the work has the filter too, and the filter's own descriptor is closed.
    expect(await said()).toBe('1 1 1 1 1\nSeccomp:\t2\nSeccomp:\t2\n0\n');
  });

  test('files of the server, of its user, of other servers and of other work', async () => {
    const other = await work('echo OTHER-WORK > "$1/file"; echo ready; exec sleep 60');
    for await (const chunk of other.executor.logs(other.handle)) if (chunk.length > 0) break;
    const files = [
      `${place}/master.key`,
      `${place}/readable`,
      `/proc/1/root${place}/readable`,
      `/codebuild/../../master.key`,
      ...(nearby ? [`${nearby}/master.key`] : []),
      '/etc/shadow',
    ];
    const lists = [
      place,
      join(place, 'work'),
      homedir(),
      '/home/*',
      '/root/.*',
      '/srv/*',
      '/run/docker.sock',
    ];
    const { said } = await work(
      `cat ${files.join(' ')}; for f in /proc/self/fd/*; do ls -A $f/.. ; done; for d in ${lists.join(' ')}; do ls -A $d 2>/dev/null; done | sed 's/^/SEEN /'; echo end`,
    );
    const all = await said();
    expect(all).not.toMatch(/KEY-OF|READABLE-BY|OTHER-WORK|SEEN|root:.*:/);
    expect(all).toContain('end\n');
    await other.executor.stop(other.handle, 0);
  });

  test('processes of the server and of other work', async () => {
    const other = await work('echo ready; exec sleep 60');
    for await (const chunk of other.executor.logs(other.handle)) if (chunk.length > 0) break;
    const { said } = await work(
      `${tries([`kill -0 ${process.pid}`, `kill -9 ${process.ppid}`, `cat /proc/${process.pid}/environ`, `cat /proc/${process.pid}/maps`])}
ls -d /proc/[0-9]* | wc -l; grep -l sleep /proc/[0-9]*/comm; kill -9 -1; echo end`,
    );
    expect(await said()).toMatch(/^[1-9]\n/);
    expect((await other.executor.attach(other.handle)).state).toBe('running');
    await other.executor.stop(other.handle, 0);
  });

  test.skipIf(!asRoot)('under a server that is root each work is a user of its own', async () => {
    const users = new Set<number>();
    for (const _ of [1, 2]) {
      const { said, handle } = await work(
        'echo x > "$1/made"; echo x > /tmp/made; ls -ld "$1/made"',
      );
      expect(await said()).toContain('root root');
      const directory = join(place, 'work', handle.replace('process:', ''));
      const made = [join(directory, 'root', 'made'), join(directory, 'tmp', 'made')];
      for (const file of made) users.add(statSync(file).uid);
    }
    expect(users.size).toBe(2);
    expect([...users].every((uid) => uid >= 0x70000000 && uid < 0x80000000)).toBe(true);
  });

  test.skipIf(!asRoot)('under an ordinary user: his home and his files are not there', async () => {
    const directory = mkdtempSync(join(tmpdir(), 'slipway-user-'));
    const [tree, tmp, home] = ['tree', 'tmp', 'home'].map((name) => join(directory, name));
    for (const each of [tree, tmp, home]) mkdirSync(each ?? '');
    for (const each of [directory, tree, tmp, home]) chownSync(each ?? '', 65534, 65534);
    const view = {
      tree: tree ?? '',
      root: '/codebuild',
      tmp: tmp ?? '',
      hidden: [],
      path,
      uid: undefined,
    };
    const script = `${tries(['umount /codebuild', 'unshare -Ur true', 'mount -t tmpfs none /tmp'])}
ls -A ${home} ${place} /home 2>/dev/null; grep CapEff /proc/self/status; id -u; touch file`;
    const user = ['--reuid', '65534', '--regid', '65534', '--clear-groups', '--'];
    const output = withFilter(['ignore', 'pipe', 'inherit'], (stdio, filter) => {
      const command = sandboxed(view, tools as never, filter, ['sh', '-c', script]);
      return execFileSync('setpriv', [...user, ...command], { env: { PATH: path }, stdio });
    });
    expect(output.toString()).toBe('CapEff:\t0000000000000000\n0\n');
    rmSync(directory, { recursive: true, force: true });
  });

  test('of a home only the toolchain that the PATH names is seen', async () => {
    // What the PATH names below /tmp is never shown: work has a /tmp of its own.
    toolchains = mkdtempSync(join(homedir(), '.slipway-toolchains-'));
    const toolchain = join(toolchains, 'versions', 'v1');
    for (const name of ['bin', 'lib', 'secrets'])
      mkdirSync(join(toolchain, name), { recursive: true });
    writeFileSync(
      join(toolchain, 'bin', 'tool'),
      '#!/bin/sh\nls "$(dirname "$(dirname "$0")")"\n',
      {
        mode: 0o755,
      },
    );
    const [tree, tmp] = ['tree', 'tmp'].map((name) => join(place, name));
    for (const each of [tree, tmp]) mkdirSync(each ?? '');
    const uid = asRoot ? 0x70000001 : undefined;
    const view = {
      tree: tree ?? '',
      tmp: tmp ?? '',
      hidden: [],
      path: `${toolchain}/bin:${path}`,
      root: '/codebuild',
      uid,
    };
    const child = withFilter(['ignore', 'pipe', 'pipe'], (stdio, filter) => {
      const script = ['sh', '-c', 'tool; echo end'];
      const [program = '', ...args] = sandboxed(view, tools as never, filter, script);
      return spawn(program, args, { env: { PATH: view.path }, stdio });
    }) as ChildProcessWithoutNullStreams;
    const closed = once(child, 'close');
    const [out, err] = await Promise.all([text(child.stdout), text(child.stderr)]);
    expect(out + err).toBe('bin\nlib\nend\n');
    await closed;
  });
});
