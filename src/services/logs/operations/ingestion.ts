import type { Tx } from '../../../db/database.ts';
import type { ServiceContext } from '../../../kit/service.ts';
import { groupNotFound, invalidParameter, streamNotFound } from '../errors.ts';
import { acceptEvents, batchProblem, type LogEvent, offsetIn } from '../model/batch.ts';
import { appendChunks, makeChunks } from '../store/chunks.ts';
import { findGroup, updateGroup } from '../store/groups.ts';
import { dataKeyOf, makeDataKey } from '../store/sealing.ts';
import { findStream } from '../store/streams.ts';
import { oweToSubscriptions } from '../store/subscriptions.ts';
import type { GroupRow } from '../store/tables.ts';
import { METRICS, SUBSCRIPTION } from '../sweeps.ts';
import { logs } from './declare.ts';
import { arrivalsTopic } from './live-tail.ts';
import { onStream, sequenceTokenOf } from './streams.ts';

/**
 * Sequence tokens are ignored, as AWS has done since 2023, but for one form of our own: with
 * `slipway-offset:N` a put is taken only when N is above the stream's last one, so that a writer that
 * does not know whether its last put arrived may repeat it.
 */
export const putLogEvents = logs('putLogEvents', onStream, async (ctx, input, found) => {
  const events = (input.logEvents ?? []).map(
    (e): LogEvent => ({ timestamp: e.timestamp ?? 0, message: e.message ?? '' }),
  );
  const problem = batchProblem(events);
  if (problem) throw invalidParameter(problem);
  const offset = offsetIn(input.sequenceToken);
  const now = ctx.clock.now().getTime();
  const { accepted, rejected } = acceptEvents(events, now, found.retention_days ?? undefined);
  // The work, so that other writers wait for less.
  const chunks = await makeChunks(accepted);
  return ctx.transaction(async (tx) => {
    const group = await findGroup(tx, ctx, input.logGroupName ?? '');
    if (!group) throw groupNotFound();
    const stream = await findStream(tx, ctx, group.name, input.logStreamName ?? '');
    if (!stream) throw streamNotFound();
    if (offset !== undefined && offset <= stream.last_offset)
      return { nextSequenceToken: sequenceTokenOf(stream.next_seq) };
    const key = await keyForWriting(ctx, tx, group);
    const rows = await appendChunks(tx, { group, stream, key }, chunks, { now, offset });
    await ctx.engine.ring(tx, arrivalsTopic(ctx));
    if (group.filters > 0) await ctx.engine.wake(tx, METRICS, group.id);
    if (group.subscriptions > 0)
      for (const id of await oweToSubscriptions(tx, group.id, rows))
        await ctx.engine.wake(tx, SUBSCRIPTION, id);
    return {
      nextSequenceToken: sequenceTokenOf(stream.next_seq + accepted.length),
      ...(rejected && { rejectedLogEventsInfo: rejected }),
    };
  });
});

async function keyForWriting(ctx: ServiceContext, tx: Tx, group: GroupRow): Promise<Buffer> {
  const data_key = group.data_key ?? makeDataKey(ctx.vault, group.id);
  if (group.data_key === null) await updateGroup(tx, group, { data_key });
  return dataKeyOf(ctx, { id: group.id, data_key }) as Buffer;
}
