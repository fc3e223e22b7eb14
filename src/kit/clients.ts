import { signingName } from '../aws/api.ts';
import type { Dispatcher } from '../aws/dispatcher.ts';
import { inProcessConfig } from '../aws/in-process.ts';
import type { Identities } from './identities.ts';
import type { ActAs, ClientClass, Platform } from './platform.ts';

export interface ClientFactoryOptions {
  dispatch: Dispatcher;
  identityOf: Identities;
  /** Known once the server listens. */
  endpoint(): string;
  /** Service name to the endpoint of a real one. */
  upstream: Record<string, string>;
}

const MAX_CLIENTS = 500;

/** Makes `platform.client`: SDK clients that reach the server's own dispatcher, or a configured upstream. */
export function makeClientFactory(options: ClientFactoryOptions): Platform['client'] {
  const clients = new Map<string, { destroy(): void }>();
  return <T extends { destroy(): void }>(Client: ClientClass<T>, actAs: ActAs): T => {
    const key = `${Client.name} ${JSON.stringify(actAs)}`;
    const known = clients.get(key);
    if (known) return known as T;
    const client = new Client(configuration(options, serviceOf(Client), actAs));
    clients.set(key, client);
    // Oldest first: a Map keeps the order of insertion.
    if (clients.size > MAX_CLIENTS) clients.delete(clients.keys().next().value ?? '');
    return client;
  };
}

function configuration(options: ClientFactoryOptions, service: string, actAs: ActAs): object {
  const { region } = actAs;
  const upstream = options.upstream[service];
  // Credentials for an upstream are the environment's own, found by the SDK's default chain.
  if (upstream) return { endpoint: upstream, region };
  return inProcessConfig(options.dispatch, options.identityOf(actAs), {
    service,
    region,
    endpoint: options.endpoint(),
  });
}

const serviceNames = new WeakMap<object, string>();

/** The signing name of a client class: only an instance tells. */
function serviceOf(Client: ClientClass<object>): string {
  let name = serviceNames.get(Client);
  if (name === undefined) {
    const { config } = new Client({ region: 'us-east-1' }) as { config: object };
    name = signingName(config);
    serviceNames.set(Client, name);
  }
  return name;
}
