import { randomUUID } from 'node:crypto';
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { type Header, pack } from 'tar-stream';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { packRepository, repositoryIds, unpackRepository } from './copies.ts';
import { gitClient } from './testing.ts';

let directory: string;
let id: string;
let source: string;
const stream = (...bytes: Buffer[]) => Readable.from(bytes, { objectMode: false });
const packed = async () => (await packRepository(directory, id)) ?? stream();

async function idsOf(from: string): Promise<string[]> {
  const ids: string[] = [];
  for await (const one of repositoryIds(from)) ids.push(one);
  return ids;
}

const git = async (...args: string[]) => (await gitClient(directory, args)).stdout.trim();

beforeEach(async () => {
  directory = mkdtempSync(join(tmpdir(), 'slipway-copies-'));
  id = randomUUID();
  source = join(directory, `${id}.git`);
});
afterEach(() => rmSync(directory, { recursive: true, force: true }));

/** Two commits, of which one is packed and one is not, and one that no reference leads to. */
async function fill(): Promise<string> {
  const work = join(directory, 'work');
  await git('init', '-q', '-b', 'main', work);
  const commit = (message: string) =>
    git('-C', work, 'commit', '-q', '--allow-empty', '-m', message);
  await commit('one');
  await git('init', '-q', '--bare', '-b', 'main', source);
  await git('-C', work, 'push', '-q', source, 'main', 'main:refs/notes/n');
  await git('-C', source, 'gc', '-q');
  await commit('two');
  await git('-C', work, 'push', '-q', source, 'main', 'main:refs/heads/gone');
  await commit('lost');
  await git('-C', work, 'push', '-q', source, '+main:refs/heads/gone');
  const lost = await git('-C', work, 'rev-parse', 'HEAD');
  await git('-C', source, 'update-ref', '-d', 'refs/heads/gone');
  return lost;
}

test('a copy has every reference and object, and none of the settings', async () => {
  const lost = await fill();
  writeFileSync(join(source, 'config'), '[core]\n\tbare = true\n\tfsmonitor = /bin/false\n');
  mkdirSync(join(source, 'hooks'), { recursive: true });
  writeFileSync(join(source, 'hooks', 'post-receive'), '#!/bin/false');
  expect(await idsOf(directory)).toEqual([id]);
  const tar = await packed();
  const to = join(directory, 'restored');
  await unpackRepository(to, id, tar);
  const copy = join(to, `${id}.git`);
  expect(await git('-C', copy, 'for-each-ref')).toBe(await git('-C', source, 'for-each-ref'));
  expect(await git('-C', copy, 'cat-file', '-t', lost)).toBe('commit');
  expect(await git('-C', copy, 'fsck', '--strict', '--no-dangling')).toBe('');
  expect(await git('-C', copy, 'config', '--list', '--local')).not.toContain('fsmonitor');
  expect(existsSync(join(copy, 'hooks'))).toBe(false);
});

test('what is packed while it is copied is in the copy', async () => {
  await fill();
  const all = await git('-C', source, 'cat-file', '--batch-all-objects', '--batch-check');
  const tar = await packed();
  // The files that were listed are gone before they are read: the stream has not been asked for anything yet.
  await git('-C', source, 'repack', '-q', '-a', '-d', '-A', '--unpack-unreachable=now');
  await git('-C', source, 'pack-refs', '--all');
  await unpackRepository(join(directory, 'restored'), id, tar);
  const copy = join(directory, 'restored', `${id}.git`);
  expect(await git('-C', copy, 'for-each-ref')).toBe(await git('-C', source, 'for-each-ref'));
  expect(await git('-C', copy, 'fsck', '--strict', '--no-dangling')).toBe('');
  expect(all).toContain('commit');
});

test('a repository that is gone has no copy', async () => {
  expect(await packRepository(directory, id)).toBeUndefined();
  expect(await idsOf(join(directory, 'nowhere'))).toEqual([]);
});

test.each<Partial<Header> & { name: string }>([
  { name: '../../escaped' },
  { name: '/escaped' },
  { name: 'config' },
  { name: 'hooks/post-receive' },
  { name: 'objects/info/alternates' },
  { name: 'objects/pack/../../config' },
  { name: 'refs/heads/../../config' },
  { name: 'refs/heads/a.lock' },
  { name: 'refs/heads/a', type: 'symlink', linkname: '/etc' },
  { name: 'refs/heads/a', type: 'link', linkname: 'HEAD' },
  { name: 'refs/heads/a', type: 'directory' },
])('$name ($type) is not taken out of a backup', async (header) => {
  const tar = pack();
  if (header.type) tar.entry(header);
  else tar.entry(header, 'x');
  tar.finalize();
  const out = join(directory, 'out', 'in');
  await expect(unpackRepository(out, id, stream(await buffer(tar)))).rejects.toThrow(
    /a repository has/,
  );
  expect(existsSync(join(directory, 'escaped'))).toBe(false);
});

test('half a tar is none', async () => {
  await fill();
  const whole = await buffer(await packed());
  const half = whole.subarray(0, 700);
  await expect(unpackRepository(join(directory, 'half'), id, stream(half))).rejects.toThrow();
  await expect(unpackRepository(directory, '../x', stream())).rejects.toThrow(
    'Not a repository id',
  );
});
