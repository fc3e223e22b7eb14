import { randomBytes } from 'node:crypto';
import {
  CreateQueueCommand,
  DeleteMessageCommand,
  GetQueueAttributesCommand,
  ListQueuesCommand,
  ReceiveMessageCommand,
  SendMessageBatchCommand,
  SendMessageCommand,
  SQSClient,
} from '@aws-sdk/client-sqs';
import { AwsQueryProtocol } from '@aws-sdk/core/protocols';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { onServer } from '../src/db/on-server.ts';
import { aws, awsError, noAws } from './aws.ts';
import { eventually } from './eventually.ts';
import { has } from './run.ts';
import { startServer, type TestServer } from './server.ts';

const receive = async (client: SQSClient, QueueUrl: string, more: object = {}) =>
  (await client.send(new ReceiveMessageCommand({ QueueUrl, MaxNumberOfMessages: 10, ...more })))
    .Messages ?? [];

describe.skipIf(noAws)(`the documented examples of aws sqs${noAws || ''}`, () => {
  let server: TestServer;
  let run: ReturnType<typeof aws>;
  const url = (name: string) => `${server.endpoint}/000000000000/${name}`;
  const arn = (name: string) => `arn:aws:sqs:us-east-1:000000000000:${name}`;

  beforeAll(async () => {
    server = await startServer();
    run = aws(server);
  });
  afterAll(() => server?.stop());

  test('queues and their attributes', async () => {
    await run`sqs create-queue --queue-name MyDeadLetterQueue`;
    const policy = { deadLetterTargetArn: arn('MyDeadLetterQueue'), maxReceiveCount: '1000' };
    const RedrivePolicy = JSON.stringify(policy);
    const created = JSON.stringify({ RedrivePolicy, MessageRetentionPeriod: '259200' });
    expect(await run`sqs create-queue --queue-name MyQueue --attributes ${created}`).toEqual({
      QueueUrl: url('MyQueue'),
    });
    expect(await run`sqs get-queue-url --queue-name MyQueue`).toEqual({ QueueUrl: url('MyQueue') });
    expect(await run`sqs list-queues --queue-name-prefix My`).toEqual({
      QueueUrls: [url('MyDeadLetterQueue'), url('MyQueue')],
    });
    const queue = 'https://sqs.us-east-1.amazonaws.com/000000000000/MyQueue';
    const given = {
      ...{ DelaySeconds: '10', MaximumMessageSize: '131072', MessageRetentionPeriod: '259200' },
      ...{ ReceiveMessageWaitTimeSeconds: '20', RedrivePolicy, VisibilityTimeout: '60' },
    };
    const set = JSON.stringify(given);
    expect(await run`sqs set-queue-attributes --queue-url ${queue} --attributes ${set}`).toEqual(
      {},
    );
    const all = await run`sqs get-queue-attributes --queue-url ${queue} --attribute-names All`;
    expect(all.Attributes).toMatchObject({
      ...given,
      RedrivePolicy: JSON.stringify({ ...policy, maxReceiveCount: 1000 }),
      QueueArn: arn('MyQueue'),
      ...{ ApproximateNumberOfMessages: '0', CreatedTimestamp: expect.stringMatching(/^\d{10}$/) },
    });
    const names = ['MaximumMessageSize', 'VisibilityTimeout'];
    expect(
      await run`sqs get-queue-attributes --queue-url ${queue} --attribute-names ${names}`,
    ).toEqual({ Attributes: { MaximumMessageSize: '131072', VisibilityTimeout: '60' } });
    expect(
      await run`sqs list-dead-letter-source-queues --queue-url ${url('MyDeadLetterQueue')}`,
    ).toEqual({ queueUrls: [url('MyQueue')] });
    await run`sqs tag-queue --queue-url ${queue} --tags Priority=Highest,Team=Alpha`;
    await run`sqs untag-queue --queue-url ${queue} --tag-keys Priority`;
    expect(await run`sqs list-queue-tags --queue-url ${queue}`).toEqual({
      Tags: { Team: 'Alpha' },
    });
    const label = 'SendMessagesFromMyQueue';
    const permission = ['--aws-account-ids', '111111111111', '--actions', 'SendMessage'];
    expect(
      await run`sqs add-permission --queue-url ${queue} --label ${label} ${permission}`,
    ).toEqual({});
    expect(await run`sqs remove-permission --queue-url ${queue} --label ${label}`).toEqual({});
    expect(await run`sqs purge-queue --queue-url ${queue}`).toEqual({});
    expect(await awsError(server)`sqs purge-queue --queue-url ${queue}`).toMatch(
      /^AWS\.SimpleQueueService\.PurgeQueueInProgress: /,
    );
    expect(await run`sqs delete-queue --queue-url ${queue}`).toEqual({});
    expect(await awsError(server)`sqs get-queue-url --queue-name MyQueue`).toBe(
      'AWS.SimpleQueueService.NonExistentQueue: The specified queue does not exist.',
    );
  });

  test('messages', async () => {
    await run`sqs create-queue --queue-name Messages`;
    const queue = url('Messages');
    const attributes = JSON.stringify({
      City: { DataType: 'String', StringValue: 'Any City' },
      Greeting: { DataType: 'Binary', BinaryValue: 'SGVsbG8sIFdvcmxkIQ==' },
      Population: { DataType: 'Number', StringValue: '1250800' },
    });
    const body = 'Information about the largest city in Any Region.';
    expect(
      await run`sqs send-message --queue-url ${queue} --message-body ${body} --message-attributes ${attributes}`,
    ).toEqual({
      MD5OfMessageBody: '51b0a3256d59467f973009b739163aa0',
      MD5OfMessageAttributes: expect.stringMatching(/^[0-9a-f]{32}$/),
      MessageId: expect.any(String),
    });
    const entry = (Id: string) => ({
      ...{ Id, MessageBody: `Fuel report ${Id}` },
      MessageAttributes: { SellerName: { DataType: 'String', StringValue: 'Example Store' } },
    });
    const entries = JSON.stringify([entry('FuelReport-1'), entry('FuelReport-2')]);
    const sent = await run`sqs send-message-batch --queue-url ${queue} --entries ${entries}`;
    expect((sent.Successful as { Id: string }[]).map(({ Id }) => Id)).toEqual([
      ...['FuelReport-1', 'FuelReport-2'],
    ]);
    const names = ['--attribute-names', 'All', '--message-attribute-names', 'All'];
    const { Messages } =
      (await run`sqs receive-message --queue-url ${queue} ${names} --max-number-of-messages 10`) as {
        Messages: { Body: string; ReceiptHandle: string; Attributes: object }[];
      };
    expect(Messages.map(({ Body }) => Body)).toEqual([
      ...[body, 'Fuel report FuelReport-1', 'Fuel report FuelReport-2'],
    ]);
    expect(Object.keys(Messages[0]?.Attributes ?? {}).toSorted()).toEqual([
      ...['ApproximateFirstReceiveTimestamp', 'ApproximateReceiveCount', 'SenderId'],
      'SentTimestamp',
    ]);
    const [first, ...rest] = Messages.map(({ ReceiptHandle }) => ReceiptHandle);
    const handle = `${first}`;
    await run`sqs change-message-visibility --queue-url ${queue} --receipt-handle ${handle} --visibility-timeout 36000`;
    const two = rest.map((ReceiptHandle, index) => ({ Id: `m${index}`, ReceiptHandle }));
    const longer = JSON.stringify(two.map((one) => ({ ...one, VisibilityTimeout: 36000 })));
    expect(
      await run`sqs change-message-visibility-batch --queue-url ${queue} --entries ${longer}`,
    ).toMatchObject({ Successful: [{ Id: 'm0' }, { Id: 'm1' }] });
    await run`sqs delete-message --queue-url ${queue} --receipt-handle ${handle}`;
    expect(
      await run`sqs delete-message-batch --queue-url ${queue} --entries ${JSON.stringify(two)}`,
    ).toMatchObject({ Successful: [{ Id: 'm0' }, { Id: 'm1' }] });
    expect(await run`sqs receive-message --queue-url ${queue}`).toEqual({});
  });

  test('tasks that move dead letters', async () => {
    // Debian 12's version does not.
    if (!has('aws', 'sqs', 'start-message-move-task', 'help')) return;
    for (const name of ['MyQueue1', 'MyQueue2']) await run`sqs create-queue --queue-name ${name}`;
    const policy = { deadLetterTargetArn: arn('MyQueue1'), maxReceiveCount: 1 };
    const attributes = JSON.stringify({ RedrivePolicy: JSON.stringify(policy) });
    await run`sqs create-queue --queue-name Source --attributes ${attributes}`;
    // Enough that the task still runs when it is asked for.
    const ten = Array.from({ length: 10 }, (_, n) => ({ Id: `m${n}`, MessageBody: `${n}` }));
    for (const entries of [ten, ten, ten].map((one) => JSON.stringify(one)))
      await run`sqs send-message-batch --queue-url ${url('MyQueue1')} --entries ${entries}`;
    const to = ['--destination-arn', arn('MyQueue2')];
    const { TaskHandle } =
      await run`sqs start-message-move-task --source-arn ${arn('MyQueue1')} ${to} --max-number-of-messages-per-second 1`;
    expect(
      await run`sqs list-message-move-tasks --source-arn ${arn('MyQueue1')} --max-results 2`,
    ).toMatchObject({
      Results: [
        {
          ...{ Status: 'RUNNING', MaxNumberOfMessagesPerSecond: 1 },
          ...{ SourceArn: arn('MyQueue1'), DestinationArn: arn('MyQueue2') },
          ...{ ApproximateNumberOfMessagesToMove: 30, StartedTimestamp: expect.any(Number) },
          TaskHandle: expect.any(String),
        },
      ],
    });
    expect(await run`sqs cancel-message-move-task --task-handle ${`${TaskHandle}`}`).toEqual({
      ApproximateNumberOfMessagesMoved: expect.any(Number),
    });
  });
});

