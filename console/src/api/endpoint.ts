import { BASE } from '../app/place.ts';
import { placeNow } from '../app/router.ts';
import { askSession, sessionNow } from '../session/session.ts';
import { type Made, noteCall } from './calls.ts';
import { refuseDots } from './path.ts';

/** What every client class of the SDK has, as far as the console looks at it. */
export interface AnyClient {
  config: { defaultSigningName?: string; region: () => Promise<string> };
  middlewareStack: { add: (middleware: never, options: never) => void };
  // biome-ignore lint/suspicious/noExplicitAny: the union of all commands of all services
  send: (command: any, options?: any) => Promise<any>;
  destroy: () => void;
}
// biome-ignore lint/suspicious/noExplicitAny: each client has a configuration type of its own
export type ClientClass<C extends AnyClient> = new (config: any) => C;

const clients = new Map<string, Map<unknown, AnyClient>>();

/** The region that calls go to: the address's, or the session's. */
export const regionNow = () => placeNow().region ?? sessionNow()?.region ?? 'us-east-1';

const signer = {
  sign: async <T extends { path: string; headers: Record<string, string> }>(
    request: T,
  ): Promise<T> => {
    refuseDots(request.path);
    request.headers['x-slipway-csrf'] = sessionNow()?.csrf ?? '';
    return request;
  },
};

/**
 * An SDK client whose calls the server signs for this session: its endpoint is the console's, and there is no key in the
 * browser. One a class and region.
 */
export function clientOf<C extends AnyClient>(Client: ClientClass<C>, region = regionNow()): C {
  const ofRegion = clients.get(region) ?? new Map<unknown, AnyClient>();
  clients.set(region, ofRegion);
  const known = ofRegion.get(Client) as C | undefined;
  if (known) return known;
  const client: C = new Client({
    region,
    endpoint: async () => {
      const name = client.config.defaultSigningName ?? '';
      return `${location.origin}${BASE}api/${name}/${region}`;
    },
    // For the SDK's checks only: they are never sent.
    credentials: { accessKeyId: 'console', secretAccessKey: 'console' },
    signer: async () => signer,
    disableHostPrefix: true,
    forcePathStyle: true,
    // The server is near, and what waits on retries looks broken.
    maxAttempts: 2,
  });
  watch(client, region);
  ofRegion.set(Client, client);
  return client;
}

interface Answered {
  output: { $metadata?: { requestId?: string } };
}

/** Notes each call for "copy as aws command", and asks for the session again where a call says that there is none. */
function watch(client: AnyClient, region: string) {
  const middleware =
    (next: (args: { input: object }) => Promise<Answered>, context: { commandName?: string }) =>
    async (args: { input: object }) => {
      const call: Made = {
        service: client.config.defaultSigningName ?? '',
        operation: (context.commandName ?? '').replace(/Command$/, ''),
        input: args.input,
        region,
        at: Date.now(),
      };
      try {
        const answer = await next(args);
        noteCall({ ...call, requestId: answer.output.$metadata?.requestId });
        return answer;
      } catch (error) {
        const { name, $metadata } = error as {
          name: string;
          $metadata?: { requestId?: string; httpStatusCode?: number };
        };
        noteCall({ ...call, error: name, requestId: $metadata?.requestId });
        if ($metadata?.httpStatusCode === 401) void askSession();
        throw error;
      }
    };
  client.middlewareStack.add(middleware as never, { step: 'initialize', name: 'noted' } as never);
}

/** When who is signed in changes. */
export function forgetClients() {
  for (const ofRegion of clients.values()) for (const client of ofRegion.values()) client.destroy();
  clients.clear();
}
