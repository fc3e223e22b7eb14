import { execFileSync } from 'node:child_process';
import { createHash, randomBytes, randomUUID } from 'node:crypto';
import {
  chmod,
  cp,
  mkdir,
  mkdtemp,
  readdir,
  readFile,
  rm,
  utimes,
  writeFile,
} from 'node:fs/promises';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { finished } from 'node:stream/promises';
import { afterEach, beforeEach, describe, expect, onTestFinished, test, vi } from 'vitest';
import { outageOf } from '../../lib/outage.ts';
import { GitRoomError } from '../bounds.ts';
import type { GitHost, NewCommit } from '../git-host.ts';
import { makeGitHost, runtimeOf } from '../local-git-host.ts';
import { ReaderPool } from '../reader-pool.ts';
import { ReferenceLostError } from '../reference-lost.ts';
import { LocalRepository } from '../repository.ts';
import { gitClient, sealedGitHost, serveGit } from '../testing.ts';
import { SealedLog } from './log.ts';
import { makeWorkingPlace } from './place.ts';
import { repackedIn } from './repacked.ts';
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
  return { ...served, work, git, commit, url: `${served.url}/${id}` };
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
  const end = await copy.begin([{ name: 'refs/heads/main', gone: false }]);
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
    const told = vi.fn(async () => undefined);
    const request = { service: 'git-receive-pack', body, finished: told } as const;
    const said = host.repository(id).exchange(request);
    await expect(finished(said.resume())).rejects.toThrow('hook for pushes cannot be run');
    expect(told).toHaveBeenCalledOnce();
    await expect(host.repository(id).ready('git-receive-pack')).rejects.toThrow('cannot be run');
    await host.repository(id).ready('git-upload-pack');
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

describe('what is missing', () => {
  /** A sealed repository with one commit on main, and a copy of it. */
  async function copyWithMain() {
    const log = new SealedLog(join(directory, 'sealed'), id, randomBytes(32));
    await log.prepare();
    await log.append(1, baseEntry(NOTHING));
    const place = join(directory, 'copy');
    const copy = await WorkingCopy.make(runtime, { directory: place, log, attributes: '' });
    const readers = new ReaderPool(runtime);
    const git = new LocalRepository(runtime, place, readers);
    const one = await git.writeCommit(commitOf('one'));
    const main = { name: 'refs/heads/main', gone: false };
    await copy.change([main], () => git.updateReference(main.name, one, undefined));
    readers.closeAll();
    return { log, copy, git, main, packs: join(place, 'objects', 'pack') };
  }

  test('a reference is not gone unless somebody has asked for that', async () => {
    const { log, copy, main } = await copyWithMain();
    const end = await copy.begin([main]);
    await rm(join(copy.directory, 'refs', 'heads', 'main'), { force: true });
    await rm(join(copy.directory, 'packed-refs'), { force: true });
    await expect(end()).rejects.toThrow('A reference is missing');
    expect(copy.sound).toBe(false);
    expect([...(await log.load()).references.keys()]).toEqual([main.name]);
  });

  test('of a copy that is removed in a turn nothing becomes durable', async () => {
    const { log, copy, main } = await copyWithMain();
    const end = await copy.begin([{ ...main, gone: true }]);
    await rm(copy.view.directory, { recursive: true });
    await rm(join(copy.directory, 'refs', 'heads', 'main'));
    await expect(end()).rejects.toThrow('not whole');
    expect([...(await log.load()).references.keys()]).toEqual([main.name]);
  });

  test('a push without its pack fails', async () => {
    const { log, copy, main, packs } = await copyWithMain();
    const end = await copy.begin([main]);
    await writeFile(join(packs, `pack-${'0'.repeat(40)}.idx`), '');
    await expect(end()).rejects.toThrow('ENOENT');
    expect((await log.load()).packs.size).toBe(1);
  });

  test('a pack is not there for who looks through all of it', async () => {
    const { copy, git, packs } = await copyWithMain();
    const all = async () => {
      const found: string[] = [];
      for await (const blob of git.smallBlobs(1000)) found.push(String(blob));
      return found;
    };
    expect(await all()).toEqual(['one']);
    const check = await copy.whole();
    const [pack = ''] = (await readdir(packs)).filter((name) => name.endsWith('.pack'));
    // The first object in it is of a type that git does not know.
    const bytes = await readFile(join(packs, pack));
    bytes[12] = 0x50;
    await rm(join(packs, pack));
    await writeFile(join(packs, pack), bytes);
    await expect(all()).rejects.toThrow('Not all objects are there');
    await rm(join(packs, pack));
    // Git goes on without it, and ends well.
    expect(await all()).toEqual([]);
    await expect(check()).rejects.toThrow('lacks packs');
    expect(copy.sound).toBe(false);
  });
});

