import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { cpuTime } from '../../../lib/cpu-time.ts';
import { takeTurns } from '../../../lib/turns.ts';
import type { ArtifactSpec } from './buildspec-artifacts.ts';
import { baseDirectories, chooseFiles, expandPath } from './file-choice.ts';

const spec = (more: Partial<ArtifactSpec>): ArtifactSpec => ({
  files: ['**/*'],
  discardPaths: false,
  excludePaths: [],
  enableSymlinks: false,
  ...more,
});

const choose = (artifact: Partial<ArtifactSpec>) => {
  const whole = spec(artifact);
  const [base = ''] = baseDirectories(whole.baseDirectory ?? '', '/src');
  return chooseFiles(whole, base, '/src');
};

describe('CB-A22: files of an artifact', () => {
  test.each([
    [{}, ['a', 'b/c', '.d/e'], ['/src', 'a', 'b/c', '.d/e']],
    [{ files: ['*'] }, ['a', 'b/c'], ['/src', 'a', '-']],
    [{ files: ['b/*'] }, ['b/c', 'b/d/e'], ['/src', 'b/c', '-']],
    [{ files: ['./b/**/*', '/a'] }, ['b/c', 'b/d/e', 'a'], ['/src', 'b/c', 'b/d/e', 'a']],
    [{ files: ['/src/out/x'], baseDirectory: 'out' }, ['x'], ['/src/out', 'x']],
    [{ excludePaths: ['**/*.map'] }, ['a.js', 'b/a.map'], ['/src', 'a.js', '-']],
    [{ discardPaths: true }, ['b/c/d'], ['/src', 'd']],
    [{ baseDirectory: 'dist' }, ['a'], ['/src/dist', 'a']],
    [{ baseDirectory: '.' }, ['a'], ['/src', 'a']],
    [{ baseDirectory: '/src/out/' }, ['a'], ['/src/out', 'a']],
    [{ baseDirectory: '/tmp/out' }, ['a'], ['/tmp/out', 'a']],
    [{ baseDirectory: '../other' }, ['a'], ['/other', 'a']],
    [
      { baseDirectory: 'build-*' },
      ['build-1/a', 'build-2/b/c', 'other/a'],
      ['/src', 'a', 'b/c', '-'],
    ],
    [{ baseDirectory: '/tmp/out-*/x' }, ['out-1/x/a', 'out-1/y/a'], ['/tmp', 'a', '-']],
    [{ files: [''] }, ['a'], ['/src', '-']],
  ] as const)('%j', async (artifact, paths, wanted) => {
    const { base } = choose(artifact as Partial<ArtifactSpec>);
    const names = await Promise.all(paths.map((path) => base.nameOf(path)));
    expect([base.directory, ...names.map((name) => name ?? '-')]).toEqual(wanted);
  });

  test.each([
    [
      ['junit.xml', 'out/*.xml'],
      ['junit.xml', 'out', 'out/a'],
      ['a', 'node_modules/.bin/x', 'outer'],
    ],
    [['a/b/c'], ['a', 'a/b', 'a/b/c', 'a/b/c/d'], ['a/x', 'a/b/x', 'b']],
    [['/src/a/*', './b'], ['a', 'a/b', 'b'], ['c']],
    [['**/*.xml', 'a'], ['a', 'x/y'], []],
    [['a/../b'], ['b', 'x'], []],
    [['a\\*'], ['b'], []],
    [['(a|b)'], ['b'], []],
  ])('links are followed where %j may lie', (files, reached, not) => {
    const { base } = choose({ files });
    expect([...reached, ...not].filter((path) => base.reaches(path))).toEqual(reached);
  });

  test('whatever is taken is reached, and so is all that leads to it', async () => {
    const name = fc.constantFrom('a', 'b', 'a.xml', '@c', 'a b');
    const part = fc.oneof(
      name,
      fc.constantFrom('*', '**', '*.xml', '[ab]', '..', '.', '{a,b}', ''),
    );
    const text = (parts: fc.Arbitrary<string>) =>
      fc.array(parts, { minLength: 1, maxLength: 4 }).map((all) => all.join('/'));
    await fc.assert(
      fc.asyncProperty(
        fc.array(text(part), { minLength: 1, maxLength: 3 }),
        text(name),
        async (files, path) => {
          const { base } = choose({ files });
          if ((await base.nameOf(path)) === undefined) return;
          const parts = path.split('/');
          for (let length = 1; length <= parts.length; length++)
            expect(base.reaches(parts.slice(0, length).join('/'))).toBe(true);
        },
      ),
    );
  });

  test('a base directory that begins with a slash may be meant without it', () => {
    expect(baseDirectories('/dist', '/src')).toEqual(['/dist', '/src/dist']);
    expect(baseDirectories('', '/src')).toEqual(['/src']);
  });

  test('variables of paths have their last values', () => {
    // biome-ignore lint/suspicious/noTemplateCurlyInString: the shell's form
    expect(expandPath(' a-$V/${V}/$constructor', { V: '1.2' })).toBe('a-1.2/1.2/');
  });
});

