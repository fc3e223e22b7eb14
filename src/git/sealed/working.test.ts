import { execFileSync } from 'node:child_process';
import { createHash, randomBytes, randomUUID } from 'node:crypto';
import { chmod, cp, mkdir, mkdtemp, readdir, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { finished } from 'node:stream/promises';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import type { GitHost, NewCommit } from '../git-host.ts';
import { makeGitHost, runtimeOf } from '../local-git-host.ts';
import { ReaderPool } from '../reader-pool.ts';
import { LocalRepository } from '../repository.ts';
import { gitClient, sealedGitHost, serveGit } from '../testing.ts';
import { SealedLog } from './log.ts';
import { makeWorkingPlace } from './place.ts';
import { Repacked } from './repacked.ts';
import { baseEntry, NOTHING } from './state.ts';
import { WorkingCopies } from './working-copies.ts';
import { WorkingCopy } from './working-copy.ts';

const MIB = 1024 * 1024;
const person = { name: 'Mary Major', email: 'mary@example.com', date: '1700000000 +0100' };
const runtime = runtimeOf({ searchPath: process.env.PATH ?? '' });

let directory: string;
let id: string;
let hosts: GitHost[];

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'slipway-working-'));
  id = randomUUID();
  hosts = [];
});
afterEach(async () => {
  for (const host of hosts) await host.close();
  await rm(directory, { recursive: true, force: true });
});

async function started(more: Parameters<typeof sealedGitHost>[1] = {}): Promise<GitHost> {
  const made = sealedGitHost(directory, more);
  hosts.push(made);
  await made.create(id);
  return made;
}

function commitOf(content: string, parents: string[] = []): NewCommit {
  const changes = [{ path: 'a', mode: '100644' as const, content: Buffer.from(content) }];
  return { parents, author: person, committer: person, message: content, changes };
}

const repositories = () => join(directory, 'repositories');
const references = async (on: GitHost) =>
  (await on.repository(id).references()).map(({ name }) => name);

/** Who pushes to a host, from a repository of his own. */
async function client(host: GitHost) {
  const served = await serveGit(host);
  const work = join(directory, 'work');
  await mkdir(work);
  const git = (...args: string[]) => gitClient(work, args);
  await git('init', '-q', '-b', 'main');
  const commit = async (bytes: number) => {
    await writeFile(join(work, 'file'), randomBytes(bytes));
    await git('add', '.');
    await git('commit', '-q', '-m', 'one');
  };
  return { ...served, git, commit, url: `${served.url}/${id}` };
}

test('what moves in a turn is seen when it is durable, and nobody waits for that', async () => {
  const log = new SealedLog(join(directory, 'sealed'), id, randomBytes(32));
  await log.prepare();
  await log.append(1, baseEntry(NOTHING));
  const place = join(directory, 'copy');
  const copy = await WorkingCopy.make(runtime, { directory: place, log, attributes: '' });
  const readers = new ReaderPool(runtime);
  const inside = new LocalRepository(runtime, copy.directory, readers);
  const seen = new LocalRepository(runtime, copy.view.directory, readers);
  const names = async () => (await seen.references()).map(({ name }) => name);
  const one = await inside.writeCommit(commitOf('one'));
  const end = await copy.begin(['refs/heads/main']);
  await inside.updateReference('refs/heads/main', one, undefined);
  await inside.setHead('refs/heads/other');
  await copy.refresh();
  expect(await names()).toEqual([]);
  expect(await seen.head()).toBe('refs/heads/main');
  await end();
  expect(await names()).toEqual(['refs/heads/main']);
  expect(await seen.head()).toBe('refs/heads/other');
  // What does not become durable is never seen.
  const again = await copy.begin();
  await inside.updateReference('refs/heads/lost', one, undefined);
  await rm(join(directory, 'sealed', 'log'), { recursive: true });
  await expect(again()).rejects.toThrow();
  expect(await names()).toEqual(['refs/heads/main']);
  readers.closeAll();
});

