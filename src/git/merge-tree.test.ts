import { expect, test } from 'vitest';
import { parseLineChanges, parseMergeTree } from './merge-tree.ts';

const id = (digit: string) => digit.repeat(40);

test('a merge that went has a tree and nothing else', () => {
  const merged = parseMergeTree(Buffer.from(`${id('a')}\0`), 0);
  expect(merged).toEqual({ tree: id('a'), clean: true, staged: [] });
});

test('of what is in conflict each version is read, with its path as text and as bytes', () => {
  const output = [id('a'), `100644 ${id('b')} 1\té`, `100755 ${id('c')} 3\tdir/a\tb`, ''].join(
    '\0',
  );
  expect(parseMergeTree(Buffer.from(output), 1)).toEqual({
    tree: id('a'),
    clean: false,
    staged: [
      { stage: 1, mode: '100644', id: id('b'), path: 'é', place: 'Ã©' },
      { stage: 3, mode: '100755', id: id('c'), path: 'dir/a\tb', place: 'dir/a\tb' },
    ],
  });
});

test('changes of lines are counted from 0, and lines that look like headers are none', () => {
  const diff = [
    '--- a',
    '+++ b',
    '@@ -0,0 +1,2 @@',
    '+x',
    '+@@ -9 +9 @@',
    '@@ -3 +5,0 @@ x',
    '-y',
    '',
  ];
  expect(parseLineChanges(Buffer.from(diff.join('\n')))).toEqual([
    { before: 0, removed: 0, after: 0, added: 2 },
    { before: 2, removed: 1, after: 5, added: 0 },
  ]);
});
