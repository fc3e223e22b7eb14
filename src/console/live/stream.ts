import type { AwsEvent } from '../../engine/events.ts';
import type { Platform } from '../../kit/platform.ts';
import { eventsBehind, KEPT_EVENTS, type Place, type Watch, watch } from '../store/live.ts';
import { topicOf } from './topic.ts';

/** How long a connection says nothing. */
const SILENT_MS = 15_000;
/** How long events are kept for whoever has lost his connection. */
const WATCHED_MS = 10 * 60_000;
const AT_ONCE = 100;
/** To who resumes too late, or reads more slowly than things happen. */
const GAP = 'event: gap\ndata: {"reason":"Events since the last one seen are no longer kept."}\n\n';

export interface StreamOptions {
  place: Place;
  /** The id of the last event that the page has seen. */
  lastEventId: string | undefined;
  signal: AbortSignal | undefined;
  /** Is the session still what it was? Asked before anything is shown. @returns who may see what; undefined once it has ended */
  look(): Promise<((event: AwsEvent) => Promise<boolean>) | undefined>;
}

/** Says that somebody looks. */
export function watching({ transaction, clock }: Platform, place: Place): Promise<Watch> {
  const now = clock.now().getTime();
  return transaction((tx) => watch(tx, place, { now, until: now + WATCHED_MS }));
}

/**
 * Server-sent events, in the order in which they were kept, from behind the last that the page has seen.
 * https://html.spec.whatwg.org/multipage/server-sent-events.html
 * @param begun how far the events have come
 */
export async function* eventStream(
  platform: Platform,
  begun: Watch,
  { place, lastEventId, signal, look }: StreamOptions,
): AsyncGenerator<string> {
  const { clock, engine, db } = platform;
  const resumed = positionOf(lastEventId, begun);
  let position = resumed ?? begun.lastPosition;
  const id = () => `id: ${begun.epoch}-${position}\n`;
  yield `retry: 2000\n${id()}\n`;
  if (lastEventId !== undefined && resumed === undefined) yield GAP;
  for (;;) {
    const until = new Date(clock.now().getTime() + SILENT_MS);
    const more = async () => {
      const found = await eventsBehind(db, place, position, AT_ONCE);
      return found.length > 0 ? found : undefined;
    };
    const wait = { until, ...(signal && { signal }) };
    const found = await engine.heard(topicOf(place), more, wait);
    if (signal?.aborted) return;
    const maySee = await look();
    if (!maySee) {
      yield 'event: end\ndata: {"reason":"The session has ended."}\n\n';
      return;
    }
    for (const { position: at, event } of found ?? []) {
      if (at !== position + 1) yield GAP;
      position = at;
      if (!(await maySee(event))) continue;
      yield `${id()}event: ${event['detail-type']}\ndata: ${JSON.stringify(event)}\n\n`;
    }
    if (found) continue;
    // It waited less than it was to: the server stops.
    if (clock.now() < until) return;
    const now = await watching(platform, place);
    if (now.epoch !== begun.epoch) return;
    // What was passed over is passed over for good.
    yield `: \n${id()}\n`;
  }
}

/** Where a page goes on that has seen this one; undefined where events behind it are gone. */
function positionOf(lastEventId: string | undefined, { epoch, lastPosition }: Watch) {
  const [, ofEpoch, digits = ''] = /^([0-9a-f]{8})-(\d{1,9})$/.exec(lastEventId ?? '') ?? [];
  const position = Number(digits);
  if (ofEpoch !== epoch || position > lastPosition) return undefined;
  return position >= lastPosition - KEPT_EVENTS ? position : undefined;
}
