import { unsupported } from '../../../aws/errors.ts';
import { authorizeOn, on } from '../../../kit/resource.ts';
import type { ServiceContext } from '../../../kit/service.ts';
import { recordNotFound } from '../errors.ts';
import { positionOf } from '../model/event-id.ts';
import { discoveredFields } from '../model/insights/fields.ts';
import { pointerTo, readPointer } from '../model/pointer.ts';
import { retentionStart } from '../model/retention.ts';
import { logGroup } from '../resources/log-group.ts';
import { readEvents, type StoredEvent } from '../store/events.ts';
import { findGroupById } from '../store/groups.ts';
import { dataKeyOf } from '../store/sealing.ts';
import { namesOfStreams } from '../store/streams.ts';
import type { GroupRow } from '../store/tables.ts';
import { logs } from './declare.ts';

/** The pointer tells the group: IAM is asked about that. */
export const getLogRecord = logs('getLogRecord', 'self', async (ctx, input) => {
  const pointer = readPointer(input.logRecordPointer ?? '');
  const group = pointer && (await findGroupById(ctx.db, pointer.groupId));
  if (!pointer || !group) {
    await ctx.authorize('logs:GetLogRecord', '*');
    throw recordNotFound();
  }
  const identifier = `arn:${ctx.partition}:logs:${group.region}:${group.account_id}:log-group:${group.name}`;
  if (group.region !== ctx.region) throw recordNotFound();
  const located = logGroup.locate(ctx, { logGroupIdentifier: identifier });
  await authorizeOn(ctx, logGroup, located, 'logs:GetLogRecord');
  if (input.unmask) throw unsupported('the parameter unmask');
  const event = await readOne(ctx, group, pointer.eventId);
  if (!event) throw recordNotFound();
  const names = await namesOfStreams(ctx.db, [event.streamId]);
  return { logRecord: recordOf(event, group, names.get(event.streamId) ?? '') };
});

async function readOne(
  ctx: ServiceContext,
  group: GroupRow,
  id: string,
): Promise<StoredEvent | undefined> {
  const { timestamp, streamId } = positionOf(id);
  const oldest = retentionStart(ctx.clock.now(), group.retention_days);
  const query = {
    ...{ groupId: group.id, key: dataKeyOf(ctx, group), streamIds: [streamId] },
    ...{ start: Math.max(timestamp, oldest), end: timestamp, descending: false },
  };
  for await (const { events } of readEvents(ctx.db, query)) {
    const found = events.find((event) => event.id === id);
    if (found) return found;
  }
  return undefined;
}

function recordOf(event: StoredEvent, group: GroupRow, stream: string): Record<string, string> {
  return Object.fromEntries([
    ...discoveredFields(event.message),
    ['@timestamp', String(event.timestamp)],
    ['@message', event.message],
    ['@logStream', stream],
    ['@log', `${group.account_id}:${group.name}`],
    ['@ingestionTime', String(event.ingestedAt)],
    ['@ptr', pointerTo({ groupId: group.id, eventId: event.id })],
  ]);
}

/** How many events are looked at for what fields they have (ours). */
const SAMPLE = 1000;
/** Around `time`, or before now. */
const AROUND_MS = 8 * 60_000;
const BEFORE_MS = 15 * 60_000;
const SYSTEM = ['@ingestionTime', '@log', '@logStream', '@message', '@timestamp'];

export const getLogGroupFields = logs(
  'getLogGroupFields',
  on(logGroup, ({ logGroupName, logGroupIdentifier }) => ({ logGroupName, logGroupIdentifier })),
  async (ctx, input, group) => {
    const now = ctx.clock.now().getTime();
    const time = input.time === undefined ? undefined : input.time * 1000;
    const query = {
      ...{ groupId: group.id, key: dataKeyOf(ctx, group), descending: true },
      start: Math.max(
        time === undefined ? now - BEFORE_MS : time - AROUND_MS,
        retentionStart(ctx.clock.now(), group.retention_days),
      ),
      end: time === undefined ? now : time + AROUND_MS,
    };
    const counts = new Map<string, number>();
    let seen = 0;
    for await (const { events } of readEvents(ctx.db, query)) {
      for (const { message } of events.slice(0, SAMPLE - seen)) {
        seen++;
        for (const name of [...SYSTEM, ...discoveredFields(message).keys()])
          counts.set(name, (counts.get(name) ?? 0) + 1);
      }
      if (seen >= SAMPLE) break;
    }
    const logGroupFields = [...counts]
      .map(([name, count]) => ({ name, percent: Math.round((100 * count) / seen) }))
      .sort((a, b) => b.percent - a.percent);
    return { logGroupFields };
  },
);
