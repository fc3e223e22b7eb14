import { randomUUID } from 'node:crypto';
import type { QueryInfo, StartQueryCommandInput } from '@aws-sdk/client-cloudwatch-logs';
import { unsupported } from '../../../aws/errors.ts';
import { page } from '../../../kit/pages.ts';
import { onEach } from '../../../kit/resource.ts';
import type { ServiceContext } from '../../../kit/service.ts';
import { decodeJson, encodeJson } from '../../../lib/json.ts';
import {
  groupNotFound,
  invalidParameter,
  invalidToken,
  limitExceeded,
  malformedQuery,
  queryNotFound,
  queryNotRunning,
} from '../errors.ts';
import {
  DEFAULT_QUERY_LIMIT,
  MAX_QUERY_GROUPS,
  MAX_RESULTS_PAGE,
  MAX_RUNNING_QUERIES,
} from '../limits.ts';
import { Held } from '../model/insights/held.ts';
import { parseQuery } from '../model/insights/parser.ts';
import { makePipeline } from '../model/insights/pipeline.ts';
import { QueryError, UnsupportedQueryError } from '../model/insights/syntax.ts';
import { QUERY, queryTopic } from '../reconcilers/query.ts';
import { groupArn } from '../resources/arns.ts';
import { logGroup } from '../resources/log-group.ts';
import {
  countRunning,
  endQuery,
  findQuery,
  insertQuery,
  listQueries,
  type QueryRequest,
  readResults,
  requestOf,
} from '../store/queries.ts';
import type { QueryRow, QueryStatus } from '../store/tables.ts';
import { logs } from './declare.ts';
import { asked } from './pages.ts';

/** The groups that a query names, in one of three ways. @throws InvalidParameterException */
function namedGroups(input: StartQueryCommandInput) {
  const ways = [
    input.logGroupName === undefined ? undefined : [{ logGroupName: input.logGroupName }],
    input.logGroupNames?.map((logGroupName) => ({ logGroupName })),
    input.logGroupIdentifiers?.map((logGroupIdentifier) => ({ logGroupIdentifier })),
  ].filter((way) => way !== undefined);
  const [names] = ways;
  if (!names || ways.length > 1 || names.length === 0)
    throw invalidParameter(
      'Exactly one of logGroupName, logGroupNames and logGroupIdentifiers has to be specified.',
    );
  if (names.length > MAX_QUERY_GROUPS)
    throw invalidParameter(`A query has at most ${MAX_QUERY_GROUPS} log groups.`);
  return names;
}

export const startQuery = logs(
  'startQuery',
  onEach(logGroup, namedGroups),
  async (ctx, input, found) => {
    const created_at = ctx.clock.now().getTime();
    const request: QueryRequest = {
      ...checked(input, created_at),
      groups: found.map(({ thing }) => {
        if (!thing) throw groupNotFound();
        return { accountId: thing.accountId, region: thing.region, id: thing.id, name: thing.name };
      }),
      userIdentity: ctx.principal.arn,
    };
    const row: QueryRow = {
      ...{ id: randomUUID(), account_id: ctx.accountId, region: ctx.region },
      ...{ status: 'Running', created_at, ended_at: null, statistics: encodeJson({}), lines: 0 },
      body: encodeJson(request),
    };
    await ctx.transaction(async (tx) => {
      if ((await countRunning(tx, ctx)) >= MAX_RUNNING_QUERIES) throw limitExceeded();
      await insertQuery(tx, row);
      await ctx.engine.wake(tx, QUERY, row.id);
    });
    return { queryId: row.id };
  },
);

/** What is asked for, once it is known that it can be run. @throws MalformedQueryException InvalidParameterException */
function checked(
  input: StartQueryCommandInput,
  now: number,
): Omit<QueryRequest, 'groups' | 'userIdentity'> {
  checkLanguage(input.queryLanguage);
  const text = input.queryString ?? '';
  const limit = input.limit ?? DEFAULT_QUERY_LIMIT;
  try {
    // Made and thrown away: what does not compile is told at once.
    makePipeline(parseQuery(text), { now, limit, held: new Held(Number.POSITIVE_INFINITY) });
  } catch (error) {
    if (error instanceof QueryError) throw malformedQuery(error);
    if (error instanceof UnsupportedQueryError) throw unsupported(error.message);
    throw error;
  }
  const [start, end] = [milliseconds(input.startTime), milliseconds(input.endTime)];
  if (end < start) throw invalidParameter('The end time of a query is not before its start time.');
  // A second is meant as a whole.
  return { text, limit, start, end: isSeconds(input.endTime) ? end + 999 : end };
}

