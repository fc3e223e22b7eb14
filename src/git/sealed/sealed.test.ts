import { createHash, randomBytes, randomUUID } from 'node:crypto';
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { GitHost, NewCommit } from '../git-host.ts';
import { makeGitHost } from '../local-git-host.ts';
import { gitClient, sealedGitHost, serveGit } from '../testing.ts';
import { SealedLog } from './log.ts';
import { packedReferences, parseReferences, updateCommands } from './state.ts';

const person = { name: 'Mary Major', email: 'mary@example.com', date: '1700000000 +0100' };
const SECRET = 'nobody-reads-this-in-the-data-directory';

let directory: string;
let id: string;
let hosts: GitHost[];

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'slipway-sealed-'));
  id = randomUUID();
  hosts = [];
});
afterEach(async () => {
  for (const host of hosts) await host.close();
  await rm(directory, { recursive: true, force: true });
});

/** A server's host; several share the directory. */
function host(): GitHost {
  const made = sealedGitHost(directory);
  hosts.push(made);
  return made;
}

function commitOf(content: string, parents: string[] = []): NewCommit {
  const changes = [{ path: 'a', mode: '100644' as const, content: Buffer.from(content) }];
  return { parents, author: person, committer: person, message: content, changes };
}

async function started(): Promise<GitHost> {
  const made = host();
  await made.create(id);
  return made;
}

const sealedPath = () => join(directory, 'repositories', `${id}.sealed`);

const references = async (on: GitHost) =>
  Object.fromEntries((await on.repository(id).references()).map((one) => [one.name, one.id]));

async function filesBelow(path: string): Promise<string[]> {
  const entries = await readdir(path, { recursive: true, withFileTypes: true });
  return entries.filter((one) => one.isFile()).map((one) => join(one.parentPath, one.name));
}

describe('at rest', () => {
  test('nothing is readable, neither content nor names nor packs', async () => {
    const one = (await started()).repository(id);
    const commit = await one.writeCommit(commitOf(SECRET));
    await one.updateReference('refs/heads/a-branch-of-theirs', commit, undefined);
    const files = await filesBelow(sealedPath());
    expect(files.length).toBeGreaterThan(2);
    for (const file of files) {
      const bytes = await readFile(file);
      for (const what of [SECRET, 'a-branch-of-theirs', commit, 'PACK'])
        expect(bytes.includes(what), file).toBe(false);
    }
  });

  test('what was changed, moved or taken away is noticed', async () => {
    const one = (await started()).repository(id);
    for (const name of ['b', 'c', 'd']) {
      const commit = await one.writeCommit(commitOf(name));
      await one.updateReference(`refs/heads/${name}`, commit, undefined);
    }
    const log = join(sealedPath(), 'log');
    const second = await readFile(join(log, '00000002'));
    const third = await readFile(join(log, '00000003'));
    const opened = () => host().repository(id).references();
    await writeFile(join(log, '00000003'), second);
    await expect(opened()).rejects.toThrow('does not open');
    await writeFile(
      join(log, '00000003'),
      Buffer.concat([third.subarray(0, 40), Buffer.alloc(99)]),
    );
    await expect(opened()).rejects.toThrow('does not open');
    await rm(join(log, '00000003'));
    await expect(opened()).rejects.toThrow('is missing');
    await writeFile(join(log, '00000003'), third);
    expect(await opened()).toHaveLength(3);
  });
});

describe('kill -9', () => {
  test('leaves what was acknowledged: nothing is needed but what lies sealed', async () => {
    const first = (await started()).repository(id);
    const commit = await first.writeCommit(commitOf('one'));
    await first.updateReference('refs/heads/main', commit, undefined);
    await first.setHead('refs/heads/other');
    const unnamed = await first.writeCommit(commitOf('two', [commit]));
    expect(await first.keepWritten(unnamed)).toBe(true);
    // As a server that was killed: its copy is of no use to the next one.
    const next = host().repository(id);
    expect((await next.references()).map((one) => one.id)).toEqual([commit]);
    expect(await next.head()).toBe('refs/heads/other');
    expect((await next.commit(unnamed))?.parents).toEqual([commit]);
    expect(await next.fsck()).toEqual([]);
  });

  test('between a pack and its record leaves neither, and the draft goes', async () => {
    const log = new SealedLog(sealedPath(), id, createHash('sha256').update(id).digest());
    await started();
    await writeFile(join(sealedPath(), 'packs', randomUUID()), 'half');
    await writeFile(join(sealedPath(), 'log', 'draft-x'), 'half');
    expect(await host().repository(id).references()).toEqual([]);
    await log.removeUnnamed(await log.load(), [], Date.now() + 25 * 60 * 60_000);
    expect(await readdir(join(sealedPath(), 'packs'))).toEqual([]);
    expect(await readdir(join(sealedPath(), 'log'))).toEqual(['00000001']);
  });
});

