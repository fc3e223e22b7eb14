import { Readable } from 'node:stream';
import { globalConditions } from '../../aws/authorize.ts';
import { isCrossSite } from '../../aws/gate.ts';
import type { WireRequest } from '../../aws/http.ts';
import type { AwsEvent } from '../../engine/events.ts';
import type { Platform, Route } from '../../kit/service.ts';
import { isRefusal } from '../../lib/refusal.ts';
import { REGIONS } from '../../lib/regions.ts';
import { type Limit, Room } from '../../lib/room.ts';
import { sightOf } from '../model/sight.ts';
import type { ConsoleParts } from '../parts.ts';
import { cookieName } from '../session/cookie.ts';
import type { Acting, Session } from '../session/session.ts';
import { acting, roleRefused, signedIn } from '../session/who.ts';
import { foreignPage, invalid, notSignedIn, passwordFirst, refusal } from '../session/words.ts';
import { eventStream, watching } from './stream.ts';

/** Streams that are open at once: of one session, which has one for each of its pages, of whoever has several, and of this server. */
const limitsOf = ({ id, principalId }: Session): Limit[] => [
  [`session ${id}`, 12],
  [`principal ${principalId}`, 30],
  ['all', 1000],
];

/** What happens, as the signed-in may see it, for as long as he is signed in. */
export function liveRoute(parts: ConsoleParts): Route {
  const room = new Room();
  return {
    ...{ api: 'signin', operation: 'StreamEvents', methods: ['GET'] },
    path: '/_slipway/console/events',
    recordsRefusalsOnly: true,
    identity: {
      by: 'cookie',
      name: cookieName,
      async find(platform, _shown, { request }) {
        if (isCrossSite(request)) throw foreignPage();
        const who = await signedIn(platform, parts.signIn, request);
        if (who?.resetRequired) throw passwordFirst();
        return who && acting(platform, who).catch(roleRefused);
      },
      refused: () => notSignedIn(),
    },
    subject: 'self',
    async handle(platform, { request, caller }) {
      const region = regionOf(platform, request);
      const who = await signedIn(platform, parts.signIn, request);
      if (!who || !caller) throw notSignedIn();
      const place = { accountId: caller.principal.accountId, region };
      const release = room.enter(...limitsOf(who.session));
      if (!release)
        throw refusal(429, 'TooManyStreams', 'Too many pages of the console are open.', {
          headers: { 'retry-after': '15' },
        });
      try {
        const begun = await watching(platform, place);
        const lastEventId = request.headers['last-event-id'];
        const look = async () => {
          const now = await stillSigned(platform, parts, request);
          // Whoever has switched to a role of another account opens a stream of that.
          if (now?.principal.accountId !== place.accountId) return undefined;
          return (event: AwsEvent) => maySee(platform, { ...now, region, request }, event);
        };
        const { signal } = request;
        const events = eventStream(platform, begun, { place, lastEventId, signal, look });
        const body = Readable.from(events).once('close', release);
        return { status: 200, headers: HEADERS, body };
      } catch (error) {
        release();
        throw error;
      }
    },
  };
}

const HEADERS = {
  'content-type': 'text/event-stream; charset=utf-8',
  'cache-control': 'no-store',
  // A proxy that gathers what it passes on would keep it from the page.
  'x-accel-buffering': 'no',
};

function regionOf({ config }: Platform, { query }: WireRequest): string {
  const region = new URLSearchParams(query).get('region') ?? config.region;
  // Each that is watched costs the server something.
  if (region !== config.region && !REGIONS.includes(region)) throw invalid('That is no region.');
  return region;
}

/** Who is signed in by now, whatever has happened since the stream was opened. */
async function stillSigned(
  platform: Platform,
  parts: ConsoleParts,
  request: WireRequest,
): Promise<Acting | undefined> {
  const who = await signedIn(platform, parts.signIn, request);
  if (!who || who.resetRequired) return undefined;
  try {
    return await acting(platform, who);
  } catch (error) {
    // The role trusts him no longer.
    if (isRefusal(error)) return undefined;
    throw error;
  }
}

async function maySee(
  { authorizer }: Platform,
  { principal, accessKeyId, region, request }: Acting & { region: string; request: WireRequest },
  event: AwsEvent,
): Promise<boolean> {
  const sight = sightOf(event);
  if (!sight) return false;
  const { endpoint, remoteAddress: sourceIp } = request;
  const userAgent = request.headers['user-agent'] ?? '';
  const facts = { principal, accessKeyId, region, via: [], endpoint, sourceIp, userAgent };
  const { allowed } = await authorizer.decide({
    ...{ principal, action: sight.action, resources: [sight.resource], owner: event.account },
    conditions: globalConditions(facts),
  });
  return allowed;
}
