import { randomBytes } from 'node:crypto';
import { defineReconciler } from '../../../engine/engine.ts';
import type { Platform } from '../../../kit/service.ts';
import { CHUNK_LENGTH } from '../limits.ts';
import { ChunkBuilder } from '../model/chunk-builder.ts';
import { attributesOf } from '../model/event.ts';
import { makeEventIds, randomTails, timeOf } from '../model/event-id.ts';
import { pack, unpack } from '../model/pack.ts';
import { chunksToMerge, deleteChunks, insertChunk } from '../store/chunks.ts';
import { mergeableAt, sweeps } from '../sweeps.ts';

/** Name of the reconciler that makes one row of many short ones. Its key is `ACCOUNT/REGION`. */
const MERGE = 'cloudtrail/merge';

/** Rows at once. */
const AT_ONCE = 500;

export const merge = defineReconciler<Platform>({
  name: MERGE,
  concurrency: 1,
  async reconcile({ clock, db, transaction }, key) {
    const [accountId = '', region = ''] = key.split('/');
    const owner = { accountId, region };
    const short = await chunksToMerge(db, owner, mergeableAt(clock.now().getTime()), AT_ONCE);
    const builder = new ChunkBuilder();
    const merged: string[] = [];
    for (const { id, length, body } of short) {
      if (builder.length + length > CHUNK_LENGTH) break;
      for (const event of await unpack(body)) {
        const written = { line: JSON.stringify(event), attributes: attributesOf(event) };
        builder.add(written, timeOf(event.id) ?? 0);
      }
      merged.push(id);
    }
    if (merged.length < 2) return undefined;
    const { firstAt, lastAt, length, attributes, lines } = builder;
    const body = await pack(lines);
    const id = makeEventIds(randomTails(randomBytes))(new Date(lastAt));
    await transaction(async (tx) => {
      await deleteChunks(tx, owner, merged);
      await insertChunk(tx, owner, { id, firstAt, lastAt, length, body, attributes });
    });
    // What is left goes with what comes: not every chunk is written anew each time.
    return short.length === AT_ONCE || merged.length < short.length ? 'now' : undefined;
  },
  sweep: sweeps[MERGE],
});
