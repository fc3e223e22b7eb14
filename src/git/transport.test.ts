import { randomBytes, randomUUID } from 'node:crypto';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { gitClient, sealedGitHost, serveGit, temporaryGitHost } from './testing.ts';

let temporary: Awaited<ReturnType<typeof temporaryGitHost>>;
let server: Awaited<ReturnType<typeof serveGit>>;
let work: string;
let id: string;
let url: string;
let finished: number;

beforeAll(async () => {
  temporary = await temporaryGitHost({ sealed: true });
  server = await serveGit(temporary.host, async () => {
    finished++;
  });
});
afterAll(async () => {
  await server.close();
  await temporary.close();
});
beforeEach(async () => {
  id = randomUUID();
  finished = 0;
  url = `${server.url}/${id}`;
  await temporary.host.create(id);
  work = await mkdtemp(join(tmpdir(), 'slipway-work-'));
  return () => rm(work, { recursive: true, force: true });
});

const git = async (...args: string[]) => (await gitClient(work, args)).stdout.trim();

/** A clone in `work` with `count` commits on main, pushed. */
async function pushCommits(count: number): Promise<void> {
  await git('init', '-q', '-b', 'main');
  await git('remote', 'add', 'origin', url);
  for (let i = 1; i <= count; i++)
    await commit(`commit ${i}`, `file${i}`, `content ${i}\n`.repeat(50));
  await git('push', '-q', 'origin', 'main');
}

async function commit(message: string, path: string, content: string | Buffer): Promise<void> {
  await writeFile(join(work, path), content);
  await git('add', '--', path);
  await git('commit', '-q', '-m', message);
}

const serverRefs = async () =>
  Object.fromEntries((await temporary.host.repository(id).references()).map((r) => [r.name, r.id]));

test.each(['0', '1', '2'])(
  'CC-GIT-01: clone, fetch and push with protocol version %s',
  async (version) => {
    await pushCommits(2);
    const protocol = ['-c', `protocol.version=${version}`];
    await git(...protocol, 'clone', '-q', url, 'copy');
    expect(await readFile(join(work, 'copy', 'file2'), 'utf8')).toContain('content 2');
    await commit('third', 'file3', 'x');
    await git(
      ...protocol,
      'push',
      '-q',
      'origin',
      'main',
      'HEAD:refs/heads/other',
      'HEAD:refs/tags/v1',
    );
    await git('-C', 'copy', ...protocol, 'fetch', '-q', '--tags');
    expect(await git('-C', 'copy', 'rev-parse', 'origin/other', 'v1', 'origin/main')).toBe(
      Array(3)
        .fill(await git('rev-parse', 'HEAD'))
        .join('\n'),
    );
    expect(finished).toBeGreaterThanOrEqual(2);
  },
);

test('CC-GIT-06: an empty repository is cloned', async () => {
  await git('clone', '-q', url, 'copy');
  expect(await git('-C', 'copy', 'symbolic-ref', 'HEAD')).toBe('refs/heads/main');
});

test('CC-GIT-06: shallow clone, and deepening it', async () => {
  await pushCommits(5);
  await git('clone', '-q', '--depth', '2', url, 'copy');
  expect(await git('-C', 'copy', 'rev-list', '--count', 'HEAD')).toBe('2');
  await git('-C', 'copy', 'fetch', '-q', '--unshallow');
  expect(await git('-C', 'copy', 'rev-list', '--count', 'HEAD')).toBe('5');
});

test('partial clone without blobs, which come when they are needed', async () => {
  await pushCommits(3);
  await git('clone', '-q', '--filter=blob:none', '--no-checkout', url, 'copy');
  const missing = await git('-C', 'copy', 'rev-list', '--objects', '--all', '--missing=print');
  expect(missing.match(/^\?/gm)).toHaveLength(3);
  expect(await git('-C', 'copy', 'show', 'HEAD:file2')).toContain('content 2');
});