describe('a server', () => {
  let server: TestServer;
  let client: SQSClient;
  beforeAll(async () => {
    server = await startServer();
    client = new SQSClient(server.client);
  });
  afterAll(async () => {
    client?.destroy();
    await server?.stop();
  });
  const create = async (QueueName: string, Attributes: Record<string, string> = {}) =>
    (await client.send(new CreateQueueCommand({ QueueName, Attributes }))).QueueUrl ?? '';

  test('speaks Query to clients of old, also where they call the URL of the queue', async () => {
    const protocol = new AwsQueryProtocol({
      ...{ defaultNamespace: 'com.amazonaws.sqs', version: '2012-11-05' },
      xmlNamespace: 'http://queue.amazonaws.com/doc/2012-11-05/',
    });
    const url = await create('old.fifo', { FifoQueue: 'true', ContentBasedDeduplication: 'true' });
    const old = new SQSClient({ ...server.client, protocol });
    const here = new SQSClient({ ...server.client, endpoint: url, protocol });
    const MessageAttributes = {
      b: { DataType: 'Binary', BinaryValue: Buffer.from([1, 2]) },
      a: { DataType: 'String', StringValue: 'x & y' },
    };
    const message = { MessageBody: '<one> & two', MessageGroupId: 'g', MessageAttributes };
    await old.send(new SendMessageCommand({ QueueUrl: url, ...message }));
    await here.send(
      new SendMessageBatchCommand({
        QueueUrl: undefined,
        Entries: [
          { Id: 'a', MessageBody: 'three', MessageGroupId: 'g' },
          { Id: 'b', MessageBody: 'no group' },
        ],
      }),
    );
    const asked = { MessageAttributeNames: ['All'], MessageSystemAttributeNames: ['All'] };
    const [first, second] = await receive(old, url, asked);
    expect(first).toMatchObject({ Body: '<one> & two', Attributes: { MessageGroupId: 'g' } });
    expect(first?.MessageAttributes).toMatchObject({
      a: MessageAttributes.a,
      b: { DataType: 'Binary', BinaryValue: new Uint8Array([1, 2]) },
    });
    expect(second?.Body).toBe('three');
    const names = ['All'] as ['All'];
    const { Attributes } = await old.send(
      new GetQueueAttributesCommand({ QueueUrl: url, AttributeNames: names }),
    );
    expect(Attributes).toMatchObject({ FifoQueue: 'true', DeduplicationScope: 'queue' });
    expect((await old.send(new ListQueuesCommand({}))).QueueUrls).toContain(url);
    await here.send(
      new DeleteMessageCommand({ QueueUrl: undefined, ReceiptHandle: first?.ReceiptHandle }),
    );
    await expect(
      old.send(new SendMessageCommand({ QueueUrl: `${url}x`, MessageBody: 'x' })),
    ).rejects.toThrow('The specified queue does not exist.');
    old.destroy();
    here.destroy();
  });

  test('loses nothing that it has acknowledged to kill -9, and brings nothing back', {
    timeout: 120_000,
  }, async () => {
    const url = await create('crash', { VisibilityTimeout: '2' });
    const eager = new SQSClient({ ...server.client, maxAttempts: 1 });
    const sent = new Set<string>();
    const deleted = new Set<string>();
    const again: string[] = [];
    for (let kill = 0; kill < 3; kill++) {
      let alive = true;
      const until = async (work: (n: number) => Promise<unknown>) => {
        for (let n = 0; alive; n++) await work(n).catch(() => undefined);
      };
      const sending = until(async (n) => {
        const body = `${kill}-${n}`;
        await eager.send(new SendMessageCommand({ QueueUrl: url, MessageBody: body }));
        sent.add(body);
      });
      const receiving = until(async () => {
        const [message] = await receive(eager, url, { MaxNumberOfMessages: 1 });
        const { Body = '', ReceiptHandle } = message ?? {};
        if (deleted.has(Body)) again.push(Body);
        await eager.send(new DeleteMessageCommand({ QueueUrl: url, ReceiptHandle }));
        deleted.add(Body);
      });
      const aim = sent.size + 50;
      await eventually('fifty messages', async () => sent.size > aim);
      await server.kill();
      alive = false;
      await Promise.all([sending, receiving]);
      await server.restart();
    }
    const left = new Set<string>();
    await eventually('all that is left', async () => {
      const messages = await receive(client, url, { WaitTimeSeconds: 3 });
      for (const { Body = '', ReceiptHandle } of messages) {
        if (deleted.has(Body)) again.push(Body);
        left.add(Body);
        await client.send(new DeleteMessageCommand({ QueueUrl: url, ReceiptHandle }));
      }
      return messages.length === 0;
    });
    expect(again).toEqual([]);
    // A deletion whose answer the kill took has happened or has not.
    const lost = [...sent].filter((body) => !deleted.has(body) && !left.has(body));
    expect(lost.length).toBeLessThanOrEqual(3);
    eager.destroy();
  });
});