/** @throws NotImplemented */
export function checkLanguage(language: string | undefined): void {
  if (language !== undefined && language !== 'CWLI')
    throw unsupported(`the query language ${language}`);
}

/** AWS takes seconds, and milliseconds for what would be far in the future. */
const isSeconds = (time = 0) => time < 100_000_000_000;
const milliseconds = (time = 0) => (isSeconds(time) ? time * 1000 : time);

export const getQueryResults = logs('getQueryResults', {}, async (ctx, input) => {
  const row = await ownQuery(ctx, input.queryId);
  const count = Math.min(input.maxItems || MAX_RESULTS_PAGE, MAX_RESULTS_PAGE);
  const from = openLine(ctx, input.nextToken, row.id);
  const results = await readResults(ctx.db, row.id, from, count);
  const next = from + results.length;
  return {
    queryLanguage: 'CWLI' as const,
    results,
    statistics: {
      ...{ recordsMatched: 0, recordsScanned: 0, bytesScanned: 0, logGroupsScanned: 0 },
      ...{ estimatedRecordsSkipped: 0, estimatedBytesSkipped: 0 },
      ...(decodeJson(row.statistics) as object),
    },
    status: row.status,
    ...(next < row.lines && { nextToken: ctx.sealToken([row.id, next]) }),
  };
});

function openLine(ctx: ServiceContext, token: string | undefined, id: string): number {
  if (token === undefined) return 0;
  const state = ctx.openToken(token);
  if (!Array.isArray(state) || state[0] !== id || typeof state[1] !== 'number')
    throw invalidToken();
  return state[1];
}

/** @throws ResourceNotFoundException */
async function ownQuery(ctx: ServiceContext, id = ''): Promise<QueryRow> {
  const row = await findQuery(ctx.db, id);
  if (!row || row.account_id !== ctx.accountId || row.region !== ctx.region)
    throw queryNotFound(id);
  return row;
}

export const stopQuery = logs('stopQuery', {}, async (ctx, input) => {
  const { id } = await ownQuery(ctx, input.queryId);
  const now = ctx.clock.now().getTime();
  const success = await ctx.transaction(async (tx) => {
    const ended = await endQuery(tx, id, 'Cancelled', now);
    if (ended) await ctx.engine.ring(tx, queryTopic(id));
    return ended;
  });
  if (!success) throw queryNotRunning(id);
  return { success };
});

export const describeQueries = logs('describeQueries', {}, async (ctx, input) => {
  checkLanguage(input.queryLanguage);
  const { logGroupName, maxResults, nextToken: token } = input;
  const status = input.status as QueryStatus | undefined;
  const { items, nextToken } = await page(
    ctx,
    asked({ nextToken: token, limit: maxResults ?? 1000 }),
    (behind: readonly [number, string] | undefined, count) =>
      queriesAbout(ctx, { logGroupName, status }, behind, count),
    (row) => [row.created_at, row.id] as const,
  );
  return { queries: items.map(describe), ...(nextToken && { nextToken }) };
});

/** Which groups a query looks at lies sealed, so it is looked at here. */
async function queriesAbout(
  ctx: ServiceContext,
  { logGroupName, status }: { logGroupName: string | undefined; status: QueryStatus | undefined },
  behind: readonly [number, string] | undefined,
  count: number,
): Promise<QueryRow[]> {
  const found: QueryRow[] = [];
  let from = behind;
  for (;;) {
    const rows = await listQueries(ctx.db, ctx, status, from, count);
    for (const row of rows) {
      const isMeant =
        logGroupName === undefined ||
        requestOf(row).groups.some(({ name }) => name === logGroupName);
      if (isMeant && found.length < count) found.push(row);
    }
    const last = rows.at(-1);
    if (!last || rows.length < count || found.length >= count) return found;
    from = [last.created_at, last.id];
  }
}

function describe(row: QueryRow): QueryInfo {
  const { text, groups } = requestOf(row);
  return {
    queryLanguage: 'CWLI',
    queryId: row.id,
    queryString: text,
    status: row.status,
    createTime: row.created_at,
    ...(groups[0] && { logGroupName: groups[0].name }),
  };
}

export const listLogGroupsForQuery = logs('listLogGroupsForQuery', {}, async (ctx, input) => {
  // At most 50, which the shortest page (maxResults) holds: there is no further one.
  const { groups } = requestOf(await ownQuery(ctx, input.queryId));
  return { logGroupIdentifiers: groups.map((group) => groupArn(group, group.name)) };
});
