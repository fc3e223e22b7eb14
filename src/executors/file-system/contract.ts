import { text } from 'node:stream/consumers';
import { describe, expect, test } from 'vitest';
import {
  type ContractSubject,
  entries,
  fileEntry,
  hardLinkEntry,
  linkEntry,
  type TarEntry,
  tarOf,
  tarOfEntries,
  works,
} from '../testing.ts';

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
