import { execFileSync } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { pack } from 'tar-stream';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { type ForgeRepository, forgeRepository } from '../../../kit/forges/repository.ts';
import { type StandInForge, standInForge } from '../../../kit/forges/testing.ts';
import type { Platform } from '../../../kit/service.ts';
import { temporaryDirectory } from '../../../lib/testing.ts';
import { makeOutbound } from '../../../network/outbound.ts';
import { wantedVersion } from '../model/source-version.ts';
import { submoduleRemote } from '../run/git-sources.ts';
import { fetchGit } from './git.ts';
import type { KeptObjects } from './kept-objects.ts';

// How git is called, and what it is not led to: all that takes no build.

const PATH = process.env.PATH ?? '';
const credentials = { userName: 'x-access-token', password: 'token-word' };
let forge: StandInForge;
let other: StandInForge;
let platform: Platform;
let name: string;
let app: Awaited<ReturnType<StandInForge['repository']>>;
let first: string;
let second: string;
let pull: string;

beforeAll(async () => {
  [forge, other] = [await standInForge(), await standInForge()];
  platform = {
    config: { forges: { 'github.com': forge.url } },
    outbound: makeOutbound({ allowed: [], loopback: true, ownPort: () => 1 }),
  } as unknown as Platform;
});
afterAll(async () => {
  await forge.close();
  await other.close();
});
beforeEach(async () => {
  name = `me/${randomUUID()}`;
  app = await forge.repository(name);
  first = await app.commit({ a: 'a' });
  await app.git('tag', 'v1');
  second = await app.commit({ b: 'b' });
  await app.git('checkout', '--quiet', '-b', 'proposed');
  pull = await app.commit({ c: 'c' });
  await app.git('update-ref', 'refs/pull/7/head', pull);
  await app.git('checkout', '--quiet', 'main');
  await app.git('branch', '-D', 'proposed');
  Object.assign(forge, { redirect: undefined, password: undefined });
});

const open = async ({ name: its }: ForgeRepository) => ({
  ...{ url: `${forge.url}/${its}.git`, credentials },
  addresses: ['127.0.0.1'],
});

/** A clone of the repository, as a build makes one. */
async function fetched(
  version: string | undefined,
  more: { depth?: number; submodules?: boolean; kept?: KeptObjects; path?: string } = {},
) {
  const source = forgeRepository('GITHUB', `https://github.com/${name}.git`);
  const directory = temporaryDirectory();
  const signal = AbortSignal.timeout(60_000);
  const found = await fetchGit({
    ...{ remote: await open(source), url: source.url, version, depth: more.depth },
    ...{ wanted: wantedVersion(version, 'GITHUB'), directory, signal },
    path: more.path ?? PATH,
    kept: more.kept,
    ...(more.submodules && {
      submodules: (url: string) => submoduleRemote({ platform, signal }, url, source, open),
    }),
  });
  return { ...found, tree: join(directory, 'tree') };
}

test.each([
  ['', () => second],
  ['main', () => second],
  ['v1', () => first],
  ['refs/heads/main', () => second],
  ['pr/7', () => pull],
  ['FIRST', () => first],
  ['refs/heads/main^{FIRST}', () => first],
  ['refs/pull/7/head^{PULL}', () => pull],
])('CB-C4: %s is a source version', async (version, wanted) => {
  const asked = version.replace('FIRST', first).replace('PULL', pull);
  const { resolvedVersion, tree } = await fetched(asked, { depth: 1 });
  expect(resolvedVersion).toBe(wanted());
  const kept = readFileSync(join(tree, '.git/config'), 'utf8');
  expect(kept).toContain(`url = https://github.com/${name}.git`);
  expect(kept).not.toMatch(/token-word|127\.0\.0\.1|extraheader/i);
});

