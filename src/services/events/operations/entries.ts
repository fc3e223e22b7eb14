import { randomUUID } from 'node:crypto';
import type { PutEventsRequestEntry, PutEventsResultEntry } from '@aws-sdk/client-eventbridge';
import { unsupported } from '../../../aws/errors.ts';
import { authorizeOn, type Named } from '../../../kit/resource.ts';
import type { ServiceContext } from '../../../kit/service.ts';
import { parseExact } from '../../../lib/exact-json.ts';
import { fanOut } from '../delivery/fan-out.ts';
import { isWanted } from '../delivery/matching.ts';
import { invalid } from '../errors.ts';
import { MAX_ENTRIES_BYTES } from '../limits.ts';
import { faultOfEntry, sizeOf } from '../model/entry.ts';
import type { BusEvent } from '../model/event.ts';
import type { BusPlace } from '../model/names.ts';
import { bus } from '../resources/bus.ts';
import { events } from './declare.ts';

export const putEvents = events('putEvents', 'self', async (ctx, input) => {
  const entries = input.Entries ?? [];
  const places = await allowed(ctx, entries);
  if (input.EndpointId !== undefined) throw unsupported('global endpoints (EndpointId)');
  if (entries.reduce((sum, entry) => sum + sizeOf(entry), 0) > MAX_ENTRIES_BYTES)
    throw invalid('Total size of the entries in the request is over the limit.');
  const put: { place: BusPlace; event: BusEvent }[] = [];
  const Entries = entries.map((entry, n): PutEventsResultEntry => {
    const fault = faultOfEntry(entry);
    if (fault) return fault;
    const { accountId, region, name } = places[n] as Named;
    const event = eventOf(ctx, entry, region);
    put.push({ place: { accountId, region, bus: name }, event });
    return { EventId: event.id };
  });
  await putOn(ctx, put);
  return {
    FailedEntryCount: Entries.filter(({ ErrorCode }) => ErrorCode !== undefined).length,
    Entries,
  };
});

/** Asks about each bus with what is sent there; entries that are alike are asked about once. */
async function allowed(
  ctx: ServiceContext,
  entries: readonly PutEventsRequestEntry[],
): Promise<Named[]> {
  const places = entries.map(({ EventBusName }) => bus.locate(ctx, EventBusName));
  const asked = new Set<string>();
  if (places.length === 0) await ctx.authorize('events:PutEvents', '*');
  for (const [n, place] of places.entries()) {
    const { Source = '', DetailType = '' } = entries[n] ?? {};
    const question = JSON.stringify([place.arn, Source, DetailType]);
    if (asked.has(question)) continue;
    asked.add(question);
    const conditions = { 'events:source': Source, 'events:detail-type': DetailType };
    await authorizeOn(ctx, bus, place, 'events:PutEvents', conditions);
  }
  return places;
}

/** The account is the one that sends it, also on the bus of another. */
function eventOf(ctx: ServiceContext, entry: PutEventsRequestEntry, region: string): BusEvent {
  const { Source = '', DetailType = '', Detail = '{}', Resources = [], Time } = entry;
  const time = `${(Time ?? ctx.clock.now()).toISOString().slice(0, 19)}Z`;
  return {
    ...{ version: '0', id: randomUUID(), 'detail-type': DetailType, source: Source },
    ...{ account: ctx.accountId, time, region, resources: Resources },
    detail: parseExact(Detail) as BusEvent['detail'],
  };
}

/** What nobody wants costs no row. */
async function putOn(
  ctx: ServiceContext,
  put: readonly { place: BusPlace; event: BusEvent }[],
): Promise<void> {
  const wanted: (typeof put)[number][] = [];
  for (const each of put) if (await isWanted(ctx.db, each.place, each.event)) wanted.push(each);
  if (wanted.length === 0) return;
  await ctx.transaction(async (tx) => {
    for (const { place, event } of wanted) await fanOut(ctx, tx, place, event);
  });
}
