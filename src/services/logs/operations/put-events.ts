import type {
  PutLogEventsCommandInput,
  PutLogEventsCommandOutput,
} from '@aws-sdk/client-cloudwatch-logs';
import { operation } from '../../service.ts';
import { authorizationArn } from '../arns.ts';
import { groupNotFound, invalidParameter, streamNotFound } from '../errors.ts';
import { appendEvents } from '../events-store.ts';
import { acceptEvents, batchProblem, type LogEvent, offsetIn } from '../model/batch.ts';
import { findGroup, findStream } from '../store.ts';
import type { Op } from './op.ts';
import { sequenceTokenOf } from './streams.ts';

/**
 * Sequence tokens are ignored, as AWS has done since 2023, but for one form of our own: with
 * `slipway-offset:N` a put is taken only when N is above the stream's last one, so that a writer that
 * does not know whether its last put arrived may repeat it.
 */
export const putLogEvents: Op<PutLogEventsCommandInput, PutLogEventsCommandOutput> = operation(
  {
    action: 'logs:PutLogEvents',
    resource: (ctx, input) => authorizationArn(ctx, input.logGroupName ?? '', input.logStreamName),
  },
  async (ctx, input) => {
    const events = (input.logEvents ?? []).map(
      (e): LogEvent => ({ timestamp: e.timestamp ?? 0, message: e.message ?? '' }),
    );
    const problem = batchProblem(events);
    if (problem) throw invalidParameter(problem);
    const offset = offsetIn(input.sequenceToken);
    return ctx.transaction(async (tx) => {
      const group = await findGroup(tx, ctx, input.logGroupName ?? '');
      if (!group) throw groupNotFound();
      const stream = await findStream(tx, ctx, group.name, input.logStreamName ?? '');
      if (!stream) throw streamNotFound();
      if (offset !== undefined && offset <= stream.last_offset)
        return { nextSequenceToken: sequenceTokenOf(stream.next_seq) };
      const now = ctx.clock.now().getTime();
      const { accepted, rejected } = acceptEvents(events, now, group.retention_days ?? undefined);
      await appendEvents(tx, group.id, stream, accepted, { now, offset });
      return {
        nextSequenceToken: sequenceTokenOf(stream.next_seq + accepted.length),
        ...(rejected && { rejectedLogEventsInfo: rejected }),
      };
    });
  },
);
