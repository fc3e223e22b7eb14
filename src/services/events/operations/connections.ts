import { randomUUID } from 'node:crypto';
import type { UpdateConnectionCommandInput } from '@aws-sdk/client-eventbridge';
import { unsupported } from '../../../aws/errors.ts';
import type { Tx } from '../../../db/database.ts';
import { need } from '../../../kit/resource.ts';
import type { ServiceContext } from '../../../kit/service.ts';
import { AUTHORIZE } from '../delivery/names.ts';
import { alreadyExists, invalid, limitExceeded } from '../errors.ts';
import { MAX_CONNECTIONS } from '../limits.ts';
import {
  type AuthParameters,
  type Connection,
  faultOfParameters,
  mergedParameters,
  shownParameters,
} from '../model/connection.ts';
import { isWebAddress } from '../model/http-request.ts';
import { connectionArn } from '../model/names.ts';
import { atConnection, connection, onConnection } from '../resources/connection.ts';
import {
  deleteConnection as deleteRow,
  findConnection,
  listConnections as listRows,
  saveConnection,
} from '../store/connections.ts';
import { events } from './declare.ts';
import { paginate } from './pages.ts';

type Unserved = Pick<
  UpdateConnectionCommandInput,
  'KmsKeyIdentifier' | 'InvocationConnectivityParameters' | 'AuthParameters'
>;

function refuseUnserved(input: Unserved): void {
  if (input.KmsKeyIdentifier) throw unsupported('customer managed keys of connections');
  if (input.InvocationConnectivityParameters || input.AuthParameters?.ConnectivityParameters)
    throw unsupported('private APIs of connections (ConnectivityParameters)');
}

function check(type: Connection['type'], parameters: AuthParameters): void {
  const fault = faultOfParameters(type, parameters);
  if (fault !== undefined) throw invalid(fault);
  const endpoint = parameters.OAuthParameters?.AuthorizationEndpoint;
  if (endpoint !== undefined && !isWebAddress(endpoint))
    throw invalid('Parameter AuthorizationEndpoint is not valid.');
}

export const createConnection = events('createConnection', atConnection, async (ctx, input) => {
  refuseUnserved(input);
  const { Name: name = '', AuthorizationType: type = 'API_KEY', AuthParameters = {} } = input;
  check(type, AuthParameters);
  const { accountId, region, partition } = ctx;
  return ctx.transaction(async (tx) => {
    if (await findConnection(tx, ctx, name)) throw alreadyExists('Connection', name);
    if ((await listRows(tx, ctx)).length >= MAX_CONNECTIONS)
      throw limitExceeded('The requested resource exceeds the maximum number allowed.');
    const now = ctx.clock.now();
    const made = authorized(ctx, {
      ...{ accountId, region, name, type, parameters: AuthParameters, createdAt: now },
      arn: connectionArn({ accountId, region, partition }, name, randomUUID()),
      ...(input.Description !== undefined && { description: input.Description }),
    });
    await save(ctx, tx, made);
    return answer(made);
  });
});

/** A key or a password is used as it is; a token has to be asked for first. */
function authorized(
  { clock }: ServiceContext,
  { reason: _, ...its }: Omit<Connection, 'state' | 'modifiedAt'>,
): Connection {
  const now = clock.now();
  return its.type === 'OAUTH_CLIENT_CREDENTIALS'
    ? { ...its, state: 'AUTHORIZING', modifiedAt: now }
    : { ...its, state: 'AUTHORIZED', modifiedAt: now, authorizedAt: now };
}

async function save(ctx: ServiceContext, tx: Tx, its: Connection): Promise<void> {
  await saveConnection(tx, its);
  if (its.state === 'AUTHORIZING') await ctx.engine.wake(tx, AUTHORIZE, its.arn);
}

const answer = ({ arn, state, createdAt, modifiedAt }: Connection) => ({
  ...{ ConnectionArn: arn, ConnectionState: state },
  ...{ CreationTime: createdAt, LastModifiedTime: modifiedAt },
});

export const updateConnection = events(
  'updateConnection',
  atConnection,
  async (ctx, input, located) => {
    refuseUnserved(input);
    return ctx.transaction(async (tx) => {
      const found = await need(tx, connection, located);
      const type = input.AuthorizationType ?? found.type;
      const before = type === found.type ? found.parameters : undefined;
      const parameters = mergedParameters(before, input.AuthParameters ?? {});
      check(type, parameters);
      const changed = authorized(ctx, {
        ...{ ...found, type, parameters },
        ...(input.Description !== undefined && { description: input.Description }),
      });
      await save(ctx, tx, changed);
      return { ...answer(changed), LastAuthorizedTime: changed.authorizedAt };
    });
  },
);

export const deauthorizeConnection = events(
  'deauthorizeConnection',
  atConnection,
  async (ctx, _input, located) =>
    ctx.transaction(async (tx) => {
      const { parameters: _, ...found } = await need(tx, connection, located);
      const state = 'DEAUTHORIZED' as const;
      const changed: Connection = { ...found, state, modifiedAt: ctx.clock.now() };
      await saveConnection(tx, changed);
      return { ...answer(changed), LastAuthorizedTime: changed.authorizedAt };
    }),
);

export const deleteConnection = events(
  'deleteConnection',
  atConnection,
  async (ctx, _input, located) =>
    ctx.transaction(async (tx) => {
      const found = await need(tx, connection, located);
      await deleteRow(tx, found.arn);
      const LastAuthorizedTime = found.authorizedAt;
      return { ...answer(found), ConnectionState: 'DELETING', LastAuthorizedTime };
    }),
);

export const describeConnection = events(
  'describeConnection',
  onConnection,
  async (_ctx, _input, found) => ({
    ...shown(found),
    Description: found.description,
    AuthParameters: shownParameters(found.parameters),
  }),
);

const shown = (found: Connection) => ({
  ...{ ...answer(found), Name: found.name, StateReason: found.reason },
  ...{ AuthorizationType: found.type, LastAuthorizedTime: found.authorizedAt },
});

export const listConnections = events('listConnections', {}, async (ctx, input) => {
  const { NamePrefix = '', ConnectionState: state } = input;
  const all = (await listRows(ctx.db, ctx)).filter(
    (each) => each.name.startsWith(NamePrefix) && (state ?? each.state) === each.state,
  );
  const { items, next } = paginate(ctx, input, all, ({ name }) => name);
  return { Connections: items.map(shown), ...next };
});
