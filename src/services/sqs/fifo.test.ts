import {
  ChangeMessageVisibilityCommand,
  CreateQueueCommand,
  DeleteMessageCommand,
  type Message,
  ReceiveMessageCommand,
  type ReceiveMessageCommandInput,
  SendMessageBatchCommand,
  SendMessageCommand,
  type SendMessageCommandInput,
  SQSClient,
} from '@aws-sdk/client-sqs';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { eachDialect } from '../../db/testing.ts';
import { type World, world } from '../../testing.ts';
import service from './index.ts';

const MINUTE_MS = 60_000;

eachDialect('FIFO queues of SQS', (makeDatabase) => {
  let server: World;
  let sqs: SQSClient;

  beforeEach(async () => {
    server = await world(makeDatabase, [service]);
    sqs = server.client(SQSClient);
  });
  afterEach(() => expect(server.failures).toEqual([]));

  const create = async (more: Record<string, string> = {}) => {
    const Attributes = { FifoQueue: 'true', ContentBasedDeduplication: 'true', ...more };
    const command = new CreateQueueCommand({ QueueName: 'q.fifo', Attributes });
    return (await sqs.send(command)).QueueUrl ?? '';
  };
  const send = (
    QueueUrl: string,
    MessageGroupId: string,
    MessageBody: string,
    more: Partial<SendMessageCommandInput> = {},
  ) => sqs.send(new SendMessageCommand({ QueueUrl, MessageGroupId, MessageBody, ...more }));
  const receive = async (QueueUrl: string, more: Partial<ReceiveMessageCommandInput> = {}) => {
    const ten = { MaxNumberOfMessages: 10, ...more };
    return (await sqs.send(new ReceiveMessageCommand({ QueueUrl, ...ten }))).Messages ?? [];
  };
  const bodies = async (...asked: Parameters<typeof receive>) =>
    (await receive(...asked)).map(({ Body }) => Body);
  const remove = (QueueUrl: string, { ReceiptHandle }: Message = {}) =>
    sqs.send(new DeleteMessageCommand({ QueueUrl, ReceiptHandle }));

  it('keeps the order of each group, and gives nothing of one that is in flight', async () => {
    const url = await create();
    for (const [group, body] of ['a1', 'b1', 'a2', 'b2', 'c1'].map((one) => [one[0], one]))
      await send(url, group ?? '', body ?? '');
    const first = await receive(url, { MaxNumberOfMessages: 1 });
    expect(first.map(({ Body }) => Body)).toEqual(['a1']);
    const others = await receive(url);
    expect(others.map(({ Body }) => Body)).toEqual(['b1', 'b2', 'c1']);
    expect(await bodies(url)).toEqual([]);
    await remove(url, first[0]);
    expect(await bodies(url)).toEqual(['a2']);
    // One of b goes, the other is in flight still.
    await remove(url, others[0]);
    await send(url, 'b', 'b3');
    expect(await bodies(url)).toEqual([]);
    server.clock.advance(30_000);
    expect((await bodies(url)).toSorted()).toEqual(['a2', 'b2', 'b3', 'c1']);
  });

  it('comes back in order when visibility ends or is taken away', async () => {
    const url = await create();
    for (const body of ['1', '2', '3']) await send(url, 'g', body);
    const [one, two] = await receive(url, { MaxNumberOfMessages: 2 });
    const change = ({ ReceiptHandle }: Message = {}) =>
      sqs.send(
        new ChangeMessageVisibilityCommand({ QueueUrl: url, ReceiptHandle, VisibilityTimeout: 0 }),
      );
    await change(one);
    expect(await bodies(url)).toEqual([]);
    await change(two);
    expect(await bodies(url)).toEqual(['1', '2', '3']);
  });

  it('refuses to delete by a receipt that has expired', async () => {
    const url = await create();
    await send(url, 'g', 'x');
    const [message] = await receive(url, { VisibilityTimeout: 5 });
    server.clock.advance(5_000);
    await expect(remove(url, message)).rejects.toThrow('The receipt handle has expired');
    const [again] = await receive(url);
    await remove(url, again);
    await remove(url, again);
  });

  it('takes a message once in five minutes, by its id or by its content', async () => {
    const url = await create();
    const first = await send(url, 'g', 'same');
    expect(first.SequenceNumber).toMatch(/^[0-9]{20}$/);
    const second = await send(url, 'other', 'same');
    expect(second).toMatchObject({
      MessageId: first.MessageId,
      SequenceNumber: first.SequenceNumber,
    });
    await send(url, 'g', 'another', { MessageDeduplicationId: 'id' });
    await send(url, 'g', 'and another', { MessageDeduplicationId: 'id' });
    const received = await receive(url);
    expect(received.map(({ Body }) => Body)).toEqual(['same', 'another']);
    for (const message of received) await remove(url, message);
    // Also what was received and deleted.
    await send(url, 'g', 'same');
    expect(await bodies(url)).toEqual([]);
    server.clock.advance(5 * MINUTE_MS);
    await send(url, 'g', 'same');
    expect(await bodies(url)).toEqual(['same']);
  });

  it('takes a message once in each group where that is the scope, also within a batch', async () => {
    const url = await create({
      DeduplicationScope: 'messageGroup',
      FifoThroughputLimit: 'perMessageGroupId',
    });
    const Entries = ['a', 'b', 'a'].map((MessageGroupId, index) => ({
      ...{ Id: String(index), MessageBody: 'same', MessageGroupId },
    }));
    const { Successful = [] } = await sqs.send(
      new SendMessageBatchCommand({ QueueUrl: url, Entries }),
    );
    expect(Successful[2]?.MessageId).toBe(Successful[0]?.MessageId);
    expect(await bodies(url)).toEqual(['same', 'same']);
  });

  it('repeats a receive of the same attempt as long as nothing was changed', async () => {
    const url = await create();
    await send(url, 'a', '1');
    await send(url, 'b', '2');
    const attempt = { ReceiveRequestAttemptId: 'attempt' };
    const first = await receive(url, attempt);
    expect(await bodies(url)).toEqual([]);
    server.clock.advance(20_000);
    const second = await receive(url, attempt);
    expect(second.map(({ Body }) => Body)).toEqual(['1', '2']);
    // Its visibility has begun anew.
    server.clock.advance(20_000);
    expect(await bodies(url)).toEqual([]);
    await remove(url, first[0]);
    expect(await bodies(url, attempt)).toEqual([]);
    await remove(url, second[1]);
  });

  it('delays by the queue alone, and blocks a group behind its first message', async () => {
    const url = await create({ DelaySeconds: '10' });
    await expect(send(url, 'g', 'x', { DelaySeconds: 5 })).rejects.toThrow('queue type');
    await send(url, 'g', '1');
    expect(await bodies(url)).toEqual([]);
    server.clock.advance(10_000);
    await send(url, 'g', '2');
    const [one] = await receive(url);
    expect(one?.Body).toBe('1');
    await remove(url, one);
    expect(await bodies(url)).toEqual([]);
    server.clock.advance(10_000);
    expect(await bodies(url)).toEqual(['2']);
  });

  it('wakes a held receive when a group is free again', async () => {
    await server.start();
    const url = await create();
    await send(url, 'g', '1');
    await send(url, 'g', '2');
    const [one] = await receive(url, { MaxNumberOfMessages: 1 });
    const held = bodies(url, { WaitTimeSeconds: 20 });
    await remove(url, one);
    expect(await held).toEqual(['2']);
  });

  it('asks for a group, and for an id where the content is none', async () => {
    const url = await create({ ContentBasedDeduplication: 'false' });
    const input = { QueueUrl: url, MessageBody: 'x' };
    await expect(sqs.send(new SendMessageCommand(input))).rejects.toMatchObject({
      name: 'MissingParameter',
    });
    await expect(send(url, 'g', 'x')).rejects.toThrow('ContentBasedDeduplication enabled');
    await expect(send(url, 'g g', 'x', { MessageDeduplicationId: '1' })).rejects.toMatchObject({
      name: 'InvalidParameterValue',
    });
  });

  it('forgets what is past its retention, with its group', async () => {
    const url = await create({ MessageRetentionPeriod: '60' });
    await send(url, 'g', 'old');
    await send(url, 'h', 'old too');
    server.clock.advance(30_000);
    await send(url, 'g', 'young');
    server.clock.advance(30_000);
    const [young] = await receive(url);
    expect(young?.Body).toBe('young');
    await remove(url, young);
    server.clock.advance(5 * MINUTE_MS);
    await server.sweep();
    for (const table of ['sqs_message', 'sqs_group', 'sqs_deduplication'] as const) {
      const rows = await server.platform.db
        .withTables<Record<typeof table, { queue_id: string }>>()
        .selectFrom(table)
        .select('queue_id')
        .execute();
      expect(rows).toEqual([]);
    }
  });
});
