import { randomUUID } from 'node:crypto';
import type {
  PutSubscriptionFilterCommandInput,
  SubscriptionFilter,
} from '@aws-sdk/client-cloudwatch-logs';
import { parseArn } from '../../../aws/arn.ts';
import { AwsError, unsupported } from '../../../aws/errors.ts';
import { DeliveryFailed } from '../../../kit/delivery/failure.ts';
import { pageOfList } from '../../../kit/pages.ts';
import { at, authorizeOn, need, on } from '../../../kit/resource.ts';
import type { ServiceContext } from '../../../kit/service.ts';
import { encodeJson } from '../../../lib/json.ts';
import { routeOf } from '../delivery/send.ts';
import { invalidParameter, limitExceeded, subscriptionNotFound } from '../errors.ts';
import { MAX_SUBSCRIPTIONS } from '../limits.ts';
import { parseFilterPattern } from '../model/filter-pattern.ts';
import { FilterPatternError, UnsupportedPatternError } from '../model/matcher.ts';
import { type DestinationKind, readDestination } from '../model/subscription.ts';
import { groupArn } from '../resources/arns.ts';
import { destination } from '../resources/destination.ts';
import { logGroup } from '../resources/log-group.ts';
import {
  deleteSubscription,
  listSubscriptions,
  putSubscription,
  type SubscriptionBody,
  subscriptionOf,
  subscriptionsOfGroup,
} from '../store/subscriptions.ts';
import type { GroupRow, SubscriptionRow } from '../store/tables.ts';
import { SUBSCRIPTION } from '../sweeps.ts';
import { logs } from './declare.ts';
import { asked } from './pages.ts';
import { principalsOf, takeRole } from './subscription-role.ts';
import { testRoute, unreachable } from './test-message.ts';

const CROSS_ACCOUNT =
  'Cross-account lambda invocation passing is not allowed. You must use DestinationPolicies to create cross account lambda triggers.';

type Named = { logGroupName: string | undefined };

const atGroup = at(logGroup, ({ logGroupName = '' }: Named) => ({ logGroupName }));

export const putSubscriptionFilter = logs(
  'putSubscriptionFilter',
  atGroup,
  async (ctx, input, located) => {
    const wanted = check(ctx, input);
    const group = await need(ctx.db, logGroup, located);
    await placeFor(ctx.db, group, input.filterName);
    const body = encodeJson(await subscribed(ctx, group, wanted));
    await ctx.transaction(async (tx) => {
      const {
        id: group_id,
        account_id,
        region,
        name: group_name,
      } = await need(tx, logGroup, located);
      const known = await placeFor(tx, { id: group_id }, input.filterName);
      const row: SubscriptionRow = {
        ...{ id: known?.id ?? randomUUID(), account_id, region, group_name, group_id },
        ...{ name: input.filterName ?? '', body },
        created_at: known?.created_at ?? ctx.clock.now().getTime(),
        ...{ attempts: 0, retry_at: 0, skip_until: 0 },
      };
      await putSubscription(tx, row);
      // What could not be delivered to where it was before may be now.
      await ctx.engine.wake(tx, SUBSCRIPTION, row.id);
    });
    return {};
  },
);

/** The one that is there by that name. @throws LimitExceededException where there is no room for another one */
async function placeFor(
  db: ServiceContext['db'],
  { id }: Pick<GroupRow, 'id'>,
  name: string | undefined,
): Promise<SubscriptionRow | undefined> {
  const all = await subscriptionsOfGroup(db, id);
  const known = all.find((each) => each.name === name);
  if (!known && all.length >= MAX_SUBSCRIPTIONS) throw limitExceeded();
  return known;
}

type Wanted = Omit<SubscriptionBody, 'principal'> & { kind: DestinationKind };

