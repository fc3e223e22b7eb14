import { randomUUID } from 'node:crypto';
import { text } from 'node:stream/consumers';
import { afterAll, describe, expect, test } from 'vitest';
import { fillDisk, hasRoom, mountSmallDisk, unmountSmallDisk } from '../small-disk.ts';
import { tarOf } from '../testing.ts';
import { makeProcessExecutor } from './process-executor.ts';

const path = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';
const disk = mountSmallDisk(8);
afterAll(() => {
  if (disk) unmountSmallDisk(disk);
});

const LOST = 'Output was lost here: the disk was full.';
const BIG = 'cat /dev/zero >"$1/big"';

describe.skipIf(disk === undefined).each(['off', 'auto'] as const)(
  'work on a full disk, sandbox %s',
  (sandbox) => {
    const stateDir = disk ?? '';
    const executor = makeProcessExecutor({ stateDir, path, sandbox, hidden: [] });
    const reclaim = (handle: string, options?: { output?: boolean }) =>
      executor.reclaim?.(handle, options) ?? Promise.reject(new Error('it cannot reclaim'));
    const prepare = (script: string) =>
      executor.prepare({
        id: `full-${randomUUID()}`,
        command: (root) => ['/bin/sh', '-c', script, 'work', root],
        environment: {},
        labels: {},
      });
    const run = async (script: string) => {
      const handle = await prepare(script);
      await executor.start(handle);
      return handle;
    };
    const said = async (handle: string, what: string, stream: 'stdout' | 'stderr' = 'stdout') => {
      let seen = '';
      for await (const chunk of executor.logs(handle, { stream })) {
        seen += chunk;
        if (seen.includes(what)) return;
      }
      throw new Error(`the work ended and had said ${JSON.stringify(seen)}`);
    };
    /** Its command has ended: its tree can be had back. */
    const reclaimed = (handle: string, options?: { output?: boolean }) =>
      expect
        .poll(
          async () => {
            await reclaim(handle, options);
            return (await executor.attach(handle)).reclaimed;
          },
          { timeout: 20_000 },
        )
        .toBe(true);

    test('work that filled it ends with its own status and all its reports, once its tree is given up', async () => {
      const handle = await run(
        `long=$(head -c 9000 /dev/zero | tr "\\0" x); echo before; echo first >&2; until [ -e "$1/go" ]; do sleep 0.05; done; ${BIG} 2>/dev/null; echo gone $long; echo second $long >&2; echo third >&2; exit 7`,
      );
      // What it says once the disk is full may be lost.
      await said(handle, 'before');
      const { root } = await executor.attach(handle);
      await executor.copyIn(handle, root, tarOf({ go: '' }));
      await reclaimed(handle);
      expect(await executor.wait(handle)).toEqual({ kind: 'exited', status: 7 });
      const reports = await text(executor.logs(handle, { stream: 'stderr' }));
      expect(reports.replace(/x+/g, (x) => `x${x.length}`)).toBe('first\nsecond x9000\nthird\n');
      // A part of what was on its way may have found room; all of it, where the pump came after the tree was gone.
      expect(await text(executor.logs(handle))).toMatch(
        new RegExp(`^before\n(gone x{9000}\n|(gone x*)?\n${LOST}\n)$`),
      );
      await executor.remove(handle);
      expect((await executor.attach(handle)).state).toBe('absent');
    });

    test('work that runs is left alone', async () => {
      const handle = await run('echo here; exec sleep 60');
      await said(handle, 'here');
      await reclaim(handle, { output: true });
      expect(await executor.attach(handle)).not.toHaveProperty('reclaimed');
      await executor.remove(handle);
    });

    test('the output of other work goes on when there is room again, and says what is lost', async () => {
      const handle = await run(
        'i=0; while [ ! -e "$1/go" ]; do i=$((i+1)); head -c 5000 /dev/zero | tr "\\0" x; echo; echo line $i; sleep 0.02; done; echo last; echo report >&2',
      );
      await said(handle, 'line 3\n');
      const makeRoom = fillDisk(stateDir);
      // It ends when nothing has come for as long as the work takes to say much more.
      const full = await text(executor.logs(handle, { signal: AbortSignal.timeout(500) }));
      makeRoom();
      await said(handle, LOST);
      const { root } = await executor.attach(handle);
      await executor.copyIn(handle, root, tarOf({ go: '' }));
      expect(await executor.wait(handle)).toEqual({ kind: 'exited', status: 0 });
      const whole = await text(executor.logs(handle));
      expect(whole.length).toBeGreaterThan(full.length);
      expect(whole).toMatch(/last\n$/);
      expect(await text(executor.logs(handle, { stream: 'stderr' }))).toBe('report\n');
      await executor.remove(handle);
    });

    test('a stop ends what fills it, and how it ended is kept', async () => {
      const handle = await run(
        `trap '' TERM; echo ready; until [ -e "$1/go" ]; do sleep 0.05; done; while :; do ${BIG}; sleep 0.1; done 2>/dev/null`,
      );
      // What it says once the disk is full may be lost.
      await said(handle, 'ready');
      const { root } = await executor.attach(handle);
      await executor.copyIn(handle, root, tarOf({ go: '' }));
      await expect.poll(() => hasRoom(stateDir), { timeout: 20_000 }).toBe(false);
      await executor.stop(handle, 100);
      expect(await executor.wait(handle)).toEqual({ kind: 'exited', status: 137 });
      await reclaimed(handle);
      await executor.remove(handle);
    });

    test('output that fills it can be given up as well', async () => {
      const handle = await run('yes "$(head -c 1000 /dev/zero | tr "\\0" x)"');
      await expect.poll(() => hasRoom(stateDir), { timeout: 20_000 }).toBe(false);
      await executor.stop(handle, 100);
      await reclaimed(handle, { output: true });
      expect(hasRoom(stateDir)).toBe(true);
      await executor.remove(handle);
    });

    test('who has written most is told, in all and of late', async () => {
      const write = (kibibytes: number) =>
        run(`head -c ${kibibytes}k /dev/zero >"$1/file"; echo written; exec sleep 60`);
      const first = await write(2048);
      await said(first, 'written');
      const since = Date.now();
      // Times of files go by the tick of the system's clock.
      await expect.poll(() => Date.now() - since).toBeGreaterThan(50);
      const second = await write(1024);
      await said(second, 'written');
      expect((await executor.largest?.())?.handle).toBe(first);
      const { handle, bytes = 0 } = (await executor.largest?.(since + 25)) ?? {};
      expect(handle).toBe(second);
      expect(bytes / 1024).toBeGreaterThanOrEqual(1024);
      expect(bytes / 1024).toBeLessThan(1536);
      for (const each of [first, second]) await executor.remove(each);
      expect(await executor.largest?.()).toBeUndefined();
    });

    test('it is stopped before its start', async () => {
      const handle = await prepare('true');
      const makeRoom = fillDisk(stateDir);
      await executor.stop(handle, 0);
      expect(await executor.wait(handle)).toEqual({ kind: 'exited', status: 143 });
      makeRoom();
      await executor.remove(handle);
    });
  },
);
