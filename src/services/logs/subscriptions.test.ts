import { gunzipSync } from 'node:zlib';
import {
  CloudWatchLogsClient,
  CreateLogGroupCommand,
  CreateLogStreamCommand,
  DeleteDestinationCommand,
  DeleteLogGroupCommand,
  DeleteSubscriptionFilterCommand,
  DescribeDestinationsCommand,
  DescribeSubscriptionFiltersCommand,
  FilterLogEventsCommand,
  ListTagsForResourceCommand,
  PutDestinationCommand,
  PutDestinationPolicyCommand,
  PutLogEventsCommand,
  PutSubscriptionFilterCommand,
  type PutSubscriptionFilterCommandInput,
  TagResourceCommand,
} from '@aws-sdk/client-cloudwatch-logs';
import { CreateRoleCommand, IAMClient, PutRolePolicyCommand } from '@aws-sdk/client-iam';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { eachDialect } from '../../db/testing.ts';
import {
  accepting,
  jsonOf,
  makeDestinations,
  refusing,
  type Upstream,
  type UpstreamCall,
} from '../../testing/upstream.ts';
import { ACCOUNT, REGION, type World, world } from '../../testing.ts';
import service from './index.ts';
import type { Message } from './model/subscription.ts';
import { tables } from './store/tables.ts';

const GROUP = '/app/web';
const OTHER = '222222222222';
const MINUTE = 60_000;
const FUNCTION = `arn:aws:lambda:${REGION}:${ACCOUNT}:function:f`;
const STREAM = `arn:aws:kinesis:${REGION}:${ACCOUNT}:stream/s`;
const DELIVERY_STREAM = `arn:aws:firehose:${REGION}:${ACCOUNT}:deliverystream/d`;
const ROLE = `arn:aws:iam::${ACCOUNT}:role/logs`;

/** What was sent, whatever it was sent to. */
function messageIn({ input }: UpstreamCall): Message {
  const { Payload, Data, Record } = input as {
    Payload?: Uint8Array;
    Data?: Uint8Array;
    Record?: { Data: Uint8Array };
  };
  const packed = Payload ? Buffer.from(jsonOf(Payload).awslogs.data, 'base64') : undefined;
  return jsonOf(gunzipSync(packed ?? Data ?? Record?.Data ?? ''));
}