describe('the hook', () => {
  const hooks = () => join(directory, 'hooks');
  const withHook = async (change: (path: string) => Promise<void>) => {
    await cp(runtime.hooks, hooks(), { recursive: true });
    await change(join(hooks(), 'pre-receive'));
    return started({ hooks: hooks() });
  };

  test('that cannot be run lets nothing in', async () => {
    const host = await withHook((path) => chmod(path, 0o644));
    const { git, commit, url, close } = await client(host);
    await commit(10);
    await expect(git('push', '-q', url, 'main')).rejects.toThrow();
    // Before git is asked at all.
    const body = Readable.from([]);
    const said = host.repository(id).exchange({ service: 'git-receive-pack', body });
    await expect(finished(said.resume())).rejects.toThrow('hook for pushes cannot be run');
    expect(await references(host)).toEqual([]);
    await chmod(join(hooks(), 'pre-receive'), 0o755);
    await git('push', '-q', url, 'main');
    expect(await references(host)).toEqual(['refs/heads/main']);
    await close();
  });

  test('that does not ask has moved nothing: neither a new reference nor a deletion', async () => {
    const host = await withHook(async () => undefined);
    const { git, commit, url, close } = await client(host);
    await commit(10);
    await git('push', '-q', url, 'main', 'main:other');
    await writeFile(join(hooks(), 'pre-receive'), '#!/bin/sh\nexit 0\n');
    await expect(git('push', '-q', url, 'main:third', ':other')).rejects.toThrow();
    expect(await references(host)).toEqual(['refs/heads/main', 'refs/heads/other']);
    const { stdout } = await git('ls-remote', '-q', '--heads', url);
    expect(stdout).not.toContain('third');
    // Nor is it made durable by the next one.
    await cp(runtime.hooks, hooks(), { recursive: true, force: true });
    await git('push', '-q', url, 'main:fourth');
    expect(await references(host)).toEqual(
      ['fourth', 'main', 'other'].map((n) => `refs/heads/${n}`),
    );
    await close();
  });
});

test('a pack that somebody takes away while others are packed anew is not taken for replaced', async () => {
  const bare = join(directory, 'bare.git');
  const git = (...args: string[]) => execFileSync('git', ['-C', bare, ...args]).toString();
  execFileSync('git', ['init', '-q', '--bare', bare]);
  const readers = new ReaderPool(runtime);
  const repository = new LocalRepository(runtime, bare, readers);
  for (const name of ['a', 'b', 'c']) {
    const commit = await repository.writeCommit(commitOf(name));
    await repository.updateReference(`refs/heads/${name}`, commit, undefined);
    git('repack', '-q', '-d');
  }
  const folder = join(bare, 'objects', 'pack');
  const names = (await readdir(folder))
    .filter((name) => name.endsWith('.idx'))
    .map((name) => name.slice(0, -4));
  expect(names).toHaveLength(3);
  const repacked = await Repacked.before(runtime, bare, names);
  const [taken = '', ...others] = names;
  const kept = join(directory, 'kept');
  await mkdir(kept);
  for (const kind of ['pack', 'idx']) {
    await cp(join(folder, `${taken}.${kind}`), join(kept, `${taken}.${kind}`));
    await rm(join(folder, `${taken}.${kind}`));
  }
  git('repack', '-q', '--geometric=2', '-d');
  expect(await repacked.after()).toEqual({ replaced: others, lost: true });
  await repacked.forget();
  expect((await readdir(bare)).some((name) => name.startsWith('repack-'))).toBe(false);
  readers.closeAll();
});

test('what was written and is gone with its copy is told, before anybody counts on it', async () => {
  const host = await started();
  const git = host.repository(id);
  const commit = await git.writeCommit(commitOf('one'));
  await rm(join(directory, `slipway-git-${userInfo().uid}`), { recursive: true });
  expect(await git.keepWritten(commit)).toBe(false);
  expect(await git.writeCommit(commitOf('one'))).toBe(commit);
  expect(await git.keepWritten(commit)).toBe(true);
});

describe('making', () => {
  test('several that come first seal an old repository once', async () => {
    const plain = makeGitHost({ directory: repositories(), searchPath: process.env.PATH ?? '' });
    await plain.create(id);
    await plain.close();
    let asked = 0;
    const dataKey = async () => {
      asked += 1;
      return createHash('sha256').update(id).digest();
    };
    const host = sealedGitHost(directory, { dataKey });
    hosts.push(host);
    await Promise.all(Array.from({ length: 5 }, () => host.create(id)));
    expect(asked).toBe(1);
    expect(await readdir(repositories())).toEqual([`${id}.sealed`]);
  });

  test('of one that was deleted meanwhile nothing is left', async () => {
    await started({ isKnown: async () => false });
    expect(await readdir(repositories())).toEqual([]);
  });

  test('drafts of a server that was killed go, and not those of one that is at work', async () => {
    const host = await started();
    const [old, young] = [`${randomUUID()}.x.new`, `${randomUUID()}.y.new`];
    for (const name of [old, young])
      await mkdir(join(repositories(), name, 'log'), { recursive: true });
    await utimes(join(repositories(), old), 1, 1);
    expect(await host.unsealed()).toEqual([]);
    expect((await readdir(repositories())).toSorted()).toEqual([`${id}.sealed`, young].toSorted());
  });
});

