import { spawn } from 'node:child_process';
import { createHash, createHmac } from 'node:crypto';
import { once } from 'node:events';
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import {
  CodeCommitClient,
  CreateRepositoryCommand,
  GetBranchCommand,
} from '@aws-sdk/client-codecommit';
import {
  CreateBucketCommand,
  GetObjectCommand,
  PutObjectCommand,
  S3Client,
} from '@aws-sdk/client-s3';
import {
  CreateSecretCommand,
  GetSecretValueCommand,
  SecretsManagerClient,
} from '@aws-sdk/client-secrets-manager';
import { pack } from 'tar-stream';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { gitSignature } from '../src/aws/auth/git-signature.ts';
import { gitClient } from '../src/git/testing.ts';
import { run } from './run.ts';
import { startServer, type TestServer } from './server.ts';
import { type Typed, words } from './words.ts';

const BYTES = Buffer.alloc(200_000, 'artifact ');
let server: TestServer;
let scratch: string;
let work: string;
/** A whole backup of the server, with its keys. */
let backup: string;

const at = (name: string) => join(scratch, name);

/** `slipway …`, with nothing of the machine's own about AWS. */
const slipway = (args: string[]) =>
  run(
    process.execPath,
    [...process.execArgv, join(import.meta.dirname, '../src/backup.ts'), ...args],
    {
      env: server.env,
    },
  );

const git = async (...typed: Typed) =>
  (await gitClient(work, words(...typed), server.env as Record<string, string>)).stdout.trim();

/** The repository's URL with credentials as the credential helper makes them. */
function urlOf({ accessKeyId, secretAccessKey, region, endpoint }: TestServer): string {
  const timestamp = new Date().toISOString().replace(/[-:]|\.\d+Z/g, '');
  const what = { timestamp, region, host: '127.0.0.1', path: '/v1/repos/app' };
  const url = new URL(`${endpoint}/v1/repos/app`);
  url.username = accessKeyId;
  url.password = `${timestamp}Z${gitSignature(accessKeyId, secretAccessKey, what)}`;
  return url.href;
}

async function push(message: string): Promise<string> {
  writeFileSync(join(work, 'file'), message);
  await git`add -A`;
  await git`commit -q -m ${message}`;
  await git`push -q ${urlOf(server)} HEAD:refs/heads/main HEAD:refs/heads/${message} HEAD:refs/notes/${message}`;
  return await git`rev-parse HEAD`;
}

beforeAll(async () => {
  scratch = mkdtempSync(join(tmpdir(), 'slipway-backup-test-'));
  work = at('work');
  mkdirSync(work);
  server = await startServer();
  await new CodeCommitClient(server.client).send(
    new CreateRepositoryCommand({ repositoryName: 'app' }),
  );
  const s3 = new S3Client({ ...server.client, forcePathStyle: true });
  await s3.send(new CreateBucketCommand({ Bucket: 'artifacts' }));
  for (const Key of ['one', 'two'])
    await s3.send(new PutObjectCommand({ Bucket: 'artifacts', Key, Body: BYTES }));
  await new SecretsManagerClient(server.client).send(
    new CreateSecretCommand({ Name: 'word', SecretString: 'open sesame' }),
  );
  await git`init -q -b main`;
});
afterAll(async () => {
  await server?.stop();
  rmSync(scratch, { recursive: true, force: true });
});

