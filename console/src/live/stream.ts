import { useEffect } from 'react';
import { type AwsKey, queries } from '../api/queries.ts';
import { BASE } from '../app/place.ts';
import { store } from '../app/store.ts';
import { askSession } from '../session/session.ts';
import { eventReader } from './parse.ts';
import { isStale, type LiveEvent } from './stale.ts';

/** The one stream of events of this page: what they make stale is asked again. */

type Connection = 'connecting' | 'live' | 'lost';

const connection = store<Connection>('connecting');
export const useConnection = connection.use;

/** Events come in bursts; what they make stale is asked once for those of this many ms. */
const GATHER_MS = 80;
let gathered: LiveEvent[] = [];

function tell(event: LiveEvent) {
  gathered.push(event);
  if (gathered.length > 1) return;
  setTimeout(() => {
    const events = gathered;
    gathered = [];
    void queries.invalidateQueries({
      predicate: ({ queryKey }) => {
        if (queryKey[0] !== 'aws') return false;
        const [, service, region, , input] = queryKey as unknown as AwsKey;
        return events.some((one) => isStale({ service, region, input }, one));
      },
    });
  }, GATHER_MS);
}

const FIRST_WAIT_MS = 500;
const LONGEST_WAIT_MS = 15_000;

/** Reads the stream until the signal says otherwise, again and again; what was missed meanwhile is asked again. */
async function listen(region: string, signal: AbortSignal) {
  let last: string | undefined;
  let wait = FIRST_WAIT_MS;
  for (let first = true; !signal.aborted; first = false) {
    try {
      const response = await fetch(`${BASE}events?region=${encodeURIComponent(region)}`, {
        headers: {
          accept: 'text/event-stream',
          ...(last !== undefined && { 'last-event-id': last }),
        },
        signal,
      });
      if (response.status === 401) {
        // Where the session is over, the page goes and with it the stream; else it is opened again.
        await askSession();
        throw new Error('401');
      }
      if (!response.ok || !response.body) throw new Error(`${response.status}`);
      connection.set('live');
      wait = FIRST_WAIT_MS;
      if (!first) void queries.invalidateQueries({ queryKey: ['aws'] });
      const read = eventReader();
      // Not `for await`: Safari's streams cannot be iterated.
      const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
      for (let piece = await reader.read(); !piece.done; piece = await reader.read())
        for (const { id, event, data } of read(piece.value)) {
          last = id ?? last;
          if (event === 'end') {
            await Promise.all([askSession(), reader.cancel()]);
            throw new Error(event);
          }
          if (event === 'gap') void queries.invalidateQueries({ queryKey: ['aws'] });
          else if (data !== '') tell(JSON.parse(data));
        }
    } catch {
      // Said below: by whatever cause, the stream is gone.
    }
    if (signal.aborted) return;
    connection.set('lost');
    await new Promise((resolve) => {
      setTimeout(resolve, wait);
      signal.addEventListener('abort', resolve, { once: true });
    });
    wait = Math.min(wait * 2, LONGEST_WAIT_MS);
  }
}

/** Keeps the stream open while the component is there. */
export function useStream(region: string) {
  useEffect(() => {
    const abort = new AbortController();
    connection.set('connecting');
    void listen(region, abort.signal);
    return () => abort.abort();
  }, [region]);
}