/** @throws InvalidParameterException NotImplemented */
function check(ctx: ServiceContext, input: PutSubscriptionFilterCommandInput): Wanted {
  for (const member of ['fieldSelectionCriteria', 'emitSystemFields'] as const)
    if (input[member]?.length) throw unsupported(`the member ${member} of PutSubscriptionFilter`);
  if (input.applyOnTransformedLogs)
    throw unsupported('applyOnTransformedLogs of PutSubscriptionFilter');
  const { filterPattern = '', destinationArn = '', roleArn, distribution = 'ByLogStream' } = input;
  checkPattern(filterPattern);
  const found = readDestination(destinationArn);
  if (!found)
    throw invalidParameter('destinationArn is not a destination of subscription filters.');
  const { arn, kind } = found;
  if (arn.region !== ctx.region)
    throw invalidParameter('destinationArn has to be of the region of the log group.');
  if (kind === 'lambda' && roleArn !== undefined)
    throw invalidParameter('destinationArn for vendor lambda cannot be used with roleArn');
  if ((kind === 'kinesis' || kind === 'firehose') && roleArn === undefined)
    throw invalidParameter(`destinationArn for vendor ${kind} cannot be used without roleArn`);
  const isElsewhere = ctx.config.upstream[arn.service] !== undefined;
  // Accounts of another place are that place's own.
  if (kind !== 'destination' && arn.accountId !== ctx.accountId && !isElsewhere)
    throw kind === 'lambda'
      ? new AwsError('AccessDeniedException', CROSS_ACCOUNT)
      : invalidParameter('destinationArn has to be of the account of the log group.');
  const role = roleArn !== undefined && kind !== 'destination' && { roleArn };
  return { kind, filterPattern, destinationArn, distribution, ...role };
}

function checkPattern(pattern: string): void {
  try {
    parseFilterPattern(pattern);
  } catch (error) {
    if (error instanceof FilterPatternError) throw invalidParameter(error.message);
    if (error instanceof UnsupportedPatternError) throw unsupported(error.message);
    throw error;
  }
}

/** Takes the role, asks the destination, and sends it a test. @throws AccessDeniedException InvalidParameterException */
async function subscribed(
  ctx: ServiceContext,
  group: GroupRow,
  { kind, ...terms }: Wanted,
): Promise<SubscriptionBody> {
  const place = { accountId: group.account_id, region: group.region, name: group.name };
  const { roleArn, destinationArn } = terms;
  if (kind === 'destination') await enter(ctx, destinationArn);
  const principals =
    roleArn === undefined
      ? principalsOf(ctx.region)
      : [await takeRole(ctx, roleArn, groupArn(place, place.name))];
  for (const principal of principals) {
    // Destinations are asked again at each delivery: who it is for may be named in their policies.
    const body = { ...terms, principal, ...(kind === 'destination' && { by: ctx.principal }) };
    const route = await routeOf(ctx, place, body).catch(asRefusal);
    if (await testRoute(ctx, route)) return body;
    if (principal === principals.at(-1)) throw unreachable(route.kind);
  }
  throw new Error('CloudWatch Logs has no principal');
}

/** What no event would reach is refused here. */
function asRefusal(error: unknown): never {
  throw error instanceof DeliveryFailed ? noDestination() : error;
}

/** Whether a destination lets the caller's account in; one that is not there lets nobody in. @throws InvalidParameterException */
async function enter(ctx: ServiceContext, destinationArn: string): Promise<void> {
  const arn = parseArn(destinationArn);
  const located = arn && destination.parse(arn);
  if (!located) throw noDestination();
  await authorizeOn(ctx, destination, located, 'logs:PutSubscriptionFilter');
  if (!(await destination.find(ctx.db, located))) throw noDestination();
}

const noDestination = () =>
  invalidParameter(
    'Could not deliver test message to specified destination. Check if the destination is valid.',
  );

export const deleteSubscriptionFilter = logs(
  'deleteSubscriptionFilter',
  atGroup,
  async (ctx, input, located) => {
    await ctx.transaction(async (tx) => {
      const group = await need(tx, logGroup, located);
      if (!(await deleteSubscription(tx, group, input.filterName ?? '')))
        throw subscriptionNotFound();
    });
    return {};
  },
);

export const describeSubscriptionFilters = logs(
  'describeSubscriptionFilters',
  on(logGroup, ({ logGroupName = '' }: Named) => ({ logGroupName })),
  async (ctx, input, group) => {
    const { filterNamePrefix: prefix = '' } = input;
    const all = (await listSubscriptions(ctx.db, group, group.name)).filter(({ name }) =>
      name.startsWith(prefix),
    );
    const { items, nextToken } = pageOfList(ctx, asked(input), all, ({ name }) => name);
    return { subscriptionFilters: items.map(shown), ...(nextToken && { nextToken }) };
  },
);

function shown(row: SubscriptionRow): SubscriptionFilter {
  const { principal: _, by: __, ...terms } = subscriptionOf(row);
  return {
    ...{ filterName: row.name, logGroupName: row.group_name, creationTime: row.created_at },
    ...terms,
  };
}
