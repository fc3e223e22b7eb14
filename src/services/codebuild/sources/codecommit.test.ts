import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { serveGit, temporaryGitHost, treeBomb } from '../../../git/testing.ts';
import { temporaryDirectory } from '../../../lib/testing.ts';
import { fetchCodecommit } from './codecommit.ts';

let temporary: Awaited<ReturnType<typeof temporaryGitHost>>;
let server: Awaited<ReturnType<typeof serveGit>>;
beforeAll(async () => {
  temporary = await temporaryGitHost();
  server = await serveGit(temporary.host);
});
afterAll(async () => {
  await server.close();
  await temporary.close();
});

/** A branch with folders `levels` deep, as a build fetches it. */
async function fetched(levels: number) {
  const id = randomUUID();
  await temporary.host.create(id);
  const directory = join(temporary.directory, 'repositories', `${id}.git`);
  const { commit } = treeBomb(directory, { levels, bytes: 1 });
  await temporary.host.repository(id).updateReference('refs/heads/main', commit, undefined);
  const source = fetchCodecommit({
    ...{ url: new URL(`${server.url}/${id}`), version: 'main', depth: 1, region: 'us-east-1' },
    credentials: { accessKeyId: 'AKIA', secretAccessKey: 'secret', sessionToken: 'token' },
    ...{ now: new Date(), path: process.env.PATH ?? '', directory: temporaryDirectory() },
    signal: AbortSignal.timeout(60_000),
  });
  return { commit, source };
}

test('a commit is fetched and checked out', async () => {
  const { commit, source } = await fetched(1);
  const { resolvedVersion, readText } = await source;
  expect(resolvedVersion).toBe(commit);
  expect(await readText('d9/f9')).toBe('\0');
});

test('one of more files than a disk holds is refused before it is checked out', async () => {
  const { source } = await fetched(9);
  await expect(source).rejects.toMatchObject({
    message: 'Unable to clone: the source has more than 2000000 files and folders',
  });
});