const postgres = process.env.SLIPWAY_TEST_POSTGRES;

describe.skipIf(!postgres)(
  `two servers on one PostgreSQL${postgres ? '' : ' (skipped: no PostgreSQL here)'}`,
  () => {
    const name = `slipway_sqs_${randomBytes(6).toString('hex')}`;
    let servers: TestServer[] = [];
    let clients: SQSClient[] = [];
    let url: string;

    beforeAll(async () => {
      await onServer(postgres ?? '', `create database ${name}`);
      const place = new URL(postgres ?? '');
      place.pathname = `/${name}`;
      const first = await startServer({ env: { SLIPWAY_DATABASE: place.href } });
      const { dataDir } = first;
      servers = [first, await startServer({ dataDir, env: { SLIPWAY_DATABASE: place.href } })];
      clients = servers.map((server) => new SQSClient(server.client));
    });
    afterAll(async () => {
      for (const client of clients) client.destroy();
      for (const server of servers.toReversed()) await server.stop();
      await onServer(postgres ?? '', `drop database if exists ${name} with (force)`);
    });

    test.each(['q', 'q.fifo'])(
      'a message is received by one (%s)',
      { timeout: 120_000 },
      async (queue) => {
        const fifo = queue.endsWith('.fifo');
        const Attributes = fifo ? { FifoQueue: 'true' } : undefined;
        const [one, two] = clients;
        if (!one || !two) throw new Error('There are two.');
        url =
          (await one.send(new CreateQueueCommand({ QueueName: queue, Attributes }))).QueueUrl ?? '';
        const bodies = Array.from({ length: 200 }, (_, index) => String(index));
        const ids = (index: number, body: string) =>
          fifo ? { MessageGroupId: `g${index % 20}`, MessageDeduplicationId: body } : {};
        const send = async (client: SQSClient, from: number) => {
          for (let index = from; index < bodies.length; index += 2) {
            const body = bodies[index] ?? '';
            await client.send(
              new SendMessageCommand({ QueueUrl: url, MessageBody: body, ...ids(index, body) }),
            );
          }
        };
        const seen: string[] = [];
        const drain = async (client: SQSClient) => {
          while (seen.length < bodies.length) {
            const messages = await receive(client, url, { MaxNumberOfMessages: 3 });
            for (const { Body = '', ReceiptHandle } of messages) {
              seen.push(Body);
              await client.send(new DeleteMessageCommand({ QueueUrl: url, ReceiptHandle }));
            }
          }
        };
        const drains = [one, two, one, two].map(drain);
        await Promise.all([send(one, 0), send(two, 1), ...drains]);
        expect(seen.toSorted()).toEqual(bodies.toSorted());
        for (let group = 0; fifo && group < 20; group++) {
          const order = seen.map(Number).filter((index) => index % 20 === group);
          expect(order).toEqual(order.toSorted((a, b) => a - b));
        }
      },
    );

    test('a poll that one holds is answered by what is sent to the other', async () => {
      const [one, two] = clients;
      if (!one || !two) throw new Error('There are two.');
      url = (await one.send(new CreateQueueCommand({ QueueName: 'poll' }))).QueueUrl ?? '';
      const held = receive(one, url, { WaitTimeSeconds: 20 });
      // It is held once it has looked, which nobody can see: what is sent earlier it finds.
      await receive(two, url);
      const sent = performance.now();
      await two.send(new SendMessageCommand({ QueueUrl: url, MessageBody: 'x' }));
      expect((await held).map(({ Body }) => Body)).toEqual(['x']);
      expect(performance.now() - sent).toBeLessThan(2_000);
    });
  },
);
