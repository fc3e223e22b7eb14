import { signingName } from '../aws/api.ts';
import type { Dispatcher } from '../aws/dispatcher.ts';
import { aroundCalls, blameInput, inProcessConfig } from '../aws/in-process.ts';
import { insideTransaction } from '../db/scope.ts';
import { ownValue } from '../lib/own.ts';
import type { Identities } from './identities.ts';
import type { ActAs, ClientClass, Platform } from './platform.ts';
import { guardUpstream, makeUpstreamHandler, unservedConfig } from './upstream.ts';

export interface ClientFactoryOptions {
  dispatch: Dispatcher;
  identityOf: Identities;
  /** Known once the server listens. */
  endpoint(): string;
  /** Service name to the endpoint of a real one. */
  upstream: Record<string, string>;
  /** Does this server answer for the service? */
  isServed(service: string): boolean;
  authorizeAs: Platform['authorizeAs'];
}

const MAX_CLIENTS = 500;

/** Makes `platform.client`: SDK clients that reach the server's own dispatcher, or a configured upstream. */
export function makeClientFactory(options: ClientFactoryOptions): Platform['client'] {
  const clients = new Map<string, { destroy(): void }>();
  const make = makerOf(options);
  return <T extends { destroy(): void }>(Client: ClientClass<T>, actAs: ActAs): T => {
    const key = `${Client.name} ${JSON.stringify(actAs)}`;
    const known = clients.get(key);
    if (known) return known as T;
    const client = make(Client, actAs);
    clients.set(key, client);
    // Oldest first: a Map keeps the order of insertion.
    if (clients.size > MAX_CLIENTS) clients.delete(clients.keys().next().value ?? '');
    return client;
  };
}

function makerOf(options: ClientFactoryOptions) {
  const requestHandler = makeUpstreamHandler();
  return <T extends { destroy(): void }>(Client: ClientClass<T>, actAs: ActAs): T => {
    const { region } = actAs;
    const made = (config: object) => neverInTransaction(new Client(config));
    const service = serviceOf(Client);
    const isServed = options.isServed(service);
    const upstream = ownValue(options.upstream, service);
    if (upstream !== undefined) {
      // Credentials are the environment's own, found by the SDK's default chain at the first call.
      const client = made({ endpoint: upstream, region, requestHandler });
      guardUpstream(client, { service, actAs, isServed, authorizeAs: options.authorizeAs });
      return client;
    }
    if (!isServed) return blameInput(made(unservedConfig(service, region)));
    const identity = options.identityOf(actAs);
    const place = { service, region, endpoint: options.endpoint() };
    return blameInput(made(inProcessConfig(options.dispatch, identity, place)));
  };
}

/**
 * A call of a service takes as long as it takes, and writes by itself: inside a transaction it would hold up everybody
 * else's, and wait for ever for this one. It is our fault, so that this is outside of what blames the input.
 */
function neverInTransaction<T extends object>(client: T): T {
  return aroundCalls(client, 'slipwayNeverInTransaction', async (call) => {
    if (insideTransaction()) throw new Error('A service is asked inside a transaction.');
    return call();
  });
}

const serviceNames = new WeakMap<object, string>();

/** The signing name of a client class: only an instance tells. */
export function serviceOf(Client: ClientClass<object>): string {
  let name = serviceNames.get(Client);
  if (name === undefined) {
    const { config } = new Client({ region: 'us-east-1' }) as { config: object };
    name = signingName(config);
    serviceNames.set(Client, name);
  }
  return name;
}
