import * as sdk from '@aws-sdk/client-codecommit';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { eachDialect } from '../../db/testing.ts';
import { ACCOUNT, REGION, type World, world } from '../../testing.ts';
import service from './index.ts';

const LINES = Array.from({ length: 9 }, (_, i) => `line ${i + 1}\n`);
/** The file with other lines in it. */
const text = (lines: Record<number, string> = {}) =>
  Buffer.from(LINES.map((line, i) => lines[i + 1] ?? line).join(''));
const specifiers = { sourceCommitSpecifier: 'feature', destinationCommitSpecifier: 'main' };
const byLines = { conflictDetailLevel: 'LINE_LEVEL' } as const;

eachDialect('merges', (makeDatabase, dialect) => {
  let server: World;
  let client: sdk.CodeCommitClient;
  let count = 0;
  let repositoryName: string;
  let merge: { repositoryName: string } & typeof specifiers;
  let base: string;

  beforeAll(async () => {
    server = await world(makeDatabase, [service]);
    client = server.client(sdk.CodeCommitClient);
  });
  afterAll(async () => {
    expect(server.failures).toEqual([]);
    await server.stop();
  });
  beforeEach(async () => {
    repositoryName = `app-${++count}`;
    merge = { repositoryName, ...specifiers };
    await client.send(new sdk.CreateRepositoryCommand({ repositoryName }));
    base = await commit('main', undefined, { f: text(), 'only/here': Buffer.from('x') });
    await client.send(
      new sdk.CreateBranchCommand({ repositoryName, branchName: 'feature', commitId: base }),
    );
  });

  async function commit(
    branchName: string,
    parentCommitId: string | undefined,
    files: Record<string, Buffer>,
    { deleteFiles = [] as string[], commitMessage = `to ${branchName}` } = {},
  ): Promise<string> {
    const made = await client.send(
      new sdk.CreateCommitCommand({
        ...{ repositoryName, branchName, parentCommitId, commitMessage },
        putFiles: Object.entries(files).map(([filePath, fileContent]) => ({
          filePath,
          fileContent,
        })),
        deleteFiles: deleteFiles.map((filePath) => ({ filePath })),
      }),
    );
    return made.commitId ?? '';
  }

  /** Both have changed `f`: main its second line, feature the one that is said. */
  async function apart(line: number) {
    const destination = await commit('main', base, { f: text({ 2: 'main\n' }) });
    const source = await commit('feature', base, { f: text({ [line]: 'feature\n' }), g: text() });
    return { source, destination };
  }

  const commitOf = async (commitId: string | undefined) =>
    (await client.send(new sdk.GetCommitCommand({ repositoryName, commitId }))).commit;
  const tipOf = async (branchName: string) =>
    (await client.send(new sdk.GetBranchCommand({ repositoryName, branchName }))).branch?.commitId;
  const contentOf = async (commitSpecifier: string | undefined, filePath: string) => {
    const command = new sdk.GetFileCommand({ repositoryName, commitSpecifier, filePath });
    return Buffer.from((await client.send(command)).fileContent ?? '').toString();
  };
  const named = (name: string) => ({ name: `${name}Exception` });

  test('CC-MG-07, CC-MRG-01, CC-EVT-02: a fast-forward moves the branch and says that it was a merge', async () => {
    const source = await commit('feature', base, { g: text() });
    const made = await client.send(new sdk.MergeBranchesByFastForwardCommand(merge));
    expect(made).toMatchObject({ commitId: source, treeId: (await commitOf(source))?.treeId });
    expect(await tipOf('main')).toBe(source);
    expect(server.events.at(-1)).toMatchObject({
      resources: [`arn:aws:codecommit:${REGION}:${ACCOUNT}:${repositoryName}`],
      detail: {
        ...{ event: 'referenceUpdated', referenceName: 'main', commitId: source },
        ...{ oldCommitId: base, baseCommitId: base, sourceCommitId: source },
        ...{ destinationCommitId: base, mergeOption: 'FAST_FORWARD_MERGE' },
      },
    });
    // There is no merge commit of it, and nothing more to merge.
    const { mergedCommitId } = await client.send(
      new sdk.GetMergeCommitCommand({ ...merge, destinationCommitSpecifier: base }),
    );
    expect(mergedCommitId).toBeUndefined();
    expect((await client.send(new sdk.MergeBranchesByThreeWayCommand(merge))).commitId).toBe(
      source,
    );
  });

  test('CC-MG-08, CC-MG-09, CC-MRG-08, CC-EVT-02: a squash has one parent, a three-way merge two', async () => {
    const { source, destination } = await apart(7);
    await expect(
      client.send(new sdk.MergeBranchesByFastForwardCommand(merge)),
    ).rejects.toMatchObject(named('ManualMergeRequired'));
    await expect(client.send(new sdk.MergeBranchesBySquashCommand(merge))).rejects.toMatchObject(
      named('ManualMergeRequired'),
    );
    await client.send(
      new sdk.CreateBranchCommand({ repositoryName, branchName: 'other', commitId: destination }),
    );
    const squashed = await client.send(
      new sdk.MergeBranchesBySquashCommand({
        ...{ ...merge, ...byLines, destinationCommitSpecifier: destination, targetBranch: 'other' },
        ...{ authorName: 'Mary Major', email: 'mary@example.com' },
      }),
    );
    expect(await commitOf(squashed.commitId)).toMatchObject({
      ...{ parents: [destination], treeId: squashed.treeId, message: 'to feature' },
      author: { name: 'Mary Major', email: 'mary@example.com' },
      committer: { name: 'Mary Major', email: 'mary@example.com' },
    });
    const merged = await client.send(
      new sdk.MergeBranchesByThreeWayCommand({ ...merge, ...byLines, commitMessage: 'merged' }),
    );
    expect(await commitOf(merged.commitId)).toMatchObject({
      ...{ parents: [destination, source], treeId: squashed.treeId, message: 'merged' },
      author: { name: `arn:aws:iam::${ACCOUNT}:root`, email: '' },
    });
    expect(await contentOf('main', 'f')).toBe(text({ 2: 'main\n', 7: 'feature\n' }).toString());
    expect(server.events.at(-1)?.detail).toMatchObject({
      ...{ event: 'referenceUpdated', commitId: merged.commitId, oldCommitId: destination },
      ...{ baseCommitId: base, sourceCommitId: source, destinationCommitId: destination },
      ...{ mergeOption: 'THREE_WAY_MERGE', conflictDetailsLevel: 'LINE_LEVEL' },
      conflictResolutionStrategy: 'NONE',
    });
  });

  test('CC-MRG-03, CC-MRG-04: a strategy takes whole files, a resolution says it of each', async () => {
    const { source, destination } = await apart(2);
    const made = async (more: object) => {
      const input = { ...merge, mergeOption: 'THREE_WAY_MERGE' as const, ...more };
      server.clock.advance(1000);
      return (await client.send(new sdk.CreateUnreferencedMergeCommitCommand(input))).commitId;
    };
    const accepted = await made({ conflictResolutionStrategy: 'ACCEPT_SOURCE' });
    expect(await contentOf(accepted, 'f')).toBe(text({ 2: 'feature\n' }).toString());
    const kept = await made({ conflictResolutionStrategy: 'ACCEPT_DESTINATION' });
    expect(await contentOf(kept, 'f')).toBe(text({ 2: 'main\n' }).toString());
    const automerge = { conflictResolutionStrategy: 'AUTOMERGE' } as const;
    await expect(made(automerge)).rejects.toMatchObject(named('ManualMergeRequired'));
    const replaced = (more: object) => ({
      ...automerge,
      conflictResolution: { replaceContents: [{ filePath: 'f', ...more }] },
    });
    const fresh = {
      replacementType: 'USE_NEW_CONTENT',
      content: Buffer.from('new'),
      fileMode: 'EXECUTABLE',
    };
    expect(await contentOf(await made(replaced(fresh)), 'f')).toBe('new');
    const old = await made(replaced({ replacementType: 'KEEP_BASE' }));
    expect(await contentOf(old, 'f')).toBe(text().toString());
    const gone = await made({
      ...automerge,
      conflictResolution: { deleteFiles: [{ filePath: 'f' }] },
    });
    await expect(contentOf(gone, 'f')).rejects.toMatchObject(named('FileDoesNotExist'));
    // What is not in conflict has nothing to be resolved.
    const conflictResolution = { deleteFiles: [{ filePath: 'only/here' }] };
    await expect(made({ ...automerge, conflictResolution })).rejects.toMatchObject(
      named('InvalidConflictResolution'),
    );
    expect(await tipOf('main')).toBe(destination);
    expect(await commitOf(gone)).toMatchObject({ parents: [destination, source] });
    expect(server.events.at(-1)?.detail).toMatchObject({
      ...{ event: 'unreferencedMergeCommitCreated', commitId: gone, baseCommitId: base },
      ...{ conflictDetailsLevel: 'FILE_LEVEL', conflictResolutionStrategy: 'AUTOMERGE' },
    });
    expect(await client.send(new sdk.GetMergeCommitCommand(merge))).toMatchObject({
      ...{ sourceCommitId: source, destinationCommitId: destination, baseCommitId: base },
      mergedCommitId: gone,
    });
    const asked = { ...merge, conflictResolutionStrategy: 'ACCEPT_SOURCE' } as const;
    expect(await client.send(new sdk.GetMergeCommitCommand(asked))).toMatchObject({
      mergedCommitId: accepted,
    });
  });

  // What follows is git's alone.
  if (dialect !== 'sqlite') return;

  test('CC-MG-01, CC-MG-02, CC-MRG-02: by files it is a conflict, by lines it is none', async () => {
    const { source, destination } = await apart(7);
    const ids = { sourceCommitId: source, destinationCommitId: destination, baseCommitId: base };
    const options = (more: object) =>
      client.send(new sdk.GetMergeOptionsCommand({ ...merge, ...more }));
    expect(await options({})).toMatchObject({ ...ids, mergeOptions: [] });
    const both = ['SQUASH_MERGE', 'THREE_WAY_MERGE'];
    expect(await options(byLines)).toMatchObject({ ...ids, mergeOptions: both });
    for (const conflictResolutionStrategy of ['ACCEPT_SOURCE', 'ACCEPT_DESTINATION', 'AUTOMERGE'])
      expect(await options({ conflictResolutionStrategy })).toMatchObject({ mergeOptions: both });
    const found = (more: object) => conflicts({ ...merge, mergeOption: 'SQUASH_MERGE', ...more });
    expect(await found(byLines)).toMatchObject({ mergeable: true, conflictMetadataList: [] });
    // The documented example of the command has these members.
    expect(await found({})).toMatchObject({
      ...{ mergeable: false, ...ids },
      conflictMetadataList: [
        {
          filePath: 'f',
          fileSizes: { source: 64, destination: 61, base: 63 },
          fileModes: { source: 'NORMAL', destination: 'NORMAL', base: 'NORMAL' },
          objectTypes: { source: 'FILE', destination: 'FILE', base: 'FILE' },
          numberOfConflicts: 1,
          isBinaryFile: { source: false, destination: false, base: false },
          ...{ contentConflict: true, fileModeConflict: false, objectTypeConflict: false },
          mergeOperations: { source: 'M', destination: 'M' },
        },
      ],
    });
    expect(await found({ mergeOption: 'FAST_FORWARD_MERGE' })).toMatchObject({
      ...{ mergeable: false, conflictMetadataList: [] },
    });
    const ahead = { sourceCommitSpecifier: 'main', destinationCommitSpecifier: base };
    expect((await options(ahead)).mergeOptions).toEqual(['FAST_FORWARD_MERGE', ...both]);
  });

  test('CC-MG-03, CC-MG-04, CC-MRG-05: hunks of a conflict, in pages', async () => {
    const destination = await commit('main', base, {
      f: text({ 2: 'main\n', 5: 'main\n', 8: 'main\n' }),
      bin: Buffer.from('\0main'),
    });
    await commit('feature', base, {
      f: text({ 2: 'feature\n', 5: 'feature\n' }),
      bin: Buffer.from('\0feature'),
    });
    const described = { ...merge, ...byLines, mergeOption: 'THREE_WAY_MERGE' } as const;
    const base64 = (line: string) => Buffer.from(line).toString('base64');
    const at = (startLine: number, line: string) => ({
      ...{ startLine, endLine: startLine + 1, hunkContent: base64(line) },
    });
    const conflict = (line: number) => ({
      isConflict: true,
      ...{ source: at(line - 1, 'feature\n'), destination: at(line - 1, 'main\n') },
      base: at(line - 1, LINES[line - 1] ?? ''),
    });
    const clean = {
      isConflict: false,
      ...{ source: at(7, 'line 8\n'), destination: at(7, 'main\n'), base: at(7, 'line 8\n') },
    };
    const one = { ...described, filePath: 'f' };
    const whole = await client.send(new sdk.DescribeMergeConflictsCommand(one));
    expect(whole.mergeHunks).toEqual([conflict(2), conflict(5), clean]);
    expect(whole.conflictMetadata).toMatchObject({ numberOfConflicts: 2, contentConflict: true });
    expect(whole).toMatchObject({ destinationCommitId: destination, baseCommitId: base });
    const first = await client.send(
      new sdk.DescribeMergeConflictsCommand({ ...one, maxMergeHunks: 2 }),
    );
    const { nextToken } = first;
    const rest = await client.send(
      new sdk.DescribeMergeConflictsCommand({ ...one, maxMergeHunks: 2, nextToken }),
    );
    expect([first.mergeHunks?.length, rest.mergeHunks, rest.nextToken]).toEqual([
      2,
      [clean],
      undefined,
    ]);

    const filePaths = ['f', 'bin', 'only/here', '../x'];
    const batch = await client.send(
      new sdk.BatchDescribeMergeConflictsCommand({ ...described, filePaths, maxMergeHunks: 1 }),
    );
    expect(batch.conflicts).toMatchObject([
      {
        conflictMetadata: {
          ...{ filePath: 'bin', isBinaryFile: { source: true, destination: true } },
          ...{ numberOfConflicts: 1, mergeOperations: { source: 'A', destination: 'A' } },
        },
        mergeHunks: [],
      },
      { conflictMetadata: { filePath: 'f' }, mergeHunks: [conflict(2)] },
    ]);
    expect(batch.errors?.map(({ filePath, exceptionName }) => [filePath, exceptionName])).toEqual([
      ['only/here', 'FileDoesNotExistException'],
      ['../x', 'InvalidPathException'],
    ]);
    const files: (string | undefined)[] = [];
    let token: string | undefined;
    do {
      const page = await client.send(
        new sdk.BatchDescribeMergeConflictsCommand({
          ...{ ...described, maxConflictFiles: 1, nextToken: token },
        }),
      );
      expect(page.conflicts).toHaveLength(1);
      files.push(page.conflicts?.[0]?.conflictMetadata?.filePath);
      token = page.nextToken;
    } while (token);
    expect(files).toEqual(['bin', 'f']);
    const listed = await client.send(
      new sdk.GetMergeConflictsCommand({ ...described, maxConflictFiles: 1 }),
    );
    expect(listed.conflictMetadataList?.map(({ filePath }) => filePath)).toEqual(['bin']);
    const more = await client.send(
      new sdk.GetMergeConflictsCommand({ ...described, nextToken: listed.nextToken }),
    );
    expect(more.conflictMetadataList?.map(({ filePath }) => filePath)).toEqual(['f']);
    // By files, the whole of them is the conflict.
    const asFile = await client.send(
      new sdk.DescribeMergeConflictsCommand({ ...one, conflictDetailLevel: 'FILE_LEVEL' }),
    );
    expect(asFile.mergeHunks).toMatchObject([
      {
        isConflict: true,
        source: { startLine: 0, endLine: 9 },
        base: { startLine: 0, endLine: 9 },
      },
    ]);
  });

  test('CC-MRG-04: somebody may decide about a file whose lines could be merged, and about its mode', async () => {
    await apart(7);
    const input = {
      ...merge,
      ...({ mergeOption: 'SQUASH_MERGE', conflictResolutionStrategy: 'AUTOMERGE' } as const),
    };
    const filePath = 'f';
    const made = await client.send(
      new sdk.CreateUnreferencedMergeCommitCommand({
        ...input,
        conflictResolution: { setFileModes: [{ filePath, fileMode: 'EXECUTABLE' }] },
      }),
    );
    const command = new sdk.GetFileCommand({
      repositoryName,
      commitSpecifier: made.commitId,
      filePath,
    });
    expect((await client.send(command)).fileMode).toBe('EXECUTABLE');
    const both = text({ 2: 'main\n', 7: 'feature\n' }).toString();
    expect(await contentOf(made.commitId, 'f')).toBe(both);
    const kept = await client.send(
      new sdk.CreateUnreferencedMergeCommitCommand({
        ...input,
        conflictResolution: { replaceContents: [{ filePath, replacementType: 'KEEP_SOURCE' }] },
      }),
    );
    expect(await contentOf(kept.commitId, 'f')).toBe(text({ 7: 'feature\n' }).toString());
  });

  test('CC-MRG-07: folders that a merge has emptied are kept where that is asked for', async () => {
    await commit('main', base, { h: text() });
    await commit('feature', base, { g: text() }, { deleteFiles: ['only/here'] });
    const kept = await client.send(
      new sdk.MergeBranchesByThreeWayCommand({ ...merge, keepEmptyFolders: true }),
    );
    expect(await contentOf(kept.commitId, 'only/.gitkeep')).toBe('');
    await expect(contentOf(kept.commitId, 'only/here')).rejects.toMatchObject(
      named('FileDoesNotExist'),
    );
    expect((await commitOf(kept.commitId))?.parents).toHaveLength(2);
  });

  test('CC-MRG-07: where a folder became a file there is none to keep', async () => {
    const first = await commit('main', base, { 'a/b/x': text() });
    await client.send(
      new sdk.CreateBranchCommand({ repositoryName, branchName: 'deep', commitId: first }),
    );
    const without = await commit('deep', first, {}, { deleteFiles: ['a/b/x'] });
    await commit('deep', without, { a: Buffer.from('a file') });
    const squashed = await client.send(
      new sdk.MergeBranchesBySquashCommand({
        ...{ ...merge, sourceCommitSpecifier: 'deep', keepEmptyFolders: true },
      }),
    );
    expect(await contentOf(squashed.commitId, 'a')).toBe('a file');
  });

  test('CC-MG-02: whether a fast-forward is one is told by the history alone', async () => {
    const { source, destination } = await apart(2);
    const asked = { ...merge, mergeOption: 'FAST_FORWARD_MERGE', ...byLines } as const;
    const nothing = { mergeable: false, conflictMetadataList: [] };
    expect(await conflicts(asked)).toMatchObject({ ...nothing, baseCommitId: base });
    expect(
      await conflicts({
        ...asked,
        sourceCommitSpecifier: source,
        destinationCommitSpecifier: base,
      }),
    ).toMatchObject({ ...nothing, mergeable: true, destinationCommitId: base });
    expect(destination).not.toBe(base);
  });

  test('CC-MG-05: the base of a merge that was pushed is that of the commits that it has merged', async () => {
    const { source, destination } = await apart(7);
    const merged = await client.send(
      new sdk.CreateUnreferencedMergeCommitCommand({
        ...{ ...merge, ...byLines, mergeOption: 'THREE_WAY_MERGE' },
      }),
    );
    const pushed = { ...merge, destinationCommitSpecifier: merged.commitId ?? '' };
    expect(await client.send(new sdk.GetMergeCommitCommand(pushed))).toMatchObject({
      ...{ sourceCommitId: source, mergedCommitId: merged.commitId, baseCommitId: base },
    });
    expect(destination).not.toBe(base);
  });

  test('CC-MRG-06: the branch has gone on since: one of several merges wins, and the rest are told', async () => {
    const { destination } = await apart(7);
    const commands = [1, 2, 3, 4].map(
      (n) =>
        new sdk.MergeBranchesByThreeWayCommand({
          ...{ ...merge, ...byLines, destinationCommitSpecifier: destination },
          ...{ targetBranch: 'main', commitMessage: `${n}` },
        }),
    );
    const ended = await Promise.allSettled(commands.map((command) => client.send(command)));
    const won = ended.filter(({ status }) => status === 'fulfilled');
    expect(won).toHaveLength(1);
    for (const one of ended)
      if (one.status === 'rejected')
        expect(one.reason).toMatchObject(named('ConcurrentReferenceUpdate'));
    const merges = server.events.filter(
      ({ detail }) => (detail as { oldCommitId?: string }).oldCommitId === destination,
    );
    expect(merges).toHaveLength(1);
  });

  test('CC-SEC-03: policies may name the branch that a merge moves', async () => {
    await commit('feature', base, { g: text() });
    const references = async (more: object) => {
      const asked = server.conditions.length;
      await client
        .send(new sdk.MergeBranchesByFastForwardCommand({ ...merge, ...more }))
        .catch(() => {});
      return server.conditions[asked]?.['codecommit:references'];
    };
    expect(await references({ destinationCommitSpecifier: base })).toBe(`refs/heads/${base}`);
    expect(await references({ destinationCommitSpecifier: 'HEAD' })).toBe('refs/heads/HEAD');
    expect(await tipOf('main')).toBe(base);
    const target = { destinationCommitSpecifier: base, targetBranch: 'main' };
    expect(await references(target)).toBe('refs/heads/main');
    await commit('feature', await tipOf('feature'), { h: text() });
    expect(await references({ destinationCommitSpecifier: 'refs/heads/main' })).toBe(
      'refs/heads/main',
    );
    expect(await tipOf('main')).toBe(await tipOf('feature'));
  });

  test('CC-MG-02, CC-MG-04, CC-MG-08: what is refused of an input', async () => {
    const named = { ...merge, mergeOption: 'SQUASH_MERGE', filePath: 'f' };
    const refusals: [string, (input: never) => Promise<unknown>, object][] = [
      ['RepositoryDoesNotExist', squash, { repositoryName: 'nothing' }],
      ['CommitDoesNotExist', squash, { sourceCommitSpecifier: 'nothing' }],
      ['CommitDoesNotExist', squash, { destinationCommitSpecifier: 'nothing' }],
      ['BranchDoesNotExist', squash, { targetBranch: 'nothing' }],
      ['InvalidConflictDetailLevel', squash, { conflictDetailLevel: 'toString' }],
      ['InvalidConflictResolutionStrategy', squash, { conflictResolutionStrategy: 'OURS' }],
      ['NameLengthExceeded', squash, { authorName: 'x'.repeat(1025) }],
      ['InvalidEmail', squash, { email: 'x'.repeat(257) }],
      ['CommitMessageLengthExceeded', squash, { commitMessage: 'x'.repeat(256 * 1024 + 1) }],
      ['InvalidDestinationCommitSpecifier', conflicts, { destinationCommitSpecifier: 'a~1' }],
      ['InvalidSourceCommitSpecifier', conflicts, { sourceCommitSpecifier: 'a~1' }],
      ['MergeOptionRequired', conflicts, { mergeOption: '' }],
      ['InvalidMergeOption', conflicts, { mergeOption: 'REBASE' }],
      ['InvalidMaxConflictFiles', conflicts, { maxConflictFiles: 0 }],
      ['InvalidContinuationToken', conflicts, { nextToken: 'x' }],
      ['InvalidMergeOption', description, { mergeOption: 'FAST_FORWARD_MERGE' }],
      ['PathRequired', description, { filePath: '' }],
      ['InvalidPath', description, { filePath: '../f' }],
      ['FileDoesNotExist', description, { filePath: 'f' }],
      ['InvalidMaxMergeHunks', description, { maxMergeHunks: 0 }],
    ];
    for (const [name, call, more] of refusals)
      await expect(call({ ...named, ...more } as never), name).rejects.toMatchObject({
        name: `${name}Exception`,
      });
  });

  const squash = (input: sdk.MergeBranchesBySquashCommandInput) =>
    client.send(new sdk.MergeBranchesBySquashCommand(input));
  const conflicts = (input: sdk.GetMergeConflictsCommandInput) =>
    client.send(new sdk.GetMergeConflictsCommand(input));
  const description = (input: sdk.DescribeMergeConflictsCommandInput) =>
    client.send(new sdk.DescribeMergeConflictsCommand(input));
});
