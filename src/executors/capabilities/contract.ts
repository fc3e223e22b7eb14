import { randomUUID } from 'node:crypto';
import { connect } from 'node:net';
import { text } from 'node:stream/consumers';
import { describe, expect, test } from 'vitest';
import type { Capability, WorkSpec } from '../executor.ts';
import { type ContractSubject, output, tarOf, works } from '../testing.ts';

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
      machine: { machine: { linkLocal: '169.254.169.254' } },
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

    if (has('machine'))
      test('a machine is started again with its tree, its log goes on, and it has its addresses', async () => {
        const network = `contract-${randomUUID()}`;
        const script =
          'echo x >> "$1/boots"; wc -l < "$1/boots"; grep -q "169.254.169.254" /proc/net/fib_trie && echo linked; exec sleep 60';
        const { executor, handle } = await prepare(script, {
          ...{ network, machine: { linkLocal: '169.254.169.254' } },
        });
        try {
          await executor.stop(handle, 0);
          expect((await executor.attach(handle)).state).toBe('prepared');
          await executor.start(handle);
          await output(executor.logs(handle), '1\nlinked\n');
          await executor.start(handle);
          expect((await executor.attach(handle)).address).toMatch(/^\d+\.\d+\.\d+\.\d+$/);
          await executor.stop(handle, 0);
          expect((await executor.attach(handle)).address).toBeUndefined();
          const second = subject.open();
          await second.start(handle);
          await output(second.logs(handle), '1\nlinked\n2\nlinked\n');
          await second.stop(handle, 0);
        } finally {
          await executor.remove(handle);
          await subject.open().removeNetwork?.(network);
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
      test('a volume that is filled has that alone: nothing of an image, once, while work has it', async () => {
        const volume = `contract-${randomUUID()}`;
        // Where every image has something.
        const mounts = [{ volume, path: '/var', readOnly: true }];
        const { executor, handle } = await prepare('ls /var; cat /var/file', { mounts });
        const fill = (file: string) => executor.fillVolume?.(volume, async () => tarOf({ file }));
        try {
          await Promise.all([fill('first\n'), fill('first\n')]);
          await fill('second\n');
          await expect(executor.removeVolume?.(volume)).rejects.toThrow();
          await fill('first\n');
          await executor.start(handle);
          await executor.wait(handle);
          expect(await text(executor.logs(handle))).toBe('file\nfirst\n');
        } finally {
          await executor.remove(handle);
          await executor.removeVolume?.(volume);
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
