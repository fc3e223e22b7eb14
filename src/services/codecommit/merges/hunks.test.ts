import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, expect, test } from 'vitest';
import type { LineChange } from '../../../git/git-host.ts';
import { parseLineChanges } from '../../../git/merge-tree.ts';
import { limits } from '../limits.ts';
import { allLines, hunkOf, lineStarts, mergeRegions, slice, textOf, wholeRegion } from './hunks.ts';

const folder = mkdtempSync(join(tmpdir(), 'slipway-hunks-'));
afterAll(() => rmSync(folder, { recursive: true }));

const never = () => false;
const change = (before: number, removed: number, after: number, added: number): LineChange => ({
  ...{ before, removed, after, added },
});

test.each([
  ['far apart', [change(0, 1, 0, 2)], [change(5, 1, 5, 1)], [false, false]],
  ['one line between', [change(2, 1, 2, 1)], [change(4, 1, 4, 1)], [false, false]],
  ['that touch', [change(2, 1, 2, 1)], [change(3, 1, 3, 1)], [true]],
  ['on the same line', [change(2, 1, 2, 1)], [change(2, 1, 2, 2)], [true]],
  ['inserted at one place', [change(2, 0, 2, 1)], [change(2, 0, 2, 1)], [true]],
  [
    'of which one spans two',
    [change(1, 8, 1, 8)],
    [change(2, 1, 2, 1), change(7, 1, 7, 1)],
    [true],
  ],
  ['on one side', [change(1, 2, 1, 0)], [], [false]],
])('CC-MRG-02: changes %s', (_, ours, theirs, conflicts) => {
  const regions = mergeRegions(ours, theirs, never);
  expect(regions.map(({ isConflict }) => isConflict)).toEqual(conflicts);
});

test('CC-MRG-05: a hunk has its lines, counted from 0, and the base where it has some', () => {
  const [base, destination, source] = ['1\n2\n3\n', '1\ntwo\n3\n', '0\n1\nzwei\nzwo\n3\n'].map(
    (text) => textOf(Buffer.from(text)),
  );
  const regions = mergeRegions(
    [change(1, 1, 1, 1)],
    [change(0, 0, 0, 1), change(1, 1, 2, 2)],
    never,
  );
  const texts = { base, destination, source };
  const base64 = (text: string) => Buffer.from(text).toString('base64');
  expect(regions.map((region) => hunkOf(region, texts))).toEqual([
    {
      isConflict: false,
      source: { startLine: 0, endLine: 1, hunkContent: base64('0\n') },
      destination: { startLine: 0, endLine: 0, hunkContent: '' },
    },
    {
      isConflict: true,
      source: { startLine: 2, endLine: 4, hunkContent: base64('zwei\nzwo\n') },
      destination: { startLine: 1, endLine: 2, hunkContent: base64('two\n') },
      base: { startLine: 1, endLine: 2, hunkContent: base64('2\n') },
    },
  ]);
  expect(hunkOf(wholeRegion({ source }), { source })).toEqual({
    isConflict: true,
    source: { startLine: 0, endLine: 5, hunkContent: source?.content.toString('base64') },
  });
});

const text = fc
  .array(fc.constantFrom('a', 'b', 'c', 'd', 'e'), { maxLength: 20 })
  .map((all) => all.map((line) => `${line}\n`).join(''));

/** git's comparison and git's merge of three files. */
function git(base: string, ours: string, theirs: string) {
  const names = ['base', 'ours', 'theirs'].map((name) => join(folder, name));
  for (const [index, content] of [base, ours, theirs].entries())
    writeFileSync(names[index] as string, content);
  const [b = '', o = '', t = ''] = names;
  const run = (...args: string[]) => {
    try {
      return execFileSync('git', args, { cwd: folder });
    } catch (error) {
      return (error as { stdout: Buffer }).stdout;
    }
  };
  const diff = (path: string) =>
    parseLineChanges(run('diff', '--no-index', '-U0', '--no-indent-heuristic', b, path));
  const merged = run('merge-file', '-p', '--diff3', '--marker-size=9', o, b, t).toString();
  return { ours: diff(o), theirs: diff(t), merged };
}

test('CC-MRG-05: regions are those of `git merge-file`, and make up every version', () => {
  fc.assert(
    fc.property(text, text, text, (base, ours, theirs) => {
      const found = git(base, ours, theirs);
      const texts = {
        base: textOf(Buffer.from(base)),
        destination: textOf(Buffer.from(ours)),
        source: textOf(Buffer.from(theirs)),
      };
      const regions = mergeRegions(found.ours, found.theirs, (mine, other) =>
        slice(texts.destination, mine).equals(slice(texts.source, other)),
      );
      // The merged file, made of the regions.
      let [merged, at] = ['', 0];
      for (const { isConflict, ...lines } of regions) {
        merged += slice(texts.base, { start: at, end: lines.base.start });
        at = lines.base.end;
        const [b, d, s] = [
          slice(texts.base, lines.base).toString(),
          slice(texts.destination, lines.destination).toString(),
          slice(texts.source, lines.source).toString(),
        ];
        if (isConflict) merged += `<\n${d}|\n${b}=\n${s}>\n`;
        else merged += d === b ? s : d;
      }
      merged += slice(texts.base, { start: at, end: allLines(texts.base).end });
      const gits = found.merged.replaceAll(/^([<|=>])\1{8}.*$/gm, '$1');
      expect(merged).toBe(gits);
    }),
    { numRuns: 8 },
  );
});

test('a text of more lines than are compared is refused', () => {
  const most = limits.merge.lines - 1;
  expect(lineStarts(Buffer.alloc(most, '\n'))).toHaveLength(most + 1);
  expect(() => lineStarts(Buffer.alloc(limits.merge.lines, '\n'))).toThrow(
    expect.objectContaining({ name: 'MaximumFileContentToLoadExceededException' }),
  );
});
