import { execFileSync } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { CodeCommitClient } from '@aws-sdk/client-codecommit';
import { S3Client } from '@aws-sdk/client-s3';
import { expect, test } from 'vitest';
import {
  CancelUploadArchiveCommand,
  GetUploadArchiveStatusCommand,
  UploadArchiveCommand,
} from '../../aws/internal/codecommit-archive.ts';
import { eachDialect } from '../../db/testing.ts';
import { treeBomb } from '../../git/testing.ts';
import { ACCOUNT, REGION, world } from '../../testing.ts';
import service from './index.ts';
import { uploads } from './reconcilers/uploads.ts';
import { insertRepository } from './store/repositories.ts';
import { endUpload, findUpload } from './store/uploads.ts';

/** An S3 that takes an object and never answers, until it is told that nobody waits. */
function silentS3() {
  const asked = Promise.withResolvers<void>();
  const send = (_command: unknown, { abortSignal }: { abortSignal: AbortSignal }) => {
    asked.resolve();
    return new Promise((_, reject) => {
      abortSignal.addEventListener('abort', () => reject(abortSignal.reason));
    });
  };
  return { asked: asked.promise, client: { send, destroy() {} } as unknown as S3Client };
}

eachDialect('uploads of archives', (makeDatabase) => {
  async function setUp() {
    const s3 = silentS3();
    const server = await world(makeDatabase, [service], {
      around: {
        client: (real) => (Client, as) =>
          // biome-ignore lint/suspicious/noExplicitAny: S3's place is taken, whatever client is asked for
          (Client as any) === S3Client ? (s3.client as any) : real(Client, as),
      },
    });
    const { platform, clock } = server;
    const repositoryId = randomUUID();
    const repository = { accountId: ACCOUNT, region: REGION, name: 'app', repositoryId };
    await platform.transaction((tx) =>
      insertRepository(tx, { ...repository, description: undefined, tags: {}, now: clock.now() }),
    );
    // As an earlier version left it: it is sealed at its first use, with what git itself has made in it.
    const directory = join(platform.config.dataDir, 'repositories', `${repositoryId}.git`);
    execFileSync('git', ['init', '--quiet', '--bare', '--template=', directory]);
    const client = server.client(CodeCommitClient);
    const begin = async (levels: number) => {
      const { commit: commitId } = treeBomb(directory, { levels, bytes: 1 });
      const target = { repositoryName: 'app', commitId, s3Bucket: 'b', s3Key: 'k' };
      const { uploadId = '' } = await client.send(new UploadArchiveCommand(target));
      return uploadId;
    };
    return { ...server, client, begin, asked: s3.asked };
  }

  test('a commit of more files than an archive may hold ends as failed, with the reason', async () => {
    const { client, begin, runDue } = await setUp();
    const uploadId = await begin(9);
    await runDue();
    expect(
      await client.send(new GetUploadArchiveStatusCommand({ repositoryName: 'app', uploadId })),
    ).toMatchObject({
      status: 'Failed',
      errorCode: 'ArchiveTooLarge',
      errorMessage: expect.stringContaining('250000 files and folders'),
    });
  });

  test('one that is cancelled ends at once, whoever waits for it', async () => {
    const { client, begin, start, runDue, asked } = await setUp();
    const uploadId = await begin(0);
    await start();
    await asked;
    const waited = client.send(
      new GetUploadArchiveStatusCommand({ repositoryName: 'app', uploadId }),
    );
    await client.send(new CancelUploadArchiveCommand({ repositoryName: 'app', uploadId }));
    expect(await waited).toMatchObject({ status: 'Failed', errorCode: 'Cancelled' });
    await runDue();
  });

  test('one that another server cancelled ends when that is seen', async () => {
    const { platform, clock, begin, start, runDue, asked } = await setUp();
    const uploadId = await begin(0);
    await start();
    await asked;
    const end = { status: 'Failed', errorCode: 'Cancelled', errorMessage: 'elsewhere' } as const;
    await platform.transaction((tx) => endUpload(tx, uploadId, end));
    clock.advance(1_000);
    await runDue();
    expect((await findUpload(platform.db, uploadId))?.errorMessage).toBe('elsewhere');
  });

  test('a server that stops leaves one as it is, to be done again', async () => {
    const { platform, begin, asked } = await setUp();
    const uploadId = await begin(0);
    const stopping = new AbortController();
    const work = uploads.reconcile(platform, uploadId, stopping.signal);
    await asked;
    stopping.abort(new Error('The server stops.'));
    await expect(work).rejects.toThrow('The server stops.');
    expect((await findUpload(platform.db, uploadId))?.status).toBe('InProgress');
  });

  test('who asks for one is answered at once when he waits no more', async () => {
    const { client, begin } = await setUp();
    const uploadId = await begin(0);
    const gone = new AbortController();
    const ask = new GetUploadArchiveStatusCommand({ repositoryName: 'app', uploadId });
    const asked = client.send(ask, { abortSignal: gone.signal });
    setImmediate(() => gone.abort());
    expect(await asked).toMatchObject({ status: 'InProgress' });
  });
});
