import { expect, it } from 'vitest';
import { eachDialect } from '../../../db/testing.ts';
import { ManualClock } from '../../../lib/clock.ts';
import { world } from '../../../testing.ts';
import service from '../index.ts';
import { discardSegments, insertSegment } from '../store/segments.ts';
import { blobsReconciler } from './blobs.ts';

const HOUR_MS = 60 * 60 * 1000;
const KEY = Buffer.alloc(32);
const signal = new AbortController().signal;

eachDialect('S3 blobs that nothing needs', (makeDatabase) => {
  it('go: the discarded after a while, the orphans of a crash after an hour; others stay', async () => {
    // Blobs carry the file system's time, so the clock starts there.
    const clock = new ManualClock(new Date());
    const { platform: ctx } = await world(makeDatabase, [service], { clock });
    const all = ctx.blobs;
    const blobs = all.area('s3');
    const left = async () => {
      const ids: string[] = [];
      for await (const { id } of blobs.list()) ids.push(id);
      return ids.sort();
    };
    const sweep = async () => {
      const keys = (await blobsReconciler.sweep?.(ctx)) ?? [];
      for (const key of keys) {
        while ((await blobsReconciler.reconcile(ctx, key, signal)) === 'now');
      }
      return keys;
    };

    const [kept, discarded, orphan] = await Promise.all(
      [1, 2, 3].map((n) => blobs.write(Buffer.from(`${n}`), KEY)),
    );
    const foreign = await all.area('another-service').write(Buffer.from('x'), KEY);
    await ctx.transaction(async (tx) => {
      for (const [partNumber, blob] of [
        [1, kept],
        [2, discarded],
      ] as const) {
        const { id: blobId = '', size = 0, md5: etag = '' } = blob ?? {};
        await insertSegment(tx, {
          bodyId: 'b',
          partNumber,
          blobId,
          size,
          etag,
          modifiedAt: clock.now(),
          checksum: undefined,
        });
      }
      await discardSegments(tx, 'b', clock.now(), [2]);
    });

    expect(await sweep()).toEqual(['orphans']);
    expect(await left()).toEqual([kept?.id, discarded?.id, orphan?.id].sort());
    expect(await sweep()).toEqual([]);
    clock.advance(HOUR_MS);
    expect(await sweep()).toEqual(['discarded']);
    expect(await left()).toEqual([kept?.id, orphan?.id].sort());
    clock.advance(24 * HOUR_MS);
    expect(await sweep()).toEqual(['orphans']);
    expect(await left()).toEqual([kept?.id]);
    for await (const { id } of all.area('another-service').list()) expect(id).toBe(foreign.id);
  });
});
