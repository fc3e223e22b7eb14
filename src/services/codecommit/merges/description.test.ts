import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import type { ConflictMetadata } from '@aws-sdk/client-codecommit';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { GitLimitError } from '../../../git/bounds.ts';
import type { GitRepository } from '../../../git/git-host.ts';
import { limits } from '../limits.ts';
import { describe as describeConflict, hunksOf } from './description.ts';
import { evaluating, mergingOf } from './evaluation.ts';
import { type Edit, type MergeGround, mergeGround } from './testing.ts';

let ground: MergeGround;

beforeAll(async () => {
  ground = await mergeGround();
});
afterAll(() => ground?.close());

const { signal } = new AbortController();
const byLines = { detailLevel: 'LINE_LEVEL', strategy: 'NONE' } as const;

async function look(ours: Edit[], theirs: Edit[]) {
  const sides = { destination: await ground.branch(ours), source: await ground.branch(theirs) };
  const merging = await mergingOf(ground.git, sides, signal);
  return evaluating(ground.git, { merging, settings: byLines, signal }, async ({ merge, open }) => {
    const all: (ConflictMetadata & { hunks: number })[] = [];
    for (const conflict of merge ? open : []) {
      const found = await describeConflict(merge as never, conflict, { byLines: true });
      all.push({ ...found.metadata, hunks: hunksOf(found, found.regions).length });
    }
    return all;
  });
}

const edit = (path: string, text = 'x'): Edit => ({
  do: 'line',
  path,
  at: 1,
  text,
  how: 'replace',
});
const other = (kind: string, path: string, text = 'x') => ({ do: kind, path, text }) as Edit;

test('CC-MRG-05: a file that one side has deleted', async () => {
  expect(await look([other('delete', 'b.txt')], [edit('b.txt')])).toMatchObject([
    {
      filePath: '0/b.txt',
      ...{ numberOfConflicts: 1, contentConflict: true, hunks: 1 },
      mergeOperations: { source: 'M', destination: 'D' },
      objectTypes: { source: 'FILE', base: 'FILE' },
    },
  ]);
});

test('CC-MRG-05: a folder where the other side has a file', async () => {
  const found = await look([other('folder', 'b.txt')], [edit('b.txt')]);
  expect(found).toMatchObject([
    {
      filePath: '0/b.txt',
      ...{ objectTypeConflict: true, fileModeConflict: false },
      objectTypes: { source: 'FILE', destination: 'DIRECTORY', base: 'FILE' },
    },
  ]);
});

test('CC-MRG-05: a link where the other side has a file', async () => {
  expect(await look([other('symlink', 'a.txt')], [edit('a.txt')])).toMatchObject([
    {
      ...{ filePath: '0/a.txt', objectTypeConflict: true },
      objectTypes: { source: 'FILE', destination: 'SYMBOLIC_LINK', base: 'FILE' },
      fileModes: { source: 'NORMAL', destination: 'SYMLINK', base: 'NORMAL' },
    },
  ]);
});

test('CC-MRG-05: submodules have no sizes', async () => {
  const [found] = await look(
    [other('submodule', 'module', 'x')],
    [other('submodule', 'module', 'y')],
  );
  expect(found).toMatchObject({
    ...{ filePath: '0/module', contentConflict: true, numberOfConflicts: 1, hunks: 0 },
    objectTypes: { source: 'GIT_LINK', destination: 'GIT_LINK', base: 'GIT_LINK' },
    fileSizes: {},
  });
});

test('CC-MRG-05: both have added it, with other modes', async () => {
  const add = (text: string, executable: boolean): Edit => ({
    do: 'add',
    path: 'new',
    text,
    executable,
  });
  expect(await look([add('one', true)], [add('one', false)])).toMatchObject([
    {
      ...{
        filePath: '0/new',
        contentConflict: false,
        fileModeConflict: true,
        numberOfConflicts: 1,
      },
      fileModes: { source: 'NORMAL', destination: 'EXECUTABLE' },
      mergeOperations: { source: 'A', destination: 'A' },
    },
  ]);
});