test('what cannot be made durable has not happened, and is told', async () => {
  const server = await started();
  const git = server.repository(id);
  const one = await git.writeCommit(commitOf('one'));
  await git.updateReference('refs/heads/main', one, undefined);
  const two = await git.writeCommit(commitOf('two', [one]));
  await rm(join(sealedPath(), 'packs'), { recursive: true });
  await expect(git.updateReference('refs/heads/main', two, one)).rejects.toThrow('ENOENT');
  expect(await references(server)).toEqual({ 'refs/heads/main': one });
  await mkdir(join(sealedPath(), 'packs'));
  expect(await git.updateReference('refs/heads/main', two, one)).toBe('updated');
});

describe('health', () => {
  /** The one working copy that there is. */
  const copyOf = async () => {
    const places = join(directory, `slipway-git-${userInfo().uid}`);
    const found = await readdir(places, { recursive: true });
    return join(places, found.find((name) => name.endsWith('.git')) ?? '');
  };

  test('many changes leave few packs and records, and every object, whoever reads meanwhile', async () => {
    const server = await started();
    const git = server.repository(id);
    let tip: string | undefined;
    const commits: string[] = [];
    for (let n = 0; n < 45; n++) {
      const next: string = await git.writeCommit(commitOf(`${n}`, tip ? [tip] : []));
      await git.updateReference('refs/heads/main', next, tip);
      commits.push(next);
      tip = next;
      // What nothing leads to stays as well: pull requests may name it.
      if (n === 3) {
        const unnamed = await git.writeCommit(commitOf('unnamed', [next]));
        commits.push(unnamed);
        expect(await git.keepWritten(unnamed)).toBe(true);
      }
      expect((await git.commit(commits[0] ?? ''))?.message).toBe('0');
      if (n % 22 === 21) await git.maintain();
    }
    await git.maintain();
    expect((await readdir(join(sealedPath(), 'packs'))).length).toBeLessThan(20);
    expect((await readdir(join(sealedPath(), 'log'))).length).toBeLessThan(20);
    for (const read of [git, host().repository(id)]) {
      for (const one of commits) expect((await read.commit(one))?.id, one).toBe(one);
      expect(await read.fsck()).toEqual([]);
    }
  });

  test('what finds commits and objects fast is made, and does not outlive its packs', async () => {
    const [a, b] = [await started(), host()];
    const git = a.repository(id);
    const large = commitOf(randomBytes(5 * 1024 * 1024).toString('latin1'));
    let tip = await git.writeCommit({ ...large, message: 'large' });
    await git.updateReference('refs/heads/main', tip, undefined);
    await git.maintain();
    const copy = await copyOf();
    const packs = async () => await readdir(join(copy, 'objects', 'pack'));
    expect((await packs()).some((name) => /^multi-pack-index-.*\.bitmap$/.test(name))).toBe(true);
    expect(await readdir(join(copy, 'objects', 'info'))).toContain('commit-graphs');
    // The other server packs anew what this one has an index of.
    const other = b.repository(id);
    for (let n = 0; n < 21; n++) {
      const next = await other.writeCommit(commitOf(`${n}`, [tip]));
      await other.updateReference('refs/heads/main', next, tip);
      tip = next;
      if (n === 4) await git.references();
    }
    await other.maintain();
    expect((await git.references())[0]?.id).toBe(tip);
    expect(await packs()).not.toContain('multi-pack-index');
    expect(await git.fsck()).toEqual([]);
  });

  test('a copy that somebody has removed is made again: it says nothing of what lies sealed', async () => {
    const server = await started();
    const git = server.repository(id);
    const commit = await git.writeCommit(commitOf('one'));
    await git.updateReference('refs/heads/main', commit, undefined);
    await rm(await copyOf(), { recursive: true });
    expect(await references(server)).toEqual({ 'refs/heads/main': commit });
    await rm(join(directory, `slipway-git-${userInfo().uid}`), { recursive: true });
    expect(await git.updateReference('refs/heads/b', commit, undefined)).toBe('updated');
    expect(Object.keys(await references(host()))).toEqual(['refs/heads/b', 'refs/heads/main']);
  });

  test('fsck finds what does not open any more', async () => {
    const server = await started();
    const git = server.repository(id);
    const commit = await git.writeCommit(commitOf('one'));
    await git.updateReference('refs/heads/main', commit, undefined);
    const [pack = ''] = await readdir(join(sealedPath(), 'packs'));
    const path = join(sealedPath(), 'packs', pack);
    const bytes = await readFile(path);
    bytes[bytes.length - 40] = (bytes.at(-40) ?? 0) ^ 1;
    await writeFile(path, bytes);
    expect(await git.fsck()).toEqual([expect.stringContaining('does not open')]);
  });
});