test.each([
  'nope',
  'pr/99',
  '--upload-pack=touch /tmp/x',
  '$(touch x)',
  '`touch x`;x',
  'a'.repeat(40),
])('the version %s is not found, and does nothing else', async (version) => {
  await expect(fetched(version)).rejects.toMatchObject({
    code: 'CLIENT_ERROR',
    message: `reference not found for primary source and source version ${version}`,
  });
});

test('what leads elsewhere is not followed, and nobody there gets the credential', async () => {
  await (await other.repository(name)).commit({ a: 'a' });
  forge.redirect = other.url;
  await expect(fetched('main')).rejects.toThrow('Unable to clone');
  expect(other.logins).toEqual([]);
});

/** The repository with a submodule `lib` of this URL. */
async function withSubmodule(url: string, commit: string, more = '') {
  const said = `[submodule "lib"]\n\tpath = lib\n\turl = ${url}\n${more}`;
  await app.commit({ '.gitmodules': said });
  await app.git('update-index', '--add', '--cacheinfo', `160000,${commit},lib`);
  await app.git('commit', '--quiet', '-m', 'with a library');
}

test('CB-C6: a submodule of the same host is read as its source is, at the commit that the source names', async () => {
  const lib = await forge.repository(`${name}-lib`);
  const at = await lib.commit({ file: 'of the library' });
  await lib.commit({ file: 'later' });
  await withSubmodule(`../${name.split('/')[1]}-lib.git`, at);
  forge.password = credentials.password;
  const { tree } = await fetched('main', { submodules: true });
  expect(readFileSync(join(tree, 'lib/file'), 'utf8')).toBe('of the library');
  expect(existsSync(join(tree, 'x'))).toBe(false);
  const plain = await fetched('main');
  expect(existsSync(join(plain.tree, 'lib/file'))).toBe(false);
});

test('a submodule of another host gets nobody’s credentials', async () => {
  platform.config.forges['other.example'] = other.url;
  const lib = await other.repository(`${name}-lib`);
  await withSubmodule(`https://other.example/${name}-lib.git`, await lib.commit({ file: 'x' }));
  await fetched('main', { submodules: true });
  expect(other.logins.length).toBeGreaterThan(0);
  expect(other.logins.every((login) => login === undefined)).toBe(true);
});

test.each([
  'ext::sh -c touch% x',
  'file:///etc',
  'ssh://git@127.0.0.1/x',
  '--upload-pack=touch',
  'http://127.0.0.1:1/me/lib.git',
  'https://user:pass@example.com/me/lib.git',
  'https://169.254.169.254/me/lib.git',
  '../-x/y',
])('a submodule at %s is not fetched', async (url) => {
  await withSubmodule(url, first);
  const failure = await fetched('main', { submodules: true }).catch((error) => error);
  expect(failure).toMatchObject({ name: 'PhaseFailure', code: 'CLIENT_ERROR' });
  expect(failure.message).toMatch(/Unable to (fetch the submodule lib|clone)/);
  expect(failure.message).not.toContain('pass@');
});

test('a submodule that says how it is updated is not even read', async () => {
  await withSubmodule('../x.git', first, '\tupdate = !touch x\n');
  await expect(fetched('main', { submodules: true })).rejects.toThrow('Unable to clone');
});

test('a link is no way out of the clone for a submodule', async () => {
  const outside = temporaryDirectory();
  mkdirSync(join(outside, 'lib'));
  await app.git('config', 'core.symlinks', 'true');
  const said = '[submodule "lib"]\n\tpath = link/lib\n\turl = ../x.git\n';
  await app.commit({ '.gitmodules': said });
  await app.git('update-index', '--add', '--cacheinfo', `160000,${first},link/lib`);
  await app.git('commit', '--quiet', '-m', 'a submodule');
  const failure = await fetched('main', { submodules: true }).catch((error) => error);
  expect(failure.message).toMatch(/Unable to/);
  expect(existsSync(join(outside, 'lib', '.git'))).toBe(false);
});

