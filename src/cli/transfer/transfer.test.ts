import { createHash } from 'node:crypto';
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { otherEnd } from './ends.ts';
import { runGit } from './git.ts';
import { parseGitUrl } from './git-url.ts';
import { type LfsStore, moveObjects } from './lfs.ts';
import { lfsDirectory } from './lfs-directory.ts';
import { lfsHttp } from './lfs-http.ts';
import { parsePointer, pointersOf } from './pointers.ts';
import { fetchAll, makeBare, referencesOf } from './references.ts';

const sha256 = (content: string) => createHash('sha256').update(content).digest('hex');
const pointerText = (content: string) =>
  `version https://git-lfs.github.com/spec/v1\noid sha256:${sha256(content)}\nsize ${content.length}\n`;

let directory: string;
beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), 'slipway-transfer-'));
});
afterAll(() => rmSync(directory, { recursive: true, force: true }));

const at = (...names: string[]) => {
  const path = join(directory, ...names);
  mkdirSync(path, { recursive: true });
  return path;
};
const settingsOf = (path: string) => ({ directory: path, protocols: ['file'], isOwn: true });

test('what is no pointer is none', () => {
  const good = pointerText('x');
  expect(parsePointer(good)).toEqual({ oid: sha256('x'), size: 1 });
  for (const bad of [
    ...['', 'version 1\n', good.replace('sha256', 'md5'), good.replace('size 1', 'size x')],
    ...[
      good.replace('oid sha256:', 'oid sha256:../'),
      good.slice(5),
      good.replace('https', 'http'),
    ],
  ])
    expect(parsePointer(bad)).toBeUndefined();
});

test('all references but a working copy’s own, and all pointers of all commits', async () => {
  const work = at('work');
  const git = (...args: string[]) =>
    runGit(settingsOf(work), ['-c', 'user.name=M', '-c', 'user.email=m@e', ...args]);
  await git('init', '-q', '-b', 'main');
  writeFileSync(join(work, 'a.bin'), pointerText('before'));
  await git('add', '-A');
  await git('commit', '-qm', '1');
  writeFileSync(join(work, 'a.bin'), pointerText('after'));
  writeFileSync(join(work, 'b.txt'), `${pointerText('quoted')}\n`.repeat(20));
  await git('commit', '-qam', '2');
  for (const name of ['refs/remotes/origin/main', 'refs/stash', 'refs/notes/x', 'refs/tags/v1'])
    await git('update-ref', name, 'HEAD');
  const bare = settingsOf(at('bare'));
  await makeBare(bare);
  await fetchAll(bare, parseGitUrl(work).url, { isWorkingCopy: true });
  expect(await referencesOf(bare, 'refs/tags/v1')).toEqual([
    ...['refs/tags/v1', 'refs/heads/main', 'refs/notes/x'],
  ]);
  const found = (await pointersOf(bare)).map(({ oid }) => oid).sort();
  expect(found).toEqual([sha256('before'), sha256('after')].sort());
});

test('objects that are not what they are called do not come, and what is missing is named', async () => {
  const to = at('to');
  const from = (content: string): LfsStore => ({
    name: 'source',
    has: async (pointers) =>
      new Map(
        pointers
          .filter(({ oid }) => oid !== sha256('lost'))
          .map(({ oid }) => [oid, async () => Readable.from([Buffer.from(content)])]),
      ),
    lacks: async () => new Map(),
  });
  const wanted = ['good', 'lost'].map((one) => ({ oid: sha256(one), size: one.length }));
  await expect(moveObjects(from('evil'), lfsDirectory(to), wanted)).rejects.toThrow('SHA-256');
  const moved = await moveObjects(from('good'), lfsDirectory(to), wanted);
  expect(moved).toEqual({ objects: 1, missing: [sha256('lost')] });
  const id = sha256('good');
  const file = join(to, 'lfs', 'objects', id.slice(0, 2), id.slice(2, 4), id);
  expect(readFileSync(file, 'utf8')).toBe('good');
});

test('a password in a URL is in no argument and no error, goes to its own host alone, and LFS has it too', async () => {
  const bin = at('bin');
  const log = join(bin, 'log');
  writeFileSync(
    join(bin, 'git'),
    `#!/bin/sh\necho "$@" >> '${log}'\nPATH=\${PATH#*:} exec git "$@"\n`,
  );
  chmodSync(join(bin, 'git'), 0o755);
  const asked: [string, string | undefined][] = [];
  const server = createServer(({ url = '', headers }, response) => {
    asked.push([url, headers.authorization]);
    if (!headers.authorization)
      return void response.writeHead(401, { 'www-authenticate': 'Basic realm="x"' }).end();
    if (url.endsWith('/batch')) {
      const objects = [{ oid: sha256('x'), size: 1, actions: { download: { href: 'file:///x' } } }];
      return void response.end(JSON.stringify({ objects }));
    }
    return void response.writeHead(403).end();
  });
  await new Promise<void>((done) => void server.listen(0, '127.0.0.1', done));
  const before = process.env.PATH;
  process.env.PATH = `${bin}:${before}`;
  try {
    const { port } = server.address() as AddressInfo;
    const end = otherEnd(parseGitUrl(`http://me:very-secret@127.0.0.1:${port}/o/r`), {});
    const repository = at('fetched');
    const own = { ...end.settings(repository), isOwn: true };
    await makeBare(own);
    const failure = await fetchAll(own, end.url).catch((error) => error);
    expect(failure.name).toBe('GitFailed');
    const basic = `Basic ${btoa('me:very-secret')}`;
    expect(asked.map(([, authorization]) => authorization)).toEqual([undefined, basic]);
    expect(`${failure.message}${readFileSync(log, 'utf8')}`).not.toContain('very-secret');
    const store = await end.lfs(repository, 'download');
    await expect(store?.has([{ oid: sha256('x'), size: 1 }])).rejects.toThrow('a place of file:');
    expect(asked.slice(2)).toEqual([
      ['/o/r.git/info/lfs/objects/batch', undefined],
      ['/o/r.git/info/lfs/objects/batch', basic],
    ]);
  } finally {
    process.env.PATH = before;
    server.close();
  }
});

