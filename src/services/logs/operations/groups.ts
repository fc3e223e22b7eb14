import { randomUUID } from 'node:crypto';
import type { LogGroup } from '@aws-sdk/client-cloudwatch-logs';
import { unsupported } from '../../../aws/errors.ts';
import { page, pageOfList } from '../../../kit/pages.ts';
import { at, need } from '../../../kit/resource.ts';
import type { ServiceContext } from '../../../kit/service.ts';
import { encodeJson } from '../../../lib/json.ts';
import { groupExists, groupProtected, invalidParameter } from '../errors.ts';
import { RETENTION_DAYS } from '../limits.ts';
import { PURGE } from '../reconcilers/purge.ts';
import { groupArn, streamArn } from '../resources/arns.ts';
import { identified, logGroup } from '../resources/log-group.ts';
import { deleteGroup, insertGroup, listGroups, updateGroup } from '../store/groups.ts';
import type { GroupRow, Owner } from '../store/tables.ts';
import { groupKey } from '../sweeps.ts';
import { logs } from './declare.ts';
import { asked } from './pages.ts';
import { checkTags } from './tags.ts';

type GroupInput = { logGroupName: string | undefined };

const atGroup = at(logGroup, ({ logGroupName = '' }: GroupInput) => ({ logGroupName }));

export const createLogGroup = logs('createLogGroup', atGroup, async (ctx, input) => {
  if (input.kmsKeyId !== undefined) throw unsupported('the parameter kmsKeyId of CreateLogGroup');
  if (input.logGroupClass === 'DELIVERY') throw unsupported('the log group class DELIVERY');
  checkTags(input.tags);
  const row: GroupRow = {
    account_id: ctx.accountId,
    region: ctx.region,
    name: input.logGroupName ?? '',
    id: randomUUID(),
    created_at: ctx.clock.now().getTime(),
    retention_days: null,
    class: input.logGroupClass ?? 'STANDARD',
    protected: input.deletionProtectionEnabled ? 1 : 0,
    tags: encodeJson(input.tags ?? {}),
    data_key: null,
    filters: 0,
    subscriptions: 0,
  };
  if (!(await ctx.transaction((tx) => insertGroup(tx, row)))) throw groupExists();
  return {};
});

export const deleteLogGroup = logs('deleteLogGroup', atGroup, async (ctx, _input, located) => {
  await ctx.transaction(async (tx) => {
    const group = await need(tx, logGroup, located);
    if (group.protected) throw groupProtected(group.name);
    await deleteGroup(tx, group);
    await ctx.engine.wake(tx, PURGE, groupKey(group.id));
  });
  return {};
});

export const describeLogGroups = logs(
  'describeLogGroups',
  { resource: (ctx) => streamArn(ctx, '') },
  async (ctx, input) => {
    if (input.includeLinkedAccounts || input.accountIdentifiers?.length)
      throw unsupported('log groups of linked accounts');
    if (input.logGroupNamePrefix !== undefined && input.logGroupNamePattern !== undefined) {
      throw invalidParameter(
        'LogGroup name prefix and LogGroup name pattern are mutually exclusive parameters.',
      );
    }
    const query = {
      prefix: input.logGroupNamePrefix,
      pattern: input.logGroupNamePattern,
      class: input.logGroupClass,
      names: input.logGroupIdentifiers?.map((identifier) => identified(ctx, identifier).name),
    };
    const { items, nextToken } = await page(
      ctx,
      asked(input),
      (after: string | undefined, limit) => listGroups(ctx.db, ctx, { ...query, after, limit }),
      (row) => row.name,
    );
    return {
      logGroups: items.map((row) => describe(ctx, row)),
      ...(nextToken && { nextToken }),
    };
  },
);

export const listLogGroups = logs('listLogGroups', {}, async (ctx, input) => {
  if (input.includeLinkedAccounts || input.accountIdentifiers?.length)
    throw unsupported('log groups of linked accounts');
  for (const member of ['dataSources', 'fieldIndexNames', 'logGroupTags'] as const)
    if (input[member]?.length) throw unsupported(`the member ${member} of ListLogGroups`);
  const isMeant = nameTest(input.logGroupNamePattern);
  const all = (await allGroups(ctx, input.logGroupClass)).filter(({ name }) => isMeant(name));
  const { items, nextToken } = pageOfList(ctx, asked(input), all, ({ name }) => name);
  return {
    logGroups: items.map((row) => ({
      ...{ logGroupName: row.name, logGroupArn: groupArn(ctx, row.name) },
      logGroupClass: row.class as LogGroup['logGroupClass'],
    })),
    ...(nextToken && { nextToken }),
  };
});

const allGroups = (ctx: ServiceContext, logGroupClass: string | undefined) =>
  listGroups(ctx.db, ctx, { class: logGroupClass, limit: Number.MAX_SAFE_INTEGER });

/** `^prefix|anywhere`: any of up to five. */
function nameTest(pattern: string | undefined): (name: string) => boolean {
  if (pattern === undefined) return () => true;
  const parts = pattern.split('|');
  return (name) =>
    parts.some((part) =>
      part.startsWith('^') ? name.startsWith(part.slice(1)) : name.includes(part),
    );
}

function describe(ctx: Owner, row: GroupRow & { stored_bytes: number }): LogGroup {
  const arn = groupArn(ctx, row.name);
  return {
    logGroupName: row.name,
    creationTime: row.created_at,
    ...(row.retention_days !== null && { retentionInDays: row.retention_days }),
    metricFilterCount: row.filters,
    arn: `${arn}:*`,
    storedBytes: row.stored_bytes,
    logGroupClass: row.class as LogGroup['logGroupClass'],
    logGroupArn: arn,
    deletionProtectionEnabled: row.protected === 1,
  };
}

async function change(
  ctx: ServiceContext,
  located: Parameters<typeof logGroup.find>[1],
  set: Partial<Pick<GroupRow, 'retention_days' | 'protected'>>,
): Promise<Record<string, never>> {
  await ctx.transaction(async (tx) => {
    await updateGroup(tx, await need(tx, logGroup, located), set);
  });
  return {};
}

export const putRetentionPolicy = logs(
  'putRetentionPolicy',
  atGroup,
  async (ctx, input, located) => {
    const days = input.retentionInDays ?? 0;
    if (!RETENTION_DAYS.includes(days)) {
      throw invalidParameter(
        `1 validation error detected: Value '${days}' at 'retentionInDays' failed to satisfy constraint: ` +
          `Member must satisfy enum value set: [${RETENTION_DAYS.join(', ')}]`,
      );
    }
    return change(ctx, located, { retention_days: days });
  },
);

export const deleteRetentionPolicy = logs(
  'deleteRetentionPolicy',
  atGroup,
  async (ctx, _input, located) => change(ctx, located, { retention_days: null }),
);

export const putLogGroupDeletionProtection = logs(
  'putLogGroupDeletionProtection',
  at(logGroup, ({ logGroupIdentifier = '' }) => ({ logGroupIdentifier })),
  async (ctx, input, located) =>
    change(ctx, located, { protected: input.deletionProtectionEnabled ? 1 : 0 }),
);
