import {
  CreateBucketCommand,
  DeleteObjectCommand,
  type Event,
  GetBucketNotificationConfigurationCommand,
  type NotificationConfiguration,
  PutBucketNotificationConfigurationCommand,
  PutBucketVersioningCommand,
  PutObjectCommand,
  PutObjectTaggingCommand,
  S3Client,
} from '@aws-sdk/client-s3';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { eachDialect } from '../../db/testing.ts';
import type { ActAs, ClientClass, Platform } from '../../kit/service.ts';
import { accepting, jsonOf, makeDestinations, refusing } from '../../testing/upstream.ts';
import { ACCOUNT, REGION, type World, world } from '../../testing.ts';
import service from './index.ts';

const QUEUE = `arn:aws:sqs:${REGION}:${ACCOUNT}:queue`;
const TOPIC = `arn:aws:sns:${REGION}:${ACCOUNT}:topic`;
const MINUTE_MS = 60_000;

interface Sent {
  input: Record<string, unknown>;
  actAs: ActAs;
}

const said = (name: string, httpStatusCode: number) =>
  Object.assign(new Error(name), { name, $metadata: { httpStatusCode } });

eachDialect('bucket notifications', (makeDatabase) => {
  let server: World;
  let s3: S3Client;
  let sent: Sent[];
  let refuse: (sent: Sent) => Error | undefined;

  /** The queues and topics of the test. */
  const others = (real: Platform['client']): Platform['client'] =>
    function client<T extends { destroy(): void }>(Client: ClientClass<T>, actAs: ActAs): T {
      if (!['SQSClient', 'SNSClient'].includes(Client.name)) return real(Client, actAs);
      const send = async ({ input }: { input: Record<string, unknown> }) => {
        const error = refuse({ input, actAs });
        if (error) throw error;
        sent.push({ input, actAs });
      };
      return { send, destroy() {} } as unknown as T;
    };

  beforeEach(async () => {
    sent = [];
    refuse = () => undefined;
    server = await world(makeDatabase, [service], { around: { client: others } });
    s3 = server.client(S3Client);
    await s3.send(new CreateBucketCommand({ Bucket: 'web' }));
  });
  afterEach(async () => {
    expect(server.failures).toEqual([]);
    await server.stop();
  });

  const configure = (NotificationConfiguration: NotificationConfiguration, more: object = {}) =>
    s3.send(
      new PutBucketNotificationConfigurationCommand({
        ...{ Bucket: 'web', NotificationConfiguration },
        ...more,
      }),
    );
  const created: Event[] = ['s3:ObjectCreated:*'];
  const toQueue = (more: object = {}) => ({
    QueueConfigurations: [{ Id: 'new', QueueArn: QUEUE, Events: created, ...more }],
  });
  const FUNCTION = `arn:aws:lambda:${REGION}:${ACCOUNT}:function:f`;
  const LambdaFunctionConfigurations = [
    { Id: 'run', LambdaFunctionArn: FUNCTION, Events: created },
  ];
  const put = (Key: string) => s3.send(new PutObjectCommand({ Bucket: 'web', Key, Body: 'hello' }));
  const records = () =>
    sent.flatMap(({ input }) => {
      const { Records = [] } = JSON.parse(String(input.MessageBody ?? input.Message));
      return Records as { eventName: string; s3: { object: Record<string, unknown> } }[];
    });

  it('gives back what was put, and an empty one takes it away', async () => {
    const get = async () => {
      const command = new GetBucketNotificationConfigurationCommand({ Bucket: 'web' });
      const { $metadata: _, ...given } = await s3.send(command);
      return given;
    };
    const Filter = { Key: { FilterRules: [{ Name: 'prefix', Value: 'in/' } as const] } };
    await configure({
      ...toQueue({ Filter }),
      TopicConfigurations: [{ Id: 'gone', TopicArn: TOPIC, Events: ['s3:ObjectRemoved:*'] }],
      EventBridgeConfiguration: {},
    });
    expect(await get()).toEqual({
      TopicConfigurations: [{ Id: 'gone', TopicArn: TOPIC, Events: ['s3:ObjectRemoved:*'] }],
      QueueConfigurations: [
        {
          ...{ Id: 'new', QueueArn: QUEUE, Events: created },
          Filter: { Key: { FilterRules: [{ Name: 'prefix', Value: 'in/' }] } },
        },
      ],
      EventBridgeConfiguration: {},
    });
    await configure({});
    expect(await get()).toEqual({});
  });

  it('sends s3:TestEvent, as S3 for the bucket', async () => {
    await configure(toQueue());
    expect(sent).toHaveLength(1);
    expect(JSON.parse(String(sent[0]?.input.MessageBody))).toEqual({
      ...{ Service: 'Amazon S3', Event: 's3:TestEvent', Bucket: 'web' },
      Time: '2026-01-01T00:00:00.000Z',
      ...{ RequestId: expect.any(String), HostId: expect.any(String) },
    });
    expect(sent[0]?.actAs).toEqual({
      service: 's3.amazonaws.com',
      sourceArn: 'arn:aws:s3:::web',
      sourceAccount: ACCOUNT,
      region: REGION,
    });
    expect(String(sent[0]?.input.QueueUrl)).toMatch(new RegExp(`/${ACCOUNT}/queue$`));
  });

  it.each([
    ['QueueDoesNotExist', 400, 'The destination queue does not exist'],
    ['AccessDeniedException', 403, /^Permissions on the destination queue do not allow S3/],
  ])('refuses a destination that answers %s', async (name, status, ArgumentValue) => {
    refuse = () => said(name, status);
    await expect(configure(toQueue())).rejects.toMatchObject({
      name: 'InvalidArgument',
      message: 'Unable to validate the following destination configurations',
      ...{ ArgumentName: QUEUE, ArgumentValue: expect.stringMatching(ArgumentValue) },
    });
    await configure(toQueue(), { SkipDestinationValidation: true });
  });

  const filter = (Name: string, Value: string) => ({ Key: { FilterRules: [{ Name, Value }] } });
  it.each([
    [toQueue({ Events: ['s3:Nothing'] }), 'The event is not supported for notifications'],
    [toQueue({ QueueArn: 'queue' }), 'The ARN could not be parsed'],
    [toQueue({ QueueArn: TOPIC }), 'The ARN could not be parsed'],
    [
      { LambdaFunctionConfigurations: [{ LambdaFunctionArn: QUEUE, Events: created }] },
      'The ARN could not be parsed',
    ],
    [toQueue({ QueueArn: `${QUEUE}.fifo` }), /^Unable to validate/],
    [toQueue({ QueueArn: QUEUE.replace(REGION, 'us-west-2') }), /service region is not valid/],
    [
      toQueue({ Filter: filter('middle', 'a') }),
      /^filter rule name must be either prefix or suffix/,
    ],
    [toQueue({ Filter: filter('prefix', 'a'.repeat(1025)) }), /^Size of filter rule value/],
    [
      { QueueConfigurations: [...toQueue().QueueConfigurations, ...toQueue().QueueConfigurations] },
      /^Same ID/,
    ],
    [
      {
        ...toQueue(),
        TopicConfigurations: [{ TopicArn: TOPIC, Events: ['s3:ObjectCreated:Put' as const] }],
      },
      'Configurations overlap. Configurations on the same bucket cannot share a common event type.',
    ],
    [
      {
        ...toQueue({ Filter: filter('prefix', 'a') }),
        TopicConfigurations: [
          { TopicArn: TOPIC, Events: created, Filter: filter('prefix', 'ab') as never },
        ],
      },
      /^Configuration is ambiguously defined/,
    ],
  ])('refuses %j: %s', async (configuration, message) => {
    await expect(configure(configuration)).rejects.toMatchObject({
      name: 'InvalidArgument',
      message: expect.stringMatching(message),
    });
  });

  it('a function is asked whether it would run, and then runs', async () => {
    vi.stubEnv('AWS_ACCESS_KEY_ID', 'AKIAENVIRONMENT');
    vi.stubEnv('AWS_SECRET_ACCESS_KEY', 'secret');
    const upstream = await makeDestinations();
    server.platform.config.upstream.lambda = upstream.url;
    upstream.answers = refusing(403, 'AccessDeniedException');
    await expect(configure({ LambdaFunctionConfigurations })).rejects.toMatchObject({
      name: 'InvalidArgument',
      ArgumentValue: expect.stringMatching(/^Permissions on the destination function/),
    });
    upstream.answers = accepting();
    upstream.calls.length = 0;
    await configure({ LambdaFunctionConfigurations });
    expect(upstream.calls).toMatchObject([{ input: { InvocationType: 'DryRun' } }]);
    const shown = await s3.send(new GetBucketNotificationConfigurationCommand({ Bucket: 'web' }));
    expect(shown.LambdaFunctionConfigurations).toEqual(LambdaFunctionConfigurations);
    upstream.calls.length = 0;
    await put('a');
    await server.runDue();
    expect(upstream.calls).toMatchObject([
      {
        ...{ service: 'lambda', operation: 'Invoke' },
        input: { FunctionName: FUNCTION, InvocationType: 'Event' },
      },
    ]);
    expect(jsonOf(upstream.calls[0]?.input.Payload)).toMatchObject({
      Records: [{ eventName: 'ObjectCreated:Put', s3: { object: { key: 'a' } } }],
    });
    expect(sent).toEqual([]);
    await upstream.close();
    vi.unstubAllEnvs();
  });

  it('says which setting a function lacks, or takes it unseen', async () => {
    await expect(configure({ LambdaFunctionConfigurations })).rejects.toMatchObject({
      ArgumentValue: expect.stringMatching(/SLIPWAY_UPSTREAM_LAMBDA/),
    });
    await configure({ LambdaFunctionConfigurations }, { SkipDestinationValidation: true });
    await put('a');
    for (let n = 0; n < 12; n++) {
      await server.runDue();
      server.clock.advance(MINUTE_MS);
    }
    expect(sent).toEqual([]);
  });

  it('brings what is wanted, in order, and nothing else', async () => {
    await configure({
      QueueConfigurations: [
        { Id: 'in', QueueArn: QUEUE, Events: created, Filter: filter('suffix', '.txt') as never },
      ],
      TopicConfigurations: [
        { Id: 'out', TopicArn: TOPIC, Events: ['s3:ObjectRemoved:Delete', 's3:ObjectTagging:*'] },
      ],
    });
    await server.runDue();
    sent = [];
    for (let n = 0; n < 30; n++) await put(`a ${n}.txt`);
    await put('a.png');
    const TagSet = [{ Key: 'k', Value: 'v' }];
    const named = { Bucket: 'web', Key: 'a.png' };
    await s3.send(new PutObjectTaggingCommand({ ...named, Tagging: { TagSet } }));
    await s3.send(new DeleteObjectCommand(named));
    await server.runDue();
    const of = (prefix: string) =>
      records().filter(({ eventName }) => eventName.startsWith(prefix));
    expect(of('ObjectCreated').map(({ s3: { object } }) => object.key)).toEqual(
      Array.from({ length: 30 }, (_, n) => `a+${n}.txt`),
    );
    expect(of('ObjectTagging')).toMatchObject([
      { eventVersion: '2.3', eventName: 'ObjectTagging:Put', s3: { configurationId: 'out' } },
    ]);
    const [removed, ...more] = of('ObjectRemoved');
    expect(more).toEqual([]);
    expect(removed?.s3.object).toEqual({ key: 'a.png', sequencer: expect.any(String) });
    await server.sweep();
    expect(records()).toHaveLength(32);
  });

  it("sorts a key's events by their sequencers, deletions too", async () => {
    await configure(toQueue({ Events: ['s3:ObjectCreated:*', 's3:ObjectRemoved:*'] }));
    await put('k');
    await s3.send(new DeleteObjectCommand({ Bucket: 'web', Key: 'k' }));
    await put('k');
    await s3.send(
      new PutBucketVersioningCommand({
        ...{ Bucket: 'web', VersioningConfiguration: { Status: 'Enabled' } },
      }),
    );
    await s3.send(new DeleteObjectCommand({ Bucket: 'web', Key: 'k' }));
    await server.runDue();
    const told = records();
    expect(told.map(({ eventName }) => eventName)).toEqual([
      'ObjectCreated:Put',
      'ObjectRemoved:Delete',
      'ObjectCreated:Put',
      'ObjectRemoved:DeleteMarkerCreated',
    ]);
    const sequencers = told.map(({ s3: { object } }) => String(object.sequencer));
    expect([...sequencers].sort()).toEqual(sequencers);
    expect(new Set(sequencers).size).toBe(4);
  });

  it('keeps what a queue that is away is owed, in order, and gives up on one that refuses', async () => {
    await configure(toQueue());
    sent = [];
    refuse = () => said('ServiceUnavailable', 503);
    await put('a');
    await put('b');
    await server.runDue();
    refuse = () => undefined;
    server.clock.advance(MINUTE_MS);
    await server.runDue();
    expect(records().map(({ s3: { object } }) => object.key)).toEqual(['a', 'b']);
    refuse = () => said('AccessDenied', 403);
    await put('c');
    for (let n = 0; n < 12; n++) {
      await server.runDue();
      server.clock.advance(MINUTE_MS);
    }
    refuse = () => undefined;
    await put('d');
    await server.runDue();
    expect(records().map(({ s3: { object } }) => object.key)).toEqual(['a', 'b', 'd']);
  });
});
