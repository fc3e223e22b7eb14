import type * as client from '@aws-sdk/client-auto-scaling';
import type { Tx } from '../../../db/database.ts';
import { declare } from '../../../kit/operation.ts';
import { type Key, pageOfList } from '../../../kit/pages.ts';
import type { ServiceContext } from '../../../kit/service.ts';
import { invalid, invalidToken, noGroup } from '../errors.ts';
import { MOST_RECORDS, PAGE } from '../limits.ts';
import { Impossible } from '../model/commands.ts';
import type { Draft } from '../model/draft.ts';
import type { Group } from '../model/group.ts';
import { settle } from '../reconcilers/group.ts';
import { groupKey } from '../reconcilers/names.ts';
import { group } from '../resources/group.ts';
import { findGroup } from '../store/groups.ts';

/** Declares one operation of this service: types and IAM action follow from its name. */
export const autoscaling = declare<typeof client, ServiceContext>('autoscaling');

interface AskedPage {
  NextToken?: string | undefined;
  MaxRecords?: number | undefined;
}

/** A page of a list, as `NextToken` and `MaxRecords` ask for it. */
export function paged<T>(
  ctx: ServiceContext,
  { NextToken, MaxRecords }: AskedPage,
  list: T[],
  keyOf: (item: T) => Key,
  order: 'ascending' | 'descending' = 'ascending',
) {
  const limit = Math.min(Math.max(MaxRecords ?? PAGE, 1), MOST_RECORDS);
  const asked = { token: NextToken || undefined, limit, refuse: invalidToken };
  const { items, nextToken } = pageOfList<T, Key>(ctx, asked, list, keyOf, order);
  return { items, next: nextToken === undefined ? {} : { NextToken: nextToken } };
}

/** Does something to a group that is there and stays. @throws ValidationError for what its sizes do not allow */
export async function change<R>(
  ctx: ServiceContext,
  tx: Tx,
  { accountId, region, name }: Pick<Group, 'accountId' | 'region' | 'name'>,
  command: (draft: Draft, now: number) => R,
): Promise<R> {
  try {
    const changed = await settle(ctx, tx, groupKey({ accountId, region, name }), (draft, now) => {
      if (draft.body.deleting) throw invalid(`The group ${name} is pending delete`);
      return command(draft, now);
    });
    if (!changed) throw noGroup(name);
    return changed.result;
  } catch (error) {
    if (error instanceof Impossible) throw invalid(error.message);
    throw error;
  }
}

/** The same in a transaction of its own. */
export const changed = <R>(
  ctx: ServiceContext,
  group: Pick<Group, 'accountId' | 'region' | 'name'>,
  command: (draft: Draft, now: number) => R,
): Promise<R> => ctx.transaction((tx) => change(ctx, tx, group, command));

/** A group that a list is about: IAM is asked about none. */
export async function needGroup(ctx: ServiceContext, named: string): Promise<Group> {
  const { name } = group.locate(ctx, named);
  const found = await findGroup(ctx.db, ctx, name);
  if (!found) throw noGroup(name);
  return found;
}
