import { randomBytes } from 'node:crypto';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import {
  CodeCommitClient,
  CreateRepositoryCommand,
  GetBranchCommand,
  PutFileCommand,
} from '@aws-sdk/client-codecommit';
import {
  CreateKeyCommand,
  DisableKeyCommand,
  EnableKeyCommand,
  KMSClient,
} from '@aws-sdk/client-kms';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { fillDisk, mountSmallDisk, unmountSmallDisk } from '../src/executors/small-disk.ts';
import { gitClient } from '../src/git/testing.ts';
import { eventually } from './eventually.ts';
import { gitRemote } from './git-remote.ts';
import { run } from './run.ts';
import { startServer, type TestServer } from './server.ts';

/** Repositories as they lie: docs/decisions/repositories-at-rest.md. */

const cli = join(import.meta.dirname, '..', 'src', 'cli', 'main.ts');
const disk = mountSmallDisk(48);
let server: TestServer;
let client: CodeCommitClient;
let work: string;

beforeAll(async () => {
  server = await startServer(disk ? { flags: ['--working-copies', disk] } : {});
  client = new CodeCommitClient({ ...server.client, maxAttempts: 1 });
  work = mkdtempSync(join(tmpdir(), 'slipway-sealed-'));
});
afterAll(async () => {
  client?.destroy();
  await server?.stop();
  if (disk) unmountSmallDisk(disk);
  if (work) rmSync(work, { recursive: true, force: true });
});

const git = async (...args: string[]) =>
  (await gitClient(work, args, server.env as Record<string, string>)).stdout.trim();
const refusal = (...args: string[]) =>
  gitClient(work, args, server.env as Record<string, string>).then(
    () => 'nothing',
    ({ stderr }: { stderr: string }) => stderr,
  );
const create = (repositoryName: string, kmsKeyId?: string) =>
  client.send(new CreateRepositoryCommand({ repositoryName, ...(kmsKeyId && { kmsKeyId }) }));
const tip = async (repositoryName: string, branchName: string) =>
  (await client.send(new GetBranchCommand({ repositoryName, branchName }))).branch?.commitId;

function filesBelow(directory: string): string[] {
  const entries = readdirSync(directory, { recursive: true, withFileTypes: true });
  return entries.filter((one) => one.isFile()).map((one) => join(one.parentPath, one.name));
}

test('nothing of a repository is found in the data directory', async () => {
  const line = 'canary-line-of-a-file-zq';
  const path = 'canary-path-zq.txt';
  const reference = 'canary-branch-zq';
  await create('app');
  const url = gitRemote(server, 'app');
  await git('init', '-q', '-b', reference, 'app');
  writeFileSync(join(work, 'app', path), `${line}\n${randomBytes(100_000).toString('base64')}`);
  await git('-C', 'app', 'add', '-A');
  await git('-C', 'app', 'commit', '-q', '-m', 'canary-message-zq');
  await git('-C', 'app', 'push', '-q', url, reference, `${reference}:refs/tags/canary-tag-zq`);
  const put = { repositoryName: 'app', branchName: reference, filePath: 'canary-put-zq' };
  const parentCommitId = await git('-C', 'app', 'rev-parse', 'HEAD');
  const fileContent = Buffer.from(line);
  await client.send(new PutFileCommand({ ...put, parentCommitId, fileContent }));
  // Blobs, trees and commits as git has them, compressed: their beginnings and names.
  const zlib = [Buffer.from([0x78, 0x9c]), Buffer.from([0x78, 0x01])];
  const words = [line, path, reference, 'canary-message-zq', 'canary-tag-zq', 'canary-put-zq'];
  const inGit = [parentCommitId, 'refs/heads', Buffer.from(parentCommitId, 'hex'), 'PACK'];
  const found = filesBelow(server.dataDir).flatMap((file) => {
    const bytes = readFileSync(file);
    const name = relative(server.dataDir, file);
    const repository = name.startsWith('repositories/');
    // Branches have names in the database, as all that is announced has: docs/data-at-rest.md.
    const asked = repository
      ? [...words, ...inGit]
      : words.filter((word) => word === line || word === path);
    return asked.filter((what) => bytes.includes(what)).map((what) => `${what} in ${name}`);
  });
  expect(found).toEqual([]);
  const sealed = filesBelow(join(server.dataDir, 'repositories'));
  expect(sealed.length).toBeGreaterThan(3);
  for (const file of sealed)
    for (const start of zlib) expect(readFileSync(file).subarray(0, 2).equals(start)).toBe(false);
});

