import { describe, expect, test } from 'vitest';
import type { FileMode, TreeEntry } from '../../../git/git-host.ts';
import { blobIdOf, type Files, planCommit } from './commit-plan.ts';
import { type CommitEntries, checkCommitRequest } from './commit-request.ts';

const bytes = (text: string) => Buffer.from(text);

/** Files in memory: path to text, or to `{ mode }` of a submodule. */
function filesOf(content: Record<string, string>, modes: Record<string, FileMode> = {}): Files {
  const paths = Object.keys(content);
  const name = (path: string) => path.slice(path.lastIndexOf('/') + 1);
  const entry = (path: string): TreeEntry | undefined => {
    const text = content[path];
    if (text !== undefined) {
      return { mode: modes[path] ?? '100644', name: name(path), id: blobIdOf(bytes(text)) };
    }
    const folder = paths.some((other) => other.startsWith(`${path}/`));
    return folder ? { mode: '040000', name: name(path), id: 'tree' } : undefined;
  };
  return {
    find: async (path) => entry(path),
    list: async (folder) => {
      const below = paths.filter((path) => path.startsWith(`${folder}/`));
      const names = new Set(below.map((path) => path.slice(folder.length + 1).split('/')[0]));
      return [...names].map((one) => entry(`${folder}/${one}`) as TreeEntry);
    },
  };
}

const plan = (entries: CommitEntries, files: Files) =>
  planCommit(checkCommitRequest(entries), files);

