import type { ConflictResolution } from '@aws-sdk/client-codecommit';
import { expect, test } from 'vitest';
import { checkResolution } from './request.ts';

const filePath = 'f';
const content = Buffer.from('x');
const replace = (...replaceContents: object[]) => ({ replaceContents }) as ConflictResolution;
const newContent = (path: string, size: number) => ({
  ...{ filePath: path, replacementType: 'USE_NEW_CONTENT', content: Buffer.alloc(size) },
});
const MIB = 1024 * 1024;

test.each<[string, ConflictResolution]>([
  ['PathRequired', replace({ replacementType: 'KEEP_BASE' })],
  ['InvalidPath', { deleteFiles: [{ filePath: 'a/../b' }] }],
  ['InvalidPath', { deleteFiles: [{ filePath: '.git/config' }] }],
  ['ReplacementTypeRequired', replace({ filePath })],
  ['InvalidReplacementType', replace({ filePath, replacementType: 'constructor' })],
  ['ReplacementContentRequired', replace({ filePath, replacementType: 'USE_NEW_CONTENT' })],
  ['InvalidReplacementContent', replace({ filePath, replacementType: 'KEEP_BASE', content })],
  ['InvalidFileMode', replace({ filePath, replacementType: 'KEEP_BASE', fileMode: 'constructor' })],
  ['FileModeRequired', { setFileModes: [{ filePath, fileMode: undefined }] }],
  [
    'MultipleConflictResolutionEntries',
    { deleteFiles: [{ filePath }], setFileModes: [{ filePath, fileMode: 'NORMAL' }] },
  ],
  [
    'MaximumConflictResolutionEntriesExceeded',
    { deleteFiles: Array.from({ length: 101 }, (_, i) => ({ filePath: `f${i}` })) },
  ],
  ['FileContentSizeLimitExceeded', replace(newContent('f', 6 * MIB + 1))],
  ['FileContentSizeLimitExceeded', replace(newContent('a/f', 4 * MIB), newContent('b/f', 4 * MIB))],
  [
    'FolderContentSizeLimitExceeded',
    replace(newContent('a/f', 3 * MIB), newContent('a/g', 3 * MIB + 1)),
  ],
])('CC-MRG-04: %s', (name, resolution) => {
  expect(() => checkResolution(resolution, 'AUTOMERGE')).toThrow(
    expect.objectContaining({ name: `${name}Exception` }),
  );
});

test('CC-MRG-04: a resolution is for AUTOMERGE alone; one that says nothing is none', () => {
  const resolution = { deleteFiles: [{ filePath }] };
  for (const strategy of ['NONE', 'ACCEPT_SOURCE', 'ACCEPT_DESTINATION'] as const)
    expect(() => checkResolution(resolution, strategy)).toThrow(
      expect.objectContaining({ name: 'InvalidConflictResolutionException' }),
    );
  expect(checkResolution({ replaceContents: [] }, 'NONE')).toBeUndefined();
  const entries = checkResolution(
    { ...resolution, setFileModes: [{ filePath: '/g', fileMode: 'EXECUTABLE' }] },
    'AUTOMERGE',
  );
  expect([...(entries?.values() ?? [])]).toEqual([
    { path: 'f', deleted: true },
    { path: 'g', mode: '100755' },
  ]);
});
