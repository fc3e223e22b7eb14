import { signingName } from '../aws/api.ts';
import { servicePrincipal } from '../aws/auth/service.ts';
import type { Session } from '../aws/auth/session-token.ts';
import type { Dispatcher } from '../aws/dispatcher.ts';
import type { InternalCaller } from '../aws/http.ts';
import { type Identity, inProcessConfig } from '../aws/in-process.ts';
import type { Principal } from '../aws/principal.ts';
import type { Clock } from '../lib/clock.ts';
import type { ActAs, ClientClass, Platform } from './platform.ts';

export interface ClientFactoryOptions {
  dispatch: Dispatcher;
  /** Reads a session's token. */
  openSession(token: string): Session | undefined;
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
  const { region } = actAs;
  if ('principal' in actAs) {
    const calling = actAs.via?.at(-1);
    const invokedBy = calling && `${calling}.amazonaws.com`;
    return async () => ({ ...actAs, invokedBy });
  }
  const { service } = actAs;
  if (!('roleArn' in actAs)) {
    const principal = servicePrincipal(service, actAs.sourceArn, actAs.may);
    return async () => ({ principal, region, invokedBy: service });
  }
  let session: { caller: Promise<InternalCaller>; until: number } | undefined;
  const isGood = async () => {
    if (!session || session.until <= options.clock.now().getTime()) return false;
    return options.isCurrent((await session.caller).principal);
  };
  return async () => {
    if (!session || !(await isGood())) {
      const until = options.clock.now().getTime() + SESSION_MS;
      session = { caller: becomeRole(options, actAs), until };
      session.caller.catch(() => {
        session = undefined;
      });
    }
    return session.caller;
  };
}

/**
 * The session of a role that a service works under, as STS gives it to whom the role trusts.
 * @throws STS' errors: AccessDenied when a role does not exist or does not trust who assumes it
 */
async function becomeRole(
  options: ClientFactoryOptions,
  {
    service,
    roleArn,
    byRoleArn,
    sourceArn,
    sessionName,
    region,
  }: Extract<ActAs, { roleArn: string }>,
): Promise<InternalCaller> {
  const { AssumeRoleCommand, STSClient } = await import('@aws-sdk/client-sts');
  const assume = async (caller: InternalCaller, RoleArn: string): Promise<InternalCaller> => {
    const place = { service: 'sts', region, endpoint: options.endpoint() };
    const sts = new STSClient(inProcessConfig(options.dispatch, async () => caller, place));
    const command = new AssumeRoleCommand({ RoleArn, RoleSessionName: sessionName });
    const { Credentials } = await sts.send(command);
    const session = options.openSession(Credentials?.SessionToken ?? '');
    if (!session) throw new Error('STS gave a session that is none');
    const { principal, accessKeyId } = session;
    return { principal, accessKeyId, region, invokedBy: service };
  };
  const itself = { principal: servicePrincipal(service, sourceArn), region, invokedBy: service };
  const first = await assume(itself, byRoleArn ?? roleArn);
  return byRoleArn === undefined ? first : assume(first, roleArn);
}
