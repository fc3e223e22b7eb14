import { execFileSync } from 'node:child_process';
import { mkdir, readdir, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { gitClient, temporaryGitHost } from './testing.ts';

let own: Awaited<ReturnType<typeof temporaryGitHost>>;
let work: string;
let first: string;
let second: string;

/** A working copy with two commits, a branch and an annotated tag. */
beforeEach(async () => {
  own = await temporaryGitHost();
  work = join(own.directory, 'work');
  await mkdir(join(work, 'src'), { recursive: true });
  const git = async (...args: string[]) => (await gitClient(work, args)).stdout.trim();
  await git('init', '--quiet', '--initial-branch=main');
  await writeFile(join(work, 'src', 'a.txt'), 'one');
  await git('add', '-A');
  await git('commit', '--quiet', '-m', 'first');
  first = await git('rev-parse', 'HEAD');
  await git('tag', '-a', 'v1', '-m', 'the first');
  await writeFile(join(work, 'src', 'b.txt'), 'two');
  await git('add', '-A');
  await git('commit', '--quiet', '-m', 'second');
  second = await git('rev-parse', 'HEAD');
});
afterEach(() => own.close());

const scratch = async () =>
  (await readdir(join(own.directory, 'repositories'))).filter((name) => name.startsWith('remote-'));

test('branches and tags are told with the commits that they lead to', async () => {
  const found = await own.host.remoteReferences({ url: `file://${work}` });
  expect(Object.fromEntries(found)).toEqual({ 'refs/heads/main': second, 'refs/tags/v1': first });
  expect(await scratch()).toEqual([]);
});

test('commits are fetched without history, compared, and gone afterwards', async () => {
  const remote = { url: `file://${work}` };
  const fetch = { commitIds: [first, second], treesOnly: true };
  const paths = await own.host.fetched(remote, fetch, async (repository) => {
    const [before, after] = [await repository.commit(first), await repository.commit(second)];
    const changed = [];
    for await (const one of repository.differences(before?.tree, after?.tree ?? ''))
      changed.push(one.after?.path);
    return changed;
  });
  expect(paths).toEqual(['src/b.txt']);
  expect(await scratch()).toEqual([]);
});

/** What a server of this name and password has been asked. */
async function remoteServer(answer: (path: string) => { status: number; location?: string }) {
  const asked: { path: string; authorization?: string | undefined }[] = [];
  const server = createServer(({ url = '', headers }, response) => {
    asked.push({ path: url, authorization: headers.authorization });
    const { status, location } = answer(url);
    response.writeHead(status, location ? { location } : {}).end();
  });
  await new Promise<void>((done) => void server.listen(0, '127.0.0.1', done));
  const { port } = server.address() as AddressInfo;
  return { asked, port, close: () => server.close() };
}

test('it connects to the checked address, whatever the name means, with credentials that no argument has', async () => {
  const { asked, port, close } = await remoteServer(() => ({ status: 403 }));
  const remote = {
    url: `http://git.example.invalid:${port}/o/r.git`,
    addresses: ['127.0.0.1'],
    credentials: { userName: 'me', password: 'secret-word' },
  };
  const failure = await own.host.remoteReferences(remote).catch((error) => error);
  close();
  expect(asked.map(({ path }) => path)).toEqual(['/o/r.git/info/refs?service=git-upload-pack']);
  expect(asked[0]?.authorization).toBe(`Basic ${btoa('me:secret-word')}`);
  expect(failure.name).toBe('GitError');
  expect(failure.message).not.toMatch(/secret-word|Basic/);
});

test('no redirect is followed', async () => {
  const inner = await remoteServer(() => ({ status: 200 }));
  const outer = await remoteServer((path) => ({
    status: 302,
    location: `http://127.0.0.1:${inner.port}${path}`,
  }));
  const remote = { url: `http://127.0.0.1:${outer.port}/o/r.git`, addresses: ['127.0.0.1'] };
  await expect(own.host.remoteReferences(remote)).rejects.toThrow('ls-remote');
  outer.close();
  inner.close();
  expect(inner.asked).toEqual([]);
});

test.each(['ext::sh -c touch% x', 'ssh://127.0.0.1/x', '--upload-pack=touch x'])(
  '%s is no URL that git is given',
  async (url) => {
    await expect(own.host.remoteReferences({ url })).rejects.toThrow();
    expect(execFileSync('ls', [own.directory]).toString()).not.toContain('x\n');
  },
);