/** Servers that note what each was sent, and answer as they are told. */
async function listening(answer: (request: IncomingMessage, response: ServerResponse) => void) {
  const seen: IncomingMessage[] = [];
  const server = createServer((request, response) => {
    seen.push(request);
    answer(request, response);
  });
  await new Promise<void>((done) => void server.listen(0, '127.0.0.1', done));
  const { port } = server.address() as AddressInfo;
  return { seen, url: `http://127.0.0.1:${port}`, close: () => server.close() };
}

test('with a redirect to another host goes nothing that may be a secret, whatever it is called', async () => {
  const elsewhere = await listening((_request, response) => response.end('content'));
  const own = await listening(({ url = '' }, response) => {
    if (url.endsWith('/batch')) {
      const header = { Authorization: 'Basic x', 'Private-Token': 'secret', Cookie: 'a=secret' };
      const download = { href: `${own.url}/object`, header };
      const objects = [{ oid: sha256('content'), size: 7, actions: { download } }];
      return void response.end(JSON.stringify({ objects }));
    }
    const location = url === '/object' ? '/moved' : `${elsewhere.url}/object`;
    response.writeHead(url === '/object' ? 307 : 302, { location }).end();
  });
  try {
    const store = lfsHttp({ url: `${own.url}/info/lfs` });
    const there = await store.has([{ oid: sha256('content'), size: 7 }]);
    const content = await there.get(sha256('content'))?.();
    expect(content && (await text(content))).toBe('content');
    // Within its own host they go on.
    expect(own.seen.at(-1)?.headers).toMatchObject({ 'private-token': 'secret' });
    const told = Object.keys(elsewhere.seen[0]?.headers ?? {});
    expect(told).not.toEqual(
      expect.arrayContaining([expect.stringMatching(/token|cookie|authorization/)]),
    );
    expect(JSON.stringify(elsewhere.seen[0]?.headers)).not.toContain('secret');
  } finally {
    own.close();
    elsewhere.close();
  }
});

test('redirects come to an end, and lead from a question to nothing else', async () => {
  const own = await listening((_request, response) =>
    response.writeHead(307, { location: '/again' }).end(),
  );
  try {
    const asked = lfsHttp({ url: `${own.url}/info/lfs` }).has([{ oid: sha256('x'), size: 1 }]);
    await expect(asked).rejects.toThrow('from place to place');
    expect(own.seen.length).toBeLessThan(10);
  } finally {
    own.close();
  }
});

test.each([
  ['GIT_SSH_COMMAND', 'a line for the shell'],
  ['GIT_SSH', 'a program'],
])('LFS over SSH is asked by the user’s own %s, %s', async (name) => {
  const place = at(`ssh-${name}`);
  const program = join(place, 'my ssh');
  const said = JSON.stringify({ href: 'http://127.0.0.1:1/info/lfs' });
  writeFileSync(program, `#!/bin/sh\nprintf '%s\\n' "$@" > '${place}/asked'\necho '${said}'\n`);
  chmodSync(program, 0o755);
  const repository = settingsOf(at(`ssh-${name}`, 'repository'));
  await makeBare(repository);
  const before = { ...process.env };
  delete process.env.GIT_SSH_COMMAND;
  process.env[name] = name === 'GIT_SSH' ? program : `'${program}' -o Quiet=yes`;
  try {
    const end = otherEnd(parseGitUrl('ssh://git@example.com:2222/o/$(touch%20x)/r'), {});
    const store = await end.lfs(repository.directory, 'download');
    expect(store?.name).toBe('http://127.0.0.1:1/info/lfs');
    const command = "git-lfs-authenticate '/o/$(touch x)/r' download";
    expect(readFileSync(join(place, 'asked'), 'utf8').trimEnd().split('\n')).toEqual([
      ...(name === 'GIT_SSH' ? [] : ['-o', 'Quiet=yes']),
      ...['-p', '2222', '--', 'git@example.com', command],
    ]);
  } finally {
    process.env = before;
  }
});

test.each([
  ['codecommit::eu-west-1://me@web', ['codecommit', 'https']],
  ['https://example.com/web', ['https']],
  ['git@example.com:web', ['ssh']],
])('for %s git may speak %s', (url, protocols) => {
  expect(otherEnd(parseGitUrl(url), {}).settings(directory).protocols).toEqual(protocols);
});