describe('two servers', () => {
  test('both move HEAD: the last one wins, and each says so', async () => {
    const [a, b] = [await started(), host()];
    await Promise.all([a, b].map((server) => server.repository(id).references()));
    await Promise.all([
      a.repository(id).setHead('refs/heads/a'),
      b.repository(id).setHead('refs/heads/b'),
    ]);
    const heads = await Promise.all([a, b, host()].map((each) => each.repository(id).head()));
    expect(new Set(heads).size).toBe(1);
  });

  test('one moves HEAD to a branch, and the other one deletes it: one of them is told', async () => {
    const [a, b] = [(await started()).repository(id), host().repository(id)];
    const commit = await a.writeCommit(commitOf('one'));
    for (const name of ['main', 'b'])
      await a.updateReference(`refs/heads/${name}`, commit, undefined);
    expect(await a.updateReference('refs/heads/main', undefined, commit)).toBe('head');
    expect(await a.setHead('refs/heads/none', { there: true })).toBe(false);
    await b.references();
    const [moved, deleted] = await Promise.all([
      a.setHead('refs/heads/b', { there: true }),
      b.updateReference('refs/heads/b', undefined, commit),
    ]);
    expect([moved, deleted === 'updated'].filter(Boolean)).toHaveLength(1);
    const now = host().repository(id);
    expect((await now.references()).map(({ name }) => name)).toContain(await now.head());
  });

  test('see what the other one did, and one of them wins a reference', async () => {
    const [a, b] = [await started(), host()];
    const one = await a.repository(id).writeCommit(commitOf('one'));
    await a.repository(id).updateReference('refs/heads/main', one, undefined);
    expect(await references(b)).toEqual({ 'refs/heads/main': one });
    const [ours, theirs] = await Promise.all(
      [a, b].map((server, n) => server.repository(id).writeCommit(commitOf(`${n}`, [one]))),
    );
    const outcomes = await Promise.all([
      a.repository(id).updateReference('refs/heads/main', ours, one),
      b.repository(id).updateReference('refs/heads/main', theirs, one),
    ]);
    expect(outcomes.toSorted()).toEqual(['moved', 'updated']);
    const winner = outcomes[0] === 'updated' ? ours : theirs;
    for (const server of [a, b, host()])
      expect(await references(server)).toEqual({ 'refs/heads/main': winner });
  });

  test('lose none of the changes of many references at once', async () => {
    const servers = [await started(), host()];
    const first = servers[0] as GitHost;
    const commit = await first.repository(id).writeCommit(commitOf('one'));
    await first.repository(id).updateReference('refs/heads/main', commit, undefined);
    const made = await Promise.all(
      Array.from({ length: 12 }, async (_, n) => {
        const git = (servers[n % 2] as GitHost).repository(id);
        await git.references();
        return await git.updateReference(`refs/heads/b${n}`, commit, undefined);
      }),
    );
    expect(made).toEqual(Array(12).fill('updated'));
    for (const server of [...servers, host()])
      expect(Object.keys(await references(server))).toHaveLength(13);
  });

  test('one maintains while the other one sleeps: what it knows is not what counts', async () => {
    const [a, b] = [await started(), host()];
    const git = a.repository(id);
    let tip: string | undefined;
    for (let n = 0; n < 3; n++) {
      const next: string = await git.writeCommit(commitOf(`${n}`, tip ? [tip] : []));
      await git.updateReference('refs/heads/main', next, tip);
      tip = next;
    }
    await b.repository(id).references();
    for (let n = 3; n < 22; n++) {
      const next: string = await git.writeCommit(commitOf(`${n}`, tip ? [tip] : []));
      await git.updateReference('refs/heads/main', next, tip);
      tip = next;
    }
    await git.maintain();
    expect((await readdir(join(sealedPath(), 'log'))).length).toBeLessThan(3);
    expect((await readdir(join(sealedPath(), 'packs'))).length).toBeLessThan(5);
    // b comes second with a number that is not in the log any more.
    const stale = await b.repository(id).writeCommit(commitOf('stale'));
    expect(await b.repository(id).updateReference('refs/heads/main', stale, undefined)).toBe(
      'moved',
    );
    expect(await b.repository(id).updateReference('refs/heads/b', stale, undefined)).toBe(
      'updated',
    );
    for (const server of [a, b, host()]) {
      expect(await references(server)).toEqual({ 'refs/heads/main': tip, 'refs/heads/b': stale });
      expect(await server.repository(id).fsck()).toEqual([]);
    }
  });

  test('a push that comes second in a branch is refused, and the first one stays', async () => {
    const [a, b] = [await started(), host()];
    const [one, other] = [await serveGit(a), await serveGit(b)];
    const work = await mkdtemp(join(tmpdir(), 'slipway-work-'));
    const git = (...args: string[]) => gitClient(work, args);
    try {
      await git('init', '-q', '-b', 'main');
      await git('commit', '-q', '--allow-empty', '-m', 'one');
      await git('push', '-q', `${one.url}/${id}`, 'main');
      await git('commit', '-q', '--allow-empty', '-m', 'two');
      await git('push', '-q', `${other.url}/${id}`, 'main');
      await git('commit', '-q', '--amend', '--allow-empty', '-m', 'three');
      await expect(git('push', '-q', `${one.url}/${id}`, 'main')).rejects.toMatchObject({
        stderr: expect.stringContaining('rejected'),
      });
      await git('fetch', '-q', `${one.url}/${id}`, 'main');
      expect((await git('log', '-1', '--format=%s', 'FETCH_HEAD')).stdout.trim()).toBe('two');
    } finally {
      await one.close();
      await other.close();
      await rm(work, { recursive: true, force: true });
    }
  });
});