describe('files outside of the base directory', () => {
  test.each([
    [{ files: ['/tmp/a.jar'] }, '/tmp/a.jar', 'a.jar', 'tmp/a.jar'],
    [{ files: ['/tmp/a.jar'], discardPaths: true }, '/tmp/a.jar', 'a.jar', 'a.jar'],
    [{ files: ['/tmp/out/**/*.js'] }, '/tmp/out', 'x/a.js', 'tmp/out/x/a.js'],
    [{ files: ['../other/*.js'] }, '/other', 'a.js', 'other/a.js'],
    [{ files: ['/src/lib/a'], baseDirectory: 'out' }, '/src/lib/a', 'a', 'lib/a'],
    [{ files: ['/tmp/*'], excludePaths: ['/tmp/*.map'] }, '/tmp', 'a.map', undefined],
  ] as const)('%j: %s, %s becomes %s', async (artifact, directory, path, name) => {
    const choice = choose(artifact as unknown as Partial<ArtifactSpec>);
    const [selection] = choice.elsewhere();
    expect(selection?.directory).toBe(directory);
    expect(await selection?.nameOf(path)).toBe(name);
  });

  test('are looked for only where the base directory had nothing', async () => {
    const choice = choose({ files: ['/target/a.jar', 'b'] });
    expect(await choice.base.nameOf('target/a.jar')).toBe('target/a.jar');
    expect(choice.elsewhere()).toEqual([]);
    expect(choice.unmatched()).toEqual(['b']);
  });
});

describe('thousands of patterns and files', () => {
  const many = spec({
    files: Array.from({ length: 1500 }, (_, n) => `${'**/'.repeat(40)}*a*a*a*a*b${n}`),
    excludePaths: Array.from({ length: 1500 }, (_, n) => `${'**/'.repeat(40)}*a*c${n}`),
  });
  const paths = Array.from({ length: 20 }, (_, n) => `${'a/'.repeat(100)}${'a'.repeat(40)}${n}b7`);

  test('others have their turn in between', async () => {
    let [longest, sinceLast, running] = [0, cpuTime(), true];
    const look = () => {
      longest = Math.max(longest, sinceLast());
      sinceLast = cpuTime();
      if (running) setImmediate(look);
    };
    setImmediate(look);
    const { base } = chooseFiles(many, '/src', '/src', takeTurns(new AbortController().signal));
    for (const path of paths) expect(await base.nameOf(path)).toBe(path);
    running = false;
    expect(longest).toBeLessThan(200);
  });

  test('who is ended looks no further', async () => {
    const ended = new AbortController();
    const { base } = chooseFiles(many, '/src', '/src', takeTurns(ended.signal));
    const looking = (async () => {
      for (const path of paths) await base.nameOf(path);
    })();
    ended.abort(new Error('stopped'));
    await expect(looking).rejects.toThrow('stopped');
  });
});