test('CC-MG-06: a commit without a reference is fetched by its id', async () => {
  await pushCommits(1);
  const gone = await git('rev-parse', 'HEAD');
  await git('commit', '-q', '--amend', '-m', 'amended');
  await git('push', '-q', '--force', 'origin', 'main');
  await git('init', '-q', 'copy');
  await git('-C', 'copy', 'fetch', '-q', url, gone);
  expect(await git('-C', 'copy', 'rev-parse', 'FETCH_HEAD')).toBe(gone);
});

test('CC-GIT-09: force push is accepted, a push that is behind is not without it', async () => {
  await pushCommits(2);
  await git('reset', '-q', '--hard', 'HEAD~1');
  await commit('other', 'other', 'x');
  await expect(git('push', '-q', 'origin', 'main')).rejects.toThrow('rejected');
  await git('push', '-q', '--force', 'origin', 'main');
  expect(await serverRefs()).toEqual({ 'refs/heads/main': await git('rev-parse', 'HEAD') });
});

test('CC-GIT-06: push --delete removes a branch, but not the one that HEAD is at', async () => {
  await pushCommits(1);
  await git('push', '-q', 'origin', 'HEAD:refs/heads/other');
  await git('push', '-q', 'origin', '--delete', 'other');
  await expect(git('push', '-q', 'origin', '--delete', 'main')).rejects.toThrow(
    'deletion of the current branch prohibited',
  );
  expect(Object.keys(await serverRefs())).toEqual(['refs/heads/main']);
});

test('pushes at the same time: each branch arrives, and one of those to the same branch wins', async () => {
  await pushCommits(1);
  const clones = ['a', 'b', 'c', 'd'];
  for (const name of clones) {
    await git('clone', '-q', url, name);
    await git('-C', name, 'commit', '-q', '--allow-empty', '-m', name);
  }
  await Promise.all(
    clones.map((name) => git('-C', name, 'push', '-q', 'origin', `HEAD:refs/heads/${name}`)),
  );
  const results = await Promise.allSettled(
    clones.map((name) => git('-C', name, 'push', '-q', 'origin', 'HEAD:main')),
  );
  expect(results.filter((result) => result.status === 'fulfilled')).toHaveLength(1);
  expect(Object.keys(await serverRefs())).toHaveLength(5);
});

test('a push of 48 MiB streams through', async () => {
  await pushCommits(1);
  await commit('big', 'big', randomBytes(48 * 1024 * 1024));
  const before = process.memoryUsage().rss;
  await git('push', '-q', 'origin', 'main');
  expect(process.memoryUsage().rss - before).toBeLessThan(40 * 1024 * 1024);
  expect(await serverRefs()).toEqual({ 'refs/heads/main': await git('rev-parse', 'HEAD') });
  await git('clone', '-q', url, 'copy');
  expect(await git('-C', 'copy', 'rev-parse', 'HEAD')).toBe(await git('rev-parse', 'HEAD'));
});

test('a request body that git compresses (many haves) is understood', async () => {
  await pushCommits(1);
  await git('clone', '-q', url, 'copy');
  for (let i = 0; i < 60; i++)
    await git('-C', 'copy', 'commit', '-q', '--allow-empty', '-m', `${i}`);
  await commit('more', 'more', 'x');
  await git('push', '-q', 'origin', 'main');
  await git('-C', 'copy', 'fetch', '-q');
  expect(await git('-C', 'copy', 'rev-parse', 'origin/main')).toBe(await git('rev-parse', 'HEAD'));
});

test('a tree with `..` or `.git` in it is refused', async () => {
  await pushCommits(1);
  const blob = await git('rev-parse', 'HEAD:file1');
  for (const name of ['..', '.git', '.GIT']) {
    await writeFile(join(work, 'tree'), Buffer.from(`100644 ${name}\0`));
    const raw = Buffer.concat([await readFile(join(work, 'tree')), Buffer.from(blob, 'hex')]);
    await writeFile(join(work, 'tree'), raw);
    const tree = await git('hash-object', '-t', 'tree', '-w', '--literally', 'tree');
    const evil = await git('commit-tree', '-m', 'evil', tree);
    await expect(git('push', '-q', 'origin', `${evil}:refs/heads/evil`)).rejects.toThrow(
      /fsck error|unpack/,
    );
  }
  expect(Object.keys(await serverRefs())).toEqual(['refs/heads/main']);
});