/** What clones keep, in memory. */
function keeper(most = 1024 ** 2) {
  const kept = { archive: undefined as Buffer | undefined, times: 0 };
  return Object.assign(kept, {
    most,
    mostPacks: 20,
    find: async () => kept.archive && Readable.from([kept.archive]),
    async keep(archive: Readable) {
      kept.archive = await buffer(archive);
      kept.times += 1;
    },
  });
}
const packs = (tree: string) =>
  readdirSync(join(tree, '.git/objects/pack'))
    .filter((file) => file.endsWith('.pack'))
    .sort();
const git = (tree: string, ...args: string[]) =>
  execFileSync('git', ['-C', tree, ...args], { encoding: 'utf8', env: { PATH } });

test('CB-F1: a clone begins with what the one before left, and is what it would be without', async () => {
  await app.git('branch', 'the-same');
  const kept = keeper();
  const one = await fetched('main', { kept });
  expect(packs(one.tree)).toHaveLength(1);
  const again = await fetched('main', { kept });
  expect(packs(again.tree)).toEqual(packs(one.tree));
  // There was nothing new.
  expect(kept.times).toBe(1);
  const third = await app.commit({ c: 'c' });
  const later = await fetched('', { kept });
  expect(later.resolvedVersion).toBe(third);
  const [more = ''] = packs(later.tree).filter((pack) => !packs(one.tree).includes(pack));
  // The commit, its tree and its file, and nothing that was there.
  expect(git(later.tree, 'verify-pack', '-v', `.git/objects/pack/${more}`)).toMatch(
    /non delta: 3 objects/,
  );
  const plain = await fetched('');
  for (const tree of [later.tree, plain.tree]) git(tree, 'fsck', '--strict', '--no-dangling');
  const seen = (tree: string) => [
    git(tree, 'for-each-ref'),
    git(tree, 'log', '--all', '--format=%H'),
    git(tree, 'status', '--porcelain'),
    readFileSync(join(tree, '.git/config'), 'utf8'),
  ];
  expect(seen(later.tree)).toEqual(seen(plain.tree));
});

test('many packs become one', async () => {
  const kept = Object.assign(keeper(), { mostPacks: 1 });
  await fetched('', { kept });
  await app.commit({ more: 'of it' });
  await fetched('', { kept });
  const { tree } = await fetched('', { kept });
  expect(packs(tree)).toHaveLength(1);
  git(tree, 'fsck', '--strict');
});

test('what is kept lets nobody have what the remote has no more, nor what is only proposed', async () => {
  const kept = keeper();
  await fetched('main', { kept });
  await fetched('pr/7', { kept });
  const missing = { code: 'CLIENT_ERROR', message: expect.stringContaining('reference not found') };
  for (const version of [pull, `refs/heads/main^{${pull}}`])
    await expect(fetched(version, { kept })).rejects.toMatchObject(missing);
  expect((await fetched(`refs/pull/7/head^{${pull}}`, { kept })).resolvedVersion).toBe(pull);
  await app.git('tag', '-d', 'v1');
  await app.git('reset', '--quiet', '--hard', first);
  const fresh = await app.commit({ other: 'way' });
  await expect(fetched(second, { kept })).rejects.toMatchObject(missing);
  expect((await fetched('', { kept })).resolvedVersion).toBe(fresh);
  // Who may not read it there does not read it here.
  forge.password = 'another';
  await expect(fetched('main', { kept })).rejects.toThrow('authorization failed');
});

/** Whether a clone has this object. */
const has = (tree: string, object: string) => {
  try {
    git(tree, 'cat-file', '-e', object);
    return true;
  } catch {
    return false;
  }
};

