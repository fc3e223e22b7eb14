import {
  CancelMessageMoveTaskCommand,
  CreateQueueCommand,
  DeleteMessageCommand,
  GetQueueAttributesCommand,
  ListDeadLetterSourceQueuesCommand,
  ListMessageMoveTasksCommand,
  ReceiveMessageCommand,
  SendMessageCommand,
  SetQueueAttributesCommand,
  SQSClient,
  StartMessageMoveTaskCommand,
} from '@aws-sdk/client-sqs';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { eachDialect } from '../../db/testing.ts';
import { ACCOUNT, REGION, type World, world } from '../../testing.ts';
import service from './index.ts';

const arn = (name: string) => `arn:aws:sqs:${REGION}:${ACCOUNT}:${name}`;
const url = (name: string) => `http://127.0.0.1:4566/${ACCOUNT}/${name}`;

eachDialect('Dead letters of SQS', (makeDatabase) => {
  let server: World;
  let sqs: SQSClient;

  beforeEach(async () => {
    server = await world(makeDatabase, [service]);
    sqs = server.client(SQSClient);
  });
  afterEach(() => expect(server.failures).toEqual([]));

  const create = (QueueName: string, Attributes: Record<string, string> = {}) =>
    sqs.send(
      new CreateQueueCommand({
        QueueName,
        Attributes: { ...(QueueName.endsWith('.fifo') && { FifoQueue: 'true' }), ...Attributes },
      }),
    );
  const redrive = (name: string, maxReceiveCount: unknown = 1) => ({
    RedrivePolicy: JSON.stringify({ deadLetterTargetArn: arn(name), maxReceiveCount }),
  });
  const send = (name: string, body: string) =>
    sqs.send(
      new SendMessageCommand({
        ...{ QueueUrl: url(name), MessageBody: body },
        ...(name.endsWith('.fifo') && { MessageGroupId: 'g', MessageDeduplicationId: body }),
      }),
    );
  const receive = async (name: string, VisibilityTimeout = 0, MaxNumberOfMessages = 10) => {
    const { Messages = [] } = await sqs.send(
      new ReceiveMessageCommand({
        ...{ QueueUrl: url(name), MaxNumberOfMessages, VisibilityTimeout },
        MessageSystemAttributeNames: ['All'],
      }),
    );
    return Messages;
  };
  const bodies = async (...asked: Parameters<typeof receive>) =>
    (await receive(...asked)).map(({ Body }) => Body);
  const start = (source: string, more: object = {}) =>
    sqs.send(new StartMessageMoveTaskCommand({ SourceArn: arn(source), ...more }));
  const tasks = async (source: string, MaxResults = 10) => {
    const command = new ListMessageMoveTasksCommand({ SourceArn: arn(source), MaxResults });
    return (await sqs.send(command)).Results ?? [];
  };

  it.each(['', '.fifo'])(
    'moves what was received too often, and back (queues *%s)',
    async (end) => {
      await create(`dead${end}`);
      await create(`q${end}`, redrive(`dead${end}`, '2'));
      for (const body of ['1', '2', '3']) await send(`q${end}`, body);
      expect(await bodies(`q${end}`)).toEqual(['1', '2', '3']);
      expect(await bodies(`q${end}`)).toEqual(['1', '2', '3']);
      await send(`q${end}`, 'fresh');
      expect(await bodies(`q${end}`)).toEqual(['fresh']);
      const [dead] = await receive(`dead${end}`);
      expect(dead?.Attributes).toMatchObject({
        ApproximateReceiveCount: '3',
        DeadLetterQueueSourceArn: arn(`q${end}`),
      });
      const { queueUrls } = await sqs.send(
        new ListDeadLetterSourceQueuesCommand({ QueueUrl: url(`dead${end}`) }),
      );
      expect(queueUrls).toEqual([url(`q${end}`)]);
      const { TaskHandle } = await start(`dead${end}`);
      expect(await tasks(`dead${end}`)).toMatchObject([
        { TaskHandle: expect.any(String), Status: 'RUNNING', ApproximateNumberOfMessagesToMove: 3 },
      ]);
      expect(TaskHandle).toEqual(expect.any(String));
      await server.runDue();
      expect(await tasks(`dead${end}`)).toEqual([
        {
          ...{ Status: 'COMPLETED', SourceArn: arn(`dead${end}`) },
          ...{ ApproximateNumberOfMessagesMoved: 3, ApproximateNumberOfMessagesToMove: 3 },
          StartedTimestamp: server.clock.now().getTime(),
        },
      ]);
      expect(await receive(`dead${end}`)).toEqual([]);
      const back = await receive(`q${end}`);
      expect(back.map(({ Body }) => Body).toSorted()).toEqual(['1', '2', '3', 'fresh']);
      const one = back.find(({ Body }) => Body === '1');
      expect(one?.Attributes?.ApproximateReceiveCount).toBe('1');
      expect(one?.MessageId).not.toBe(dead?.MessageId);
    },
  );

  it('moves at the rate that was asked for, until it is cancelled', async () => {
    await create('dead');
    await create('q', redrive('dead'));
    await create('to');
    for (const body of ['1', '2', '3', '4', '5']) await send('q', body);
    await bodies('q');
    expect(await bodies('q')).toEqual([]);
    const { TaskHandle } = await start('dead', {
      ...{ DestinationArn: arn('to'), MaxNumberOfMessagesPerSecond: 2 },
    });
    await expect(start('dead')).rejects.toMatchObject({
      name: 'UnsupportedOperation',
    });
    await server.runDue();
    expect(await bodies('to')).toEqual(['1', '2']);
    // Woken once more, as its sweep does.
    await server.sweep();
    expect((await bodies('to')).toSorted()).toEqual(['1', '2']);
    server.clock.advance(1_000);
    await server.runDue();
    expect((await bodies('to')).toSorted()).toEqual(['1', '2', '3', '4']);
    const { ApproximateNumberOfMessagesMoved } = await sqs.send(
      new CancelMessageMoveTaskCommand({ TaskHandle }),
    );
    expect(ApproximateNumberOfMessagesMoved).toBe(4);
    await server.runDue();
    const [cancelled] = await tasks('dead');
    expect([cancelled?.Status, cancelled?.TaskHandle]).toEqual(['CANCELLED', undefined]);
    expect(await bodies('dead')).toEqual(['5']);
    await expect(sqs.send(new CancelMessageMoveTaskCommand({ TaskHandle }))).rejects.toMatchObject({
      name: 'UnsupportedOperation',
    });
  });

  it('fails a task whose messages came from nowhere, and loses none', async () => {
    await create('dead');
    await create('q', redrive('dead'));
    await send('dead', 'sent here');
    await start('dead');
    await server.runDue();
    expect(await tasks('dead')).toMatchObject([
      { Status: 'FAILED', FailureReason: 'CouldNotDetermineMessageSource' },
    ]);
    expect(await bodies('dead')).toEqual(['sent here']);
  });

  it('moves only out of dead-letter queues, to queues that are there', async () => {
    await create('q');
    await expect(start('q')).rejects.toThrow('must be configured as a Dead Letter Queue');
    await expect(start('none')).rejects.toMatchObject({ name: 'ResourceNotFoundException' });
    await create('q2', redrive('q'));
    await expect(start('q', { DestinationArn: arn('none') })).rejects.toMatchObject({
      name: 'ResourceNotFoundException',
    });
    await expect(start('q', { MaxNumberOfMessagesPerSecond: 501 })).rejects.toMatchObject({
      name: 'InvalidParameterValue',
    });
    await expect(
      sqs.send(new CancelMessageMoveTaskCommand({ TaskHandle: 'made up' })),
    ).rejects.toThrow('Value for parameter TaskHandle is invalid.');
  });

  it('takes as a dead-letter queue what is there, of its kind, and lets it in', async () => {
    await expect(create('q', redrive('none'))).rejects.toThrow('Dead letter target does not exist');
    await create('dead.fifo');
    await expect(create('q', redrive('dead.fifo'))).rejects.toThrow('must be same type of queue');
    const allow = (policy: object) => ({ RedriveAllowPolicy: JSON.stringify(policy) });
    await create('dead', allow({ redrivePermission: 'denyAll' }));
    await expect(create('q', redrive('dead'))).rejects.toThrow('does not allow this queue');
    const byQueue = allow({ redrivePermission: 'byQueue', sourceQueueArns: [arn('q')] });
    await sqs.send(new SetQueueAttributesCommand({ QueueUrl: url('dead'), Attributes: byQueue }));
    await create('q', redrive('dead'));
    await expect(create('r', redrive('dead'))).rejects.toThrow('does not allow this queue');
    await expect(create('s', redrive('q', 1_001))).rejects.toThrow('1 to 1000 both inclusive');
    const { Attributes } = await sqs.send(
      new GetQueueAttributesCommand({ QueueUrl: url('q'), AttributeNames: ['RedrivePolicy'] }),
    );
    expect(Attributes).toEqual(redrive('dead'));
  });

  it('fills a receive with others where dead letters went', async () => {
    await create('dead');
    await create('q', redrive('dead'));
    await send('q', 'old');
    const [old] = await receive('q');
    for (const body of ['1', '2', '3']) await send('q', body);
    expect(await bodies('q', 30, 2)).toEqual(['1', '2']);
    // The receipt is of a queue in which the message is no more.
    await sqs.send(
      new DeleteMessageCommand({ QueueUrl: url('q'), ReceiptHandle: old?.ReceiptHandle }),
    );
    expect(await bodies('dead')).toEqual(['old']);
  });
});
