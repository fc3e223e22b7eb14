import type { Destination } from '@aws-sdk/client-cloudwatch-logs';
import { pageOfList } from '../../../kit/pages.ts';
import { at, need } from '../../../kit/resource.ts';
import { encodeJson } from '../../../lib/json.ts';
import { routeTo } from '../delivery/send.ts';
import { invalidParameter } from '../errors.ts';
import { readDestination } from '../model/subscription.ts';
import { destination } from '../resources/destination.ts';
import {
  deleteDestination as deleteRow,
  destinationOf,
  findDestination,
  listDestinations,
  saveDestination,
} from '../store/destinations.ts';
import type { DestinationRow } from '../store/tables.ts';
import { logs } from './declare.ts';
import { asked } from './pages.ts';
import { takeRole } from './subscription-role.ts';
import { checkTags } from './tags.ts';
import { testRoute, unreachable } from './test-message.ts';

type Named = { destinationName?: string | undefined };

const atDestination = at(destination, ({ destinationName }: Named) => destinationName);

export const putDestination = logs('putDestination', atDestination, async (ctx, input, located) => {
  checkTags(input.tags);
  const { targetArn = '', roleArn = '' } = input;
  const target = readDestination(targetArn);
  if (target?.kind !== 'kinesis' && target?.kind !== 'firehose')
    throw invalidParameter('targetArn has to be of a Kinesis or a Firehose stream.');
  const isElsewhere = ctx.config.upstream[target.arn.service] !== undefined;
  if (target.arn.accountId !== ctx.accountId && !isElsewhere)
    throw invalidParameter('targetArn has to be of the account of the destination.');
  const principal = await takeRole(ctx, roleArn, located.arn);
  const route = routeTo(target.arn, { service: principal, sourceArn: located.arn, roleArn });
  if (!(await testRoute(ctx, route))) throw unreachable(route.kind);
  return ctx.transaction(async (tx) => {
    const known = await findDestination(tx, located, located.name);
    const accessPolicy = known && destinationOf(known).accessPolicy;
    const body = {
      targetArn,
      roleArn,
      principal,
      ...(accessPolicy !== undefined && { accessPolicy }),
    };
    const row: DestinationRow = {
      ...{ account_id: ctx.accountId, region: ctx.region, name: located.name },
      created_at: known?.created_at ?? ctx.clock.now().getTime(),
      tags: input.tags || !known ? encodeJson(input.tags ?? {}) : known.tags,
      body: encodeJson(body),
    };
    await saveDestination(tx, row);
    return { destination: shown(row) };
  });
});

export const putDestinationPolicy = logs(
  'putDestinationPolicy',
  atDestination,
  async (ctx, input, located) => {
    const { accessPolicy = '' } = input;
    const fault = ctx.authorizer.faultOf(accessPolicy, 'resource');
    if (fault !== undefined) throw invalidParameter(`Invalid access policy: ${fault}`);
    await ctx.transaction(async (tx) => {
      const row = await need(tx, destination, located);
      const body = encodeJson({ ...destinationOf(row), accessPolicy });
      await saveDestination(tx, { ...row, body });
    });
    return {};
  },
);

export const deleteDestination = logs(
  'deleteDestination',
  atDestination,
  async (ctx, _input, located) => {
    await ctx.transaction(async (tx) => deleteRow(tx, await need(tx, destination, located)));
    return {};
  },
);

export const describeDestinations = logs('describeDestinations', {}, async (ctx, input) => {
  const { DestinationNamePrefix: prefix = '' } = input;
  const all = (await listDestinations(ctx.db, ctx)).filter(({ name }) => name.startsWith(prefix));
  const { items, nextToken } = pageOfList(ctx, asked(input), all, ({ name }) => name);
  return { destinations: items.map(shown), ...(nextToken && { nextToken }) };
});

function shown(row: DestinationRow): Destination {
  const { principal: _, ...terms } = destinationOf(row);
  const place = { accountId: row.account_id, region: row.region };
  return {
    ...{ destinationName: row.name, ...terms, creationTime: row.created_at },
    arn: destination.locate(place as never, row.name).arn,
  };
}