test('a build has nothing of what is on the remote no more, nor of what others propose', async () => {
  await app.git('tag', '-a', '-m', 'the word is swordfish', 'secret', first);
  const tag = (await app.git('rev-parse', 'secret')).trim();
  const kept = keeper();
  await fetched('main', { kept });
  expect(has((await fetched('pr/7', { kept })).tree, pull)).toBe(true);
  const after = await fetched('main', { kept });
  expect([pull, second, tag].map((object) => has(after.tree, object))).toEqual([false, true, true]);
  // One tip is gone at a time: each alone is enough.
  await app.git('tag', '-d', 'secret');
  const untagged = await fetched('pr/7', { kept });
  expect([pull, second, tag].map((one) => has(untagged.tree, one))).toEqual([true, true, false]);
  git(untagged.tree, 'fsck', '--strict', '--no-dangling');
  await fetched('main', { kept });
  await app.git('update-ref', 'refs/pull/8/head', first);
  await app.git('reset', '--quiet', '--hard', first);
  const fork = await fetched('pr/8', { kept });
  expect(fork.resolvedVersion).toBe(first);
  expect([pull, second, tag].map((object) => has(fork.tree, object))).toEqual([
    false,
    false,
    false,
  ]);
  expect(git(fork.tree, 'for-each-ref')).not.toContain('kept');
  // What goes is not kept any longer either.
  expect(kept.times).toBe(3);
});

test.each([
  ['no archive', Buffer.from('hello')],
  ['files elsewhere', () => archive({ '../../../../x': 'evil', '/etc/x': 'evil' })],
  ['configuration', () => archive({ config: '[core]\n\tsshCommand = touch x\n' })],
  ['a hook', () => archive({ 'hooks/post-checkout': '#!/bin/sh\ntouch x\n' })],
  ['packs that are none', () => archive({ [`pack-${'a'.repeat(40)}.pack`]: 'PACKevil' })],
  ['an index alone', () => archive({ [`pack-${'a'.repeat(40)}.idx`]: 'evil' })],
  ['objects that are not there', () => archive({ tips: `${'b'.repeat(40)}\n../../../x\n` })],
] as [string, Buffer | (() => Promise<Buffer>)][])(
  'a kept archive of %s is as if there were none',
  async (_, bytes) => {
    const kept = keeper();
    kept.archive = Buffer.isBuffer(bytes) ? bytes : await bytes();
    const { resolvedVersion, tree } = await fetched('main', { kept });
    expect(resolvedVersion).toBe(second);
    git(tree, 'fsck', '--strict');
    expect(existsSync(join(tree, 'x'))).toBe(false);
    expect(existsSync(join(tree, '.git/hooks/post-checkout'))).toBe(false);
    expect(packs((await fetched('main', { kept })).tree)).toHaveLength(1);
  },
);

async function archive(files: Record<string, string>): Promise<Buffer> {
  const tar = pack();
  for (const [file, text] of Object.entries(files)) tar.entry({ name: file }, text);
  tar.finalize();
  return buffer(tar);
}

test('what is too large is not kept, and what cannot be kept costs no clone', async () => {
  const small = keeper(10);
  await fetched('main', { kept: small });
  expect(small.times).toBe(0);
  let left: Readable | undefined;
  const broken = {
    ...keeper(),
    async keep(archive: Readable) {
      left = archive;
      throw new Error('full');
    },
    find: () => Promise.reject(new Error('away')),
  };
  expect((await fetched('main', { kept: broken })).resolvedVersion).toBe(second);
  expect(left?.destroyed).toBe(true);
});

test('where its references cannot be listed, a clone is what it would be without what was kept', async () => {
  const kept = keeper();
  await fetched('main', { kept });
  const directory = temporaryDirectory();
  writeFileSync(
    join(directory, 'git'),
    `#!/bin/sh\ncase "$*" in *--format=*) exit 1;; esac\nPATH="\${PATH#*:}" exec git "$@"\n`,
    { mode: 0o755 },
  );
  const { resolvedVersion, tree } = await fetched('main', { kept, path: `${directory}:${PATH}` });
  expect(resolvedVersion).toBe(second);
  expect(git(tree, 'for-each-ref')).not.toContain('kept');
  expect(kept.times).toBe(1);
});