test('packed anew: a pack may go when all that it has is in others that stay', async () => {
  const bare = join(directory, 'bare.git');
  const git = (...args: string[]) => execFileSync('git', ['-C', bare, ...args]).toString();
  execFileSync('git', ['init', '-q', '--bare', bare]);
  const readers = new ReaderPool(runtime);
  const repository = new LocalRepository(runtime, bare, readers);
  const folder = join(bare, 'objects', 'pack');
  const packs = async () =>
    (await readdir(folder)).filter((name) => name.endsWith('.idx')).map((one) => one.slice(0, -4));
  for (const name of ['a', 'b', 'c']) {
    const commit = await repository.writeCommit(commitOf(name));
    await repository.updateReference(`refs/heads/${name}`, commit, undefined);
    git('repack', '-q', '-d');
  }
  const names = (await packs()).toSorted();
  expect(names).toHaveLength(3);
  git('repack', '-q', '--geometric=2');
  const fresh = (await packs()).filter((name) => !names.includes(name));
  const { replaced, by } = await repackedIn(bare, names, fresh);
  expect([...replaced].toSorted()).toEqual(names);
  expect([...by]).toEqual(fresh);
  // Of two that have the same one stays; without a new one all do.
  const [first = ''] = names;
  const twice = await repackedIn(bare, [...names, ...fresh], []);
  expect(twice.replaced.size).toBe(0);
  expect((await repackedIn(bare, names.slice(1), [first])).replaced.size).toBe(0);
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
    /** Whether there is room for one copy alone. */
    const disk = { full: false };
    const copies = new WorkingCopies({ directory, most }, readers, async (name, place) => {
      if (disk.full && copies.bytes > 0) throw Object.assign(new Error('full'), { code: 'ENOSPC' });
      made.push(name);
      return { directory: place, bytes: 0, sound: true } as WorkingCopy;
    });
    const use = async (name: string, bytes: number) => {
      const { copy, release } = await copies.hold(name);
      copy.bytes = bytes;
      return { copy, release };
    };
    return { copies, made, use, disk };
  }
  test('a push that grows has copies go that nobody uses, and then is refused', async () => {
    const { copies, made, use } = copiesOf(100 * MIB);
    // No copy comes to be one that was used long ago, however slow this machine is.
    const clock = vi.spyOn(performance, 'now').mockReturnValue(1_000_000);
    onTestFinished(() => clock.mockRestore());
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
    // What it comes to counts, where that is more than what came.
    expect(room.brought(10 * MIB)).toBe(true);
    expect(room.brought(90 * MIB)).toBe(false);
    room.end();
    expect(made).toEqual(['idle', 'pushed', 'busy']);
  });

  test('where there is none at all copies go that were used a moment ago; else it is said', async () => {
    const { use, copies, disk } = copiesOf(100 * MIB);
    (await use('idle', 50 * MIB)).release();
    disk.full = true;
    (await use('new', 10 * MIB)).release();
    expect(copies.bytes).toBe(10 * MIB);
    const busy = await use('busy', 10 * MIB);
    const error = await use('more', 10 * MIB).catch((thrown) => thrown);
    expect(error).toBeInstanceOf(GitRoomError);
    expect(outageOf(error)?.reason).toContain('no room');
    busy.release();
    await copies.close();
  });

  test('what git adds to a push counts: a few bytes can stand for all that is there', async () => {
    const place = { ...makeWorkingPlace(directory), most: 4 * MIB };
    const host = await started({ place });
    const { git, url, work, close } = await client(host);
    const content = randomBytes(2.5 * MIB);
    const push = async (n: number) => {
      content[0] = n;
      await writeFile(join(work, 'file'), content);
      await git('add', '.');
      await git('commit', '-q', '-m', `${n}`);
      await git('push', '-q', url, 'main');
    };
    await push(1);
    await push(2);
    await expect(push(3)).rejects.toMatchObject({ stderr: expect.stringContaining('unpack') });
    expect(await host.repository(id).fsck()).toEqual([]);
    await close();
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
      brought: () => true,
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

  test('a push that another server has come before is refused in git’s words, each reference with its reason', async () => {
    const bare = join(directory, 'lost.git');
    execFileSync('git', ['init', '-q', '--bare', bare]);
    const readers = new ReaderPool(runtime);
    const repository = new LocalRepository(runtime, bare, readers);
    const room = { most: 100 * MIB, brought: () => true, took: () => true };
    const late = async () => {
      throw new ReferenceLostError('refs/heads/main');
    };
    const gate = { enter: async () => late, missed: async () => undefined, room };
    const gated = Object.create(repository, {
      exchange: { value: (request: never) => repository.exchange(request, gate) },
      advertise: { value: (request: never) => repository.advertise(request) },
    });
    const { git, commit, url, close } = await client({
      ...(await started()),
      repository: () => gated,
    });
    await commit(10);
    const { stderr } = await git('push', '-q', url, 'main', 'main:other').then(
      () => ({ stderr: '' }),
      (error: { stderr: string }) => error,
    );
    expect(stderr).toContain('[remote rejected] main -> main (failed to update ref)');
    expect(stderr).toContain('main -> other (not pushed, since refs/heads/main was lost)');
    readers.closeAll();
    await close();
  });
});
