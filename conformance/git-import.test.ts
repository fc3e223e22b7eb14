import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CodeCommitClient, GetRepositoryCommand } from '@aws-sdk/client-codecommit';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { gitClient } from '../src/git/testing.ts';
import { startServer, type TestServer } from './server.ts';
import { slipway } from './slipway.ts';
import { type Typed, words } from './words.ts';

let server: TestServer;
let scratch: string;
const at = (name: string) => join(scratch, name);
const git = async (...typed: Typed) => (await gitClient(scratch, words(...typed))).stdout.trim();
const CONTENT = 'large '.repeat(50_000);
const OID = createHash('sha256').update(CONTENT).digest('hex');
const inLfs = (directory: string) =>
  join(directory, 'lfs', 'objects', OID.slice(0, 2), OID.slice(2, 4), OID);

/** A bare repository with branches, an annotated tag, notes, a branch to begin at, and a file whose content Git LFS keeps. */
beforeAll(async () => {
  scratch = mkdtempSync(join(tmpdir(), 'slipway-import-test-'));
  server = await startServer();
  await git`init -q -b trunk ${at('work')}`;
  writeFileSync(
    join(at('work'), 'large.bin'),
    `version https://git-lfs.github.com/spec/v1\noid sha256:${OID}\nsize ${CONTENT.length}\n`,
  );
  await git`-C ${at('work')} add -A`;
  await git`-C ${at('work')} commit -q -m first`;
  await git`-C ${at('work')} branch main`;
  await git`-C ${at('work')} tag -a v1 -m ${'the first'}`;
  await git`-C ${at('work')} notes add -m note`;
  await git`clone -q --mirror ${at('work')} ${at('source.git')}`;
});
afterAll(async () => {
  await server?.stop();
  rmSync(scratch, { recursive: true, force: true });
});

const references = (directory: string) => git`-C ${directory} for-each-ref`;

test('a repository comes and goes with all its references, where it begins, and its objects of LFS', async () => {
  const incomplete = await slipway(server, [
    'import',
    at('source.git'),
    '--json',
    '--name',
    'part',
  ]);
  expect(incomplete.code).toBe(1);
  expect(JSON.parse(incomplete.stdout).lfs).toEqual({ objects: 0, missing: [OID] });

  mkdirSync(join(inLfs(at('source.git')), '..'), { recursive: true });
  writeFileSync(inLfs(at('source.git')), CONTENT);
  const made = await slipway(server, ['import', `file://${at('source.git')}`, '--json']);
  expect(made).toMatchObject({ code: 0, stderr: '' });
  expect(JSON.parse(made.stdout)).toMatchObject({
    ...{ repository: 'source', references: 4, lfs: { objects: 1, missing: [] } },
  });
  const found = await new CodeCommitClient(server.client).send(
    new GetRepositoryCommand({ repositoryName: 'source' }),
  );
  expect(found.repositoryMetadata?.defaultBranch).toBe('trunk');

  await git`-C ${at('work')} push -q ${at('source.git')} trunk:later`;
  const again = await slipway(server, ['import', at('source.git'), '--update', '--quiet']);
  expect(again).toMatchObject({ code: 0, stderr: '' });

  const taken = await slipway(server, ['export', 'source', at('taken'), '--json']);
  expect(taken).toMatchObject({ code: 0, stderr: '' });
  expect(await references(at('taken'))).toBe(await references(at('source.git')));
  expect(await git`-C ${at('taken')} symbolic-ref HEAD`).toBe('refs/heads/trunk');
  await git`-C ${at('taken')} fsck --strict`;
  expect(readFileSync(inLfs(at('taken')), 'utf8')).toBe(CONTENT);

  await git`init -q --bare ${at('elsewhere')}`;
  expect(await slipway(server, ['export', 'source', at('elsewhere'), '--quiet'])).toMatchObject({
    code: 0,
  });
  expect(await references(at('elsewhere'))).toBe(await references(at('source.git')));
  expect(readFileSync(inLfs(at('elsewhere')), 'utf8')).toBe(CONTENT);
});

test.each([
  [['import', `ext::sh -c touch% ${tmpdir()}/x`], 1, 'names a program and no repository'],
  [['import', 'ssh://-oProxyCommand=x/r'], 1, 'no host name'],
  [['import', '--upload-pack=x'], 2, 'Usage: slipway import'],
  [['import', '--', '--upload-pack=x'], 1, 'is an option'],
  [['import', '/nowhere'], 1, 'neither a URL nor a directory'],
  [['import'], 2, 'Usage: slipway import'],
  [['export', 'none', '/tmp/slipway-none'], 1, 'RepositoryDoesNotExistException'],
  [['export', 'source'], 2, 'Usage: slipway export'],
  [['export', 'source', 'ext::sh -c x'], 1, 'names a program and no repository'],
] as [string[], number, string][])('slipway %j', async (args, code, said) => {
  const ended = await slipway(server, args);
  expect(ended).toMatchObject({ code, stderr: expect.stringContaining(said) });
});

test('an import whose push is refused leaves no repository behind', async () => {
  await git`init -q -b main ${at('odd')}`;
  await git`-C ${at('odd')} commit -q --allow-empty -m first`;
  await git`-C ${at('odd')} branch ${'a'.repeat(40)}`;
  const refused = await slipway(server, ['import', at('odd'), '--quiet']);
  expect(refused.code).toBe(1);
  expect(refused.stderr).toContain('not a valid name of a branch');
  const codecommit = new CodeCommitClient(server.client);
  await expect(
    codecommit.send(new GetRepositoryCommand({ repositoryName: 'odd' })),
  ).rejects.toMatchObject({ name: 'RepositoryDoesNotExistException' });
});
