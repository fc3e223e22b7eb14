import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { gzipSync } from 'node:zlib';
import {
  CodeStarConnectionsClient,
  DeleteConnectionCommand,
} from '@aws-sdk/client-codestar-connections';
import { S3Client } from '@aws-sdk/client-s3';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { gitSignature } from '../../aws/auth/git-signature.ts';
import { connectionGitPath } from '../../aws/internal/connection-git.ts';
import {
  GetUploadArchiveToS3StatusCommand,
  ListCommitFilesCommand,
  PassConnectionCommand,
  StartUploadArchiveToS3Command,
  UpdateConnectionInstallationCommand,
} from '../../aws/internal/connection-operations.ts';
import { eachDialect } from '../../db/testing.ts';
import { type World, world } from '../../testing.ts';
import service from './index.ts';
import { connect, post, provider, signedByGitHub } from './testing.ts';

eachDialect('sources of connections', (makeDatabase) => {
  let remote: Awaited<ReturnType<typeof provider>>;
  let server: World;
  let client: CodeStarConnectionsClient;
  /** What was put to S3, by key. */
  let objects: Map<string, Uint8Array>;

  beforeEach(async () => {
    remote = await provider();
    objects = new Map();
    const send = async ({ input }: { input: { Key: string; Body: Uint8Array } }) => {
      objects.set(input.Key, input.Body);
      return {};
    };
    server = await world(makeDatabase, [service], {
      around: {
        client: (real) => (Client, as) =>
          // biome-ignore lint/suspicious/noExplicitAny: S3's place is taken, whatever client is asked for
          (Client as any) === S3Client ? ({ send, destroy() {} } as any) : real(Client, as),
      },
    });
    server.platform.config.fileRemotes = [remote.root];
    client = server.client(CodeStarConnectionsClient);
  });
  afterEach(async () => {
    expect(server.failures).toEqual([]);
    await remote.close();
  });

  const upload = async (ConnectionArn: string, more: object = {}) => {
    const source = { ConnectionArn, FullRepositoryId: 'me/app' };
    const to = { S3Bucket: 'b', S3Key: 'k' };
    const asked = { ...source, BranchName: 'main', ...to, ...more };
    const { UploadId } = await client.send(new StartUploadArchiveToS3Command(asked));
    await server.runDue();
    return client.send(new GetUploadArchiveToS3StatusCommand({ ...source, UploadId }));
  };

  test('CP-B4 a commit of a branch comes into the bucket, with what is told of it', async () => {
    const app = await remote.repository('me/app');
    const first = await app.commit({ 'src/a.txt': 'one' }, 'the first');
    const { arn } = await connect(client, remote.root);
    expect(await upload(arn)).toMatchObject({
      ...{ Status: 'Succeeded', CommitId: first, CommitMessage: 'the first\n' },
      ...{ ProviderType: 'GitHub', AuthorDate: expect.stringMatching(/^\d{4}-.*Z$/) },
    });
    expect(objects.get('k')?.subarray(0, 2).toString()).toBe('PK');
    const second = await app.commit({ 'src/b.txt': 'two' });
    // For one place there is one upload, whatever the branch does.
    expect(await upload(arn)).toMatchObject({ CommitId: first });
    expect(await upload(arn, { S3Key: 'other' })).toMatchObject({ CommitId: second });
    expect(await upload(arn, { S3Key: 'old', CommitId: first })).toMatchObject({ CommitId: first });
  });

  test('a branch, a commit and a repository that are not there are said so', async () => {
    const app = await remote.repository('me/app');
    await app.commit({ a: '1' });
    const { arn } = await connect(client, remote.root);
    expect(await upload(arn, { BranchName: 'none' })).toMatchObject({
      ...{ Status: 'Failed', ErrorCode: 'BranchNotFound' },
      ErrorMessage: 'No Branch [none] found for FullRepositoryName [me/app]',
    });
    const CommitId = 'a'.repeat(40);
    expect(await upload(arn, { S3Key: '2', CommitId })).toMatchObject({
      ...{ Status: 'Failed', ErrorCode: 'CommitNotFound' },
    });
    const other = { FullRepositoryId: 'me/none', BranchName: 'main' };
    const asked = { ConnectionArn: arn, ...other, S3Bucket: 'b', S3Key: '3' };
    const { UploadId } = await client.send(new StartUploadArchiveToS3Command(asked));
    await server.runDue();
    const status = { ConnectionArn: arn, FullRepositoryId: 'me/none', UploadId };
    expect(await client.send(new GetUploadArchiveToS3StatusCommand(status))).toMatchObject({
      ...{ Status: 'Failed', ErrorCode: 'ConnectionUnusable' },
    });
  });

  test('IAM is asked for UseConnection by the name in the ARN, with what it is used for', async () => {
    const app = await remote.repository('me/app');
    await app.commit({ a: '1' });
    const { arn } = await connect(client, remote.root);
    await upload(arn);
    expect(server.asked).toContain(`codestar-connections:UseConnection ${arn}`);
    const conditions =
      server.conditions[server.asked.indexOf(`codestar-connections:UseConnection ${arn}`)];
    expect(conditions).toMatchObject({
      'codestar-connections:fullrepositoryid': 'me/app',
      'codestar-connections:branchname': 'main',
      'codestar-connections:provideraction': 'StartUploadArchiveToS3',
    });
    server.denied.add('codestar-connections:UseConnection');
    await expect(upload(arn, { S3Key: 'x' })).rejects.toThrow('is not authorized to perform');
  });

  test('files on the disk are read where the operator says, and links lead nowhere else', async () => {
    const app = await remote.repository('me/app');
    await app.commit({ a: '1' });
    const { arn } = await connect(client, remote.root);
    server.platform.config.fileRemotes = ['/nowhere'];
    expect(await upload(arn)).toMatchObject({ Status: 'Failed', ErrorCode: 'ConnectionUnusable' });
    server.platform.config.fileRemotes = [];
    const again = { ConnectionArn: arn, Url: `file://${remote.root}` };
    await expect(client.send(new UpdateConnectionInstallationCommand(again))).rejects.toThrow(
      '--allow-file-remotes',
    );
  });

  test('a path that is missing, not allowed or no repository is refused where it is said', async () => {
    const app = await remote.repository('me/app');
    await app.commit({ a: '1' });
    await mkdir(join(remote.root, 'plain'));
    const { arn: ConnectionArn } = await connect(client, remote.root);
    const map = (Url: string, FullRepositoryId: string | undefined = 'me/x') =>
      client.send(
        new UpdateConnectionInstallationCommand({ ConnectionArn, Url, FullRepositoryId }),
      );
    await expect(map(`file://${remote.root}/none`)).rejects.toThrow('There is no repository at');
    await expect(map(`file://${remote.root}/plain`)).rejects.toThrow('There is no such repository');
    await expect(map('file:///etc')).rejects.toThrow('--allow-file-remotes');
    const whole = { ConnectionArn, Url: `file://${remote.root}/none` };
    await expect(client.send(new UpdateConnectionInstallationCommand(whole))).rejects.toMatchObject(
      { name: 'InvalidInputException' },
    );
    await map(`file://${remote.root}/me/app`);
  });

  test.each([
    'ssh://git@host/x',
    'https://user:password@host/x',
    'ext::sh',
    'https://host/x?y',
    'file:///a%2fb',
  ])('%s is no URL of a connection', async (Url) => {
    const { arn: ConnectionArn } = await connect(client, remote.root);
    const command = new UpdateConnectionInstallationCommand({ ConnectionArn, Url });
    await expect(client.send(command)).rejects.toMatchObject({ name: 'InvalidInputException' });
  });

  /** Git's requests for a repository of a connection, signed in. */
  const gitReader =
    (arn: string) =>
    async (repository: string, secret = 'root-secret', sent?: Buffer) => {
      const { path = '', region = '', service: name } = connectionGitPath(arn, repository) ?? {};
      const timestamp = server.clock
        .now()
        .toISOString()
        .replace(/[-:]|\.\d+Z$/g, '');
      const place = {
        timestamp,
        region,
        host: 'slipway.test',
        path,
        ...(name && { service: name }),
      };
      const password = `${timestamp}Z${gitSignature('AKIAROOT', secret, place)}`;
      const { status, body } = await server.server.handle({
        ...(sent
          ? { method: 'POST', path: `${path}/git-upload-pack`, query: '' }
          : { method: 'GET', path: `${path}/info/refs`, query: 'service=git-upload-pack' }),
        ...{ remoteAddress: '192.0.2.1', endpoint: 'http://slipway.test' },
        body: Readable.from(sent ? [sent] : []),
        headers: {
          ...{ host: 'slipway.test', authorization: `Basic ${btoa(`AKIAROOT:${password}`)}` },
          ...(sent && {
            'content-type': 'application/x-git-upload-pack-request',
            'content-encoding': 'gzip',
          }),
        },
      });
      return [status, body instanceof Readable ? await text(body) : body] as const;
    };

  test('CP-B31: git reads a repository through a connection, as who may use it', async () => {
    const app = await remote.repository('me/app');
    const head = await app.commit({ a: '1' });
    const { arn } = await connect(client, remote.root);
    const reads = gitReader(arn);
    expect(await reads('me/app')).toEqual([
      200,
      expect.stringContaining(`${head} refs/heads/main`),
    ]);
    expect(server.asked).toContain(`codestar-connections:UseConnection ${arn}`);
    expect(server.conditions.at(-1)).toMatchObject({
      'codestar-connections:provideraction': 'GitPull',
      'codestar-connections:fullrepositoryid': 'me/app',
    });
    expect((await reads('me/app', 'wrong'))[0]).toBe(403);
    expect((await reads('../app'))[0]).toBe(404);
    server.platform.config.fileRemotes = ['/nowhere'];
    expect((await reads('me/app'))[0]).toBe(424);
    server.denied.add('codestar-connections:UseConnection');
    expect((await reads('me/app'))[0]).toBe(403);
  });

  test('CP-B31: a directory that is no repository, and what cannot be read, are answered as a forge answers', async () => {
    const app = await remote.repository('me/app');
    const head = await app.commit({ a: '1' });
    await mkdir(join(remote.root, 'me/none'));
    const { arn } = await connect(client, remote.root);
    const reads = gitReader(arn);
    expect(await reads('me/none')).toEqual([404, expect.stringContaining('not found')]);
    const want = gzipSync(`0032want ${head}\n00000009done\n`);
    expect((await reads('me/app', 'root-secret', want))[0]).toBe(200);
    expect((await reads('me/none', 'root-secret', want))[0]).toBe(404);
    expect((await reads('me/app', 'root-secret', Buffer.from('no gzip')))[0]).toBe(400);
    expect((await reads('me/app', 'root-secret', want.subarray(0, 20)))[0]).toBe(400);
    expect((await reads('me/app', 'root-secret', gzipSync('zzzz')))[0]).toBe(400);
  });

  test('a repository has no second name that a policy does not know', async () => {
    const app = await remote.repository('me/app');
    await app.commit({ a: '1' });
    const { arn } = await connect(client, remote.root);
    for (const FullRepositoryId of ['me/app.git', 'me/app.GIT', 'me/app/.git'])
      await expect(upload(arn, { FullRepositoryId })).rejects.toThrow('is no name of a repository');
    const reads = gitReader(arn);
    expect((await reads('me/app/.git'))[0]).toBe(404);
    // As git clones it: asked about by the one name.
    expect((await reads('me/app.git'))[0]).toBe(200);
    expect(server.conditions.at(-1)).toMatchObject({
      'codestar-connections:fullrepositoryid': 'me/app',
    });
  });

  test('an internal address is not connected to', async () => {
    const { arn: ConnectionArn } = await connect(client, remote.root);
    const mapped = { ConnectionArn, FullRepositoryId: 'me/app', Url: 'http://169.254.169.254/x' };
    await client.send(new UpdateConnectionInstallationCommand(mapped));
    expect(await upload(ConnectionArn)).toMatchObject({
      ...{ Status: 'Failed', ErrorCode: 'ConnectionUnusable' },
      ErrorMessage: expect.stringContaining('--allow-internal-targets'),
    });
  });

  test('files between two commits are listed', async () => {
    const app = await remote.repository('me/app');
    const first = await app.commit({ 'src/a.txt': '1', 'docs/b.md': '1' });
    const second = await app.commit({ 'src/a.txt': '2', 'src/c.txt': '1' });
    const { arn: ConnectionArn } = await connect(client, remote.root);
    const its = { ConnectionArn, FullRepositoryId: 'me/app', CommitId: second };
    expect(
      await client.send(new ListCommitFilesCommand({ ...its, BaseCommitId: first })),
    ).toMatchObject({ FilePaths: ['src/a.txt', 'src/c.txt'], Truncated: false });
    expect(await client.send(new ListCommitFilesCommand(its))).toMatchObject({
      FilePaths: ['docs/b.md', 'src/a.txt', 'src/c.txt'],
    });
  });

  const changed = () =>
    server.events
      .filter(({ source }) => source === 'aws.codeconnections')
      .map(({ detail }) => [detail.event, detail.referenceFullName ?? detail.pullRequestId]);
  const watch = async (ConnectionArn: string) => {
    const passed = { ConnectionArn, FullRepositoryId: 'me/app', PassedToService: 'x' };
    await client.send(new PassConnectionCommand(passed));
    await server.runDue();
  };
  const minute = async () => {
    server.clock.advance(60_000);
    await server.runDue();
  };

  test('changes are seen by looking, once each, from the first look on', async () => {
    const app = await remote.repository('me/app');
    await app.commit({ a: '1' });
    const { arn } = await connect(client, remote.root);
    await watch(arn);
    await minute();
    expect(changed()).toEqual([]);
    await app.commit({ a: '2' });
    await app.git('tag', '-a', 'v1', '-m', 'v1');
    await app.git('branch', 'other');
    await minute();
    await minute();
    expect(changed()).toEqual([
      ['referenceUpdated', 'refs/heads/main'],
      ['referenceCreated', 'refs/heads/other'],
      ['referenceCreated', 'refs/tags/v1'],
    ]);
    await app.git('branch', '-D', 'other');
    await minute();
    expect(changed().at(-1)).toEqual(['referenceDeleted', 'refs/heads/other']);
  });

  test('a repository of a connection that is gone, or that nobody listens to, is not looked at any more', async () => {
    const app = await remote.repository('me/app');
    await app.commit({ a: '1' });
    const { arn } = await connect(client, remote.root);
    await watch(arn);
    server.clock.advance(10 * 60_000);
    await server.runDue();
    await app.commit({ a: '2' });
    await minute();
    expect(changed()).toEqual([]);
    await client.send(new DeleteConnectionCommand({ ConnectionArn: arn }));
    await minute();
  });

  /** Tells the server what GitHub does. */
  const tell = async (webhook: { url: string; secret: string }, event: string, body: object) => {
    const said = { repository: { full_name: 'Me/App' }, ...body };
    return post(server, webhook.url, signedByGitHub(webhook.secret, event, said));
  };

  test('a signed webhook tells at once, in order and once', async () => {
    const app = await remote.repository('me/app');
    const first = await app.commit({ a: '1' });
    const { arn, webhook } = await connect(client, remote.root);
    await watch(arn);
    const second = await app.commit({ a: '2' });
    const third = await app.commit({ a: '3' });
    const push = (before: string, after: string) =>
      tell(webhook, 'push', { ref: 'refs/heads/main', before, after });
    expect((await push(first, second)).status).toBe(200);
    expect((await push(second, third)).status).toBe(200);
    expect((await push(second, third)).status).toBe(200);
    await minute();
    const ids = server.events
      .filter(({ source }) => source === 'aws.codeconnections')
      .map(({ detail }) => [detail.oldCommitId, detail.commitId]);
    expect(ids).toEqual([
      [first, second],
      [second, third],
    ]);
  });

  test('webhooks in another order make the server look, and what is there counts', async () => {
    const app = await remote.repository('me/app');
    const first = await app.commit({ a: '1' });
    const { arn, webhook } = await connect(client, remote.root);
    await watch(arn);
    const second = await app.commit({ a: '2' });
    const third = await app.commit({ a: '3' });
    const push = (before: string, after: string) =>
      tell(webhook, 'push', { ref: 'refs/heads/main', before, after });
    await push(second, third);
    await server.runDue();
    await push(first, second);
    await server.runDue();
    const ids = server.events.filter(({ source }) => source === 'aws.codeconnections');
    expect(ids.map(({ detail }) => detail.commitId)).toEqual([third]);
  });

  test('pull requests are told once for each of their commits', async () => {
    const app = await remote.repository('me/app');
    const first = await app.commit({ a: '1' });
    const { arn, webhook } = await connect(client, remote.root);
    await watch(arn);
    const pull_request = {
      ...{ number: 7, title: 'Better', user: { login: 'me' }, merged: false },
      ...{ head: { ref: 'feature', sha: first }, base: { ref: 'main', sha: first } },
    };
    for (const action of ['opened', 'opened', 'labeled', 'closed'])
      expect((await tell(webhook, 'pull_request', { action, pull_request })).status).toBe(200);
    await server.runDue();
    expect(changed()).toEqual([
      ['pullRequestCreated', '7'],
      ['pullRequestClosed', '7'],
    ]);
  });

  test('whoever has not the secret tells nothing', async () => {
    const app = await remote.repository('me/app');
    await app.commit({ a: '1' });
    const { arn, webhook } = await connect(client, remote.root);
    await watch(arn);
    const body = { ref: 'refs/heads/main', before: 'a'.repeat(40), after: 'b'.repeat(40) };
    expect((await tell({ ...webhook, secret: 'wrong' }, 'push', body)).status).toBe(401);
    const elsewhere = webhook.url.replace(/[0-9a-f]{12}\/webhook/, '000000000000/webhook');
    expect((await tell({ ...webhook, url: elsewhere }, 'push', body)).status).toBe(401);
    const unsigned = { headers: { 'x-github-event': 'push' }, body: '{}' };
    expect((await post(server, webhook.url, unsigned)).status).toBe(401);
    await server.runDue();
    expect(changed()).toEqual([]);
  });
});
