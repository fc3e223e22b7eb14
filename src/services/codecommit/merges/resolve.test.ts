import { expect, test } from 'vitest';
import type { Conflict, Place } from './conflicts.ts';
import { checkMergeSettings } from './request.ts';
import { resolve } from './resolve.ts';

const at = (path: string): Place => ({ path, place: path });
const version = (digit: string) => ({ mode: '100644' as const, id: digit.repeat(40) });

/** Both sides have a file where the base has a folder; git has put one of them aside. @param own it stands at the path itself */
const conflict = (own: boolean): Conflict => ({
  ...at('dir'),
  versions: { destination: version('2'), source: version('3') },
  folders: new Set(['base']),
  places: [...(own ? [at('dir')] : []), at(`dir~${'a'.repeat(40)}`)],
});

test.each([
  ['a file, which goes', true, ['dir', `dir~${'a'.repeat(40)}`]],
  ['the folder of that side, which stays', false, [`dir~${'a'.repeat(40)}`]],
])(
  'CC-MRG-04: KEEP_BASE of a base without that file, where the merged tree has %s',
  (_, own, gone) => {
    const settings = checkMergeSettings({
      conflictResolution: { replaceContents: [{ filePath: 'dir', replacementType: 'KEEP_BASE' }] },
      conflictResolutionStrategy: 'AUTOMERGE',
    });
    const conflicts = [conflict(own)];
    const changes = resolve(
      { open: conflicts, conflicts, mergeable: false },
      settings,
      () => undefined,
    );
    expect(changes).toEqual(gone.map((path) => ({ ...at(path), deleted: true })));
  },
);