/** A push of one command, written by hand: what git's own client would refuse to send. */
async function rawPush(name: string): Promise<string> {
  const main = (await serverRefs())['refs/heads/main'];
  const line = `${'0'.repeat(40)} ${main} ${name}\0report-status\n`;
  const length = (Buffer.byteLength(line) + 4).toString(16).padStart(4, '0');
  const emptyPack = Buffer.from('5041434b0000000200000000', 'hex');
  const { createHash } = await import('node:crypto');
  const sum = createHash('sha1').update(emptyPack).digest();
  const response = await fetch(`${url}/git-receive-pack`, {
    method: 'POST',
    body: Buffer.concat([Buffer.from(`${length}${line}0000`), emptyPack, sum]),
  });
  return await response.text();
}

test.each([
  '../../../../tmp/evil',
  'refs/../../evil',
  'refs/heads/../../../evil',
  'refs/heads/a.lock',
  'HEAD',
  'config',
  '--upload-pack=touch /tmp/evil',
  'refs/heads/with space',
  'refs/heads/x\u0001y',
])('the reference name %j from the wire is refused', async (name) => {
  await pushCommits(1);
  expect(await rawPush(name)).toContain(`ng ${name}`);
  expect(Object.keys(await serverRefs())).toEqual(['refs/heads/main']);
});

test('a client that goes away in the middle of a push leaves nothing, and the end is told', async () => {
  await pushCommits(1);
  const client = request(`${url}/git-receive-pack`, { method: 'POST' });
  client.on('error', () => undefined);
  const line = `${'0'.repeat(40)} ${'1'.repeat(40)} refs/heads/x\0report-status\n`;
  client.write(`${(line.length + 4).toString(16).padStart(4, '0')}${line}0000PACK`);
  const before = finished;
  setTimeout(() => client.destroy(), 100);
  await expect.poll(() => finished, { timeout: 5000 }).toBe(before + 1);
  expect(Object.keys(await serverRefs())).toEqual(['refs/heads/main']);
});

test.each(['0', '2'])(
  'what is not there is refused in words (protocol version %s)',
  async (version) => {
    await pushCommits(1);
    const fetching = git('-c', `protocol.version=${version}`, 'fetch', url, '1'.repeat(40));
    const refusal = await fetching.then(String, String);
    expect(refusal).toContain('remote error: upload-pack: not our ref');
    expect(refusal).not.toContain('RPC failed');
  },
);

test('rubbish instead of a request ends without an answer that looks whole', async () => {
  for (const service of ['git-upload-pack', 'git-receive-pack']) {
    const answer = await fetch(`${url}/${service}`, { method: 'POST', body: 'rubbish' })
      .then((response) => response.text())
      .catch(() => 'cut');
    expect(answer).toMatch(/^cut$|ERR/);
  }
});

test('CC-GIT-07: a file or a commit beyond the limit, and nothing of the push stays', async () => {
  await pushCommits(1);
  const before = await serverRefs();
  const bounded = sealedGitHost(temporary.directory, {
    push: { blob: 10_000, commit: 2_000 },
  });
  const there = await serveGit(bounded);
  const pushed = async () => {
    const [all, options] = [
      ['main', 'HEAD:refs/tags/v1'],
      ['-o', 'a=b', '--atomic'],
    ];
    return await gitClient(work, ['push', ...options, `${there.url}/${id}`, ...all]).then(
      ({ stderr }) => stderr,
      ({ stderr }: { stderr: string }) => stderr,
    );
  };
  await commit('large', 'large', Buffer.alloc(10_001));
  expect(await pushed()).toMatch(
    /A file may have 10000 bytes at most: the object \w{40} has 10001/,
  );
  await git('reset', '-q', '--hard', 'HEAD~');
  await commit('x'.repeat(2_000), 'small', 'x');
  expect(await pushed()).toContain('The metadata of a commit may have 2000 bytes at most');
  expect(await serverRefs()).toEqual(before);
  await git('reset', '-q', '--hard', 'HEAD~');
  await commit('right', 'right', Buffer.alloc(10_000));
  expect(await pushed()).toContain('[new tag]');
  await there.close();
  await bounded.close();
});