test('CC-MRG-05: a file that both have renamed is in conflict under each name, without git’s marks in it', async () => {
  const rename = (to: string): Edit => ({ do: 'rename', path: 'a.txt', to });
  const found = await look(
    [edit('a.txt', 'ours'), rename('one')],
    [edit('a.txt', 'theirs'), rename('two')],
  );
  expect(found).toMatchObject([
    { filePath: '0/a.txt', mergeOperations: { source: 'D', destination: 'D' } },
    { filePath: '0/one', mergeOperations: { destination: 'A' }, fileSizes: { destination: 173 } },
    { filePath: '0/two', mergeOperations: { source: 'A' }, fileSizes: { source: 175 } },
  ]);
});

/** The repository, with another answer to one question. */
const but = (more: Partial<GitRepository>): GitRepository =>
  new Proxy(ground.git, {
    get: (git, name) => more[name as never] ?? (git[name as never] as () => void)?.bind?.(git),
  });

type Sides = { source: string; destination: string };

async function refused(git: GitRepository, sides: Sides): Promise<string> {
  const look = async () => {
    const merging = await mergingOf(git, sides, signal);
    return evaluating(git, { merging, settings: byLines, signal }, async () => 'went');
  };
  return look().catch(({ name }: Error) => name);
}

test('CC-MRG-06: what is too much for git is told in AWS’s terms', async () => {
  const sides = {
    destination: await ground.branch([edit('a.txt', 'ours')]),
    source: await ground.branch([edit('a.txt', 'theirs')]),
  };
  const limit = () => Promise.reject(new GitLimitError('too much'));
  expect(await refused(ground.git, sides)).toBe('went');
  expect(await refused(but({ mergeBase: limit }), sides)).toBe('TipsDivergenceExceededException');
  expect(await refused(but({ merging: limit }), sides)).toBe(
    'MaximumFileContentToLoadExceededException',
  );
  const differences = async function* () {
    for (let i = 0; i <= limits.merge.items; i++)
      yield {
        change: 'A' as const,
        after: { path: `${i}`, id: '', mode: '100644' as const },
        place: `${i}`,
      };
  };
  expect(await refused(but({ differences }), sides)).toBe('MaximumItemsToCompareExceededException');
  const info = async (id: string) => ({ id, type: 'blob' as const, size: limits.merge.file + 1 });
  expect(await refused(but({ info }), sides)).toBe('MaximumFileContentToLoadExceededException');
});

test('CC-MRG-06: waiting for other merges takes nothing of a merge’s own time', async () => {
  const sides = {
    destination: await ground.branch([edit('a.txt', 'mine')]),
    source: await ground.branch([edit('a.txt', 'yours')]),
  };
  const asked: (AbortSignal | undefined)[] = [];
  const merging: GitRepository['merging'] = (what, work) => {
    asked.push(what.signal);
    return ground.git.merging(what, work);
  };
  expect(await refused(but({ merging }), sides)).toBe('went');
  // No time of its own is in it: it ends with who waits, and git has a bound for what it does.
  expect(asked).toEqual([signal]);
  expect(asked[0]).toBe(signal);
});

test('CC-MRG-06: looking at a merge leaves nothing in the repository', async () => {
  const sides = {
    destination: await ground.branch([edit('a.txt', 'left')]),
    source: await ground.branch([edit('a.txt', 'right')]),
  };
  const merging = await mergingOf(ground.git, sides, signal);
  let made = '';
  await evaluating(ground.git, { merging, settings: byLines, signal }, async ({ merge }) => {
    made = merge?.tree ?? '';
    expect(await merge?.read(made)).toBeDefined();
  });
  expect(await ground.git.info(made)).toBeUndefined();
  const left = readdirSync(join(ground.directory, 'objects'));
  expect(left.filter((name) => name.startsWith('tmp_'))).toEqual([]);
});
