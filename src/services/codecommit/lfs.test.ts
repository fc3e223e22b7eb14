import { createHash } from 'node:crypto';
import { Readable } from 'node:stream';
import { buffer, text } from 'node:stream/consumers';
import * as sdk from '@aws-sdk/client-codecommit';
import { CreateKeyCommand, DisableKeyCommand, KMSClient } from '@aws-sdk/client-kms';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { gitSignature } from '../../aws/auth/git-signature.ts';
import { rootPrincipal } from '../../aws/auth/root.ts';
import type { WireResponse } from '../../aws/http.ts';
import { eachDialect } from '../../db/testing.ts';
import { encodeJson } from '../../lib/json.ts';
import { ACCOUNT, REGION, type World, world } from '../../testing.ts';
import service from './index.ts';
import {
  blobsOf,
  keyOf,
  LFS_BLOBS,
  LFS_OBJECTS,
  lookAt,
  UNNAMED_AFTER_MS,
  UNPOINTED_LIVES_MS,
} from './lfs/blobs.ts';
import { lfsBlobs } from './reconcilers/lfs-blobs.ts';
import { lfsObjects } from './reconcilers/lfs-objects.ts';
import { findObject, insertObject } from './store/lfs.ts';
import type { CodeCommitTables } from './store/tables.ts';

const sha256 = (content: string) => createHash('sha256').update(content).digest('hex');
const pointer = (content: string) => ({ oid: sha256(content), size: content.length });
const HOST = '127.0.0.1:4566';
const ROOT = { keyId: 'AKIAROOT', secret: 'root-secret' };

