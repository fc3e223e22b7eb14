import { randomUUID } from 'node:crypto';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { PassThrough } from 'node:stream';
import { buffer, text } from 'node:stream/consumers';
import { describe, expect, test } from 'vitest';
import { type ContractSubject, entries, output, tarOf, works } from './testing.ts';

/** The tests that every executor passes; they are the meaning of the interface. */
export function executorContract(name: string, subject: ContractSubject): void {
  describe(`executor contract: ${name}`, () => {
    const { prepare, run } = works(subject);

    test('runs a command to its exit status, its two streams apart', async () => {
      const { executor, handle } = await run('echo out; echo err >&2; exit 7');
      expect(await executor.wait(handle)).toEqual({ kind: 'exited', status: 7 });
      expect(await text(executor.logs(handle))).toBe('out\n');
      expect(await text(executor.logs(handle, { stream: 'stderr' }))).toBe('err\n');
      expect((await executor.attach(handle)).state).toBe('ended');
    });

    test('prepare is repeatable and gives the same handle; start runs once however often it is called', async () => {
      const { executor, handle, spec } = await prepare('echo run >> "$1/count"; echo once');
      expect(await subject.open().prepare(spec)).toBe(handle);
      expect((await executor.attach(handle)).state).toBe('prepared');
      await Promise.all([executor.start(handle), subject.open().start(handle)]);
      await executor.wait(handle);
      await executor.start(handle);
      expect(await executor.wait(handle)).toEqual({ kind: 'exited', status: 0 });
      expect(await text(executor.logs(handle))).toBe('once\n');
    });

    test('its environment is clean but for what the spec adds', async () => {
      process.env.SLIPWAY_LEAK = 'leaked';
      const { executor, handle } = await run('env', { environment: { GIVEN: 'a b\nc' } });
      delete process.env.SLIPWAY_LEAK;
      const output = await text(executor.logs(handle));
      expect(output).toContain('GIVEN=a b\nc\n');
      expect(output).toContain('PATH=');
      expect(output).toContain('HOME=/');
      expect(output).not.toContain('leaked');
    });

    test('logs follow the work while it runs, from any offset, for several readers', async () => {
      const { executor, handle } = await prepare(
        'echo one; while [ ! -e "$1/go" ]; do sleep 0.05; done; echo two',
      );
      const whole = text(executor.logs(handle));
      await executor.start(handle);
      const tail = executor.logs(handle, { offset: 4 });
      const { root } = await executor.attach(handle);
      const first = executor.logs(handle);
      await output(first, 'one\n');
      await executor.copyIn(handle, root, tarOf({ go: '' }));
      expect(await text(tail)).toBe('two\n');
      expect(await whole).toBe('one\ntwo\n');
    });

    test('a reader that has enough ends its stream early', async () => {
      const { executor, handle } = await run('echo one; exec sleep 60');
      const abort = new AbortController();
      const reading = text(executor.logs(handle, { signal: abort.signal }));
      abort.abort();
      expect('one\n'.startsWith(await reading)).toBe(true);
      await executor.stop(handle, 0);
    });

    test('a new server finds running work again, its log without gap or repeat', async () => {
      const lines = 200;
      const script = `i=0; while [ $i -lt ${lines} ]; do i=$((i+1)); echo line $i; done; while [ ! -e "$1/go" ]; do sleep 0.05; done; echo end`;
      const { executor, handle } = await run(script);
      let seen = 0;
      for await (const chunk of executor.logs(handle)) {
        seen += (chunk as Buffer).length;
        break;
      }
      const second = subject.open();
      const { state, root } = await second.attach(handle);
      expect(state).toBe('running');
      const rest = text(second.logs(handle, { offset: seen }));
      await second.copyIn(handle, root, tarOf({ go: '' }));
      const whole = await text(second.logs(handle));
      expect(whole).toBe(
        `${Array.from({ length: lines }, (_, i) => `line ${i + 1}\n`).join('')}end\n`,
      );
      expect(await rest).toBe(whole.slice(seen));
      expect(await subject.open().wait(handle)).toEqual({ kind: 'exited', status: 0 });
    });

    test('stop lets the command tidy up within the grace', async () => {
      const { executor, handle } = await run(
        'trap "echo tidy; exit 3" TERM; echo ready; while :; do sleep 0.05; done',
      );
      await output(executor.logs(handle), 'ready\n');
      await executor.stop(handle, 10_000);
      expect(await executor.wait(handle)).toEqual({ kind: 'exited', status: 3 });
      expect(await text(executor.logs(handle))).toBe('ready\ntidy\n');
    });

    test('stop kills what will not end', async () => {
      const { executor, handle } = await run(
        'trap "" TERM; echo ready; while :; do sleep 0.05; done',
      );
      await output(executor.logs(handle), 'ready\n');
      await executor.stop(handle, 100);
      expect(await executor.wait(handle)).toEqual({ kind: 'exited', status: 137 });
    });

    test('stop before start: it never runs', async () => {
      const { executor, handle } = await prepare('echo ran');
      await executor.stop(handle, 0);
      await executor.start(handle);
      expect(await executor.wait(handle)).toEqual({ kind: 'exited', status: 143 });
      expect(await text(executor.logs(handle))).toBe('');
    });

    test('children in the background do not hold the work', async () => {
      const { executor, handle } = await run('sleep 60 & echo started');
      expect(await executor.wait(handle)).toEqual({ kind: 'exited', status: 0 });
      expect(await text(executor.logs(handle))).toBe('started\n');
    });

    test('its output is a pipe: what was written stays, whoever opens it anew', async () => {
      const { executor, handle } = await run(
        'echo first; echo cut > /dev/stdout; echo err >&2; echo two | tee /dev/stderr; echo three > /proc/self/fd/2; echo last',
      );
      expect(await executor.wait(handle)).toEqual({ kind: 'exited', status: 0 });
      expect(await text(executor.logs(handle))).toBe('first\ncut\ntwo\nlast\n');
      expect(await text(executor.logs(handle, { stream: 'stderr' }))).toBe('err\ntwo\nthree\n');
    });

    test('a large output is whole when the work has ended', async () => {
      const { executor, handle } = await run('head -c 3000000 /dev/zero; exit 4');
      expect(await executor.wait(handle)).toEqual({ kind: 'exited', status: 4 });
      expect((await buffer(executor.logs(handle))).length).toBe(3_000_000);
    });

    const tag = `stray-${randomUUID()}`;
    /** Leaves its group, its session and its parent, and shows that it lives in `alive`. */
    const loop = 'while :; do echo x > "$1/alive"; sleep 0.1; done';
    const stray = `setsid sh -c '(${loop}) >/dev/null 2>&1 </dev/null &' ${tag} "$1"; while [ ! -e "$1/alive" ]; do sleep 0.05; done`;
    const leftRunning = () => {
      const entries = existsSync('/proc') ? readdirSync('/proc') : [];
      return entries.filter((pid) => {
        try {
          return readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes(tag);
        } catch {
          return false;
        }
      });
    };

    test('what it left running elsewhere ends with it', async () => {
      const { executor, handle } = await run(`${stray}; echo done`);
      expect(await executor.wait(handle)).toEqual({ kind: 'exited', status: 0 });
      await expect.poll(leftRunning).toEqual([]);
      expect(await text(executor.logs(handle))).toBe('done\n');
    });

    test('what it left running elsewhere ends with a stop', async () => {
      const { executor, handle } = await run(
        `${stray}; trap "" TERM; echo done; while :; do sleep 0.05; done`,
      );
      await output(executor.logs(handle), 'done\n');
      await executor.stop(handle, 0);
      await expect.poll(leftRunning).toEqual([]);
    });

    test('an archive that breaks is an error at once', async () => {
      const { executor, handle } = await prepare('true');
      const { root } = await executor.attach(handle);
      const broken = new PassThrough();
      broken.write(Buffer.alloc(100, 'x'));
      const copying = executor.copyIn(handle, `${root}/in`, broken);
      broken.destroy(new Error('the source is damaged'));
      await expect(copying).rejects.toThrow('damaged');
    });

    test('a tree of any depth and any mode can be removed', async () => {
      const name = 'd'.repeat(200);
      const { executor, handle } = await run(
        `cd "$1"; mkdir locked; touch locked/file; chmod 500 locked; i=0; while [ $i -lt 30 ]; do i=$((i+1)); mkdir ${name} && cd -P ./${name} || exit 9; done; echo deep > file`,
      );
      expect(await executor.wait(handle)).toEqual({ kind: 'exited', status: 0 });
      await executor.remove(handle);
      expect((await executor.attach(handle)).state).toBe('absent');
    });

    test('wait gives up when its signal aborts; the work goes on', async () => {
      const { executor, handle } = await run('exec sleep 60');
      const abort = new AbortController();
      const waiting = executor.wait(handle, abort.signal);
      abort.abort(new Error('enough'));
      await expect(waiting).rejects.toThrow('enough');
      expect((await executor.attach(handle)).state).toBe('running');
      await executor.stop(handle, 0);
    });

    test('exec runs beside the work', async () => {
      const { executor, handle } = await run('echo here > "$1/file"; echo ready; exec sleep 60');
      await output(executor.logs(handle), 'ready\n');
      const { root } = await executor.attach(handle);
      const session = await executor.exec(handle, [
        '/bin/sh',
        '-c',
        `cat ${root}/file; cat; exit 5`,
      ]);
      session.stdin.end('typed');
      expect(await text(session.output)).toBe('here\ntyped');
      expect(await session.status).toBe(5);
      await executor.stop(handle, 0);
    });

    test('files go in before the start and come out after the end, with modes and links', async () => {
      const { executor, handle } = await prepare(
        'cd "$1/in" && ./run > out.txt && ln -s out.txt link && mkdir -p deep/er && echo x > deep/er/file',
      );
      const { root } = await executor.attach(handle);
      await executor.copyIn(
        handle,
        `${root}/in`,
        tarOf({
          run: { body: '#!/bin/sh\necho made', mode: 0o755 },
          secret: { body: 's', mode: 0o600 },
        }),
      );
      await executor.start(handle);
      expect(await executor.wait(handle)).toEqual({ kind: 'exited', status: 0 });
      const all = await entries(await executor.copyOut(handle, `${root}/in`));
      expect(all).toEqual({
        run: 'file 755 #!/bin/sh\necho made',
        secret: 'file 600 s',
        'out.txt': 'file 644 made\n',
        link: 'symlink -> out.txt',
        'deep/er/file': 'file 644 x\n',
      });
      const some = await executor.copyOut(handle, `${root}/in`, async (name) =>
        name.startsWith('deep/'),
      );
      expect(Object.keys(await entries(some))).toEqual(['deep/er/file']);
      // A reader that goes away harms nobody.
      for await (const _ of await executor.copyOut(handle, `${root}/in`)) break;
    });

    test('nothing is written outside of the root', async () => {
      const { executor, handle } = await prepare('ln -s / "$1/slash"; ln -s /etc "$1/etc"');
      const { root } = await executor.attach(handle);
      await executor
        .copyIn(handle, `${root}/in`, tarOf({ '../../escaped': 'x', ok: 'y' }))
        .catch(() => {});
      await expect(executor.copyIn(handle, '/etc', tarOf({ a: 'x' }))).rejects.toThrow();
      await executor.start(handle);
      await executor.wait(handle);
      const names = Object.keys(
        await entries(await executor.copyOut(handle, root, (n) => !n.startsWith('home/'))),
      );
      expect(names).not.toContain('escaped');
      expect(names.filter((name) => name.startsWith('etc/') || name.startsWith('slash/'))).toEqual(
        [],
      );
    });

    test('what does not exist is absent to attach, an error to others, and removed already', async () => {
      const { executor, handle } = await run('echo a');
      await executor.wait(handle);
      await executor.remove(handle);
      await executor.remove(handle);
      await executor.stop(handle, 0);
      expect((await executor.attach(handle)).state).toBe('absent');
      expect((await executor.attach('none:such')).state).toBe('absent');
      await expect(executor.wait(handle)).rejects.toThrow();
      await expect(executor.copyOut(handle, '/')).rejects.toThrow();
    });

    test('remove ends what runs', async () => {
      const { executor, handle } = await run('trap "" TERM; while :; do sleep 0.05; done');
      await executor.remove(handle);
      expect((await executor.attach(handle)).state).toBe('absent');
    });
  });
}