describe('CC-CM-03: what CreateCommit makes of its entries', () => {
  const files = filesOf(
    { a: '1', 'd/b': '2', 'd/e/c': '3', script: '#!', module: '' },
    { script: '100755', module: '160000' },
  );

  test('files are added, updated and deleted', async () => {
    const made = await plan(
      {
        putFiles: [
          { filePath: 'new', fileContent: bytes('x') },
          { filePath: 'a', fileContent: bytes('changed') },
        ],
        deleteFiles: [{ filePath: 'd/b' }],
      },
      files,
    );
    expect(made.filesAdded).toEqual([
      { absolutePath: 'new', blobId: blobIdOf(bytes('x')), fileMode: 'NORMAL' },
    ]);
    expect(made.filesUpdated.map((file) => file.absolutePath)).toEqual(['a']);
    expect(made.filesDeleted).toEqual([
      { absolutePath: 'd/b', blobId: blobIdOf(bytes('2')), fileMode: 'NORMAL' },
    ]);
    expect(made.changes).toHaveLength(3);
  });

  test('a source file is copied or moved with its mode', async () => {
    const made = await plan(
      {
        putFiles: [
          { filePath: 'copy', sourceFile: { filePath: 'script' } },
          {
            filePath: 'moved',
            sourceFile: { filePath: 'd/b', isMove: true },
            fileMode: 'EXECUTABLE',
          },
        ],
      },
      files,
    );
    expect(made.filesAdded.map(({ absolutePath, fileMode }) => [absolutePath, fileMode])).toEqual([
      ['copy', 'EXECUTABLE'],
      ['moved', 'EXECUTABLE'],
    ]);
    expect(made.filesDeleted.map((file) => file.absolutePath)).toEqual(['d/b']);
  });

  test('a mode is set', async () => {
    const made = await plan({ setFileModes: [{ filePath: 'a', fileMode: 'EXECUTABLE' }] }, files);
    expect(made.changes).toEqual([{ path: 'a', mode: '100755', id: blobIdOf(bytes('1')) }]);
  });

  test('CC-MRG-07: an emptied folder is kept when asked for, and only then', async () => {
    const deleteFiles = [{ filePath: 'd/e/c' }];
    const kept = await plan({ deleteFiles, keepEmptyFolders: true }, files);
    expect(kept.filesAdded.map((file) => file.absolutePath)).toEqual(['d/e/.gitkeep']);
    const gone = await plan({ deleteFiles }, files);
    expect(gone.filesAdded).toEqual([]);
    const notEmpty = await plan(
      { deleteFiles: [{ filePath: 'd/b' }], keepEmptyFolders: true },
      files,
    );
    expect(notEmpty.filesAdded).toEqual([]);
  });

  test('a file may take the place of a folder’s parent file that goes', async () => {
    const made = await plan(
      {
        deleteFiles: [{ filePath: 'a' }],
        putFiles: [{ filePath: 'a/b', fileContent: bytes('x') }],
      },
      files,
    );
    expect(made.changes[0]).toEqual({ path: 'a', deleted: true });
  });

  const content = { fileContent: bytes('x') };
  test.each<[string, CommitEntries]>([
    ['FileEntryRequiredException', {}],
    [
      'MaximumFileEntriesExceededException',
      { deleteFiles: Array.from({ length: 101 }, (_, i) => ({ filePath: `f${i}` })) },
    ],
    ['PathRequiredException', { putFiles: [{ filePath: '', ...content }] }],
    ['InvalidPathException', { putFiles: [{ filePath: '../x', ...content }] }],
    ['InvalidPathException', { putFiles: [{ filePath: '.git/hooks/x', ...content }] }],
    ['InvalidPathException', { deleteFiles: [{ filePath: 'a/' }] }],
    [
      'FileContentAndSourceFileSpecifiedException',
      { putFiles: [{ filePath: 'x', ...content, sourceFile: { filePath: 'a' } }] },
    ],
    ['SourceFileOrContentRequiredException', { putFiles: [{ filePath: 'x' }] }],
    [
      'InvalidFileModeException',
      { putFiles: [{ filePath: 'x', ...content, fileMode: 'X' as never }] },
    ],
    ['FileModeRequiredException', { setFileModes: [{ filePath: 'a', fileMode: undefined }] }],
    [
      'SamePathRequestException',
      { putFiles: [{ filePath: 'a', ...content }], deleteFiles: [{ filePath: '/a' }] },
    ],
    [
      'SamePathRequestException',
      {
        putFiles: [{ filePath: 'x', sourceFile: { filePath: 'a', isMove: true } }],
        deleteFiles: [{ filePath: 'a' }],
      },
    ],
    [
      'PutFileEntryConflictException',
      {
        putFiles: [
          { filePath: 'n', ...content },
          { filePath: 'n/m', ...content },
        ],
      },
    ],
    [
      'RestrictedSourceFileException',
      { putFiles: [{ filePath: 'x', sourceFile: { filePath: 'd/.gitkeep' } }] },
    ],
    [
      'FileContentSizeLimitExceededException',
      { putFiles: [{ filePath: 'x', fileContent: Buffer.alloc(6 * 1024 * 1024 + 1) }] },
    ],
    [
      'FileContentSizeLimitExceededException',
      {
        putFiles: ['x', 'y'].map((filePath) => ({
          filePath,
          fileContent: Buffer.alloc(4 * 1024 * 1024),
        })),
      },
    ],
    [
      'FolderContentSizeLimitExceededException',
      {
        putFiles: ['d/x', 'd/y'].map((filePath) => ({
          filePath,
          fileContent: Buffer.alloc(3 * 1024 * 1024 + 1),
        })),
      },
    ],
    ['FileDoesNotExistException', { deleteFiles: [{ filePath: 'nothing' }] }],
    ['FileDoesNotExistException', { deleteFiles: [{ filePath: 'd' }] }],
    ['FileDoesNotExistException', { setFileModes: [{ filePath: 'no', fileMode: 'NORMAL' }] }],
    ['FileNameConflictsWithDirectoryNameException', { putFiles: [{ filePath: 'd', ...content }] }],
    [
      'DirectoryNameConflictsWithFileNameException',
      { putFiles: [{ filePath: 'a/b', ...content }] },
    ],
    [
      'FilePathConflictsWithSubmodulePathException',
      { putFiles: [{ filePath: 'module/b', ...content }] },
    ],
    [
      'FilePathConflictsWithSubmodulePathException',
      { putFiles: [{ filePath: 'module', ...content }] },
    ],
    ['NoChangeException', { putFiles: [{ filePath: 'a', fileContent: bytes('1') }] }],
    ['NoChangeException', { setFileModes: [{ filePath: 'a', fileMode: 'NORMAL' }] }],
  ])('%s', async (name, entries) => {
    await expect((async () => plan(entries, files))()).rejects.toMatchObject({ name });
  });
});