eachDialect('Git LFS', (makeDatabase) => {
  let it: World;
  const create = (repositoryName: string) =>
    it.client(sdk.CodeCommitClient).send(new sdk.CreateRepositoryCommand({ repositoryName }));
  beforeEach(async () => {
    it = await world(makeDatabase, [service]);
    await create('web');
  });
  afterEach(async () => {
    expect(it.failures).toEqual([]);
    await it.stop();
  });

  /** As the credential helper signs for the remote. */
  function signed(path: string): string {
    const timestamp = it.clock
      .now()
      .toISOString()
      .replace(/[-:]|\.\d+Z$/g, '');
    const facts = { timestamp, region: REGION, host: '127.0.0.1', path, service: 'codecommit' };
    const password = `${timestamp}Z${gitSignature(ROOT.keyId, ROOT.secret, facts)}`;
    return `Basic ${Buffer.from(`${ROOT.keyId}:${password}`).toString('base64')}`;
  }

  type Sent = { name?: string; authorization?: string; headers?: Record<string, string> };

  async function send(
    method: string,
    path: string,
    body: string | object | Readable,
    { name = 'web', headers = {}, ...more }: Sent & { userName?: string } = {},
  ): Promise<WireResponse> {
    const [bare = '', query = ''] = path.split('?');
    const authorization = more.authorization ?? signed(`/v1/repos/${name.replace('.git', '')}`);
    const stream =
      body instanceof Readable
        ? body
        : Readable.from([Buffer.from(typeof body === 'string' ? body : JSON.stringify(body))]);
    const type: Record<string, string> =
      typeof body === 'string' ? {} : { 'content-type': 'application/vnd.git-lfs+json' };
    const answer = await it.server.routes.serve({
      ...{ method, path: `/v1/repos/${name}/info/lfs/${bare}`, query, body: stream },
      ...{ endpoint: `http://${HOST}`, remoteAddress: '127.0.0.1' },
      headers: { host: HOST, authorization, ...type, ...headers },
      ...(more.userName && {
        ssh: { principal: rootPrincipal(ACCOUNT), userName: more.userName },
      }),
    });
    return answer as WireResponse;
  }
  const said = async ({ status, body }: WireResponse) => {
    const all = body instanceof Readable ? await text(body) : String(body ?? '');
    return { status, ...(all && (JSON.parse(all) as Record<string, unknown>)) } as {
      status: number;
      [member: string]: unknown;
    };
  };
  const batch = async (operation: string, contents: string[], more: Sent & { ref?: object } = {}) =>
    said(
      await send(
        'POST',
        'objects/batch',
        { operation, objects: contents.map(pointer), ...(more.ref && { ref: more.ref }) },
        more,
      ),
    );
  const put = (content: string, as = sha256(content), more: Sent = {}) =>
    send('PUT', `objects/${as}`, content, more);
  const blobs = async () => {
    let count = 0;
    for await (const _ of blobsOf(it.platform).list()) count++;
    return count;
  };

  const repositoryId = async (repositoryName = 'web') => {
    const get = new sdk.GetRepositoryCommand({ repositoryName });
    const { repositoryMetadata } = await it.client(sdk.CodeCommitClient).send(get);
    return repositoryMetadata?.repositoryId ?? '';
  };

  test('an object goes up, is verified, and comes down, all of it or from where a download broke off', async () => {
    const before = await batch('upload', ['hello'], { name: 'web.git' });
    const { oid, size } = pointer('hello');
    const href = `http://${HOST}/v1/repos/web/info/lfs/objects`;
    expect(before).toMatchObject({
      ...{ status: 200, transfer: 'basic' },
      objects: [{ oid, size, actions: { upload: { href: `${href}/${oid}` }, verify: {} } }],
    });
    expect((await batch('download', ['hello'])).objects).toMatchObject([{ error: { code: 404 } }]);
    expect((await put('hello')).status).toBe(200);
    expect((await send('POST', 'objects/verify', { oid, size })).status).toBe(200);
    expect((await send('POST', 'objects/verify', { oid, size: 6 })).status).toBe(422);
    expect((await batch('upload', ['hello'])).objects).toEqual([{ oid, size }]);
    const [down] = (await batch('download', ['hello'])).objects as { actions: object }[];
    expect(down?.actions).toEqual({ download: { href: `${href}/${oid}` } });
    const whole = await send('GET', `objects/${oid}`, '');
    expect(whole).toMatchObject({ status: 200, headers: { 'content-length': '5' } });
    expect((await buffer(whole.body as Readable)).toString()).toBe('hello');
    const rest = await send('GET', `objects/${oid}`, '', { headers: { range: 'bytes=3-' } });
    expect(rest).toMatchObject({ status: 206, headers: { 'content-range': 'bytes 3-4/5' } });
    expect((await buffer(rest.body as Readable)).toString()).toBe('lo');
    expect(
      (await send('GET', `objects/${oid}`, '', { headers: { range: 'bytes=5-' } })).status,
    ).toBe(416);
    expect((await put('hello')).status).toBe(200);
    expect(await blobs()).toBe(1);
  });

  test('what is not what it says is refused, and nothing of it stays', async () => {
    expect(await said(await put('hello', sha256('other')))).toMatchObject({
      ...{ status: 422, message: expect.stringContaining(sha256('hello')) },
    });
    for (const path of ['..%2f..%2fmaster.key', '../../x', 'A'.repeat(64), `${sha256('a')}%00`])
      expect((await send('PUT', `objects/${path}`, 'a')).status).toBe(404);
    const breaks = Readable.from(
      (async function* () {
        yield Buffer.from('half');
        throw new Error('gone');
      })(),
    );
    expect((await send('PUT', `objects/${sha256('half of it')}`, breaks)).status).toBe(400);
    const long = { 'content-length': String(1024 ** 5) };
    expect((await put('a', sha256('a'), { headers: long })).status).toBe(413);
    expect(await blobs()).toBe(0);
    await put('hello');
    const wrong = { operation: 'download', objects: [{ oid: sha256('hello'), size: 6 }] };
    expect((await said(await send('POST', 'objects/batch', wrong))).objects).toMatchObject([
      { error: { code: 422 } },
    ]);
  });

  const MALFORMED: [string, string, string, string | object, number, string?][] = [
    ['no JSON', 'POST', 'objects/batch', Readable.from(['{']), 400],
    ['a list', 'POST', 'objects/batch', [], 422],
    ['no operation', 'POST', 'objects/batch', { objects: [] }, 422],
    [
      'another hash',
      'POST',
      'objects/batch',
      { operation: 'upload', objects: [], hash_algo: 'md5' },
      409,
    ],
    [
      'another transfer',
      'POST',
      'objects/batch',
      { operation: 'upload', objects: [], transfers: ['tus'] },
      422,
    ],
    [
      'too many',
      'POST',
      'objects/batch',
      { operation: 'upload', objects: Array(1001).fill({}) },
      413,
    ],
    ['too long', 'POST', 'objects/batch', { operation: 'x'.repeat(2 ** 20) }, 413],
    [
      'a reference that is none',
      'POST',
      'objects/batch',
      { operation: 'upload', objects: [], ref: { name: '../x' } },
      422,
    ],
    ['a form', 'POST', 'objects/batch', 'operation=upload', 415],
    ['a path that leads out', 'POST', 'locks', { path: '../x' }, 422],
    ['no path', 'POST', 'locks', {}, 422],
    ['no such lock', 'POST', 'locks/x/unlock', {}, 404],
    ['a NUL', 'GET', 'locks?path=%00', '', 200],
    ['another NUL', 'GET', 'locks?cursor=AA', '', 422],
    ['no number', 'GET', 'locks?limit=x', '', 422],
    ['authenticate over HTTP', 'POST', 'authenticate?operation=upload', {}, 404],
    ['no such path', 'GET', 'objects', '', 404],
    ['no such repository', 'GET', 'locks', '', 404, 'none'],
  ];

  test('what no client of LFS says is refused, and says why', async () => {
    for (const [what, method, path, body, status, name = 'web'] of MALFORMED)
      expect([what, (await send(method, path, body, { name })).status]).toEqual([what, status]);
  });

  describe('CC-GIT-10, CC-SEC-03: IAM decides as of git itself', () => {
    const arn = `arn:aws:codecommit:${REGION}:${ACCOUNT}:web`;

    test('an upload is a push to the reference that it names, a download a pull', async () => {
      await put('kept');
      it.asked.length = 0;
      it.conditions.length = 0;
      await batch('upload', ['a'], { ref: { name: 'refs/heads/main' } });
      await batch('download', ['kept']);
      expect(it.asked).toEqual([`codecommit:GitPush ${arn}`, `codecommit:GitPull ${arn}`]);
      expect(it.conditions[0]).toMatchObject({ 'codecommit:references': ['refs/heads/main'] });
      expect(it.conditions[1]).not.toHaveProperty('codecommit:references');
      it.denied.add('codecommit:GitPush');
      expect(await batch('upload', ['a'])).toMatchObject({
        ...{ status: 403, message: expect.stringContaining('codecommit:GitPush') },
      });
      for (const refused of [
        await put('a'),
        await send('POST', 'objects/verify', pointer('kept')),
        await send('POST', 'locks', { path: 'a' }),
        await send('POST', 'locks/verify', {}),
      ])
        expect(refused.status).toBe(403);
      expect((await send('GET', `objects/${sha256('kept')}`, '')).status).toBe(200);
      it.denied.add('codecommit:GitPull');
      expect((await send('GET', `objects/${sha256('kept')}`, '')).status).toBe(403);
      expect((await send('GET', 'locks', '')).status).toBe(403);
    });

    test('no credentials, and wrong ones, are asked for again', async () => {
      for (const authorization of ['', 'Basic eDp5', 'Bearer x', signed('/v1/repos/other')]) {
        const answer = await put('a', sha256('a'), { authorization });
        expect(answer.status).toBe(401);
        expect(answer.headers['www-authenticate']).toMatch(/^Basic/);
      }
      expect(await blobs()).toBe(0);
    });
  });

  test('a token of SSH is for one repository, one thing, a quarter of an hour, and as long as the key lets in', async () => {
    await create('other');
    await put('kept');
    const granted = async (operation: string) => {
      const found = await said(
        await send(
          'POST',
          `authenticate?operation=${operation}`,
          {},
          { userName: 'APKA'.padEnd(20, 'X') },
        ),
      );
      return (found.header as { Authorization: string }).Authorization;
    };
    let status: 'Active' | 'Inactive' = 'Active';
    const key = () => ({ status, principal: rootPrincipal(ACCOUNT) });
    it.platform.credentials.findSshPublicKey = async () => key() as never;
    const [up, down] = [await granted('upload'), await granted('download')];
    const [first] = (await batch('upload', ['a'], { authorization: up })).objects as {
      actions: { upload: object };
    }[];
    expect(first?.actions.upload).toMatchObject({ header: { Authorization: up }, expires_in: 900 });
    expect((await put('a', sha256('a'), { authorization: up })).status).toBe(200);
    expect((await put('b', sha256('b'), { authorization: down })).status).toBe(403);
    const kept = `objects/${sha256('kept')}`;
    expect((await send('GET', kept, '', { authorization: down })).status).toBe(200);
    const elsewhere = { authorization: down, name: 'other' };
    expect((await send('GET', 'locks', '', elsewhere)).status).toBe(404);
    const bent = `${down.slice(0, 60)}${down[60] === 'A' ? 'B' : 'A'}${down.slice(61)}`;
    expect((await send('GET', kept, '', { authorization: bent })).status).toBe(401);
    status = 'Inactive';
    expect((await send('GET', kept, '', { authorization: down })).status).toBe(401);
    status = 'Active';
    it.clock.advance(15 * 60_000);
    expect((await send('GET', kept, '', { authorization: down })).status).toBe(401);
  });

  test('an object is its repository’s alone, and goes with it', async () => {
    await create('other');
    await put('mine');
    await put('theirs', sha256('theirs'), { name: 'other' });
    expect((await send('GET', `objects/${sha256('theirs')}`, '')).status).toBe(404);
    expect((await batch('download', ['theirs'])).objects).toMatchObject([{ error: { code: 404 } }]);
    await it
      .client(sdk.CodeCommitClient)
      .send(new sdk.DeleteRepositoryCommand({ repositoryName: 'web' }));
    await it.runDue();
    expect(await blobs()).toBe(1);
    expect((await send('GET', `objects/${sha256('theirs')}`, '', { name: 'other' })).status).toBe(
      200,
    );
    await create('web');
    expect((await send('GET', `objects/${sha256('mine')}`, '')).status).toBe(404);
  });

  test('what a server left that died before it had named it goes, and what is named stays', async () => {
    await put('kept');
    const lost = await blobsOf(it.platform).write(Buffer.from('lost'), new Uint8Array(32));
    const look = () => lfsBlobs.reconcile(it.platform, 'unnamed', new AbortController().signal);
    it.clock.advance(Date.now() - it.clock.now().getTime());
    expect(await look()).toBeInstanceOf(Date);
    expect(await blobs()).toBe(2);
    it.clock.advance(UNNAMED_AFTER_MS + 60_000);
    expect(await look()).toBeUndefined();
    expect(await blobs()).toBe(1);
    expect(lfsBlobs.name).toBe(LFS_BLOBS);
    const gone = { repositoryId: 'gone', oid: sha256('x'), size: 1, blobId: lost.id };
    const inserted = await it.platform.transaction((tx) =>
      insertObject(tx, { ...gone, sealedKey: new Uint8Array(32) }, it.clock.now()),
    );
    expect(inserted).toBe(false);
  });

  test('uploads ask for a look at what is left behind, and one look serves many', async () => {
    const wake = vi.spyOn(it.platform.engine, 'wake');
    const looks = () => wake.mock.calls.filter(([, name]) => name === LFS_BLOBS).length;
    for (const content of ['a', 'b', 'c']) await put(content);
    expect(looks()).toBe(1);
    it.clock.advance(UNNAMED_AFTER_MS);
    await put('d');
    expect(looks()).toBe(2);
    // One for the repository, whatever else goes up.
    const objects = wake.mock.calls.filter(([, name]) => name === LFS_OBJECTS);
    expect(new Set(objects.map(([, , key]) => key))).toEqual(new Set([await repositoryId()]));
    expect(objects.length).toBeLessThanOrEqual(2);
    wake.mockRestore();
  });

  test('whoever uploads when, a repository is looked through once a day', async () => {
    const id = await repositoryId();
    const start = it.clock.now().getTime();
    const minutes = Array.from({ length: 24 * 60 }, (_, n) => new Date(start + n * 60_000));
    const looks = minutes.map((asked) => lookAt(asked, id).getTime());
    expect(new Set(looks).size).toBeLessThanOrEqual(2);
    for (const [n, look] of looks.entries())
      expect(look - (minutes[n]?.getTime() ?? 0)).toBeGreaterThan(UNPOINTED_LIVES_MS);
  });

  test('an object of an earlier version comes down as it did', async () => {
    await put('old');
    const object = await findObject(it.platform.db, await repositoryId(), sha256('old'));
    if (!object) throw new Error('There is none');
    const key = Buffer.from(await keyOf(it.platform, object)).toString('base64');
    await it.platform.transaction((tx) =>
      tx
        .withTables<CodeCommitTables>()
        .updateTable('codecommit_lfs_object')
        .set({ data: encodeJson({ key }) })
        .where('oid', '=', sha256('old'))
        .execute(),
    );
    const down = await send('GET', `objects/${sha256('old')}`, '');
    expect((await buffer(down.body as Readable)).toString()).toBe('old');
  });

  test('nothing goes while it cannot be seen what points to it, or before anything was pushed', async () => {
    const look = async () =>
      lfsObjects.reconcile(it.platform, await repositoryId(), new AbortController().signal);
    await put('object');
    it.clock.advance(UNPOINTED_LIVES_MS + 60_000);
    expect(await look()).toBeInstanceOf(Date);
    expect(await blobs()).toBe(1);
    const at = { repositoryName: 'web', branchName: 'main', filePath: 'a' };
    const fileContent = Buffer.from('a');
    await it.client(sdk.CodeCommitClient).send(new sdk.PutFileCommand({ ...at, fileContent }));
    const real = it.platform.git.repository;
    it.platform.git.repository = (id) =>
      Object.assign(Object.create(real(id)), {
        references: () => real(id).references(),
        async *smallBlobs() {
          yield Buffer.from('one');
          throw new Error('Not all objects are there');
        },
      });
    await expect(look()).rejects.toThrow('Not all objects');
    it.platform.git.repository = real;
    expect(await blobs()).toBe(1);
    // Who sends it again counts on it.
    await put('object');
    await look();
    expect(await blobs()).toBe(1);
    it.clock.advance(UNPOINTED_LIVES_MS + 60_000);
    await look();
    expect(await blobs()).toBe(0);
  });

  test('what no commit has come to point to goes after a week, and all else stays', async () => {
    const look = async () =>
      lfsObjects.reconcile(it.platform, await repositoryId(), new AbortController().signal);
    const kept = async (content: string) =>
      (await batch('download', [content])).objects as { actions?: object }[];
    for (const content of ['pushed', 'abandoned']) await put(content);
    const { oid, size } = pointer('pushed');
    const fileContent = Buffer.from(
      `version https://git-lfs.github.com/spec/v1\noid sha256:${oid}\nsize ${size}\n`,
    );
    const at = { repositoryName: 'web', branchName: 'main', filePath: 'big.bin' };
    await it.client(sdk.CodeCommitClient).send(new sdk.PutFileCommand({ ...at, fileContent }));
    expect(await look()).toBeInstanceOf(Date);
    it.clock.advance(UNPOINTED_LIVES_MS - 60_000);
    await put('late');
    // Somebody has been told that it is there, and pushes what points to it.
    await put('again');
    it.clock.advance(120_000);
    await batch('upload', ['again']);
    expect(await look()).toBeInstanceOf(Date);
    const there = async () => {
      const names = ['pushed', 'abandoned', 'late', 'again'];
      const found = await Promise.all(names.map(kept));
      return names.filter((_, at) => found[at]?.[0]?.actions);
    };
    expect(await there()).toEqual(['pushed', 'late', 'again']);
    expect(await blobs()).toBe(3);
    it.clock.advance(UNPOINTED_LIVES_MS - 60_000);
    await look();
    expect(await there()).toEqual(['pushed', 'again']);
    it.clock.advance(UNPOINTED_LIVES_MS);
    expect(await look()).toBeUndefined();
    expect(await there()).toEqual(['pushed']);
  });

  test('keys of objects lie sealed under the repository’s own, for this object alone', async () => {
    await put('secret');
    const object = await findObject(it.platform.db, await repositoryId(), sha256('secret'));
    expect(object?.sealedKey?.length).toBeGreaterThan(32);
    if (!object) throw new Error('There is none');
    expect(await keyOf(it.platform, object)).toHaveLength(32);
    await expect(keyOf(it.platform, { ...object, oid: sha256('other') })).rejects.toThrow();
    await create('api');
    const api = await repositoryId('api');
    await expect(keyOf(it.platform, { ...object, repositoryId: api })).rejects.toThrow();
  });

  test('an upload is asked about by its reference at each step, as a push is', async () => {
    const before = it.conditions.length;
    const { objects } = await batch('upload', ['x'], { ref: { name: 'refs/heads/main' } });
    const [{ actions }] = objects as [{ actions: Record<string, { href: string }> }];
    const { upload, verify } = actions;
    for (const action of [upload, verify])
      expect(action?.href).toMatch(/\?ref=refs%2Fheads%2Fmain$/);
    const pathOf = ({ href = '' }: { href?: string } = {}) => href.replace(/.*info\/lfs\//, '');
    expect((await send('PUT', pathOf(upload), 'x')).status).toBe(200);
    expect((await send('POST', pathOf(verify), pointer('x'))).status).toBe(200);
    const asked = it.conditions.slice(before).map((one) => one['codecommit:references']);
    expect(asked.filter(Boolean)).toEqual(Array(3).fill(['refs/heads/main']));
    expect((await send('PUT', `objects/${sha256('x')}?ref=..`, 'x')).status).toBe(422);
  });

  test('a lock is one of a path; whose it is, all are told, and others take it by force', async () => {
    const made = await said(await send('POST', 'locks', { path: 'a/b.bin' }));
    expect(made).toMatchObject({
      status: 201,
      lock: { path: 'a/b.bin', owner: { name: 'root' }, locked_at: expect.any(String) },
    });
    const { id } = made.lock as { id: string };
    const again = await said(await send('POST', 'locks', { path: 'a/b.bin' }));
    expect(again).toMatchObject({ status: 409, lock: { id } });
    await send('POST', 'locks', { path: 'z.bin' });
    const page = await said(await send('GET', 'locks?limit=1', ''));
    expect(page.locks).toMatchObject([{ path: 'a/b.bin' }]);
    const next = await said(await send('GET', `locks?cursor=${page.next_cursor}`, ''));
    expect(next).toMatchObject({ locks: [{ path: 'z.bin' }] });
    expect(next).not.toHaveProperty('next_cursor');
    expect((await said(await send('GET', 'locks?path=z.bin', ''))).locks).toHaveLength(1);
    expect((await said(await send('GET', `locks?id=${id}`, ''))).locks).toMatchObject([{ id }]);
    const arn = `arn:aws:iam::${ACCOUNT}:user/mary`;
    const mary = { ...rootPrincipal(ACCOUNT), arn, userId: 'AIDAMARY' };
    it.platform.credentials.findSshPublicKey = async () =>
      ({ status: 'Active', principal: mary }) as never;
    const granted = await send(
      'POST',
      'authenticate?operation=upload',
      {},
      { userName: 'A'.repeat(20) },
    );
    const { header } = await said(granted);
    const { Authorization: authorization } = header as { Authorization: string };
    const seen = await said(await send('POST', 'locks/verify', {}, { authorization }));
    expect(seen).toMatchObject({ ours: [], theirs: [{ path: 'a/b.bin' }, { path: 'z.bin' }] });
    const unlock = (force: boolean) =>
      send('POST', `locks/${id}/unlock`, { force }, { authorization });
    expect(await said(await unlock(false))).toMatchObject({ status: 403 });
    expect(await said(await unlock(true))).toMatchObject({ status: 200, lock: { id } });
    expect((await unlock(true)).status).toBe(404);
  });

  test('a key that is disabled closes the objects of its repository, too', async () => {
    const keys = it.client(KMSClient);
    const KeyId = (await keys.send(new CreateKeyCommand({}))).KeyMetadata?.Arn ?? '';
    await it
      .client(sdk.CodeCommitClient)
      .send(new sdk.CreateRepositoryCommand({ repositoryName: 'closed', kmsKeyId: KeyId }));
    const asked = { operation: 'upload', objects: [pointer('x')] };
    const batch = async () => said(await send('POST', 'objects/batch', asked, { name: 'closed' }));
    expect((await batch()).status).toBe(200);
    await keys.send(new DisableKeyCommand({ KeyId }));
    // Longer than KMS's answer is remembered.
    it.clock.advance(6_000);
    expect(await batch()).toMatchObject({
      status: 403,
      message: expect.stringMatching('disabled'),
    });
  });
});
