import { signingName } from '../aws/api.ts';
import type { Dispatcher } from '../aws/dispatcher.ts';
import { type Identity, inProcessConfig } from '../aws/in-process.ts';
import type { Principal } from '../aws/principal.ts';
import type { Clock } from '../lib/clock.ts';
import type { ActAs, ClientClass, Platform } from './platform.ts';
import type { ServiceRole } from './provides.ts';

export interface ClientFactoryOptions {
  dispatch: Dispatcher;
  /** Becomes a role for a service. Provided by STS. */
  assumeRole(role: ServiceRole): Promise<Principal>;
  /** Is the role of a session, by its unique id, still there? Provided by IAM. */
  isCurrent(principal: Principal): Promise<boolean>;
  clock: Clock;
  /** Known once the server listens. */
  endpoint(): string;
  /** Service name to the endpoint of a real one. */
  upstream: Record<string, string>;
}

/** How long a session is kept before its trust policy is asked again; AWS's own sessions last an hour. */
const SESSION_MS = 5 * 60_000;
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
  return inProcessConfig(options.dispatch, identityOf(options, actAs), {
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

function identityOf(options: ClientFactoryOptions, actAs: ActAs): Identity {
  if ('principal' in actAs) {
    const calling = actAs.via?.at(-1);
    const invokedBy = calling && `${calling}.amazonaws.com`;
    return async () => ({ ...actAs, invokedBy });
  }
  const { region, ...role } = actAs;
  let session: { principal: Promise<Principal>; until: number } | undefined;
  return async () => {
    const now = options.clock.now().getTime();
    if (!session || session.until <= now || !(await options.isCurrent(await session.principal))) {
      session = { principal: options.assumeRole(role), until: now + SESSION_MS };
      session.principal.catch(() => {
        session = undefined;
      });
    }
    return { principal: await session.principal, region, invokedBy: actAs.service };
  };
}
