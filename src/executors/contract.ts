import { randomUUID } from 'node:crypto';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { connect } from 'node:net';
import { PassThrough, type Readable } from 'node:stream';
import { buffer, text } from 'node:stream/consumers';
import { extract, pack } from 'tar-stream';
import { afterAll, describe, expect, test } from 'vitest';
import type { Capability, Executor, WorkSpec } from './executor.ts';
import { fileEntry, hardLinkEntry, linkEntry, type TarEntry, tarOfEntries } from './testing.ts';

/** How the suite gets at an executor. */
export interface ContractSubject {
  /** Every call: an executor as a restarted server would make it, over the same state. */
  open(): Executor;
  image?: string;
}

/** Starts work, and removes it after the suite. */
function works(subject: ContractSubject) {
  const handles: string[] = [];
  afterAll(async () => {
    await Promise.all(handles.map((handle) => subject.open().remove(handle)));
  });

  const prepare = async (script: string, options: Partial<WorkSpec> = {}) => {
    const executor = subject.open();
    const spec: WorkSpec = {
      id: `contract-${randomUUID()}`,
      command: (root) => ['/bin/sh', '-c', script, 'work', root],
      environment: {},
      labels: {},
      ...(subject.image ? { image: subject.image } : {}),
      ...options,
    };
    const handle = await executor.prepare(spec);
    handles.push(handle);
    return { executor, handle, spec };
  };
  const run = async (script: string, options?: Partial<WorkSpec>) => {
    const work = await prepare(script, options);
    await work.executor.start(work.handle);
    return work;
  };
  return { prepare, run };
}

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

/** The tests of what some executors have: each passes the rows of its `capabilities`, and refuses the others. */
export function capabilityContract(name: string, subject: ContractSubject): void {
  describe(`executor contract, capabilities: ${name}`, () => {
    const { prepare } = works(subject);
    const { capabilities } = subject.open();
    const needing: Record<Capability, Partial<WorkSpec>> = {
      'entry-point': { command: undefined },
      privileged: { privileged: true },
      ports: { ports: [8080] },
      mounts: { mounts: [{ volume: `contract-${randomUUID()}`, path: '/shared' }] },
      network: { network: 'contract' },
    };
    const has = (capability: Capability) => capabilities.includes(capability);
    const missing = (Object.keys(needing) as Capability[]).filter((one) => !has(one));

    if (missing.length > 0) {
      test.each(missing)('work that needs what it lacks is refused by name: %s', async (one) => {
        await expect(prepare('true', needing[one])).rejects.toMatchObject({
          name: 'CannotRun',
          missing: [one],
          message: expect.stringContaining(one),
        });
      });
    }

    if (has('ports'))
      test('each work has its ports to itself, reached where attach says', async () => {
        const answering =
          'use IO::Socket::INET; my $l = IO::Socket::INET->new(LocalPort => 8080, Listen => 5, ReuseAddr => 1) or die; $| = 1; print "ready\n"; while (my $c = $l->accept) { print $c $ENV{ANSWER}; close $c }';
        const answers = await Promise.all(
          ['one', 'two'].map(async (ANSWER) => {
            const { executor, handle } = await prepare('', {
              ...{
                command: () => ['perl', '-e', answering],
                environment: { ANSWER },
                ports: [8080],
              },
            });
            expect((await executor.attach(handle)).ports).toBeUndefined();
            await executor.start(handle);
            await output(executor.logs(handle), 'ready\n');
            const at = (await subject.open().attach(handle)).ports?.[8080];
            const answer = await text(connect(at?.port ?? 0, at?.host));
            await executor.stop(handle, 0);
            return answer;
          }),
        );
        expect(answers).toEqual(['one', 'two']);
      });

    if (has('network'))
      test('a network whose name is none is refused', async () => {
        for (const network of ['host/x', '../x', '']) {
          const refused = prepare('true', { network });
          await expect(refused).rejects.toThrow('no name or directory');
        }
      });

    if (has('mounts'))
      test('a volume outlives its work, and a reader cannot write to it', async () => {
        const volume = `contract-${randomUUID()}`;
        const mounts = (readOnly: boolean) => ({ mounts: [{ volume, path: '/shared', readOnly }] });
        const ended = async (script: string, readOnly: boolean) => {
          const { executor, handle } = await prepare(script, mounts(readOnly));
          await executor.start(handle);
          const exit = await executor.wait(handle);
          const printed = await text(executor.logs(handle));
          await executor.remove(handle);
          return [exit, printed];
        };
        try {
          const good = { kind: 'exited', status: 0 };
          expect(await ended('echo kept > /shared/file', false)).toEqual([good, '']);
          const script = 'cat /shared/file; touch /shared/other 2>/dev/null || echo refused';
          expect(await ended(script, true)).toEqual([good, 'kept\nrefused\n']);
        } finally {
          await subject.open().removeVolume?.(volume);
        }
      });

    if (has('mounts'))
      test('a volume whose name leads elsewhere is refused', async () => {
        for (const volume of ['../x', '/etc', '']) {
          const refused = prepare('true', { mounts: [{ volume, path: '/shared' }] });
          await expect(refused).rejects.toThrow('no name or directory');
        }
      });

    if (has('entry-point'))
      describe('the entry point of an image', () => {
        const own = (args: string[]) => ({ command: undefined, arguments: args });

        test('runs as the image says, with the arguments of the spec', async () => {
          const { executor, handle } = await prepare(
            '',
            own(['sh', '-c', 'pwd; echo err >&2; exit 3']),
          );
          expect(await executor.attach(handle)).toMatchObject({
            state: 'prepared',
            image: subject.image,
          });
          await executor.start(handle);
          expect(await executor.wait(handle)).toEqual({ kind: 'exited', status: 3 });
          expect(await text(executor.logs(handle))).toBe('/\n');
          expect(await text(executor.logs(handle, { stream: 'stderr' }))).toBe('err\n');
          await executor.start(handle);
          expect(await text(executor.logs(handle))).toBe('/\n');
        });

        test('stop before start: it never runs', async () => {
          const { executor, handle } = await prepare('', own(['echo', 'ran']));
          await executor.stop(handle, 0);
          await subject.open().start(handle);
          expect(await executor.wait(handle)).toEqual({ kind: 'exited', status: 143 });
          expect(await text(executor.logs(handle))).toBe('');
        });
      });

    test.each(['/', 'relative', '/..', '/a/../../etc', '/a b', ''])(
      'a root directory that is none is refused: %s',
      async (rootDirectory) => {
        await expect(prepare('true', { rootDirectory })).rejects.toThrow('no name or directory');
      },
    );

    test('work sees its tree where the spec says, if it has a file system of its own', async () => {
      const { executor, handle } = await prepare('pwd', { rootDirectory: '/elsewhere' });
      const { root } = await executor.attach(handle);
      await executor.start(handle);
      expect(await executor.wait(handle)).toEqual({ kind: 'exited', status: 0 });
      expect(await text(executor.logs(handle))).toBe(`${root}\n`);
      const own = ['container', 'bubblewrap'].includes((await executor.isolation()).kind);
      expect(root === '/elsewhere').toBe(own);
    });
  });
}

