import {
  CloudWatchLogsClient,
  CreateLogGroupCommand,
  CreateLogStreamCommand,
  DeleteLogGroupCommand,
  DescribeLogGroupsCommand,
  DescribeLogStreamsCommand,
  FilterLogEventsCommand,
  GetLogEventsCommand,
  type InputLogEvent,
  ListTagsForResourceCommand,
  PutLogEventsCommand,
  PutRetentionPolicyCommand,
  TagResourceCommand,
} from '@aws-sdk/client-cloudwatch-logs';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { eachDialect } from '../../db/testing.ts';
import { type World, world } from '../../testing.ts';
import service from './index.ts';

const GROUP = '/aws/codebuild/web';
const DAY_MS = 24 * 3_600_000;
const PAD = 'x'.repeat(100);

eachDialect('CloudWatch Logs', (makeDatabase) => {
  let server: World;
  let logs: CloudWatchLogsClient;
  let now: number;

  beforeEach(async () => {
    server = await world(makeDatabase, [service]);
    logs = server.client(CloudWatchLogsClient);
    now = server.clock.now().getTime();
    await logs.send(new CreateLogGroupCommand({ logGroupName: GROUP, tags: { team: 'web' } }));
    for (const logStreamName of ['a', 'b']) {
      await logs.send(new CreateLogStreamCommand({ logGroupName: GROUP, logStreamName }));
    }
  });
  afterEach(() => expect(server.failures).toEqual([]));

  const put = (logStreamName: string, logEvents: InputLogEvent[], sequenceToken?: string) =>
    logs.send(
      new PutLogEventsCommand({ logGroupName: GROUP, logStreamName, logEvents, sequenceToken }),
    );
  const lines = (from: number, count: number, step = 1) =>
    Array.from({ length: count }, (_, i) => ({
      timestamp: now + (from + i) * step,
      message: `line ${from + i}`,
    }));
  const get = (input: object) =>
    logs.send(new GetLogEventsCommand({ logGroupName: GROUP, logStreamName: 'a', ...input }));
  const filter = (input: object) =>
    logs.send(new FilterLogEventsCommand({ logGroupName: GROUP, ...input }));
  const messages = (events: { message?: string | undefined }[] | undefined) =>
    events?.map((e) => e.message);

  it('reads what was written, oldest first, with its time of arrival', async () => {
    await put('a', lines(0, 3));
    const { events } = await get({ startFromHead: true });
    expect(events).toEqual(lines(0, 3).map((e) => ({ ...e, ingestionTime: now })));
  });

  it('GetLogEvents without startFromHead answers the last events, in order', async () => {
    await put('a', lines(0, 5));
    await put('a', lines(5, 5));
    const { events } = await get({ limit: 4 });
    expect(messages(events)).toEqual(['line 6', 'line 7', 'line 8', 'line 9']);
  });

  it('GetLogEvents pages forward to the end, where the token stays the same until there is more', async () => {
    await put('a', lines(0, 5));
    const first = await get({ startFromHead: true, limit: 3 });
    const second = await get({ nextToken: first.nextForwardToken, limit: 3 });
    const end = await get({ nextToken: second.nextForwardToken });
    expect(messages(second.events)).toEqual(['line 3', 'line 4']);
    expect(end.events).toEqual([]);
    expect(end.nextForwardToken).toBe(second.nextForwardToken);
    await put('a', lines(5, 1));
    const more = await get({ nextToken: end.nextForwardToken });
    expect(messages(more.events)).toEqual(['line 5']);
    const back = await get({ nextToken: end.nextBackwardToken, limit: 2 });
    expect(messages(back.events)).toEqual(['line 3', 'line 4']);
  });

  it('GetLogEvents pages backward to the beginning', async () => {
    await put('a', lines(0, 5));
    const last = await get({ limit: 2 });
    const middle = await get({ nextToken: last.nextBackwardToken, limit: 2 });
    const first = await get({ nextToken: middle.nextBackwardToken, limit: 2 });
    const end = await get({ nextToken: first.nextBackwardToken, limit: 2 });
    expect([last, middle, first, end].map((page) => messages(page.events))).toEqual([
      ['line 3', 'line 4'],
      ['line 1', 'line 2'],
      ['line 0'],
      [],
    ]);
    expect(end.nextBackwardToken).toBe(first.nextBackwardToken);
    expect(messages((await get({ nextToken: end.nextForwardToken })).events)).toEqual(
      messages(lines(0, 5)),
    );
  });

  it('endTime is exclusive for GetLogEvents and inclusive for FilterLogEvents, startTime inclusive for both', async () => {
    await put('a', lines(0, 5));
    const range = { startTime: now + 1, endTime: now + 3 };
    expect(messages((await get({ ...range, startFromHead: true })).events)).toEqual([
      'line 1',
      'line 2',
    ]);
    expect(messages((await filter(range)).events)).toEqual(['line 1', 'line 2', 'line 3']);
  });

  it('FilterLogEvents interleaves streams by time and gives increasing, unique event ids', async () => {
    await put('a', lines(0, 4, 10));
    await put('b', [
      { timestamp: now + 5, message: 'between' },
      { timestamp: now + 20, message: 'same time' },
    ]);
    const { events } = await filter({});
    expect(messages(events)?.slice(0, 3)).toEqual(['line 0', 'between', 'line 1']);
    expect(messages(events)?.slice(3, 5).sort()).toEqual(['line 2', 'same time']);
    const ids = events?.map((e) => e.eventId ?? '') ?? [];
    expect(ids).toEqual([...new Set(ids)].sort());
    expect(events?.map((e) => e.logStreamName)).toContain('b');
  });

  it('FilterLogEvents sorts events that were put out of order', async () => {
    await put('a', lines(10, 3));
    await put('a', lines(0, 3));
    await put('b', lines(5, 3));
    expect(messages((await filter({})).events)).toEqual(
      messages([...lines(0, 3), ...lines(5, 3), ...lines(10, 3)]),
    );
    expect(messages((await get({ startFromHead: true })).events)).toEqual(
      messages([...lines(0, 3), ...lines(10, 3)]),
    );
    expect(messages((await get({ limit: 4 })).events)).toEqual(
      messages([...lines(2, 1), ...lines(10, 3)]),
    );
  });

  it('FilterLogEvents pages through matches by a token that only this call can use', async () => {
    await put('a', lines(0, 30));
    const first = await filter({ filterPattern: '"line 2"', limit: 6 });
    const second = await filter({
      filterPattern: '"line 2"',
      limit: 6,
      nextToken: first.nextToken,
    });
    expect(messages([...(first.events ?? []), ...(second.events ?? [])])).toEqual([
      'line 2',
      ...(messages(lines(20, 10)) ?? []),
    ]);
    expect(second.nextToken).toBeUndefined();
    await expect(filter({ nextToken: 'made up' })).rejects.toThrow(
      'The specified nextToken is invalid.',
    );
  });

  it('FilterLogEvents takes streams by name or prefix, not both, and none that do not exist', async () => {
    await put('a', lines(0, 1));
    await put('b', lines(1, 1));
    expect(messages((await filter({ logStreamNames: ['b'] })).events)).toEqual(['line 1']);
    expect(messages((await filter({ logStreamNamePrefix: 'a' })).events)).toEqual(['line 0']);
    await expect(filter({ logStreamNames: ['a'], logStreamNamePrefix: 'a' })).rejects.toThrow(
      'cannot be specified together',
    );
    await expect(filter({ logStreamNames: ['c'] })).rejects.toMatchObject({
      name: 'ResourceNotFoundException',
    });
  });

  it('refuses a filter pattern that has no end, and serves on', async () => {
    await put('a', [{ timestamp: now, message: `${'a'.repeat(60)}!` }]);
    await expect(filter({ filterPattern: '%^(a+)+$%' })).rejects.toMatchObject({
      name: 'InvalidParameterException',
    });
    expect((await filter({ filterPattern: '%a\\!$%' })).events).toHaveLength(1);
  });

  it('a put with slipway-offset is taken once, and only above the last offset', async () => {
    await put('a', lines(0, 2), 'slipway-offset:2');
    await put('a', lines(0, 2), 'slipway-offset:2');
    await put('a', lines(0, 1), 'slipway-offset:1');
    await put('a', lines(2, 1), 'slipway-offset:3');
    await put('a', lines(3, 1), "AWS's own tokens mean nothing");
    expect(messages((await get({ startFromHead: true })).events)).toEqual(messages(lines(0, 4)));
  });

  it('PutLogEvents keeps what is neither too old, expired nor too new, and says what it did not', async () => {
    await logs.send(new PutRetentionPolicyCommand({ logGroupName: GROUP, retentionInDays: 1 }));
    const answer = await put('a', [
      { timestamp: now - DAY_MS - 1, message: 'expired' },
      { timestamp: now - DAY_MS + 1, message: 'kept' },
    ]);
    expect(answer.rejectedLogEventsInfo).toEqual({ expiredLogEventEndIndex: 1 });
    const late = await put('a', [
      { timestamp: now, message: 'kept too' },
      { timestamp: now + 3 * 3_600_000, message: 'too new' },
    ]);
    expect(late.rejectedLogEventsInfo).toEqual({ tooNewLogEventStartIndex: 1 });
    expect(messages((await get({ startFromHead: true })).events)).toEqual(['kept', 'kept too']);
  });

  it('refuses batches that AWS refuses', async () => {
    await expect(put('a', lines(0, 2).reverse())).rejects.toThrow('must be in chronological order');
    await expect(put('a', [{ timestamp: now, message: 'x'.repeat(1_048_577) }])).rejects.toThrow(
      'Log event too large',
    );
    const big = { timestamp: now, message: 'x'.repeat(600_000) };
    await expect(put('a', [big, big])).rejects.toThrow(
      'Upload too large: 1200052 bytes exceeds limit of 1048576',
    );
    await expect(put('nowhere', lines(0, 1))).rejects.toThrow(
      'The specified log stream does not exist.',
    );
  });

  it('keeps every character of a message', async () => {
    const odd = 'nul \u0000, emoji \u{1F680}, \u001b[31mred\u001b[0m\r\n';
    await put('a', [{ timestamp: now, message: odd }]);
    expect(messages((await get({})).events)).toEqual([odd]);
  });

  it('expired events are not shown, and the sweep deletes them', async () => {
    await put('a', lines(0, 3));
    await logs.send(new PutRetentionPolicyCommand({ logGroupName: GROUP, retentionInDays: 1 }));
    server.clock.advance(2 * DAY_MS);
    expect((await get({ startFromHead: true })).events).toEqual([]);
    expect((await filter({})).events).toEqual([]);
    const stored = async () =>
      (await logs.send(new DescribeLogGroupsCommand({}))).logGroups?.map(
        (group) => group.storedBytes,
      );
    expect(await stored()).toEqual([3 * (26 + 'line 0'.length)]);
    await server.sweep();
    expect(await stored()).toEqual([0]);
  });

  it('a deleted group is gone with its events, also when one of that name is made again', async () => {
    await put('a', lines(0, 3));
    await logs.send(new DeleteLogGroupCommand({ logGroupName: GROUP }));
    await expect(filter({})).rejects.toThrow('The specified log group does not exist.');
    await logs.send(new CreateLogGroupCommand({ logGroupName: GROUP }));
    await logs.send(new CreateLogStreamCommand({ logGroupName: GROUP, logStreamName: 'a' }));
    await server.runDue();
    expect((await filter({})).events).toEqual([]);
  });

  it('describes groups by prefix and pattern, in pages', async () => {
    for (const name of ['/aws/codebuild/api', 'other'])
      await logs.send(new CreateLogGroupCommand({ logGroupName: name }));
    const list = async (input: object) => {
      const { logGroups, nextToken } = await logs.send(new DescribeLogGroupsCommand(input));
      return { names: logGroups?.map((g) => g.logGroupName), nextToken };
    };
    expect((await list({ logGroupNamePrefix: '/aws/' })).names).toEqual([
      '/aws/codebuild/api',
      GROUP,
    ]);
    expect((await list({ logGroupNamePattern: 'the' })).names).toEqual(['other']);
    const first = await list({ limit: 2 });
    expect(first.names).toHaveLength(2);
    expect((await list({ nextToken: first.nextToken })).names).toEqual(['other']);
    const { logGroups } = await logs.send(
      new DescribeLogGroupsCommand({ logGroupNamePrefix: GROUP }),
    );
    expect(logGroups?.[0]).toMatchObject({
      arn: `arn:aws:logs:eu-west-1:111111111111:log-group:${GROUP}:*`,
      creationTime: now,
      storedBytes: 0,
    });
  });

  it('describes streams by name or by last event', async () => {
    await put('a', lines(5, 1));
    await put('b', lines(9, 1));
    const list = async (input: object) => {
      const { logStreams } = await logs.send(
        new DescribeLogStreamsCommand({ logGroupName: GROUP, ...input }),
      );
      return logStreams?.map((s) => s.logStreamName);
    };
    expect(await list({})).toEqual(['a', 'b']);
    expect(await list({ orderBy: 'LastEventTime', descending: true })).toEqual(['b', 'a']);
    expect(await list({ logStreamNamePrefix: 'b' })).toEqual(['b']);
    await expect(list({ orderBy: 'LastEventTime', logStreamNamePrefix: 'b' })).rejects.toThrow(
      'Cannot order by LastEventTime',
    );
  });

  it('tags a group', async () => {
    const resourceArn = `arn:aws:logs:eu-west-1:111111111111:log-group:${GROUP}`;
    await logs.send(new TagResourceCommand({ resourceArn, tags: { stage: 'test' } }));
    const { tags } = await logs.send(new ListTagsForResourceCommand({ resourceArn }));
    expect(tags).toEqual({ team: 'web', stage: 'test' });
  });

  it('another account and another region see nothing of it', async () => {
    for (const as of [{ accountId: '222222222222' }, { region: 'us-east-1' }]) {
      const other = server.client(CloudWatchLogsClient, as);
      const { logGroups } = await other.send(new DescribeLogGroupsCommand({}));
      expect(logGroups).toEqual([]);
      const read = other.send(new FilterLogEventsCommand({ logGroupName: GROUP }));
      await expect(read).rejects.toMatchObject({ name: 'ResourceNotFoundException' });
    }
  });

  it('asks IAM about the stream that is written', async () => {
    await put('a', lines(0, 1));
    expect(server.asked).toContain(
      `logs:PutLogEvents arn:aws:logs:eu-west-1:111111111111:log-group:${GROUP}:log-stream:a`,
    );
  });

  it('lines of one millisecond are read in their order, whichever way and however many at a time', async () => {
    const all = Array.from({ length: 3000 }, (_, i) => ({
      timestamp: now,
      message: `${i} ${PAD}`,
    }));
    for (let i = 0; i < all.length; i += 500) await put('a', all.slice(i, i + 500));
    const read = async (startFromHead: boolean, limit: number) => {
      const pages: (string | undefined)[][] = [];
      let nextToken: string | undefined;
      for (;;) {
        const page = await get({ startFromHead, limit, nextToken });
        if (!page.events?.length) return pages;
        pages.push(messages(page.events) ?? []);
        nextToken = startFromHead ? page.nextForwardToken : page.nextBackwardToken;
      }
    };
    expect((await read(true, 700)).flat()).toEqual(messages(all));
    expect((await read(false, 700)).reverse().flat()).toEqual(messages(all));
    expect(messages((await filter({ filterPattern: '"2999 "' })).events)).toHaveLength(1);
  });

  describe('many small puts', () => {
    it('are read in order over page borders', async () => {
      for (let i = 0; i < 600; i++) await put(i % 2 ? 'a' : 'b', lines(i, 1));
      const found: (string | undefined)[] = [];
      let nextToken: string | undefined;
      do {
        const page = await filter({ limit: 250, nextToken });
        found.push(...(messages(page.events) ?? []));
        nextToken = page.nextToken;
      } while (nextToken);
      expect(found).toEqual(messages(lines(0, 600)));
    });
  });
});
