import { randomUUID } from 'node:crypto';
import type { ResourcePolicy } from '@aws-sdk/client-cloudwatch-logs';
import { pageOfList } from '../../../kit/pages.ts';
import type { ServiceContext } from '../../../kit/service.ts';
import {
  groupNotFound,
  invalidParameter,
  limitExceeded,
  policyNotFound,
  revisionOutdated,
} from '../errors.ts';
import { MAX_RESOURCE_POLICIES } from '../limits.ts';
import { groupArn } from '../resources/arns.ts';
import { identified } from '../resources/log-group.ts';
import { findGroup } from '../store/groups.ts';
import { deletePolicy, findPolicy, insertPolicy, listPolicies } from '../store/policies.ts';
import type { PolicyRow } from '../store/tables.ts';
import { logs } from './declare.ts';
import { asked } from './pages.ts';

interface PolicyInput {
  policyName?: string | undefined;
  resourceArn?: string | undefined;
}

/** A policy of the account has a name of its own; a group has one policy, whatever its name. */
function placeOf(ctx: ServiceContext, { policyName, resourceArn }: PolicyInput) {
  if (resourceArn === undefined) {
    if (!policyName) throw invalidParameter('Policy name cannot be empty.');
    return { groupName: '', name: policyName };
  }
  const group = identified(ctx, resourceArn);
  if (group.accountId !== ctx.accountId) throw groupNotFound();
  return { groupName: group.name, name: undefined };
}

export const putResourcePolicy = logs('putResourcePolicy', {}, async (ctx, input) => {
  const { groupName, name } = placeOf(ctx, input);
  const policy = input.policyDocument ?? '';
  const fault = ctx.authorizer.faultOf(policy, 'resource');
  if (fault !== undefined) throw invalidParameter(`Invalid resource policy: ${fault}`);
  const row: PolicyRow = {
    account_id: ctx.accountId,
    region: ctx.region,
    group_name: groupName,
    name: input.policyName ?? '',
    revision: randomUUID(),
    updated_at: ctx.clock.now().getTime(),
    policy,
  };
  await ctx.transaction(async (tx) => {
    const known = await findPolicy(tx, ctx, groupName, name);
    if (groupName !== '') {
      if (!(await findGroup(tx, ctx, groupName))) throw groupNotFound();
      if (known?.revision !== input.expectedRevisionId) throw revisionOutdated();
    } else if (!known && (await listPolicies(tx, ctx, 'ACCOUNT')).length >= MAX_RESOURCE_POLICIES)
      throw limitExceeded();
    if (known) await deletePolicy(tx, known);
    await insertPolicy(tx, row);
  });
  return { resourcePolicy: shown(row), ...(groupName !== '' && { revisionId: row.revision }) };
});

export const describeResourcePolicies = logs('describeResourcePolicies', {}, async (ctx, input) => {
  const { resourceArn, policyScope = resourceArn === undefined ? 'ACCOUNT' : 'RESOURCE' } = input;
  const group = resourceArn === undefined ? undefined : identified(ctx, resourceArn).name;
  const all = (await listPolicies(ctx.db, ctx, policyScope)).filter(
    (row) => group === undefined || row.group_name === group,
  );
  const keyOf = (row: PolicyRow) => [row.group_name, row.name] as const;
  const { items, nextToken } = pageOfList(ctx, asked(input), all, keyOf);
  return { resourcePolicies: items.map(shown), ...(nextToken && { nextToken }) };
});

export const deleteResourcePolicy = logs('deleteResourcePolicy', {}, async (ctx, input) => {
  const { groupName, name } = placeOf(ctx, input);
  await ctx.transaction(async (tx) => {
    const known = await findPolicy(tx, ctx, groupName, name);
    if (!known) throw policyNotFound(name ?? groupName);
    if (groupName !== '' && known.revision !== input.expectedRevisionId) throw revisionOutdated();
    await deletePolicy(tx, known);
  });
  return {};
});

function shown(row: PolicyRow): ResourcePolicy {
  const owner = { accountId: row.account_id, region: row.region };
  return {
    ...(row.name !== '' && { policyName: row.name }),
    policyDocument: row.policy,
    lastUpdatedTime: row.updated_at,
    ...(row.group_name === ''
      ? { policyScope: 'ACCOUNT' }
      : {
          policyScope: 'RESOURCE',
          resourceArn: groupArn(owner, row.group_name),
          revisionId: row.revision,
        }),
  };
}