test('a push whose record cannot be written is not acknowledged', async () => {
  const server = await started();
  const served = await serveGit(server);
  const work = await mkdtemp(join(tmpdir(), 'slipway-work-'));
  const git = (...args: string[]) => gitClient(work, args);
  try {
    await git('init', '-q', '-b', 'main');
    await git('commit', '-q', '--allow-empty', '-m', 'one');
    await rm(join(sealedPath(), 'packs'), { recursive: true });
    await expect(git('push', '-q', `${served.url}/${id}`, 'main')).rejects.toThrow();
    expect(await references(server)).toEqual({});
    await mkdir(join(sealedPath(), 'packs'));
    await git('push', '-q', `${served.url}/${id}`, 'main');
    expect(Object.keys(await references(host()))).toEqual(['refs/heads/main']);
  } finally {
    await served.close();
    await rm(work, { recursive: true, force: true });
  }
});

test('a repository of an earlier version is sealed whole, and the old one goes', async () => {
  const repositories = join(directory, 'repositories');
  const plain = makeGitHost({ directory: repositories, searchPath: process.env.PATH ?? '' });
  await plain.create(id);
  const old = plain.repository(id);
  const commit = await old.writeCommit(commitOf(SECRET));
  await old.updateReference('refs/heads/main', commit, undefined);
  await old.updateReference('refs/tags/v1', commit, undefined);
  await old.setHead('refs/heads/other');
  const unnamed = await old.writeCommit(commitOf('unnamed', [commit]));
  await plain.close();
  const server = await started();
  expect(await readdir(repositories)).toEqual([`${id}.sealed`]);
  expect(await references(server)).toEqual({ 'refs/heads/main': commit, 'refs/tags/v1': commit });
  expect(await server.repository(id).head()).toBe('refs/heads/other');
  expect((await server.repository(id).commit(unnamed))?.message).toBe('unnamed');
  // As if it had been killed before the old one was gone.
  await mkdir(join(repositories, `${id}.git`));
  expect(await server.unsealed()).toEqual([id]);
  await server.create(id);
  expect(await server.unsealed()).toEqual([]);
  await server.delete(id);
  expect(await readdir(repositories)).toEqual([]);
});

test('names of references are bytes, and need not be UTF-8', () => {
  const name = `refs/heads/${Buffer.from([0xe9, 0x62]).toString('latin1')}`;
  const listed = Buffer.from(`${'1'.repeat(40)} ${name}\n`, 'latin1');
  const state = parseReferences(listed);
  expect(packedReferences(state).subarray(-listed.length)).toEqual(listed);
  expect(updateCommands([[name, null]])).toEqual([Buffer.from(`delete ${name}\n`, 'latin1')]);
});
