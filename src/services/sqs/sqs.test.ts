import {
  ChangeMessageVisibilityCommand,
  CreateQueueCommand,
  DeleteMessageBatchCommand,
  DeleteMessageCommand,
  DeleteQueueCommand,
  GetQueueAttributesCommand,
  GetQueueUrlCommand,
  ListQueuesCommand,
  ListQueueTagsCommand,
  PurgeQueueCommand,
  ReceiveMessageCommand,
  type ReceiveMessageCommandInput,
  SendMessageBatchCommand,
  SendMessageCommand,
  type SendMessageCommandInput,
  SetQueueAttributesCommand,
  SQSClient,
  TagQueueCommand,
  UntagQueueCommand,
} from '@aws-sdk/client-sqs';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { eachDialect } from '../../db/testing.ts';
import { ACCOUNT, REGION, type World, world } from '../../testing.ts';
import service from './index.ts';

const MINUTE_MS = 60_000;

eachDialect('SQS', (makeDatabase) => {
  let server: World;
  let sqs: SQSClient;

  beforeEach(async () => {
    server = await world(makeDatabase, [service]);
    sqs = server.client(SQSClient);
  });
  afterEach(() => expect(server.failures).toEqual([]));

  const create = async (QueueName: string, Attributes?: Record<string, string>) =>
    (await sqs.send(new CreateQueueCommand({ QueueName, Attributes }))).QueueUrl ?? '';
  const send = (
    QueueUrl: string,
    MessageBody: string,
    more: Partial<SendMessageCommandInput> = {},
  ) => sqs.send(new SendMessageCommand({ QueueUrl, MessageBody, ...more }));
  const receive = async (
    QueueUrl: string,
    more: Partial<ReceiveMessageCommandInput> = {},
    abortSignal?: AbortSignal,
  ) => {
    const ten = { MaxNumberOfMessages: 10, ...more };
    const command = new ReceiveMessageCommand({ QueueUrl, ...ten });
    return (await sqs.send(command, { abortSignal })).Messages ?? [];
  };
  const bodies = async (...asked: Parameters<typeof receive>) =>
    (await receive(...asked)).map(({ Body }) => Body);
  const attribute = async (QueueUrl: string, ...names: string[]) => {
    const AttributeNames = names as ['All'];
    const { Attributes = {} } = await sqs.send(
      new GetQueueAttributesCommand({ QueueUrl, AttributeNames }),
    );
    return names.map((name) => (Attributes as Record<string, string>)[name]);
  };
  const counts = (url: string) =>
    attribute(
      url,
      'ApproximateNumberOfMessages',
      'ApproximateNumberOfMessagesNotVisible',
      'ApproximateNumberOfMessagesDelayed',
    );

  it('hands a message to one receiver until its visibility ends, and anew with another receipt', async () => {
    const url = await create('q');
    expect(url).toBe(`http://127.0.0.1:4566/${ACCOUNT}/q`);
    const { MessageId } = await send(url, 'one');
    const [first] = await receive(url, { MessageSystemAttributeNames: ['All'] });
    expect(first).toMatchObject({ MessageId, Body: 'one' });
    expect(first?.Attributes).toMatchObject({ SenderId: ACCOUNT, ApproximateReceiveCount: '1' });
    expect(await receive(url)).toEqual([]);
    expect(await counts(url)).toEqual(['0', '1', '0']);
    server.clock.advance(30_000);
    const [again] = await receive(url, { MessageSystemAttributeNames: ['All'] });
    expect(again?.Attributes?.ApproximateReceiveCount).toBe('2');
    expect(again?.ReceiptHandle).not.toBe(first?.ReceiptHandle);
    // The older receipt deletes nothing, and says nothing.
    await sqs.send(
      new DeleteMessageCommand({ QueueUrl: url, ReceiptHandle: first?.ReceiptHandle }),
    );
    expect(await counts(url)).toEqual(['0', '1', '0']);
    await sqs.send(
      new DeleteMessageCommand({ QueueUrl: url, ReceiptHandle: again?.ReceiptHandle }),
    );
    expect(await counts(url)).toEqual(['0', '0', '0']);
  });

  it('keeps attributes, and answers with those that were asked for and their checksum', async () => {
    const url = await create('q');
    const MessageAttributes = {
      City: { DataType: 'String', StringValue: 'Zürich' },
      Size: { DataType: 'Number.int', StringValue: '42' },
      Raw: { DataType: 'Binary', BinaryValue: Buffer.from([0, 255]) },
    };
    const header = 'Root=1-5759e988-bd862e3fe1be46a994272793;Sampled=1';
    const trace = { AWSTraceHeader: { DataType: 'String', StringValue: header } };
    const sent = await send(url, 'b', { MessageAttributes, MessageSystemAttributes: trace });
    expect(sent.MD5OfMessageSystemAttributes).toMatch(/^[0-9a-f]{32}$/);
    const look = async (MessageAttributeNames: string[]) =>
      (
        await receive(url, {
          ...{ MessageAttributeNames, VisibilityTimeout: 0 },
          MessageSystemAttributeNames: ['AWSTraceHeader'],
        })
      )[0];
    const all = await look(['All']);
    expect(all?.MD5OfMessageAttributes).toBe(sent.MD5OfMessageAttributes);
    expect(all?.MessageAttributes).toEqual({
      ...MessageAttributes,
      Raw: { DataType: 'Binary', BinaryValue: new Uint8Array([0, 255]) },
    });
    expect(all?.Attributes).toEqual({ AWSTraceHeader: header });
    const some = await look(['Ci.*', 'None']);
    expect(Object.keys(some?.MessageAttributes ?? {})).toEqual(['City']);
    expect(some?.MD5OfMessageAttributes).not.toBe(sent.MD5OfMessageAttributes);
    expect((await look([]))?.MessageAttributes).toBeUndefined();
  });

  it('delays by message and by queue, and goes by the moved clock', async () => {
    const url = await create('q', { DelaySeconds: '10' });
    await send(url, 'of the queue');
    await send(url, 'now', { DelaySeconds: 0 });
    expect(await counts(url)).toEqual(['1', '0', '1']);
    expect(await bodies(url)).toEqual(['now']);
    server.clock.advance(10_000);
    expect(await bodies(url)).toEqual(['of the queue']);
  });

  it('holds a receive until something is sent', async () => {
    await server.start();
    const url = await create('q');
    const held = bodies(url, { WaitTimeSeconds: 20 });
    await send(url, 'late');
    expect(await held).toEqual(['late']);
    const again = bodies(url, { WaitTimeSeconds: 20 });
    await send(url, 'later');
    expect(await again).toEqual(['later']);
  });

  /** Moves the clock until a promise is settled: what it waits for may not yet have begun to. */
  async function moved<T>(promise: Promise<T>, stepMs: number): Promise<T> {
    let settled = false;
    const end = promise.finally(() => {
      settled = true;
    });
    while (!settled) {
      await new Promise<void>((resolve) => setImmediate(resolve));
      server.clock.advance(stepMs);
    }
    return end;
  }

  it('ends a held receive when a delay, a visibility or its wait ends', async () => {
    await server.start();
    const url = await create('q', { ReceiveMessageWaitTimeSeconds: '20' });
    const start = server.clock.now().getTime();
    await send(url, 'delayed', { DelaySeconds: 3 });
    const MessageSystemAttributeNames = ['ApproximateFirstReceiveTimestamp' as const];
    const asked = { VisibilityTimeout: 5, MessageSystemAttributeNames };
    const [first, ...others] = await moved(receive(url, asked), 100);
    expect([first?.Body, others]).toEqual(['delayed', []]);
    // The clock has gone on since, while the answer came.
    const delivered = Number(first?.Attributes?.ApproximateFirstReceiveTimestamp);
    expect(delivered - start).toBeGreaterThanOrEqual(3_000);
    expect(await moved(bodies(url, { VisibilityTimeout: 100 }), 100)).toEqual(['delayed']);
    const shown = server.clock.now().getTime();
    expect(shown - delivered).toBeGreaterThanOrEqual(5_000);
    const empty = await create('empty');
    expect(await moved(bodies(empty, { WaitTimeSeconds: 20 }), 100)).toEqual([]);
    expect(server.clock.now().getTime() - shown).toBeGreaterThanOrEqual(20_000);
  });

  it('ends a held receive when its caller is gone or its queue is deleted', async () => {
    await server.start();
    const url = await create('q');
    const gone = new AbortController();
    const first = receive(url, { WaitTimeSeconds: 20 }, gone.signal).catch(() => undefined);
    gone.abort();
    await first;
    const second = receive(url, { WaitTimeSeconds: 20 });
    const refused = expect(second).rejects.toMatchObject({ name: 'QueueDoesNotExist' });
    await sqs.send(new DeleteQueueCommand({ QueueUrl: url }));
    await refused;
  });

  it('changes visibility within twelve hours, of what is in flight alone', async () => {
    const url = await create('q');
    await send(url, 'x');
    const [{ ReceiptHandle = '' } = {}] = await receive(url);
    const change = (VisibilityTimeout: number) =>
      sqs.send(
        new ChangeMessageVisibilityCommand({ QueueUrl: url, ReceiptHandle, VisibilityTimeout }),
      );
    await change(43_200);
    server.clock.advance(1_000);
    await expect(change(43_200)).rejects.toThrow('beyond the limit [43200 seconds]');
    await expect(change(43_201)).rejects.toMatchObject({ name: 'InvalidParameterValue' });
    await change(0);
    expect(await counts(url)).toEqual(['1', '0', '0']);
    await expect(change(10)).rejects.toMatchObject({ name: 'MessageNotInflight' });
  });

  it('answers for each entry of a batch', async () => {
    const url = await create('q');
    const entry = (Id: string, MessageBody: string) => ({ Id, MessageBody });
    const Entries = [entry('a', 'one'), entry('b', 'nul\u0000'), entry('c', 'three')];
    const sent = await sqs.send(new SendMessageBatchCommand({ QueueUrl: url, Entries }));
    expect(sent.Successful?.map(({ Id }) => Id)).toEqual(['a', 'c']);
    expect(sent.Failed).toMatchObject([
      { Id: 'b', SenderFault: true, Code: 'InvalidMessageContents' },
    ]);
    const [one, three] = await receive(url);
    const deleted = await sqs.send(
      new DeleteMessageBatchCommand({
        QueueUrl: url,
        Entries: [
          { Id: '1', ReceiptHandle: one?.ReceiptHandle },
          { Id: '2', ReceiptHandle: 'made up' },
          { Id: '3', ReceiptHandle: three?.ReceiptHandle },
        ],
      }),
    );
    expect(deleted.Successful).toEqual([{ Id: '1' }, { Id: '3' }]);
    expect(deleted.Failed).toMatchObject([{ Id: '2', Code: 'ReceiptHandleIsInvalid' }]);
    expect(await counts(url)).toEqual(['0', '0', '0']);
  });

  it.each<[string, (url: string) => Promise<unknown>, string]>([
    ['an empty batch', (u) => batch(u, []), 'EmptyBatchRequest'],
    ['eleven entries', (u) => batch(u, named(11)), 'TooManyEntriesInBatchRequest'],
    ['an id twice', (u) => batch(u, ['a', 'a']), 'BatchEntryIdsNotDistinct'],
    ['an id with a blank', (u) => batch(u, ['a b']), 'InvalidBatchEntryId'],
    ['too much together', (u) => batch(u, named(3), 400_000), 'BatchRequestTooLong'],
    ['too long a message', (u) => send(u, 'x'.repeat(1_048_577)), 'InvalidParameterValue'],
    ['half a character', (u) => send(u, '\ud800'), 'InvalidMessageContents'],
    ['no body', (u) => send(u, ''), 'MissingParameter'],
    ['a long delay', (u) => send(u, 'x', { DelaySeconds: 901 }), 'InvalidParameterValue'],
    [
      'an id of deduplication',
      (u) => send(u, 'x', { MessageDeduplicationId: 'a' }),
      'InvalidParameterValue',
    ],
    [
      'an unknown type',
      (u) => send(u, 'x', { MessageAttributes: { a: { DataType: 'Text', StringValue: 'x' } } }),
      'InvalidParameterValue',
    ],
    [
      'no number',
      (u) => send(u, 'x', { MessageAttributes: { a: { DataType: 'Number', StringValue: 'x' } } }),
      'InvalidParameterValue',
    ],
    ['eleven messages', (u) => receive(u, { MaxNumberOfMessages: 11 }), 'InvalidParameterValue'],
    ['a long wait', (u) => receive(u, { WaitTimeSeconds: 21 }), 'InvalidParameterValue'],
    ['an attribute', (u) => receive(u, { AttributeNames: ['Policy'] }), 'InvalidAttributeName'],
    ['another queue', () => send('http://h/111111111111/none', 'x'), 'QueueDoesNotExist'],
    ['no URL of a queue', () => send('http://h/none', 'x'), 'InvalidAddress'],
    [
      'another region',
      () => send(`https://sqs.us-east-1.amazonaws.com/${ACCOUNT}/q`, 'x'),
      'InvalidAddress',
    ],
  ])('refuses %s', async (_, work, name) => {
    const url = await create('q');
    await expect(work(url)).rejects.toMatchObject({ name });
    expect(await counts(url)).toEqual(['0', '0', '0']);
  });

  const named = (count: number) => Array.from({ length: count }, (_, index) => String(index));
  const batch = (QueueUrl: string, ids: string[], size = 1) =>
    sqs.send(
      new SendMessageBatchCommand({
        QueueUrl,
        Entries: ids.map((Id) => ({ Id, MessageBody: 'x'.repeat(size) })),
      }),
    );

  it('finds a queue by URLs of whatever host', async () => {
    const url = await create('q');
    await send(`https://sqs.${REGION}.amazonaws.com/${ACCOUNT}/q`, '1');
    await send(`https://${REGION}.queue.amazonaws.com/${ACCOUNT}/q`, '2');
    await send(`http://build.internal:4566/${ACCOUNT}/q/`, '3');
    await send('q', '4');
    expect(await bodies(url)).toEqual(['1', '2', '3', '4']);
  });

  it('creates a queue once, and refuses one of that name with other attributes', async () => {
    const url = await create('q', { VisibilityTimeout: '60' });
    expect(await create('q', { VisibilityTimeout: '60' })).toBe(url);
    expect(await create('q')).toBe(url);
    await expect(create('q', { VisibilityTimeout: '61' })).rejects.toThrow(
      'A queue already exists with the same name and a different value for attribute VisibilityTimeout',
    );
    await expect(create('q', { DelaySeconds: '1' })).rejects.toMatchObject({
      name: 'QueueNameExists',
    });
    for (const name of ['', 'a b', 'a.b', 'x'.repeat(81), 'a.fifo'])
      await expect(create(name)).rejects.toThrow();
    await expect(create('a', { FifoQueue: 'true' })).rejects.toThrow('must end with .fifo');
  });

  it.each([
    ['VisibilityTimeout', '43201', 'InvalidAttributeValue'],
    ['VisibilityTimeout', '-1', 'InvalidAttributeValue'],
    ['VisibilityTimeout', '1.5', 'InvalidAttributeValue'],
    ['MaximumMessageSize', '1023', 'InvalidAttributeValue'],
    ['MaximumMessageSize', '1048577', 'InvalidAttributeValue'],
    ['MessageRetentionPeriod', '59', 'InvalidAttributeValue'],
    ['SqsManagedSseEnabled', 'yes', 'InvalidAttributeValue'],
    ['Policy', '{', 'InvalidAttributeValue'],
    ['RedrivePolicy', '[]', 'InvalidParameterValue'],
    ['RedrivePolicy', '{"maxReceiveCount":1}', 'InvalidParameterValue'],
    ['RedriveAllowPolicy', '{"redrivePermission":"x"}', 'InvalidParameterValue'],
    ['ContentBasedDeduplication', 'true', 'InvalidAttributeName'],
    ['QueueArn', 'x', 'InvalidAttributeName'],
    ['__proto__', 'x', 'InvalidAttributeName'],
  ])('refuses the attribute %s %s', async (attributeName, value, name) => {
    await expect(create('q', Object.fromEntries([[attributeName, value]]))).rejects.toMatchObject({
      name,
    });
  });

  it('sets attributes and gives them back, and takes away what is set to nothing', async () => {
    const url = await create('q');
    const set = (Attributes: Record<string, string>) =>
      sqs.send(new SetQueueAttributesCommand({ QueueUrl: url, Attributes }));
    server.clock.advance(5_000);
    await set({ MaximumMessageSize: '1024', KmsMasterKeyId: 'alias/aws/sqs' });
    const names = ['MaximumMessageSize', 'KmsMasterKeyId', 'SqsManagedSseEnabled'];
    expect(await attribute(url, ...names)).toEqual(['1024', 'alias/aws/sqs', 'false']);
    expect(await attribute(url, 'KmsDataKeyReusePeriodSeconds')).toEqual(['300']);
    await set({ KmsMasterKeyId: '' });
    expect(await attribute(url, 'KmsMasterKeyId')).toEqual([undefined]);
    await expect(send(url, 'x'.repeat(1_025))).rejects.toThrow('shorter than 1024 bytes');
    const [created, modified] = await attribute(url, 'CreatedTimestamp', 'LastModifiedTimestamp');
    expect(Number(modified) - Number(created)).toBe(5);
  });

  it('lists queues by prefix and page, and lets a name rest after a deletion', async () => {
    for (const name of ['b1', 'a2', 'a1', 'A1']) await create(name);
    const list = async (input: object) => {
      const { QueueUrls = [], NextToken } = await sqs.send(new ListQueuesCommand(input));
      return { names: QueueUrls.map((url) => url.split('/').at(-1)), NextToken };
    };
    expect((await list({ QueueNamePrefix: 'a' })).names).toEqual(['a1', 'a2']);
    const first = await list({ QueueNamePrefix: 'a', MaxResults: 1 });
    const { NextToken } = first;
    const second = await list({ QueueNamePrefix: 'a', MaxResults: 1, NextToken });
    expect([first.names, second]).toEqual([['a1'], { names: ['a2'], NextToken: undefined }]);
    const QueueUrl = await create('a1');
    await send(QueueUrl, 'old');
    await sqs.send(new DeleteQueueCommand({ QueueUrl }));
    await expect(create('a1')).rejects.toMatchObject({ name: 'QueueDeletedRecently' });
    await expect(sqs.send(new GetQueueUrlCommand({ QueueName: 'a1' }))).rejects.toMatchObject({
      name: 'QueueDoesNotExist',
    });
    server.clock.advance(MINUTE_MS);
    await server.runDue();
    expect(await bodies(await create('a1'))).toEqual([]);
  });

  it('purges, once a minute', async () => {
    const url = await create('q');
    await batch(url, named(5));
    await receive(url, { MaxNumberOfMessages: 2 });
    const purge = () => sqs.send(new PurgeQueueCommand({ QueueUrl: url }));
    await purge();
    expect(await counts(url)).toEqual(['0', '0', '0']);
    await send(url, 'after');
    await expect(purge()).rejects.toMatchObject({
      ...{ name: 'PurgeQueueInProgress', $metadata: { httpStatusCode: 403 } },
    });
    expect(await bodies(url)).toEqual(['after']);
    server.clock.advance(MINUTE_MS);
    await purge();
    server.clock.advance(MINUTE_MS);
    expect(await bodies(url)).toEqual([]);
  });

  it('never shows what is past its retention, and deletes it', async () => {
    const url = await create('q', { MessageRetentionPeriod: '60' });
    await send(url, 'old');
    server.clock.advance(30_000);
    await send(url, 'young');
    server.clock.advance(30_000);
    expect(await bodies(url, { VisibilityTimeout: 0 })).toEqual(['young']);
    await server.sweep();
    const rows = await server.platform.db
      .withTables<{ sqs_message: { seq: string } }>()
      .selectFrom('sqs_message')
      .select('seq')
      .execute();
    expect(rows).toHaveLength(1);
  });

  it('keeps tags', async () => {
    const { QueueUrl } = await sqs.send(
      new CreateQueueCommand({ QueueName: 'q', tags: { team: 'a', __proto__x: 'b' } }),
    );
    await sqs.send(new TagQueueCommand({ QueueUrl, Tags: { team: 'c', more: 'd' } }));
    await sqs.send(new UntagQueueCommand({ QueueUrl, TagKeys: ['__proto__x'] }));
    const { Tags } = await sqs.send(new ListQueueTagsCommand({ QueueUrl }));
    expect(Tags).toEqual({ team: 'c', more: 'd' });
  });
});
