import { randomBytes } from 'node:crypto';
import {
  CopyObjectCommand,
  CreateBucketCommand,
  DeleteObjectCommand,
  GetObjectCommand,
  PutObjectCommand,
  S3Client,
} from '@aws-sdk/client-s3';
import { beforeEach, expect, it } from 'vitest';
import type { OpenDatabase } from '../../../db/database.ts';
import { eachDialect } from '../../../db/testing.ts';
import { ManualClock } from '../../../lib/clock.ts';
import { type World, world } from '../../../testing.ts';
import service from '../index.ts';
import { SMALL_BODY_BYTES } from '../limits.ts';
import { tables } from '../store/tables.ts';

const HOUR_MS = 60 * 60 * 1000;

eachDialect('S3 bodies', (makeDatabase) => {
  let server: World<ManualClock>;
  let s3: S3Client;
  let database: OpenDatabase;

  beforeEach(async () => {
    const kept = async (...schema: Parameters<typeof makeDatabase>) => {
      database = await makeDatabase(...schema);
      return database;
    };
    // Files carry the file system's time.
    server = await world(kept, [service], { clock: new ManualClock(new Date()) });
    s3 = server.client(S3Client);
    await s3.send(new CreateBucketCommand({ Bucket: 'bodies' }));
  });

  const put = (Key: string, Body: Buffer) =>
    s3.send(new PutObjectCommand({ Bucket: 'bodies', Key, Body }));
  async function get(Key: string, Range?: string): Promise<Buffer> {
    const { Body } = await s3.send(new GetObjectCommand({ Bucket: 'bodies', Key, Range }));
    return Buffer.from((await Body?.transformToByteArray()) ?? []);
  }
  const rows = () => tables(database.db).selectFrom('s3_small_body').selectAll().execute();
  async function files(): Promise<string[]> {
    const ids: string[] = [];
    for await (const { id } of server.platform.blobs.area('s3').list()) ids.push(id);
    return ids;
  }

  it.each([
    ['nothing', 0, 1, 0],
    ['a byte', 1, 1, 0],
    ['the largest that is a row', SMALL_BODY_BYTES, 1, 0],
    ['the smallest that is a file', SMALL_BODY_BYTES + 1, 0, 1],
  ])(
    '%s comes back, whole, in part and as a copy, and goes in the end',
    async (_what, size, inRows, inFiles) => {
      const body = randomBytes(size);
      await put('k', body);
      expect([(await rows()).length, (await files()).length]).toEqual([inRows, inFiles]);
      expect((await get('k')).equals(body)).toBe(true);
      if (size > 0) expect(await get('k', 'bytes=-1')).toEqual(body.subarray(-1));
      await s3.send(
        new CopyObjectCommand({ Bucket: 'bodies', Key: 'copy', CopySource: 'bodies/k' }),
      );
      expect((await get('copy')).equals(body)).toBe(true);
      for (const Key of ['k', 'copy'])
        await s3.send(new DeleteObjectCommand({ Bucket: 'bodies', Key }));
      // Readers that have begun may finish.
      expect(await rows()).toHaveLength(2 * inRows);
      server.clock.advance(HOUR_MS);
      await server.sweep();
      expect([await rows(), await files()]).toEqual([[], []]);
    },
  );

  it('a small body lies encrypted', async () => {
    const secret = Buffer.from('tr0ub4dor');
    await put('k', secret);
    const [row] = await rows();
    expect(row?.sealed.length).toBeGreaterThan(secret.length);
    expect(Buffer.from(row?.sealed ?? []).includes(secret)).toBe(false);
  });

  it('a put that is refused leaves no row', async () => {
    await put('k', Buffer.from('1'));
    const again = new PutObjectCommand({ Bucket: 'bodies', Key: 'k', Body: '2', IfNoneMatch: '*' });
    await expect(s3.send(again)).rejects.toMatchObject({ name: 'PreconditionFailed' });
    expect(await rows()).toHaveLength(1);
  });

  it('a put is acknowledged when the disk has it, not before', async () => {
    const told: string[] = [];
    const disk = Promise.withResolvers<void>();
    const asked = Promise.withResolvers<void>();
    server.platform.synced = async () => {
      told.push(`${(await rows()).length} row`);
      asked.resolve();
      await disk.promise;
      told.push('synced');
    };
    const acknowledged = put('k', Buffer.from('1')).then(() => told.push('acknowledged'));
    await asked.promise;
    disk.resolve();
    await acknowledged;
    expect(told).toEqual(['1 row', 'synced', 'acknowledged']);
  });
});