describe('room', () => {
  /** Copies that take as much as a test says. */
  function copiesOf(most: number) {
    const readers = new ReaderPool(runtime);
    const made: string[] = [];
    const copies = new WorkingCopies({ directory, most }, readers, async (name, place) => {
      made.push(name);
      return { directory: place, bytes: 0, sound: true } as WorkingCopy;
    });
    const use = async (name: string, bytes: number) => {
      const { copy, release } = await copies.hold(name);
      copy.bytes = bytes;
      return { copy, release };
    };
    return { copies, made, use };
  }
  test('a push that grows has copies go that nobody uses, and then is refused', async () => {
    const { copies, made, use } = copiesOf(100 * MIB);
    (await use('idle', 50 * MIB)).release();
    const { copy } = await use('pushed', 10 * MIB);
    const other = await use('busy', 20 * MIB);
    const room = copies.receive(copy);
    expect(room.most).toBe(120 * MIB);
    expect(room.took(30 * MIB)).toBe(true);
    const second = copies.receive(other.copy);
    expect(second.most).toBe(90 * MIB);
    // What was used a moment ago stays: the second push finds no room, but for a little.
    expect(second.took(MIB)).toBe(true);
    expect(second.took(70 * MIB)).toBe(false);
    second.end();
    expect(room.took(MIB)).toBe(true);
    room.end();
    expect(made).toEqual(['idle', 'pushed', 'busy']);
  });

  test('copies that nobody uses go for what is received, and for copies that have grown', async () => {
    const { copies, made, use } = copiesOf(100 * MIB);
    let now = performance.now();
    const clock = vi.spyOn(performance, 'now').mockImplementation(() => now);
    try {
      const one = await use('one', 40 * MIB);
      one.release();
      // Longer than a copy counts as one that will be used again.
      now += 3_000;
      const { copy, release } = await use('two', 40 * MIB);
      const room = copies.receive(copy);
      expect(room.took(30 * MIB)).toBe(true);
      await vi.waitFor(() => expect(copies.bytes).toBe(70 * MIB));
      room.end();
      (await use('three', 20 * MIB)).release();
      now += 3_000;
      copy.bytes = 90 * MIB;
      release();
      await vi.waitFor(() => expect(copies.bytes).toBe(90 * MIB));
      expect(made).toEqual(['one', 'two', 'three']);
    } finally {
      clock.mockRestore();
    }
  });

  test('a push that is larger than the room is refused in git’s words, and nothing of it stays', async () => {
    const place = { ...makeWorkingPlace(directory), most: 2 * MIB };
    const host = await started({ place });
    const { git, commit, url, close } = await client(host);
    await commit(5 * MIB);
    await expect(git('push', '-q', url, 'main')).rejects.toMatchObject({
      stderr: expect.stringContaining('exceeds maximum allowed size'),
    });
    expect(await references(host)).toEqual([]);
    const left = await readdir(place.directory, { recursive: true });
    expect(left.filter((name) => /incoming|tmp_pack|\.pack$/.test(name))).toEqual([]);
    await git('checkout', '-q', '--orphan', 'small');
    await commit(1000);
    await git('push', '-q', url, 'small');
    expect(await references(host)).toEqual(['refs/heads/small']);
    await close();
  });

  test('a push that finds no room on its way is ended, and its client is told', async () => {
    const host = await started();
    const bare = join(directory, 'bare.git');
    execFileSync('git', ['init', '-q', '--bare', bare]);
    const readers = new ReaderPool(runtime);
    const repository = new LocalRepository(runtime, bare, readers);
    let left = MIB;
    const room = {
      most: 100 * MIB,
      took(bytes: number) {
        left -= bytes;
        return left > 0;
      },
    };
    const gate = { enter: async () => async () => undefined, missed: async () => undefined, room };
    const gated = Object.create(repository, {
      exchange: { value: (request: never) => repository.exchange(request, gate) },
      advertise: { value: (request: never) => repository.advertise(request) },
    });
    const { git, commit, url, close } = await client({ ...host, repository: () => gated });
    await commit(5 * MIB);
    await expect(git('push', '-q', url, 'main')).rejects.toMatchObject({
      stderr: expect.stringContaining('unpack'),
    });
    expect(await repository.references()).toEqual([]);
    readers.closeAll();
    await close();
  });
});