test('a server that is pushed to is in its backup, and one that is made of it goes on', async () => {
  const acknowledged = await push('before');
  backup = at('backup');
  let pushing = true;
  const pushes = (async () => {
    for (let n = 0; pushing; n += 1) await push(`during-${n}`);
  })();
  const made = await slipway(['backup', backup, '--data', server.dataDir, '--json']);
  pushing = false;
  await pushes;
  expect(made).toMatchObject({ code: 0, stderr: expect.stringContaining('holds master.key') });
  expect(JSON.parse(made.stdout)).toMatchObject({ blobs: 2, repositories: 1, keys: true });
  for (const name of readdirSync(backup, { recursive: true, encoding: 'utf8' }))
    expect(statSync(join(backup, name)).mode & 0o077, name).toBe(0);

  const restored = at('restored');
  expect(await slipway(['restore', backup, '--data', restored])).toMatchObject({ code: 0 });
  const other = await startServer({ dataDir: restored });
  const hostKey = (of: TestServer) => readFileSync(join(of.dataDir, 'ssh-host.key'), 'utf8');
  expect(hostKey(other)).toBe(hostKey(server));
  try {
    const client = new CodeCommitClient(other.client);
    for (const branchName of ['main', 'before']) {
      const { branch } = await client.send(
        new GetBranchCommand({ repositoryName: 'app', branchName }),
      );
      if (branchName === 'before') expect(branch?.commitId).toBe(acknowledged);
    }
    await git`clone -q --mirror ${urlOf(other)} ${at('clone')}`;
    await git`-C ${at('clone')} fsck --strict`;
    await git`-C ${at('clone')} merge-base --is-ancestor ${acknowledged} main`;
    expect(await git`-C ${at('clone')} rev-parse refs/notes/before`).toBe(acknowledged);
    const s3 = new S3Client({ ...other.client, forcePathStyle: true });
    const { Body } = await s3.send(new GetObjectCommand({ Bucket: 'artifacts', Key: 'two' }));
    expect(Buffer.from((await Body?.transformToByteArray()) ?? []).equals(BYTES)).toBe(true);
    const secret = new GetSecretValueCommand({ SecretId: 'word' });
    const { SecretString } = await new SecretsManagerClient(other.client).send(secret);
    expect(SecretString).toBe('open sesame');
  } finally {
    await other.stop();
  }
});

test('without keys, into a bucket of the same server, it restores where the keys are named', async () => {
  await new S3Client({ ...server.client, forcePathStyle: true }).send(
    new CreateBucketCommand({ Bucket: 'backups' }),
  );
  const place = 's3://backups/nightly/1';
  const flags = ['--endpoint-url', server.endpoint];
  const made = await slipway([
    'backup',
    place,
    '--data',
    server.dataDir,
    '--without-keys',
    ...flags,
  ]);
  expect(made).toMatchObject({ code: 0, stderr: expect.stringContaining('keep a copy of') });
  expect(await slipway(['backup', place, '--data', server.dataDir, ...flags])).toMatchObject({
    code: 1,
    stderr: expect.stringContaining('is not empty'),
  });
  const to = ['--data', at('from-s3'), ...flags];
  expect(await slipway(['restore', place, ...to])).toMatchObject({
    code: 1,
    stderr: expect.stringContaining('made without keys'),
  });
  mkdirSync(at('others-keys'));
  writeFileSync(join(at('others-keys'), 'master.key'), 'ab'.repeat(32));
  expect(await slipway(['restore', place, ...to, '--keys', at('others-keys')])).toMatchObject({
    code: 1,
    stderr: expect.stringContaining('was not written under this master.key'),
  });
  expect(existsSync(at('from-s3'))).toBe(false);
  expect(await slipway(['restore', place, ...to, '--keys', server.dataDir])).toMatchObject({
    code: 0,
  });
  for (const name of [
    'slipway.db',
    'master.key',
    'ssh-host.key',
    'root.json',
    'blobs',
    'repositories',
  ])
    expect(existsSync(join(at('from-s3'), name)), name).toBe(true);
});