/** The tests that executors pass whose work has a whole file system about it. */
export function fileSystemContract(name: string, subject: ContractSubject): void {
  describe(`executor contract, file system: ${name}`, () => {
    const { prepare, run } = works(subject);

    test('an archive without entries makes its directory', async () => {
      const { executor, handle } = await prepare('cd "$1/a/b" && pwd > here');
      const { root } = await executor.attach(handle);
      await executor.copyIn(handle, `${root}/a/b`, tarOf({}));
      await executor.start(handle);
      expect(await executor.wait(handle)).toEqual({ kind: 'exited', status: 0 });
      expect(Object.keys(await entries(await executor.copyOut(handle, `${root}/a/b`)))).toEqual([
        'here',
      ]);
    });

    test('names go in as Linux has them, and links as they are, after all else', async () => {
      const { executor, handle } = await prepare(
        'cd "$1/in" && cat c:x "a\\b" "\\a" second out/file',
      );
      const { root } = await executor.attach(handle);
      const archive = tarOfEntries([
        linkEntry('out', '../beside'),
        linkEntry('absolute', '/etc/passwd'),
        linkEntry('file-now', '/etc/passwd'),
        fileEntry('file-now', 'a file'),
        fileEntry('c:x', '1'),
        fileEntry('a\\b', '2'),
        fileEntry('\\a', '3'),
        hardLinkEntry('second', 'c:x'),
        { ...fileEntry('set-user-id'), mode: 0o6755 },
      ]);
      await executor.copyIn(handle, `${root}/beside`, tarOf({ file: '4' }));
      await executor.copyIn(handle, `${root}/in`, archive);
      await executor.start(handle);
      expect(await executor.wait(handle)).toEqual({ kind: 'exited', status: 0 });
      expect(await text(executor.logs(handle))).toBe('12314');
      expect(await entries(await executor.copyOut(handle, `${root}/in`))).toMatchObject({
        out: 'symlink -> ../beside',
        absolute: 'symlink -> /etc/passwd',
        'file-now': 'file 644 a file',
        'a\\b': 'file 644 2',
        'set-user-id': 'file 755 x',
      });
    });

    test.each([
      ['leads up', [fileEntry('a/../../b')]],
      ['is absolute', [fileEntry('/b')]],
      ['lies below a link', [linkEntry('etc', '/etc'), fileEntry('etc/b')]],
      ['is a device', [{ name: 'null', type: 'character-device', devmajor: 1, devminor: 3 }]],
      ['needs a directory where a file is', [fileEntry('a'), fileEntry('a/b')]],
      ['is a link where a directory is', [fileEntry('a/b'), linkEntry('a', '/etc')]],
      ['is a file where a directory is', [fileEntry('a/b'), fileEntry('a')]],
      ['has too long a name', [fileEntry('n'.repeat(256))]],
    ] as [string, TarEntry[]][])('an entry that %s is refused', async (_what, archive) => {
      const { executor, handle } = await prepare('true');
      const { root } = await executor.attach(handle);
      await expect(executor.copyIn(handle, `${root}/in`, tarOfEntries(archive))).rejects.toThrow();
    });

    test('what the work made outside of its root comes out, of directories and of files', async () => {
      const { executor, handle } = await run(
        'd=$(mktemp -d) && cd "$d" && echo a > a && mkdir sub && echo b > sub/b && ln -s "$d" "$1/away" && printf %s "$d"',
      );
      await executor.wait(handle);
      const { root } = await executor.attach(handle);
      const path = await text(executor.logs(handle));
      const made = { a: 'file 644 a\n', 'sub/b': 'file 644 b\n' };
      expect(await entries(await executor.copyOut(handle, path))).toEqual(made);
      expect(await entries(await executor.copyOut(handle, `${root}/away`))).toEqual(made);
      const one = await executor.copyOut(handle, path, (name) => name === 'sub/b');
      expect(Object.keys(await entries(one))).toEqual(['sub/b']);
      expect(await entries(await executor.copyOut(handle, `${path}/sub/b`))).toEqual({
        b: 'file 644 b\n',
      });
      await expect(executor.copyOut(handle, `${path}/none`)).rejects.toMatchObject({
        code: 'ENOENT',
      });
    });

    test('links are followed as the work sees them; those that lead nowhere or around are left out', async () => {
      const { executor, handle } = await run(
        'cd "$1" && mkdir in in/real other && echo x > in/real/x && echo out > outside && cd in && ln -s real dir && ln -s "$1/in/real/x" file && ln -s ../outside out && ln -s . loop && ln -s nowhere broken && ln real/x hard && ln -s ../in ../other/back && ln -s ../other other && ln -s / slash',
      );
      expect(await executor.wait(handle)).toEqual({ kind: 'exited', status: 0 });
      const { root } = await executor.attach(handle);
      const kept = await entries(await executor.copyOut(handle, `${root}/in`));
      expect(kept).toMatchObject({ hard: 'file 644 x\n', dir: 'symlink -> real' });
      const followed = await executor.copyOut(
        handle,
        `${root}/in`,
        (name) => !name.startsWith('slash/'),
        { follow: true },
      );
      expect(await entries(followed)).toEqual({
        hard: 'file 644 x\n',
        'real/x': 'file 644 x\n',
        'dir/x': 'file 644 x\n',
        file: 'file 644 x\n',
        out: 'file 644 out\n',
      });
    });
  });
}

type TarFile = string | { body: string; mode: number };

/** A tar stream of these files. */
export function tarOf(files: Record<string, TarFile>): Readable {
  const archive = pack();
  for (const [name, file] of Object.entries(files)) {
    const { body, mode } = typeof file === 'string' ? { body: file, mode: 0o644 } : file;
    archive.entry({ name, mode }, body);
  }
  archive.finalize();
  return archive as unknown as Readable;
}

async function entries(tar: Readable): Promise<Record<string, string>> {
  const found: Record<string, string> = {};
  const parser = extract();
  tar.pipe(parser as unknown as NodeJS.WritableStream);
  for await (const entry of parser) {
    const { name, type, mode, linkname } = entry.header;
    const body = await text(entry);
    found[name] =
      type === 'symlink' ? `symlink -> ${linkname}` : `${type} ${(mode ?? 0).toString(8)} ${body}`;
  }
  return found;
}

async function output(stream: Readable, wanted: string): Promise<void> {
  let seen = '';
  for await (const chunk of stream) {
    seen += String(chunk);
    if (seen.includes(wanted)) return;
  }
  throw new Error(`the work ended with the output ${JSON.stringify(seen)}`);
}
