import type { PullRequestEventType } from '@aws-sdk/client-codecommit';
import type { Tx } from '../../../db/database.ts';
import { decodeJson, encodeJson } from '../../../lib/json.ts';
import type { PullRequestKey } from '../model/pull-request.ts';
import type { PullRequestHappening } from '../model/pull-request-events.ts';
import { on } from './repositories.ts';

/** SQL about what has happened to pull requests, their revisions, and who has approved these. */

const keyOf = ({ accountId, region, number }: PullRequestKey) => ({
  account_id: accountId,
  region,
  pull_request: number,
});

export async function insertPullRequestEvent(
  tx: Tx,
  key: PullRequestKey,
  { type, actorArn, happened, metadata }: PullRequestHappening,
  sequence: number,
): Promise<void> {
  await on(tx)
    .insertInto('codecommit_pull_request_event')
    .values({
      ...keyOf(key),
      ...{ sequence, type, actor_arn: actorArn, happened: happened.getTime() },
      body: encodeJson(metadata),
    })
    .execute();
}

/** In the order in which they happened. */
export async function listPullRequestEvents(
  tx: Tx,
  { accountId, region, number }: PullRequestKey,
  query: {
    type: string | undefined;
    actorArn: string | undefined;
    after: number | undefined;
    limit: number;
  },
): Promise<(PullRequestHappening & { sequence: number })[]> {
  let rows = on(tx)
    .selectFrom('codecommit_pull_request_event')
    .selectAll()
    .where('account_id', '=', accountId)
    .where('region', '=', region)
    .where('pull_request', '=', number);
  if (query.type !== undefined) rows = rows.where('type', '=', query.type);
  if (query.actorArn !== undefined) rows = rows.where('actor_arn', '=', query.actorArn);
  if (query.after !== undefined) rows = rows.where('sequence', '>', query.after);
  const found = await rows.orderBy('sequence').limit(query.limit).execute();
  return found.map((row) => ({
    sequence: Number(row.sequence),
    type: row.type as PullRequestEventType,
    actorArn: row.actor_arn,
    happened: new Date(Number(row.happened)),
    metadata: decodeJson(row.body),
  }));
}

export async function insertRevision(
  tx: Tx,
  key: PullRequestKey,
  revisionId: string,
): Promise<void> {
  await on(tx)
    .insertInto('codecommit_revision')
    .values({ ...keyOf(key), revision_id: revisionId, overrider_arn: null })
    .execute();
}

/** Who has set the rules aside for a revision; undefined where there is no such revision of the pull request. */
export async function findRevision(
  tx: Tx,
  { accountId, region, number }: PullRequestKey,
  revisionId: string,
): Promise<{ overriderArn: string | undefined } | undefined> {
  const row = await on(tx)
    .selectFrom('codecommit_revision')
    .select('overrider_arn')
    .where('account_id', '=', accountId)
    .where('region', '=', region)
    .where('pull_request', '=', number)
    .where('revision_id', '=', revisionId)
    .executeTakeFirst();
  return row && { overriderArn: row.overrider_arn ?? undefined };
}

export async function setOverrider(
  tx: Tx,
  { accountId, region, number }: PullRequestKey,
  revisionId: string,
  overriderArn: string | undefined,
): Promise<void> {
  await on(tx)
    .updateTable('codecommit_revision')
    .set({ overrider_arn: overriderArn ?? null })
    .where('account_id', '=', accountId)
    .where('region', '=', region)
    .where('pull_request', '=', number)
    .where('revision_id', '=', revisionId)
    .execute();
}

/** ARNs of those who have approved a revision, in order. */
export async function listApprovers(
  tx: Tx,
  { accountId, region, number }: PullRequestKey,
  revisionId: string,
): Promise<string[]> {
  const rows = await on(tx)
    .selectFrom('codecommit_approval')
    .select('user_arn')
    .where('account_id', '=', accountId)
    .where('region', '=', region)
    .where('pull_request', '=', number)
    .where('revision_id', '=', revisionId)
    .orderBy('user_arn')
    .execute();
  return rows.map((row) => row.user_arn);
}

export async function insertApproval(
  tx: Tx,
  key: PullRequestKey,
  revisionId: string,
  userArn: string,
): Promise<void> {
  await on(tx)
    .insertInto('codecommit_approval')
    .values({ ...keyOf(key), revision_id: revisionId, user_arn: userArn })
    .execute();
}

export async function deleteApproval(
  tx: Tx,
  { accountId, region, number }: PullRequestKey,
  revisionId: string,
  userArn: string,
): Promise<void> {
  await on(tx)
    .deleteFrom('codecommit_approval')
    .where('account_id', '=', accountId)
    .where('region', '=', region)
    .where('pull_request', '=', number)
    .where('revision_id', '=', revisionId)
    .where('user_arn', '=', userArn)
    .execute();
}