describe('restore refuses', () => {
  const refused = async (from: string, why: string) => {
    const to = at(`never-${Math.random()}`);
    const { code, stderr } = await slipway(['restore', from, '--data', to]);
    expect({ code, stderr }).toEqual({ code: 1, stderr: expect.stringContaining(why) });
    expect(existsSync(to)).toBe(false);
  };
  const copy = (name: string) => {
    cpSync(backup, at(name), { recursive: true });
    return at(name);
  };

  /** Changes a file, and the lists so that they say the same: as somebody can who has the keys. */
  function forge(from: string, path: string, body: Buffer, listedAs = path): void {
    const sha256 = (bytes: Buffer) => createHash('sha256').update(bytes).digest('hex');
    writeFileSync(join(from, path), body);
    const lines = readFileSync(join(from, 'files.jsonl'), 'utf8').split('\n');
    const mine = JSON.stringify({ path: listedAs, size: body.length, sha256: sha256(body) });
    const list = Buffer.from(
      lines.map((line) => (line.includes(`"${path}"`) ? mine : line)).join('\n'),
    );
    writeFileSync(join(from, 'files.jsonl'), list);
    const manifest = JSON.parse(
      JSON.parse(readFileSync(join(from, 'manifest.json'), 'utf8')).manifest,
    );
    manifest.files.sha256 = sha256(list);
    const text = JSON.stringify(manifest);
    const key = Buffer.from(readFileSync(join(from, 'keys/master.key'), 'utf8'), 'hex');
    const hmac = createHmac('sha256', key).update('slipway-backup:').update(text).digest('hex');
    writeFileSync(join(from, 'manifest.json'), JSON.stringify({ manifest: text, hmac }));
  }
  const fileOf = (from: string, kind: string) =>
    readdirSync(join(from, kind), { recursive: true, encoding: 'utf8', withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => join(entry.parentPath, entry.name).slice(from.length + 1))[0] as string;

  test('a directory with something in it', async () => {
    const { code, stderr } = await slipway(['restore', backup, '--data', server.dataDir]);
    expect({ code, stderr }).toEqual({ code: 1, stderr: expect.stringContaining('is not empty') });
  });

  test('a backup that was killed in the middle', async () => {
    const half = at('half');
    const child = spawn(
      process.execPath,
      [...process.execArgv, 'src/backup.ts', 'backup', half, '--data', server.dataDir],
      { cwd: join(import.meta.dirname, '..'), env: server.env, stdio: 'ignore' },
    );
    // Killed as soon as something of it is there.
    while (!existsSync(join(half, 'database')) && child.exitCode === null)
      await new Promise((resolve) => setImmediate(resolve));
    child.kill('SIGKILL');
    await once(child, 'exit');
    expect(readdirSync(half)).not.toContain('manifest.json');
    await refused(half, 'was not finished');
  });

  test('a file that is missing, cut, changed or listed no more', async () => {
    const gone = copy('gone');
    rmSync(join(gone, fileOf(gone, 'blobs')));
    await refused(gone, 'is not whole, or was changed');
    const changed = copy('changed');
    const tar = fileOf(changed, 'repositories');
    const bytes = readFileSync(join(changed, tar));
    bytes[bytes.length - 1] = 1;
    writeFileSync(join(changed, tar), bytes);
    // Of a changed byte among its last zeros the archive's reader says it first.
    await refused(changed, `was changed: ${tar}`);
    const list = copy('list');
    writeFileSync(join(list, 'files.jsonl'), '');
    await refused(list, 'files.jsonl is another');
  });

  test('paths out of the data directory, and what git would run', async () => {
    const out = copy('out');
    const blob = fileOf(out, 'blobs');
    forge(out, blob, Buffer.from('x'), 'blobs/../../../escaped');
    await refused(out, 'it names \\"blobs/../../../escaped\\"'.replaceAll('\\', ''));
    for (const [number, name] of [
      '../../escaped',
      'config',
      'hooks/post-receive',
      'refs/heads/../../config',
      'objects/info/alternates',
    ].entries()) {
      const from = copy(`tar-${number}`);
      const tar = pack();
      tar.entry({ name }, '[core]\n');
      tar.finalize();
      forge(from, fileOf(from, 'repositories'), await buffer(tar));
      await refused(from, 'a repository has');
    }
    const link = copy('link');
    const tar = pack();
    tar.entry({ name: 'refs/heads/a', type: 'symlink', linkname: '/etc' });
    tar.finalize();
    forge(link, fileOf(link, 'repositories'), await buffer(tar));
    await refused(link, 'a repository has');
    expect(existsSync(at('escaped'))).toBe(false);
  });
});

test('a server does not start on what a restore left that was killed', async () => {
  mkdirSync(join(at('killed'), '.restoring'), { recursive: true });
  await expect(startServer({ dataDir: at('killed') })).rejects.toThrow(/did not finish/);
});