test('kill -9 among pushes: what was acknowledged is there', { timeout: 120_000 }, async () => {
  await create('killed');
  const url = gitRemote(server, 'killed');
  const acknowledged = new Map<string, string>();
  let goesOn = true;
  const pusher = async (name: string) => {
    await git('init', '-q', '-b', name, name);
    for (let n = 0; goesOn; n += 1) {
      await git('-C', name, 'commit', '-q', '--allow-empty', '-m', `${n}`);
      const id = await git('-C', name, 'rev-parse', 'HEAD');
      if ((await refusal('-C', name, 'push', '-q', url, name)) === 'nothing')
        acknowledged.set(name, id);
    }
  };
  const names = ['one', 'two', 'three'];
  const all = names.map(pusher);
  await eventually('a push of each', async () => acknowledged.size === names.length);
  await server.kill();
  goesOn = false;
  await Promise.all(all);
  await server.restart();
  for (const [name, id] of acknowledged) {
    const there = await tip('killed', name);
    // What came after it may be there, whose answer nobody heard.
    expect([id, await git('-C', name, 'rev-parse', 'HEAD')]).toContain(there);
  }
  await git('clone', '-q', '--bare', url, 'killed.git');
  expect(await git('-C', 'killed.git', 'fsck', '--full')).toBe('');
});

test('slipway fsck reads all of it, and says what does not open', async () => {
  const fsck = (name: string) =>
    run(process.execPath, [cli, 'fsck', name, '--data', server.dataDir]).then(
      ({ code, stdout, stderr }) => [code, stdout + stderr],
    );
  expect(await fsck('app')).toEqual([0, 'app: all is well\n']);
  expect(await fsck('nothing')).toEqual([1, expect.stringContaining('Repository not found')]);
  const packs = filesBelow(join(server.dataDir, 'repositories')).filter((file) =>
    file.includes('/packs/'),
  );
  const kept = packs.map((file) => [file, readFileSync(file)] as const);
  for (const [file, bytes] of kept) writeFileSync(file, bytes.subarray(0, -1));
  expect(await fsck('app')).toEqual([1, expect.stringContaining('does not open')]);
  for (const [file, bytes] of kept) writeFileSync(file, bytes);
  expect(await fsck('app')).toEqual([0, 'app: all is well\n']);
});

test('a key that may not be used: git is told so, by 403', async () => {
  const kms = new KMSClient(server.client);
  const { KeyMetadata } = await kms.send(new CreateKeyCommand({}));
  const KeyId = KeyMetadata?.Arn ?? '';
  await create('closed', KeyId);
  const url = gitRemote(server, 'closed');
  await git('init', '-q', '-b', 'main', 'closed');
  await git('-C', 'closed', 'commit', '-q', '--allow-empty', '-m', 'one');
  await git('-C', 'closed', 'push', '-q', url, 'main');
  await kms.send(new DisableKeyCommand({ KeyId }));
  // What KMS said a moment ago is remembered for some seconds.
  await eventually('a refusal', async () => (await refusal('ls-remote', url)).includes('403'));
  await git('-C', 'closed', 'commit', '-q', '--allow-empty', '-m', 'two');
  expect(await refusal('-C', 'closed', 'push', '-q', url, 'main')).toContain('403');
  await kms.send(new EnableKeyCommand({ KeyId }));
  await git('-C', 'closed', 'push', '-q', url, 'main');
  expect(await tip('closed', 'main')).toBe(await git('-C', 'closed', 'rev-parse', 'HEAD'));
  kms.destroy();
});

test.skipIf(!disk)('no room for working copies: a push fails, and nothing else does', async () => {
  await create('large');
  const url = gitRemote(server, 'large');
  await git('init', '-q', '-b', 'main', 'large');
  await git('-C', 'large', 'commit', '-q', '--allow-empty', '-m', 'one');
  await git('-C', 'large', 'push', '-q', url, 'main');
  const before = await git('-C', 'large', 'rev-parse', 'HEAD');
  writeFileSync(join(work, 'large', 'large'), randomBytes(8 * 1024 * 1024));
  await git('-C', 'large', 'add', '-A');
  await git('-C', 'large', 'commit', '-q', '-m', 'two');
  const makeRoom = fillDisk(disk ?? '');
  expect(await refusal('-C', 'large', 'push', '-q', url, 'main')).not.toBe('nothing');
  makeRoom();
  expect(await tip('large', 'main')).toBe(before);
  await git('-C', 'large', 'push', '-q', url, 'main');
  expect(await tip('large', 'main')).toBe(await git('-C', 'large', 'rev-parse', 'HEAD'));
});
