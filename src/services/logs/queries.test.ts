import {
  CloudWatchLogsClient,
  CreateLogGroupCommand,
  CreateLogStreamCommand,
  DeleteQueryDefinitionCommand,
  DescribeQueriesCommand,
  DescribeQueryDefinitionsCommand,
  GetLogGroupFieldsCommand,
  GetLogRecordCommand,
  GetQueryResultsCommand,
  PutLogEventsCommand,
  PutQueryDefinitionCommand,
  type ResultField,
  StartQueryCommand,
  StopQueryCommand,
} from '@aws-sdk/client-cloudwatch-logs';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { eachDialect } from '../../db/testing.ts';
import { type World, world } from '../../testing.ts';
import service from './index.ts';

const GROUP = '/app/web';

eachDialect('CloudWatch Logs Insights', (makeDatabase) => {
  let server: World;
  let logs: CloudWatchLogsClient;
  let now: number;

  beforeEach(async () => {
    server = await world(makeDatabase, [service]);
    logs = server.client(CloudWatchLogsClient);
    now = server.clock.now().getTime();
    await makeGroup(GROUP);
  });
  afterEach(() => expect(server.failures).toEqual([]));

  async function makeGroup(logGroupName: string) {
    await logs.send(new CreateLogGroupCommand({ logGroupName }));
    await logs.send(new CreateLogStreamCommand({ logGroupName, logStreamName: 's' }));
  }
  const put = (messages: string[], logGroupName = GROUP, step = 1) =>
    logs.send(
      new PutLogEventsCommand({
        ...{ logGroupName, logStreamName: 's' },
        logEvents: messages.map((message, i) => ({ timestamp: now + i * step, message })),
      }),
    );
  const start = (queryString: string, more: object = {}) =>
    logs.send(
      new StartQueryCommand({
        ...{ logGroupName: GROUP, queryString },
        ...{ startTime: Math.floor(now / 1000) - 3600, endTime: Math.floor(now / 1000) + 3600 },
        ...more,
      }),
    );
  const results = (queryId: string | undefined, more: object = {}) =>
    logs.send(new GetQueryResultsCommand({ queryId, ...more }));
  async function ask(queryString: string, more: object = {}) {
    const { queryId } = await start(queryString, more);
    await server.runDue();
    const answer = await results(queryId);
    expect(answer.status).toBe('Complete');
    return { ...answer, lines: (answer.results ?? []).map(line) };
  }
  const line = (fields: ResultField[]) =>
    Object.fromEntries(fields.map(({ field, value }) => [field, value]));

  it('shows the newest errors first', async () => {
    await put(Array.from({ length: 50 }, (_, i) => `${i % 2 ? 'ERROR' : 'INFO'} line ${i}`));
    const { lines, statistics } = await ask(
      'fields @timestamp, @message | filter @message like /ERROR/ | sort @timestamp desc | limit 20',
    );
    expect(lines).toHaveLength(20);
    expect(lines[0]).toEqual({
      '@timestamp': new Date(now + 49).toISOString().replace('T', ' ').replace('Z', ''),
      '@message': 'ERROR line 49',
      '@ptr': expect.any(String),
    });
    expect(lines[19]?.['@message']).toBe('ERROR line 11');
    expect(statistics).toMatchObject({ recordsScanned: 50, recordsMatched: 25 });
  });

  it('counts by the fields of JSON messages', async () => {
    await put(
      [200, 500, 200, 404].map((status, i) =>
        JSON.stringify({ status, request: { path: `/p${i % 2}`, ms: [i, 10 * i] } }),
      ),
    );
    const { lines } = await ask(
      'filter request.path = "/p0" or status >= 500 | stats count(*) as n, max(request.ms.1) by status | sort n desc',
    );
    expect(lines).toEqual([
      { status: '200', n: '2', 'max(request.ms.1)': '20' },
      { status: '500', n: '1', 'max(request.ms.1)': '10' },
    ]);
  });

  it('looks at several groups, by name or ARN, in a range of time', async () => {
    await makeGroup('other');
    await put(['a', 'b']);
    await put(['c'], 'other');
    const arn = 'arn:aws:logs:eu-west-1:111111111111:log-group:other';
    const { lines } = await ask('fields @log, @logStream, @message | sort @message asc', {
      logGroupName: undefined,
      logGroupIdentifiers: [GROUP, arn],
    });
    expect(lines.map((l) => [l['@log'], l['@logStream'], l['@message']])).toEqual([
      [`111111111111:${GROUP}`, 's', 'a'],
      [`111111111111:${GROUP}`, 's', 'b'],
      ['111111111111:other', 's', 'c'],
    ]);
    const none = await ask('fields @message', { endTime: Math.floor(now / 1000) - 1 });
    expect(none.lines).toEqual([]);
  });

  it('gives its lines in pages', async () => {
    await put(Array.from({ length: 1200 }, (_, i) => `line ${i}`));
    const { queryId } = await start('fields @message | sort @timestamp asc');
    await server.runDue();
    const found: (string | undefined)[] = [];
    let nextToken: string | undefined;
    do {
      const page = await results(queryId, { maxItems: 700, nextToken });
      found.push(...(page.results ?? []).map((fields) => line(fields)['@message']));
      nextToken = page.nextToken;
    } while (nextToken);
    expect(found).toEqual(Array.from({ length: 1200 }, (_, i) => `line ${i}`));
  });

  it('says where a query is wrong, and names what it does not serve', async () => {
    await expect(start('fields @message | filtr x')).rejects.toMatchObject({
      name: 'MalformedQueryException',
      queryCompileError: { location: { startCharOffset: 18, endCharOffset: 23 } },
    });
    await expect(start('filter @message like /(/')).rejects.toMatchObject({
      name: 'MalformedQueryException',
    });
    for (const query of ['fields a | unmask(a)', 'pattern @message', 'SOURCE logGroups()'])
      await expect(start(query)).rejects.toMatchObject({ name: 'NotImplemented' });
    await expect(start('fields a', { logGroupName: 'none' })).rejects.toMatchObject({
      name: 'ResourceNotFoundException',
    });
  });

  it('is stopped, and described', async () => {
    await put(['a']);
    const { queryId } = await start('fields @message');
    expect((await results(queryId)).status).toBe('Running');
    await logs.send(new StopQueryCommand({ queryId }));
    await server.runDue();
    expect(await results(queryId)).toMatchObject({ status: 'Cancelled', results: [] });
    await expect(logs.send(new StopQueryCommand({ queryId }))).rejects.toMatchObject({
      name: 'InvalidParameterException',
    });
    await ask('fields @timestamp');
    const { queries } = await logs.send(new DescribeQueriesCommand({ status: 'Complete' }));
    expect(queries).toMatchObject([{ queryString: 'fields @timestamp', logGroupName: GROUP }]);
    const other = server.client(CloudWatchLogsClient, { accountId: '222222222222' });
    await expect(other.send(new GetQueryResultsCommand({ queryId }))).rejects.toMatchObject({
      name: 'ResourceNotFoundException',
    });
  });

  it('ends at the deadline, and results are gone after a week', async () => {
    await put(['a']);
    const { queryId } = await start('fields @message');
    server.clock.advance(61 * 60_000);
    await server.runDue();
    expect((await results(queryId)).status).toBe('Timeout');
    server.clock.advance(8 * 24 * 3_600_000);
    await server.sweep();
    await expect(results(queryId)).rejects.toMatchObject({ name: 'ResourceNotFoundException' });
  });

  it('tells all fields of a line of results', async () => {
    await put([JSON.stringify({ level: 'INFO', user: { id: 7 } }), 'plain']);
    const { lines } = await ask('filter level = "INFO"');
    const { logRecord } = await logs.send(
      new GetLogRecordCommand({ logRecordPointer: lines[0]?.['@ptr'] }),
    );
    expect(logRecord).toMatchObject({ level: 'INFO', 'user.id': '7', '@logStream': 's' });
    server.clock.advance(10);
    const { logGroupFields } = await logs.send(
      new GetLogGroupFieldsCommand({ logGroupName: GROUP }),
    );
    expect(logGroupFields).toContainEqual({ name: '@message', percent: 100 });
    expect(logGroupFields).toContainEqual({ name: 'user.id', percent: 50 });
  });

  it('keeps queries under names', async () => {
    const { queryDefinitionId } = await logs.send(
      new PutQueryDefinitionCommand({ name: 'web/errors', queryString: 'fields @message' }),
    );
    await logs.send(
      new PutQueryDefinitionCommand({
        ...{ name: 'web/all', queryString: 'fields @timestamp', queryDefinitionId },
      }),
    );
    const list = () =>
      logs.send(new DescribeQueryDefinitionsCommand({ queryDefinitionNamePrefix: 'web/' }));
    expect((await list()).queryDefinitions).toMatchObject([
      { name: 'web/all', queryString: 'fields @timestamp', queryDefinitionId },
    ]);
    await logs.send(new DeleteQueryDefinitionCommand({ queryDefinitionId }));
    expect((await list()).queryDefinitions).toEqual([]);
  });
});
