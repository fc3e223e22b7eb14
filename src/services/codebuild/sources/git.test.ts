import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { serveGit, temporaryGitHost, treeBomb } from '../../../git/testing.ts';
import { temporaryDirectory } from '../../../lib/testing.ts';
import { fetchGit } from './git.ts';

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
async function fetched(levels: number, bytes = 1) {
  const id = randomUUID();
  await temporary.host.create(id);
  const directory = join(temporary.directory, 'repositories', `${id}.git`);
  const { commit } = treeBomb(directory, { levels, bytes });
  await temporary.host.repository(id).updateReference('refs/heads/main', commit, undefined);
  const source = fetchGit({
    ...{ remote: { url: `${server.url}/${id}` }, url: 'https://shown.example/it', depth: 1 },
    ...{ version: 'main', wanted: { references: ['refs/heads/main'] } },
    ...{ path: process.env.PATH ?? '', directory: temporaryDirectory() },
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

test('a file that is too large to be read is said to be', async () => {
  const { readText } = await (await fetched(1, 1024 * 1024 + 1)).source;
  await expect(readText('d9/f9')).rejects.toThrow('d9/f9 is larger than 1048576 bytes');
});

test('one of more files than a disk holds is refused before it is checked out', async () => {
  const { source } = await fetched(9);
  await expect(source).rejects.toMatchObject({
    message: 'Unable to clone: the source has more than 2000000 files and folders',
  });
});
