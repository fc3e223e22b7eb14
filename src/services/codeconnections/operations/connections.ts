import { randomUUID } from 'node:crypto';
import type {
  ProviderType as OldProviderType,
  Connection as View,
} from '@aws-sdk/client-codestar-connections';
import type { Conditions } from '../../../aws/principal.ts';
import { need, tagObject } from '../../../kit/resource.ts';
import type { ServiceContext } from '../../../kit/service.ts';
import { checkNewTags, tagsOf } from '../../../kit/tags.ts';
import { connectionNotFound, hostNotFound, invalid, limitExceeded } from '../errors.ts';
import { MAX_CONNECTIONS } from '../limits.ts';
import {
  arnOf,
  type Connection,
  type ProviderType,
  SELF_MANAGED,
  statusOf,
} from '../model/connection.ts';
import {
  atConnection,
  connection,
  host,
  onConnection,
  TAG_RULES,
} from '../resources/connection.ts';
import {
  findConnection,
  listConnections as list,
  deleteConnection as remove,
  saveConnection,
} from '../store/connections.ts';
import { findHost } from '../store/hosts.ts';
import { connections, type Input } from './declare.ts';
import { paginate } from './pages.ts';

/** https://docs.aws.amazon.com/service-authorization/latest/reference/list_awscodeconnections.html */
export const conditionsOf = (name: string, value: string | undefined): Conditions =>
  value === undefined
    ? {}
    : { [`codeconnections:${name}`]: value, [`codestar-connections:${name}`]: value };

export const createConnection = connections(
  'createConnection',
  {
    conditions: (_ctx, { ProviderType, HostArn }) => ({
      ...conditionsOf('providertype', ProviderType),
      ...conditionsOf('hostarn', HostArn),
    }),
  },
  async (ctx, input) => {
    checkNewTags(input.Tags ?? [], TAG_RULES);
    const { accountId, region } = ctx;
    const { providerType, hostArn } = await providerOf(ctx, input);
    const made: Connection = {
      ...{ accountId, region, name: input.ConnectionName ?? '', providerType },
      arn: arnOf(ctx, ctx.api, `connection/${randomUUID()}`),
      ...(hostArn !== undefined && { hostArn }),
      tags: tagObject(tagsOf(input.Tags)),
    };
    await ctx.transaction(async (tx) => {
      const there = await list(tx, ctx);
      if (there.length >= MAX_CONNECTIONS)
        throw limitExceeded(`An account can have no more than ${MAX_CONNECTIONS} connections.`);
      if (hostArn !== undefined && !(await findHost(tx, { accountId, region, arn: hostArn })))
        throw hostNotFound(hostArn);
      await saveConnection(tx, made);
    });
    return { ConnectionArn: made.arn, ...(input.Tags && { Tags: input.Tags }) };
  },
);

/** A provider of its own name, or the one that a host has: CX-OP-01. */
async function providerOf(
  ctx: ServiceContext,
  { ProviderType: type, HostArn: hostArn }: Input<'createConnection'>,
): Promise<{ providerType: ProviderType; hostArn?: string }> {
  if ((type === undefined) === (hostArn === undefined))
    throw invalid('A connection has either a ProviderType or a HostArn.');
  if (type !== undefined) {
    if (SELF_MANAGED.includes(type))
      throw invalid(`A connection to ${type} needs a host: give its HostArn.`);
    return { providerType: type };
  }
  const located = host.locate(ctx, hostArn);
  const own = located.accountId === ctx.accountId && located.region === ctx.region;
  if (!own) throw hostNotFound(located.arn);
  const { providerType } = await need(ctx.db, host, located);
  return { providerType, hostArn: located.arn };
}

export const getConnection = connections(
  'getConnection',
  onConnection,
  async (_ctx, _input, it) => ({
    Connection: viewOf(it),
  }),
);

const viewOf = (it: Connection): View => ({
  ConnectionName: it.name,
  ConnectionArn: it.arn,
  ProviderType: it.providerType as OldProviderType,
  OwnerAccountId: it.accountId,
  ConnectionStatus: statusOf(it),
  HostArn: it.hostArn,
});

export const listConnections = connections(
  'listConnections',
  {
    conditions: (_ctx, input) => ({
      ...conditionsOf('providertypefilter', input.ProviderTypeFilter),
      ...conditionsOf('hostarn', input.HostArnFilter),
    }),
  },
  async (ctx, input) => {
    const { ProviderTypeFilter: type, HostArnFilter: hostArn } = input;
    const its = (await list(ctx.db, ctx, hostArn)).filter(
      ({ providerType }) => type === undefined || providerType === type,
    );
    const { items, nextToken } = paginate(ctx, input, its);
    return { Connections: items.map(viewOf), NextToken: nextToken };
  },
);

/** It may be in use: CX-07. */
export const deleteConnection = connections(
  'deleteConnection',
  atConnection,
  async (ctx, _input, located) => {
    await ctx.transaction(async (tx) => {
      const found = await findConnection(tx, located);
      if (!found) throw connectionNotFound(located.arn);
      await remove(tx, await need(tx, connection, located));
    });
    return {};
  },
);
