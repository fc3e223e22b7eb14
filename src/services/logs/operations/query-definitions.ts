import { randomUUID } from 'node:crypto';
import type { QueryDefinition } from '@aws-sdk/client-cloudwatch-logs';
import { unsupported } from '../../../aws/errors.ts';
import { pageOfList } from '../../../kit/pages.ts';
import { decodeJson, encodeJson } from '../../../lib/json.ts';
import { limitExceeded, queryDefinitionNotFound } from '../errors.ts';
import { MAX_QUERY_DEFINITIONS } from '../limits.ts';
import { deleteDefinition, listDefinitions, putDefinition } from '../store/query-definitions.ts';
import type { QueryDefinitionRow } from '../store/tables.ts';
import { logs } from './declare.ts';
import { asked } from './pages.ts';
import { checkLanguage } from './queries.ts';

export const putQueryDefinition = logs('putQueryDefinition', {}, async (ctx, input) => {
  checkLanguage(input.queryLanguage);
  if (input.parameters?.length) throw unsupported('the member parameters of PutQueryDefinition');
  const { name = '', queryString, logGroupNames = [], queryDefinitionId } = input;
  const row: QueryDefinitionRow = {
    ...{ account_id: ctx.accountId, region: ctx.region, name },
    // A call that is made twice makes one.
    id: queryDefinitionId ?? input.clientToken ?? randomUUID(),
    modified_at: ctx.clock.now().getTime(),
    body: encodeJson({ queryString, logGroupNames }),
  };
  await ctx.transaction(async (tx) => {
    const known = await listDefinitions(tx, ctx);
    const isKnown = known.some(({ id }) => id === row.id);
    if (queryDefinitionId !== undefined && !isKnown)
      throw queryDefinitionNotFound(queryDefinitionId);
    if (!isKnown && known.length >= MAX_QUERY_DEFINITIONS) throw limitExceeded();
    await putDefinition(tx, row);
  });
  return { queryDefinitionId: row.id };
});

export const describeQueryDefinitions = logs('describeQueryDefinitions', {}, async (ctx, input) => {
  checkLanguage(input.queryLanguage);
  const { queryDefinitionNamePrefix: prefix = '', maxResults, nextToken: token } = input;
  const all = (await listDefinitions(ctx.db, ctx)).filter(({ name }) => name.startsWith(prefix));
  const { items, nextToken } = pageOfList(
    ctx,
    asked({ nextToken: token, limit: maxResults ?? 1000 }),
    all,
    ({ name, id }) => [name, id] as const,
  );
  return { queryDefinitions: items.map(describe), ...(nextToken && { nextToken }) };
});

export const deleteQueryDefinition = logs('deleteQueryDefinition', {}, async (ctx, input) => {
  const id = input.queryDefinitionId ?? '';
  const success = await ctx.transaction((tx) => deleteDefinition(tx, ctx, id));
  if (!success) throw queryDefinitionNotFound(id);
  return { success };
});

function describe(row: QueryDefinitionRow): QueryDefinition {
  const { queryString, logGroupNames } = decodeJson(row.body) as {
    queryString: string;
    logGroupNames: string[];
  };
  return {
    ...{ queryLanguage: 'CWLI', queryDefinitionId: row.id, name: row.name, queryString },
    ...{ lastModified: row.modified_at, logGroupNames },
  };
}
