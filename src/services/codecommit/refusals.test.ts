import { createHash } from 'node:crypto';
import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { gzipSync } from 'node:zlib';
import * as sdk from '@aws-sdk/client-codecommit';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { gitSignature } from '../../aws/auth/git-signature.ts';
import { embedded } from '../../db/testing.ts';
import { packet } from '../../git/pkt-line.ts';
import { REGION } from '../../testing.ts';
import { REPOSITORY_ARN, type Reviews, refusals, reviews } from './reviews/testing.ts';

const repositoryName = 'web';
const noCommit = 'f'.repeat(40);

embedded('what CodeCommit refuses', (makeDatabase) => {
  let it: Reviews;
  let client: sdk.CodeCommitClient;
  beforeEach(async () => {
    it = await reviews(makeDatabase);
    client = it.as('mary');
  });
  afterEach(async () => {
    expect(it.server.failures).toEqual([]);
    await it.server.stop();
  });

  const history = (more: object = {}) =>
    client.send(
      new sdk.ListFileCommitHistoryCommand({
        ...{ repositoryName, commitSpecifier: 'main', filePath: 'a.txt', ...more },
      }),
    );
  const differences = (more: object = {}) =>
    client.send(
      new sdk.GetDifferencesCommand({ repositoryName, afterCommitSpecifier: 'feature', ...more }),
    );
  const put = (more: Partial<sdk.PutFileCommandInput>) =>
    client.send(
      new sdk.PutFileCommand({
        ...{ repositoryName, branchName: 'main', parentCommitId: it.main, filePath: 'x' },
        ...{ fileContent: Buffer.from('x'), ...more },
      }),
    );
  const other = async () => {
    await client.send(new sdk.CreateRepositoryCommand({ repositoryName: 'other' }));
    const first = { repositoryName: 'other', parentCommitId: undefined };
    const { commitId } = await put({ ...first, filePath: 'a.txt' });
    await put({ ...first, filePath: 'b.txt', parentCommitId: commitId });
  };

  test('pages: their sizes, paths that are none, and tokens of other lists', async () => {
    const tip = await it.commit('main', { 'a.txt': 'another\n' }, it.main);
    const { nextToken } = await history({ maxResults: 1 });
    const { NextToken } = await differences({ MaxResults: 1 });
    expect([nextToken, NextToken]).toEqual([expect.any(String), expect.any(String)]);
    await other();
    const tags = new sdk.ListTagsForResourceCommand({
      ...{ resourceArn: REPOSITORY_ARN, nextToken: 'x' },
    });
    const mergeOf = { sourceCommitSpecifier: 'feature', destinationCommitSpecifier: 'main' };
    const conflicts = (maxConflictFiles: number) =>
      client.send(
        new sdk.GetMergeConflictsCommand({
          ...{ repositoryName, mergeOption: 'THREE_WAY_MERGE', ...mergeOf, maxConflictFiles },
        }),
      );
    await refusals(
      [history({ filePath: undefined }), 'ValidationException'],
      [history({ filePath: '' }), 'ValidationException'],
      [history({ filePath: '../../etc' }), 'ValidationException'],
      [history({ maxResults: 101 }), 'InvalidMaxResultsException'],
      [history({ maxResults: 2 ** 63 }), 'InvalidMaxResultsException'],
      [history({ maxResults: 1.5 }), 'SerializationException'],
      [history({ nextToken, filePath: 'b.txt' }), 'InvalidContinuationTokenException'],
      [history({ nextToken, repositoryName: 'other' }), 'InvalidContinuationTokenException'],
      [differences({ MaxResults: 100_000 }), 'InvalidMaxResultsException'],
      [differences({ beforePath: 'a' }), 'CommitRequiredException'],
      [
        differences({ NextToken, repositoryName: 'other', afterCommitSpecifier: 'main' }),
        'InvalidContinuationTokenException',
      ],
      [conflicts(1_001), 'InvalidMaxConflictFilesException'],
      [client.send(tags), 'ValidationException'],
    );
    // A branch that moves on moves no page: each commit comes once.
    await it.commit('main', { 'a.txt': 'third\n' }, tip);
    const rest = await history({ maxResults: 5, nextToken });
    expect(rest.revisionDag?.map(({ commit }) => commit?.commitId)).toEqual([it.main]);
  });

  test('commits that a push could not bring, or that would be nobody’s', async () => {
    const modules = (text: string) => ({
      ...{ filePath: 'sub/.gitmodules', fileContent: Buffer.from(text) },
    });
    const elsewhere = await it.commit('feature', { 'c.txt': 'c' }, it.feature);
    await refusals(
      [put(modules('[submodule "../../x"]\n\tpath = x\n\turl = y\n')), 'InvalidPathException'],
      [put(modules('[submodule "x"]\n\tpath = -p\n\turl = y\n')), 'InvalidPathException'],
      [put(modules('[submodule "x"]\n\tpath = x\n\turl = -u./y\n')), 'InvalidPathException'],
      [put({ ...modules('../x'), fileMode: 'SYMLINK' }), 'InvalidPathException'],
      [put({ filePath: 'GITMOD~1', fileMode: 'SYMLINK' }), 'InvalidPathException'],
      [put({ filePath: 'a\ud800' }), 'InvalidPathException'],
      [put({ parentCommitId: elsewhere }), 'ParentCommitDoesNotExistException'],
      [put({ parentCommitId: noCommit }), 'ParentCommitDoesNotExistException'],
      [put({ branchName: 'x'.repeat(251) }), 'InvalidBranchNameException'],
    );
    const { commitId } = await put({
      ...modules('[submodule "x"]\n\tpath = x\n\turl = ../y\n'),
      ...{ name: '<>', commitMessage: '\0' },
    });
    const made = new sdk.GetCommitCommand({ repositoryName, commitId });
    expect((await client.send(made)).commit).toMatchObject({
      ...{ author: { name: expect.stringContaining('user/mary') } },
      message: 'Added sub/.gitmodules',
    });
    await refusals([put({}), 'ParentCommitIdOutdatedException']);
  });

  test('commits with long messages are read; of several an answer has 20 MiB', async () => {
    const git = it.server.platform.git.repository(await idOf());
    const person = { name: 'Mary', email: 'mary@example.com', date: '1700000000 +0000' };
    let tip = it.main;
    const ids: string[] = [];
    for (const letter of ['a', 'b']) {
      tip = await git.writeCommit({
        ...{ parents: [tip], author: person, committer: person },
        message: letter.repeat(11 * 1024 * 1024),
        changes: [{ path: 'a.txt', mode: '100644', content: Buffer.from(letter) }],
      });
      ids.push(tip);
    }
    await git.updateReference('refs/heads/long', tip, undefined);
    const commitIds = [...ids, it.main, noCommit, 'x'];
    const all = new sdk.BatchGetCommitsCommand({ repositoryName, commitIds });
    const { commits = [], errors = [] } = await client.send(all);
    expect(commits.map(({ commitId }) => commitId)).toEqual([ids[0], it.main]);
    expect(errors.map(({ commitId, errorCode }) => [commitId, errorCode])).toEqual([
      [ids[1], 'NotImplemented'],
      [noCommit, 'CommitIdDoesNotExistException'],
      ['x', 'InvalidCommitIdException'],
    ]);
    const first = await history({ commitSpecifier: 'long' });
    expect(first.revisionDag?.map(({ commit }) => commit?.commitId)).toEqual([ids[1]]);
    const second = await history({ commitSpecifier: 'long', nextToken: first.nextToken });
    expect(second.revisionDag?.map(({ commit }) => commit?.commitId)).toEqual([ids[0], it.main]);
    expect(second.nextToken).toBeUndefined();
  });

  test('branches beside which there is another one, and none for another reason', async () => {
    const make = (branchName: string) =>
      client.send(new sdk.CreateBranchCommand({ repositoryName, branchName, commitId: it.main }));
    await make('a/b');
    await refusals(
      [make('a'), 'InvalidBranchNameException'],
      [make('a/b/c'), 'InvalidBranchNameException'],
      [make('HEAD'), 'InvalidBranchNameException'],
    );
  });

  const serve = (method: string, path: string, body: Buffer, more: object = {}, query = '') =>
    it.server.server.routes.serve({
      ...{ method, path: `/v1/repos/web/${path}`, query, endpoint: 'http://127.0.0.1:4566' },
      ...{ remoteAddress: '127.0.0.1', body: Readable.from([body], { objectMode: false }) },
      headers: {
        ...{ host: '127.0.0.1:4566', 'content-type': `application/x-${path}-request`, ...more },
        authorization: signed(),
      },
    });

  /** As the credential helper signs for the remote. */
  function signed(): string {
    const timestamp = it.server.clock
      .now()
      .toISOString()
      .replace(/[-:]|\.\d+Z$/g, '');
    const place = { host: '127.0.0.1', path: '/v1/repos/web', service: 'codecommit' };
    const facts = { timestamp, region: REGION, ...place };
    const password = `${timestamp}Z${gitSignature('AKIAROOT', 'root-secret', facts)}`;
    return `Basic ${Buffer.from(`AKIAROOT:${password}`).toString('base64')}`;
  }

  test.each<[string, Buffer, object?]>([
    ['rubbish', Buffer.from('rubbish')],
    ['a length that is none', Buffer.from('ffff')],
    ['what is not compressed', Buffer.from('rubbish'), { 'content-encoding': 'gzip' }],
    ['a want of nothing', gzipSync(packet('want x\n')), { 'content-encoding': 'gzip' }],
  ])('a fetch that is %s is answered', async (_, body, more) => {
    expect(await serve('POST', 'git-upload-pack', body, more)).toMatchObject({ status: 400 });
  });

  test('CC-LIM-02: a push makes no branch that the API could not name, and can still delete one', async () => {
    const pack = Buffer.from('5041434b0000000200000000', 'hex');
    const sum = createHash('sha1').update(pack).digest();
    const push = async (name: string, ids: [string, string]) => {
      const line = packet(`${ids.join(' ')} ${name}\0report-status`);
      const sends = ids[1] === NONE ? [] : [pack, sum];
      const body = Buffer.concat([line, Buffer.from('0000'), ...sends]);
      const answer = await serve('POST', 'git-receive-pack', body);
      return (await buffer(answer?.body as Readable)).toString();
    };
    const NONE = '0'.repeat(40);
    const id = 'a'.repeat(40);
    for (const branch of [id, '@', 'HEAD', 'x'.repeat(251)])
      expect(await push(`refs/heads/${branch}`, [NONE, it.main])).toMatch(/ng refs.* not a valid/);
    const git = it.server.platform.git.repository(await idOf());
    await git.updateReference(`refs/heads/${id}`, it.main, undefined);
    expect(await push(`refs/heads/${id}`, [it.main, NONE])).toContain(`ok refs/heads/${id}`);
    expect(await push('refs/heads/fine', [NONE, it.main])).toContain('ok refs/heads/fine');
  });

  test('CC-GIT-02: more fetches and pushes than may be under way', async () => {
    it.server.platform.config.gitTransfers = { all: 1, ofOne: 1 };
    const refs = () => serve('GET', 'info/refs', Buffer.alloc(0), {}, 'service=git-upload-pack');
    const first = await refs();
    expect(first?.status).toBe(200);
    expect(await refs()).toMatchObject({ status: 429, headers: { 'retry-after': '5' } });
    await buffer(first?.body as Readable);
    const { status, body } = (await refs()) ?? {};
    expect(status).toBe(200);
    (body as Readable).destroy();
  });

  async function idOf(): Promise<string> {
    const { repositoryMetadata } = await client.send(
      new sdk.GetRepositoryCommand({ repositoryName }),
    );
    expect(repositoryMetadata?.Arn).toContain(REGION);
    return repositoryMetadata?.repositoryId ?? '';
  }
});