eachDialect('subscription filters', (makeDatabase) => {
  let server: World;
  let logs: CloudWatchLogsClient;
  let upstream: Upstream;

  beforeEach(async () => {
    vi.stubEnv('AWS_ACCESS_KEY_ID', 'AKIAENVIRONMENT');
    vi.stubEnv('AWS_SECRET_ACCESS_KEY', 'secret');
    upstream = await makeDestinations();
    server = await world(makeDatabase, [service]);
    logs = server.client(CloudWatchLogsClient);
    await makeRole(ACCOUNT, 'logs', 'logs.amazonaws.com');
    await makeGroup(GROUP, 's', 't');
  });
  afterEach(async () => {
    expect(server.failures).toEqual([]);
    await server.stop();
    await upstream.close();
    vi.unstubAllEnvs();
  });

  const elsewhere = () => {
    for (const name of ['lambda', 'kinesis', 'firehose'])
      server.platform.config.upstream[name] = upstream.url;
  };
  const policy = (statement: object) =>
    JSON.stringify({ Version: '2012-10-17', Statement: { Effect: 'Allow', ...statement } });
  async function makeRole(accountId: string, RoleName: string, Service: string) {
    const iam = server.client(IAMClient, { accountId });
    const AssumeRolePolicyDocument = policy({ Action: 'sts:AssumeRole', Principal: { Service } });
    await iam.send(new CreateRoleCommand({ RoleName, AssumeRolePolicyDocument }));
    const Action = ['kinesis:PutRecord', 'firehose:PutRecord'];
    const PolicyDocument = policy({ Action, Resource: '*' });
    await iam.send(new PutRolePolicyCommand({ RoleName, PolicyName: 'may', PolicyDocument }));
  }
  async function makeGroup(logGroupName: string, ...streams: string[]) {
    await logs.send(new CreateLogGroupCommand({ logGroupName }));
    for (const logStreamName of streams)
      await logs.send(new CreateLogStreamCommand({ logGroupName, logStreamName }));
  }
  const put = async (messages: string[], logStreamName = 's') => {
    const timestamp = server.clock.now().getTime();
    const logEvents = messages.map((message) => ({ timestamp, message }));
    await logs.send(new PutLogEventsCommand({ logGroupName: GROUP, logStreamName, logEvents }));
    await server.runDue();
  };
  const filter = (more: Partial<PutSubscriptionFilterCommandInput> = {}) =>
    logs.send(
      new PutSubscriptionFilterCommand({
        ...{ logGroupName: GROUP, filterName: 'ship', filterPattern: '' },
        destinationArn: FUNCTION,
        ...more,
      }),
    );
  /** The data messages that came, and forgets them. */
  const received = () => {
    const messages = upstream.calls.map(messageIn);
    upstream.calls.length = 0;
    return messages.filter(({ messageType }) => messageType === 'DATA_MESSAGE');
  };
  const texts = () =>
    received().map(({ logEvents }) => logEvents.map(({ message }) => message).join());
  const shown = async () => {
    const command = new DescribeSubscriptionFiltersCommand({ logGroupName: GROUP });
    return (await logs.send(command)).subscriptionFilters;
  };
  const owed = () =>
    tables(server.platform.db).selectFrom('logs_subscription_backlog').selectAll().execute();

  it('a function is tried, and gets what matches from then on', async () => {
    elsewhere();
    await put(['ERROR before']);
    await filter({ filterPattern: 'ERROR' });
    expect(upstream.calls).toMatchObject([
      {
        ...{ service: 'lambda', operation: 'Invoke' },
        input: { FunctionName: FUNCTION, InvocationType: 'Event' },
      },
    ]);
    expect(upstream.calls.map(messageIn)).toEqual([
      {
        ...{ messageType: 'CONTROL_MESSAGE', owner: 'CloudwatchLogs', logGroup: '' },
        ...{ logStream: '', subscriptionFilters: [] },
        logEvents: [
          {
            ...{ id: '', timestamp: server.clock.now().getTime() },
            message: 'CWL CONTROL MESSAGE: Checking health of destination Lambda function.',
          },
        ],
      },
    ]);
    await put(['ERROR a', 'fine', 'ERROR ü']);
    const { events = [] } = await logs.send(
      new FilterLogEventsCommand({ logGroupName: GROUP, filterPattern: 'ERROR -before' }),
    );
    expect(received()).toEqual([
      {
        ...{ messageType: 'DATA_MESSAGE', owner: ACCOUNT, logGroup: GROUP, logStream: 's' },
        subscriptionFilters: ['ship'],
        logEvents: events.map(({ eventId: id, timestamp, message }) => ({
          ...{ id, timestamp, message },
        })),
      },
    ]);
    expect(events.map(({ message }) => message)).toEqual(['ERROR a', 'ERROR ü']);
    expect(await owed()).toEqual([]);
    expect(await shown()).toEqual([
      {
        ...{ filterName: 'ship', logGroupName: GROUP, filterPattern: 'ERROR' },
        ...{ destinationArn: FUNCTION, distribution: 'ByLogStream' },
        creationTime: server.clock.now().getTime(),
      },
    ]);
  });

  it.each([
    ['ByLogStream', 1],
    ['Random', 2],
  ] as const)('streams of logs are kept together or not: %s', async (distribution, keys) => {
    elsewhere();
    await filter({ destinationArn: STREAM, roleArn: ROLE, distribution });
    upstream.calls.length = 0;
    await put(['a']);
    await put(['b']);
    await put(['c'], 't');
    expect(upstream.calls).toMatchObject(
      Array(3).fill({ service: 'kinesis', operation: 'PutRecord', input: { StreamARN: STREAM } }),
    );
    const keyOf = upstream.calls.map(({ input }) => String(input.PartitionKey));
    expect(new Set(keyOf.slice(0, 2)).size).toBe(keys);
    expect(new Set(keyOf).size).toBe(keys + 1);
    expect(server.asked).toContain(`kinesis:PutRecord ${STREAM}`);
    expect(received().map(({ logStream }) => logStream)).toEqual(['s', 's', 't']);
  });

  it('a Firehose stream gets records, each of one stream of logs', async () => {
    elsewhere();
    await filter({ destinationArn: DELIVERY_STREAM, roleArn: ROLE });
    upstream.answers = refusing(503);
    await put(['a']);
    await put(['b'], 't');
    await put(['c']);
    upstream.calls.length = 0;
    upstream.answers = accepting();
    server.clock.advance(MINUTE);
    await server.runDue();
    expect(upstream.calls).toMatchObject(
      Array(2).fill({ service: 'firehose', input: { DeliveryStreamName: 'd' } }),
    );
    expect(texts().sort()).toEqual(['a,c', 'b']);
  });

  it('what does not fit into one message comes in several', async () => {
    elsewhere();
    await filter();
    upstream.calls.length = 0;
    // What cannot be compressed much.
    const noise = (n: number) =>
      Array.from({ length: 20_000 }, (_, i) => ((i * 7919 + n * 104_729) ** 2).toString(36)).join(
        '',
      );
    const messages = [0, 1, 2, 3].map((n) => noise(n).slice(0, 150_000));
    await put(messages);
    expect(upstream.calls.length).toBeGreaterThan(1);
    for (const { input } of upstream.calls)
      expect((input.Payload as Uint8Array).length).toBeLessThan(256 * 1024);
    expect(received().flatMap(({ logEvents }) => logEvents.map(({ message }) => message))).toEqual(
      messages,
    );
  });

  it('who is away is tried again, in order; what waited for a day is dropped', async () => {
    elsewhere();
    await filter();
    upstream.answers = refusing(500, 'ServiceException');
    await put(['a']);
    await put(['b']);
    received();
    upstream.answers = accepting();
    await server.runDue();
    expect(texts()).toEqual([]);
    server.clock.advance(MINUTE);
    await server.runDue();
    expect(texts()).toEqual(['a,b']);
    // Waits grow with each failure, and begin anew.
    upstream.answers = refusing(500, 'ServiceException');
    await put(['c']);
    received();
    upstream.answers = accepting();
    server.clock.advance(1000);
    await server.runDue();
    expect(texts()).toEqual(['c']);
    upstream.answers = refusing(500, 'ServiceException');
    await put(['old']);
    received();
    server.clock.advance(25 * 60 * MINUTE);
    upstream.answers = accepting();
    await put(['new']);
    expect(texts()).toEqual(['new']);
    expect(await owed()).toEqual([]);
  });

  it('who refuses gets nothing for ten minutes, or until the filter is put again', async () => {
    elsewhere();
    await filter();
    upstream.answers = refusing(404, 'ResourceNotFoundException');
    await put(['a']);
    upstream.answers = accepting();
    server.clock.advance(9 * MINUTE);
    await put(['b']);
    received();
    server.clock.advance(MINUTE);
    await put(['c']);
    expect(texts()).toEqual(['c']);
    upstream.answers = refusing(403, 'AccessDeniedException');
    await put(['d']);
    upstream.answers = accepting();
    await filter();
    await put(['e']);
    expect(texts()).toEqual(['d', 'e']);
  });

  it('a group has at most two, which do not mind each other', async () => {
    elsewhere();
    await filter();
    await filter({ filterName: 'second', filterPattern: 'b', destinationArn: `${FUNCTION}:live` });
    await expect(filter({ filterName: 'third' })).rejects.toMatchObject({
      name: 'LimitExceededException',
    });
    await filter({ filterPattern: 'a' });
    const page = (more: object) =>
      logs.send(new DescribeSubscriptionFiltersCommand({ logGroupName: GROUP, ...more }));
    const { subscriptionFilters: first, nextToken } = await page({ limit: 1 });
    const rest = await page({ limit: 1, nextToken });
    const prefixed = await page({ filterNamePrefix: 'sh' });
    expect([first, rest.subscriptionFilters, prefixed.subscriptionFilters]).toMatchObject([
      ...[[{ filterName: 'second' }], [{ filterName: 'ship' }], [{ filterName: 'ship' }]],
    ]);
    expect(rest.nextToken).toBeUndefined();
    upstream.calls.length = 0;
    await put(['a', 'b']);
    expect(
      received()
        .map(({ subscriptionFilters, logEvents }) => [
          subscriptionFilters[0],
          logEvents[0]?.message,
        ])
        .sort(),
    ).toEqual([
      ['second', 'b'],
      ['ship', 'a'],
    ]);
    const remove = (filterName: string) =>
      logs.send(new DeleteSubscriptionFilterCommand({ logGroupName: GROUP, filterName }));
    await remove('ship');
    await expect(remove('ship')).rejects.toMatchObject({ name: 'ResourceNotFoundException' });
    await put(['a', 'b']);
    expect(texts()).toEqual(['b']);
    expect((await shown())?.map(({ filterName }) => filterName)).toEqual(['second']);
    await logs.send(new DeleteLogGroupCommand({ logGroupName: GROUP }));
    await makeGroup(GROUP, 's');
    expect(await shown()).toEqual([]);
    await put(['b']);
    await server.sweep();
    expect(texts()).toEqual([]);
    expect(await owed()).toEqual([]);
  });

  it.each([
    [{ destinationArn: 'f' }, 'destinationArn'],
    [{ destinationArn: FUNCTION.replace(REGION, 'us-west-2') }, 'region'],
    [
      { destinationArn: FUNCTION, roleArn: ROLE },
      'destinationArn for vendor lambda cannot be used with roleArn',
    ],
    [
      { destinationArn: STREAM },
      'destinationArn for vendor kinesis cannot be used without roleArn',
    ],
    [{ destinationArn: STREAM, roleArn: `${ROLE}-none` }, 'Could not assume'],
    [{ filterPattern: '{ $.a = ' }, ''],
    [
      { destinationArn: `arn:aws:logs:${REGION}:${ACCOUNT}:destination:none` },
      'Could not deliver test message',
    ],
  ])('%j is refused: %s', async (more, message) => {
    elsewhere();
    await expect(filter(more)).rejects.toMatchObject({
      name: 'InvalidParameterException',
      message: expect.stringContaining(message),
    });
    expect(await shown()).toEqual([]);
  });

  it('a function of another account is none of ours, unless accounts are those of another place', async () => {
    const destinationArn = FUNCTION.replace(ACCOUNT, OTHER);
    await expect(filter({ destinationArn })).rejects.toThrow('account');
    elsewhere();
    await filter({ destinationArn });
  });

  it.each([
    [{ applyOnTransformedLogs: true }, 'applyOnTransformedLogs'],
    [{ emitSystemFields: ['@aws.account'] }, 'emitSystemFields'],
    [{ fieldSelectionCriteria: '@aws.region = "x"' }, 'fieldSelectionCriteria'],
    [{}, 'SLIPWAY_UPSTREAM_LAMBDA'],
    [{ destinationArn: STREAM, roleArn: ROLE }, 'SLIPWAY_UPSTREAM_KINESIS'],
  ])('%j is not supported: %s', async (more, message) => {
    await expect(filter(more)).rejects.toMatchObject({
      ...{ name: 'NotImplemented', message: expect.stringContaining(message) },
    });
  });

  it.each([
    [{}, 'Could not execute the lambda function.'],
    [
      { destinationArn: STREAM, roleArn: ROLE },
      'Could not deliver test message to specified Kinesis',
    ],
    [
      { destinationArn: DELIVERY_STREAM, roleArn: ROLE },
      'Could not deliver test message to specified Firehose',
    ],
  ])('%j does not let us in: %s', async (more, message) => {
    elsewhere();
    for (const code of ['AccessDeniedException', 'ResourceNotFoundException']) {
      upstream.answers = refusing(400, code);
      await expect(filter(more)).rejects.toMatchObject({
        ...{ name: 'InvalidParameterException', message: expect.stringContaining(message) },
      });
    }
  });

  it('a role is passed, and may trust the service of the region', async () => {
    elsewhere();
    await makeRole(ACCOUNT, 'regional', `logs.${REGION}.amazonaws.com`);
    const roleArn = ROLE.replace('/logs', '/regional');
    await filter({ destinationArn: STREAM, roleArn });
    expect(server.asked).toContain(`iam:PassRole ${roleArn}`);
    upstream.calls.length = 0;
    await put(['a']);
    expect(texts()).toEqual(['a']);
    server.denied.add('iam:PassRole');
    await expect(filter({ destinationArn: STREAM, roleArn })).rejects.toThrow(/iam:PassRole/);
  });

  it('what was put before a server was killed is delivered by the next one', async () => {
    elsewhere();
    await filter();
    upstream.calls.length = 0;
    const logEvents = [{ timestamp: server.clock.now().getTime(), message: 'a' }];
    // Its wake-up is lost, as far as that can be.
    await logs.send(
      new PutLogEventsCommand({ logGroupName: GROUP, logStreamName: 's', logEvents }),
    );
    expect(await owed()).toHaveLength(1);
    await server.sweep();
    expect(texts()).toEqual(['a']);
  });

  it('a destination takes events of accounts that its policy lets in', async () => {
    elsewhere();
    await makeRole(OTHER, 'logs', 'logs.amazonaws.com');
    const theirs = server.client(CloudWatchLogsClient, { accountId: OTHER });
    const roleArn = ROLE.replace(ACCOUNT, OTHER);
    const targetArn = STREAM.replace(ACCOUNT, OTHER);
    const destinationName = 'hub';
    const arn = `arn:aws:logs:${REGION}:${OTHER}:destination:hub`;
    const { destination } = await theirs.send(
      new PutDestinationCommand({ destinationName, targetArn, roleArn, tags: { a: 'b' } }),
    );
    const creationTime = server.clock.now().getTime();
    expect(destination).toEqual({ destinationName, targetArn, roleArn, arn, creationTime });
    await expect(filter({ destinationArn: arn })).rejects.toMatchObject({
      name: 'AccessDeniedException',
    });
    const accessPolicy = policy({
      ...{ Principal: { AWS: ACCOUNT }, Action: 'logs:PutSubscriptionFilter', Resource: arn },
    });
    await theirs.send(new PutDestinationPolicyCommand({ destinationName, accessPolicy }));
    await filter({ destinationArn: arn });
    upstream.calls.length = 0;
    await put(['a']);
    expect(upstream.calls).toMatchObject([{ input: { StreamARN: targetArn } }]);
    expect(received()).toMatchObject([{ owner: ACCOUNT, logGroup: GROUP }]);
    const list = async () => (await theirs.send(new DescribeDestinationsCommand({}))).destinations;
    expect(await list()).toEqual([{ ...destination, accessPolicy }]);
    await theirs.send(new TagResourceCommand({ resourceArn: arn, tags: { c: 'd' } }));
    const { tags } = await theirs.send(new ListTagsForResourceCommand({ resourceArn: arn }));
    expect(tags).toEqual({ a: 'b', c: 'd' });
    const others = accessPolicy.replace(ACCOUNT, '333333333333');
    await theirs.send(new PutDestinationPolicyCommand({ destinationName, accessPolicy: others }));
    await put(['shut out']);
    expect(upstream.calls).toEqual([]);
    await theirs.send(new PutDestinationPolicyCommand({ destinationName, accessPolicy }));
    await filter({ destinationArn: arn });
    await put(['let in again']);
    expect(texts()).toEqual(['let in again']);
    await theirs.send(new DeleteDestinationCommand({ destinationName }));
    expect(await list()).toEqual([]);
    await put(['b']);
    expect(upstream.calls).toEqual([]);
  });

  it.each([
    [{ targetArn: FUNCTION }, 'Kinesis or a Firehose'],
    [{ targetArn: STREAM.replace(ACCOUNT, OTHER) }, 'account'],
    [{ roleArn: `${ROLE}-none` }, 'Could not assume'],
  ])('a destination that says %j is refused: %s', async (more, message) => {
    const terms = { destinationName: 'hub', targetArn: STREAM, roleArn: ROLE, ...more };
    await expect(logs.send(new PutDestinationCommand(terms))).rejects.toMatchObject({
      ...{ name: 'InvalidParameterException', message: expect.stringContaining(message) },
    });
  });
});
