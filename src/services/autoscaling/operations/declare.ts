import type * as client from '@aws-sdk/client-auto-scaling';
import type { Tx } from '../../../db/database.ts';
import { declare } from '../../../kit/operation.ts';
import { type Key, page, pageOfList } from '../../../kit/pages.ts';
import type { ServiceContext } from '../../../kit/service.ts';
import { invalid, invalidToken, noGroup } from '../errors.ts';
import { MOST_IDS, MOST_RECORDS, PAGE } from '../limits.ts';
import { Impossible } from '../model/commands.ts';
import type { Draft } from '../model/draft.ts';
import type { Group } from '../model/group.ts';
import { settle } from '../reconcilers/group.ts';
import { groupKey } from '../reconcilers/names.ts';
import { group } from '../resources/group.ts';
import { listHistory, type Meant, type Moment } from '../store/history.ts';

/** Declares one operation of this service: types and IAM action follow from its name. */
export const autoscaling = declare<typeof client, ServiceContext>('autoscaling');

interface AskedPage {
  NextToken?: string | undefined;
  MaxRecords?: number | undefined;
}

/** @throws ValidationError for more than a page may have */
function pageAsked({ NextToken, MaxRecords: limit = PAGE }: AskedPage) {
  if (limit < 1 || limit > MOST_RECORDS)
    throw invalid(`MaxRecords is between 1 and ${MOST_RECORDS}.`);
  return { token: NextToken || undefined, limit, refuse: invalidToken };
}

/** A page of what was, newest first. */
export async function pageOfHistory<K extends 'activity' | 'refresh'>(
  ctx: ServiceContext,
  asked: AskedPage,
  kind: K,
  meant: Meant,
) {
  if ((meant.ids?.length ?? 0) > MOST_IDS)
    throw invalid(`No more than ${MOST_IDS} ids are named by one call.`);
  const { items, nextToken } = await page(
    ctx,
    pageAsked(asked),
    (after: Moment | undefined, count) => listHistory(ctx.db, kind, ctx, meant, { after, count }),
    ({ its }): Moment => [its.startedAt, its.id],
  );
  return { items, next: nextToken === undefined ? {} : { NextToken: nextToken } };
}

/** A page of a list, as `NextToken` and `MaxRecords` ask for it. */
export function paged<T>(
  ctx: ServiceContext,
  asked: AskedPage,
  list: T[],
  keyOf: (item: T) => Key,
) {
  const { items, nextToken } = pageOfList<T, Key>(ctx, pageAsked(asked), list, keyOf);
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
  const located = group.locate(ctx, named);
  const found = await group.find(ctx.db, located);
  if (!found) throw noGroup(located.name);
  return found;
}
