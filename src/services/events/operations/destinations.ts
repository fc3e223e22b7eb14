import { randomUUID } from 'node:crypto';
import type { ApiDestinationHttpMethod } from '@aws-sdk/client-eventbridge';
import { parseArn } from '../../../aws/arn.ts';
import type { Tx } from '../../../db/database.ts';
import { need } from '../../../kit/resource.ts';
import type { ServiceContext } from '../../../kit/service.ts';
import { alreadyExists, connectionNotFound, invalid, limitExceeded } from '../errors.ts';
import { DEFAULT_RATE, MAX_API_DESTINATIONS } from '../limits.ts';
import { isWebAddress } from '../model/http-request.ts';
import { destinationArn } from '../model/names.ts';
import { atDestination, connection, destination, onDestination } from '../resources/connection.ts';
import { findConnectionByArn, listConnections } from '../store/connections.ts';
import {
  type ApiDestination,
  deleteDestination,
  findDestination,
  listDestinations,
  saveDestination,
} from '../store/destinations.ts';
import { events } from './declare.ts';
import { paginate } from './pages.ts';

interface Settings {
  Description?: string | undefined;
  ConnectionArn?: string | undefined;
  InvocationEndpoint?: string | undefined;
  HttpMethod?: ApiDestinationHttpMethod | undefined;
  InvocationRateLimitPerSecond?: number | undefined;
}

/** What a call says of a destination; what it does not say is not there. */
async function checked(ctx: ServiceContext, tx: Tx, input: Settings) {
  const { Description, ConnectionArn, InvocationEndpoint: endpoint, HttpMethod } = input;
  if (endpoint !== undefined && !isWebAddress(endpoint))
    throw invalid('Parameter InvocationEndpoint is not valid.');
  if (ConnectionArn !== undefined) await checkConnection(ctx, tx, ConnectionArn);
  const rate = input.InvocationRateLimitPerSecond;
  return {
    ...(Description !== undefined && { description: Description }),
    ...(ConnectionArn !== undefined && { connectionArn: ConnectionArn }),
    ...(endpoint !== undefined && { endpoint }),
    ...(HttpMethod !== undefined && { method: HttpMethod }),
    ...(rate !== undefined && { rate }),
  };
}

async function checkConnection(ctx: ServiceContext, tx: Tx, text: string): Promise<void> {
  const arn = parseArn(text);
  const located = arn?.service === 'events' ? connection.parse(arn) : undefined;
  if (!located) throw invalid('Parameter ConnectionArn is not valid.');
  const own = located.accountId === ctx.accountId && located.region === ctx.region;
  if (!own || !(await findConnectionByArn(tx, text))) throw connectionNotFound(located.name);
}

export const createApiDestination = events(
  'createApiDestination',
  atDestination,
  async (ctx, input) => {
    const { Name: name = '' } = input;
    const { accountId, region, partition } = ctx;
    return ctx.transaction(async (tx) => {
      const settings = await checked(ctx, tx, input);
      if (await findDestination(tx, ctx, name)) throw alreadyExists('ApiDestination', name);
      if ((await listDestinations(tx, ctx)).length >= MAX_API_DESTINATIONS)
        throw limitExceeded('The requested resource exceeds the maximum number allowed.');
      const now = ctx.clock.now();
      const made: ApiDestination = {
        ...{ accountId, region, name, connectionArn: '', endpoint: '', method: 'POST' },
        ...{ rate: DEFAULT_RATE, ...settings, createdAt: now, modifiedAt: now },
        arn: destinationArn({ accountId, region, partition }, name, randomUUID()),
      };
      await saveDestination(tx, made);
      return answer(made, true);
    });
  },
);

const answer = ({ arn, createdAt, modifiedAt }: ApiDestination, connected: boolean) => ({
  ApiDestinationArn: arn,
  // Without its connection it cannot be called.
  ApiDestinationState: connected ? ('ACTIVE' as const) : ('INACTIVE' as const),
  ...{ CreationTime: createdAt, LastModifiedTime: modifiedAt },
});

const isConnected = async (tx: Tx, { connectionArn }: ApiDestination) =>
  (await findConnectionByArn(tx, connectionArn)) !== undefined;

export const updateApiDestination = events(
  'updateApiDestination',
  atDestination,
  async (ctx, input, located) =>
    ctx.transaction(async (tx) => {
      const settings = await checked(ctx, tx, input);
      const found = await need(tx, destination, located);
      const changed = { ...found, ...settings, modifiedAt: ctx.clock.now() };
      await saveDestination(tx, changed);
      return answer(changed, await isConnected(tx, changed));
    }),
);

export const deleteApiDestination = events(
  'deleteApiDestination',
  atDestination,
  async (ctx, _input, located) => {
    await ctx.transaction(async (tx) => {
      await deleteDestination(tx, (await need(tx, destination, located)).arn);
    });
    return {};
  },
);

export const describeApiDestination = events(
  'describeApiDestination',
  onDestination,
  async (ctx, _input, found) => ({
    ...shown(found, await isConnected(ctx.db, found)),
    Description: found.description,
  }),
);

const shown = (found: ApiDestination, connected: boolean) => ({
  ...{ ...answer(found, connected), Name: found.name, ConnectionArn: found.connectionArn },
  ...{ InvocationEndpoint: found.endpoint, InvocationRateLimitPerSecond: found.rate },
  HttpMethod: found.method as ApiDestinationHttpMethod,
});

export const listApiDestinations = events('listApiDestinations', {}, async (ctx, input) => {
  const { NamePrefix = '', ConnectionArn: arn } = input;
  const all = (await listDestinations(ctx.db, ctx)).filter(
    (each) =>
      each.name.startsWith(NamePrefix) && (arn ?? each.connectionArn) === each.connectionArn,
  );
  const { items, next } = paginate(ctx, input, all, ({ name }) => name);
  const connections = new Set((await listConnections(ctx.db, ctx)).map((each) => each.arn));
  return {
    ApiDestinations: items.map((each) => shown(each, connections.has(each.connectionArn))),
    ...next,
  };
});
