import { behind } from '../../../db/behind.ts';
import type { Tx } from '../../../db/database.ts';
import { decodeJson, encodeJson } from '../../../lib/json.ts';
import type { Followed } from '../model/following.ts';
import type {
  PullRequest,
  PullRequestBody,
  PullRequestKey,
  PullRequestStatus,
} from '../model/pull-request.ts';
import { on } from './repositories.ts';
import type { ReviewTables } from './review-tables.ts';

/** SQL about pull requests. What has happened to them, their revisions and approvals are in pull-request-history.ts. */

type Row = ReviewTables['codecommit_pull_request'] & { repository_name: string };

const commitsOf = (text: string) => (text === '' ? [] : text.split(' '));

function pullRequest(row: Row): PullRequest {
  return {
    accountId: row.account_id,
    region: row.region,
    number: Number(row.pull_request),
    repositoryId: row.repository_id,
    repositoryName: row.repository_name,
    status: row.status as PullRequestStatus,
    authorArn: row.author_arn,
    requestToken: row.request_token ?? undefined,
    sourceReference: row.source_reference,
    sourceCommit: row.source_commit,
    destinationReference: row.destination_reference,
    destinationCommit: row.destination_commit,
    revisionId: row.revision_id,
    activity: new Date(Number(row.activity)),
    body: decodeJson<PullRequestBody>(row.body),
  };
}

const select = (tx: Tx) =>
  on(tx)
    .selectFrom('codecommit_pull_request as p')
    .innerJoin('codecommit_repository as r', 'r.repository_id', 'p.repository_id')
    .selectAll('p')
    .select('r.name as repository_name');

export async function findPullRequest(
  tx: Tx,
  { accountId, region, number }: PullRequestKey,
): Promise<PullRequest | undefined> {
  const row = await select(tx)
    .where('p.account_id', '=', accountId)
    .where('p.region', '=', region)
    .where('p.pull_request', '=', number)
    .executeTakeFirst();
  return row && pullRequest(row);
}

/** The one that this caller has made with this token. */
export async function findPullRequestByToken(
  tx: Tx,
  by: { accountId: string; region: string; authorArn: string; requestToken: string },
): Promise<PullRequest | undefined> {
  const row = await select(tx)
    .where('p.account_id', '=', by.accountId)
    .where('p.region', '=', by.region)
    .where('p.author_arn', '=', by.authorArn)
    .where('p.request_token', '=', by.requestToken)
    .executeTakeFirst();
  return row && pullRequest(row);
}

/** Those of a repository that are open, or of which merges are under way, as far as its branches matter to them. */
export async function followedPullRequests(
  tx: Tx,
  repositoryId: string,
): Promise<(Followed & PullRequestKey)[]> {
  const all = on(tx)
    .selectFrom('codecommit_pull_request')
    .select(['account_id', 'region', 'pull_request', 'status', 'merging_commits'])
    .select(['source_reference', 'source_commit'])
    .select(['destination_reference', 'destination_commit'])
    .where('repository_id', '=', repositoryId);
  const open = await all.where('status', '=', 'OPEN').orderBy('pull_request').execute();
  // Its index has those with none first: there may be any number of them.
  const closed = await all
    .where('status', '=', 'CLOSED')
    .where('merging_commits', '>', '')
    .orderBy('pull_request')
    .execute();
  return [...open, ...closed].map((row) => ({
    status: row.status as PullRequestStatus,
    ...{ accountId: row.account_id, region: row.region, number: Number(row.pull_request) },
    ...{ sourceReference: row.source_reference, sourceCommit: row.source_commit },
    destinationReference: row.destination_reference,
    destinationCommit: row.destination_commit,
    mergingCommits: commitsOf(row.merging_commits),
  }));
}

/** Forgets merges of closed pull requests, where none can be under way any more. */
export async function forgetMergesUnderWay(tx: Tx, repositoryId: string): Promise<void> {
  const found = await select(tx)
    .where('p.repository_id', '=', repositoryId)
    .where('p.merging_commits', '>', '')
    .execute();
  for (const row of found) {
    const { merging: _, ...body } = pullRequest(row).body;
    await savePullRequest(tx, { ...pullRequest(row), body });
  }
}

export async function countOpenPullRequests(tx: Tx, repositoryId: string): Promise<number> {
  const { count } = await on(tx)
    .selectFrom('codecommit_pull_request')
    .select((e) => e.fn.countAll<number | string>().as('count'))
    .where('repository_id', '=', repositoryId)
    .where('status', '=', 'OPEN')
    .executeTakeFirstOrThrow();
  return Number(count);
}

/** The next number of an account in a region: none is given out twice, also when its repository has gone. */
export async function nextPullRequestNumber(
  tx: Tx,
  { accountId, region }: Omit<PullRequestKey, 'number'>,
): Promise<number> {
  const row = await on(tx)
    .insertInto('codecommit_pull_request_counter')
    .values({ account_id: accountId, region, last_number: 1 })
    .onConflict((c) =>
      c.columns(['account_id', 'region']).doUpdateSet((e) => ({
        last_number: e('codecommit_pull_request_counter.last_number', '+', 1),
      })),
    )
    .returning('last_number')
    .executeTakeFirstOrThrow();
  return Number(row.last_number);
}

const changing = (pr: Omit<PullRequest, keyof PullRequestKey>) => ({
  status: pr.status,
  source_commit: pr.sourceCommit,
  destination_commit: pr.destinationCommit,
  merging_commits: (pr.body.merging ?? []).map(({ commitId }) => commitId).join(' '),
  revision_id: pr.revisionId,
  activity: pr.activity.getTime(),
  body: encodeJson(pr.body),
});

export async function insertPullRequest(tx: Tx, pr: PullRequest): Promise<void> {
  await on(tx)
    .insertInto('codecommit_pull_request')
    .values({
      account_id: pr.accountId,
      region: pr.region,
      pull_request: pr.number,
      repository_id: pr.repositoryId,
      author_arn: pr.authorArn,
      request_token: pr.requestToken ?? null,
      source_reference: pr.sourceReference,
      destination_reference: pr.destinationReference,
      ...changing(pr),
    })
    .execute();
}

/** Writes what of a pull request can change. */
export async function savePullRequest(tx: Tx, pr: PullRequest): Promise<void> {
  await on(tx)
    .updateTable('codecommit_pull_request')
    .set(changing(pr))
    .where('account_id', '=', pr.accountId)
    .where('region', '=', pr.region)
    .where('pull_request', '=', pr.number)
    .execute();
}

/** A place in a list: the last one of the page before. */
export type PullRequestPosition = readonly [activity: number, number: number];

/** Those of a repository, the one in which something has happened last first (CC-PR-03). */
export async function listPullRequests(
  tx: Tx,
  query: {
    repositoryId: string;
    status: string | undefined;
    authorArn: string | undefined;
    after: PullRequestPosition | undefined;
    limit: number;
  },
): Promise<PullRequestPosition[]> {
  let rows = on(tx)
    .selectFrom('codecommit_pull_request')
    .select(['activity', 'pull_request'])
    .where('repository_id', '=', query.repositoryId)
    .where(behind(['activity', 'pull_request'], 'desc', query.after));
  if (query.status !== undefined) rows = rows.where('status', '=', query.status);
  if (query.authorArn !== undefined) rows = rows.where('author_arn', '=', query.authorArn);
  const found = await rows
    .orderBy('activity', 'desc')
    .orderBy('pull_request', 'desc')
    .limit(query.limit)
    .execute();
  return found.map((row) => [Number(row.activity), Number(row.pull_request)]);
}
