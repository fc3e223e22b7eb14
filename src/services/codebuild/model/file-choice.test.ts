import { describe, expect, test } from 'vitest';
import type { ArtifactSpec } from './buildspec.ts';
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
  ] as const)('%j', (artifact, paths, wanted) => {
    const { base } = choose(artifact as Partial<ArtifactSpec>);
    expect([base.directory, ...paths.map((path) => base.nameOf(path) ?? '-')]).toEqual(wanted);
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
  ] as const)('%j: %s, %s becomes %s', (artifact, directory, path, name) => {
    const choice = choose(artifact as unknown as Partial<ArtifactSpec>);
    const [selection] = choice.elsewhere();
    expect(selection?.directory).toBe(directory);
    expect(selection?.nameOf(path)).toBe(name);
  });

  test('are looked for only where the base directory had nothing', () => {
    const choice = choose({ files: ['/target/a.jar', 'b'] });
    expect(choice.base.nameOf('target/a.jar')).toBe('target/a.jar');
    expect(choice.elsewhere()).toEqual([]);
    expect(choice.unmatched()).toEqual(['b']);
  });
});
