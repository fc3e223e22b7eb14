import {
  AddPermissionCommand,
  CreateTopicCommand,
  GetTopicAttributesCommand,
  ListSubscriptionsCommand,
  PublishCommand,
  type PublishCommandInput,
  RemovePermissionCommand,
  SNSClient,
  SubscribeCommand,
} from '@aws-sdk/client-sns';
import {
  CreateQueueCommand,
  DeleteMessageCommand,
  type Message,
  ReceiveMessageCommand,
  SetQueueAttributesCommand,
  SQSClient,
} from '@aws-sdk/client-sqs';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { eachDialect } from '../../db/testing.ts';
import { ACCOUNT, REGION, type World, world } from '../../testing.ts';
import kms from '../kms/index.ts';
import sqsService from '../sqs/index.ts';
import service from './index.ts';
import { type Endpoint, follow, makeEndpoint } from './testing.ts';

eachDialect('SNS to queues', (makeDatabase) => {
  let server: World;
  let sns: SNSClient;
  let sqs: SQSClient;

  beforeEach(async () => {
    server = await world(makeDatabase, [service, sqsService, kms]);
    sns = server.client(SNSClient);
    sqs = server.client(SQSClient);
  });
  afterEach(() => expect(server.failures).toEqual([]));

  const topic = async (Name = 'news', Attributes?: Record<string, string>) =>
    (await sns.send(new CreateTopicCommand({ Name, Attributes }))).TopicArn ?? '';
  const publish = (TopicArn: string, Message: string, more: Partial<PublishCommandInput> = {}) =>
    sns.send(new PublishCommand({ TopicArn, Message, ...more }));
  const arnOf = (name: string) => `arn:aws:sqs:${REGION}:${ACCOUNT}:${name}`;
  const letIn = (name: string, topicArn: string) =>
    JSON.stringify({
      Statement: {
        Effect: 'Allow',
        Principal: { Service: 'sns.amazonaws.com' },
        Action: 'sqs:SendMessage',
        Resource: arnOf(name),
        Condition: { ArnEquals: { 'aws:SourceArn': topicArn } },
      },
    });
  const queue = async (name: string, topicArn?: string, more: Record<string, string> = {}) => {
    const { QueueUrl = '' } = await sqs.send(
      new CreateQueueCommand({
        QueueName: name,
        Attributes: { ...more, ...(topicArn && { Policy: letIn(name, topicArn) }) },
      }),
    );
    return QueueUrl;
  };
  const subscribe = (TopicArn: string, name: string, Attributes?: Record<string, string>) =>
    sns.send(
      new SubscribeCommand({ TopicArn, Protocol: 'sqs', Endpoint: arnOf(name), Attributes }),
    );
  /** All that is in the queue, in order, taken out of it. */
  const take = async (QueueUrl: string): Promise<Message[]> => {
    const all: Message[] = [];
    for (;;) {
      const { Messages = [] } = await sqs.send(
        new ReceiveMessageCommand({
          QueueUrl,
          MaxNumberOfMessages: 10,
          MessageAttributeNames: ['All'],
          MessageSystemAttributeNames: ['All'],
        }),
      );
      if (Messages.length === 0) return all;
      for (const message of Messages) {
        all.push(message);
        await sqs.send(
          new DeleteMessageCommand({ QueueUrl, ReceiptHandle: message.ReceiptHandle }),
        );
      }
    }
  };
  const bodies = async (url: string) =>
    (await take(url)).map(({ Body = '' }) => JSON.parse(Body).Message);

  it('reaches the queues whose policies let this topic in, and no other', async () => {
    const [one, other] = [await topic('one'), await topic('other')];
    const open = await queue('open', one);
    const closed = await queue('closed');
    for (const name of ['open', 'closed']) await subscribe(one, name);
    await subscribe(other, 'open');
    await publish(one, 'hello');
    await publish(other, 'from another topic');
    await server.runDue();
    const [message, ...more] = await take(open);
    expect(more).toEqual([]);
    expect(JSON.parse(message?.Body ?? '')).toMatchObject({
      Type: 'Notification',
      TopicArn: one,
      Message: 'hello',
    });
    expect(await take(closed)).toEqual([]);
  });

  it('reaches queues with characters that they do not take as they are', async () => {
    const arn = await topic();
    const url = await queue('mine', arn);
    await subscribe(arn, 'mine');
    await publish(arn, 'a\uFFFE\uFFFFb');
    await server.runDue();
    const [message] = await take(url);
    expect(JSON.parse(message?.Body ?? '')).toMatchObject({ Message: 'a\uFFFE\uFFFFb' });
  });

  it('delivers attributes raw', async () => {
    const arn = await topic();
    const url = await queue('raw', arn);
    await subscribe(arn, 'raw', { RawMessageDelivery: 'true' });
    await publish(arn, 'hello', {
      MessageAttributes: {
        text: { DataType: 'String', StringValue: 'a' },
        bytes: { DataType: 'Binary', BinaryValue: Uint8Array.from([0, 255]) },
        number: { DataType: 'Number', StringValue: '1.5' },
      },
    });
    await server.runDue();
    const [message] = await take(url);
    expect(message?.Body).toBe('hello');
    expect(message?.MessageAttributes).toMatchObject({
      text: { DataType: 'String', StringValue: 'a' },
      bytes: { DataType: 'Binary', BinaryValue: Uint8Array.from([0, 255]) },
      number: { DataType: 'Number', StringValue: '1.5' },
    });
  });

  it('keeps the order of a group, and leaves out what was published before', async () => {
    const arn = await topic('order.fifo', {
      FifoTopic: 'true',
      ContentBasedDeduplication: 'true',
    });
    const url = await queue('in.fifo', arn, { FifoQueue: 'true' });
    await subscribe(arn, 'in.fifo');
    const first = await publish(arn, '0', { MessageGroupId: 'a' });
    for (let n = 1; n < 25; n++)
      await publish(arn, String(n), { MessageGroupId: n % 2 ? 'b' : 'a' });
    const again = await publish(arn, '0', { MessageGroupId: 'a' });
    expect(again).toMatchObject({
      MessageId: first.MessageId,
      SequenceNumber: first.SequenceNumber,
    });
    expect(first.SequenceNumber).toMatch(/^\d{20}$/);
    await expect(publish(arn, 'x')).rejects.toMatchObject({
      message: 'Invalid parameter: The MessageGroupId parameter is required for FIFO topics',
    });
    await server.runDue();
    const numbers = (await bodies(url)).map(Number);
    expect(numbers.filter((n) => n % 2 === 0)).toEqual(Array.from({ length: 13 }, (_, n) => 2 * n));
    expect(numbers.filter((n) => n % 2)).toEqual(Array.from({ length: 12 }, (_, n) => 2 * n + 1));
    server.clock.advance(5 * 60_000);
    const later = await publish(arn, '0', { MessageGroupId: 'a' });
    expect(later.MessageId).not.toBe(first.MessageId);
    await server.runDue();
    expect(await bodies(url)).toEqual(['0']);
  });

  it('puts what cannot be delivered into the dead-letter queue', async () => {
    const arn = await topic();
    const dead = await queue('dead', arn);
    const hook: Endpoint = await makeEndpoint();
    const RedrivePolicy = JSON.stringify({ deadLetterTargetArn: arnOf('dead') });
    await subscribe(arn, 'missing', { RedrivePolicy });
    await sns.send(
      new SubscribeCommand({
        TopicArn: arn,
        Protocol: 'http',
        Endpoint: hook.url,
        Attributes: { RedrivePolicy },
      }),
    );
    await server.runDue();
    await follow(server, JSON.parse(hook.received[0]?.body ?? '').SubscribeURL);
    hook.status = 404;
    await publish(arn, 'hello');
    await server.runDue();
    hook.close();
    const messages = await take(dead);
    expect(messages.map(({ Body = '' }) => JSON.parse(Body).Message)).toEqual(['hello', 'hello']);
    const reasons = messages.map(
      ({ MessageAttributes }) => MessageAttributes?.ErrorMessage?.StringValue,
    );
    expect(reasons.sort()).toEqual(
      [expect.stringContaining('sqs:SendMessage'), 'the endpoint answered with 404'].sort(),
    );
  });

  it('lets another account publish and subscribe where the topic does', async () => {
    const arn = await topic();
    const url = await queue('own', arn);
    await subscribe(arn, 'own');
    const stranger = server.client(SNSClient, { accountId: '222222222222' });
    const publishing = () => stranger.send(new PublishCommand({ TopicArn: arn, Message: 'hello' }));
    await expect(publishing()).rejects.toMatchObject({ name: 'AuthorizationErrorException' });
    await sns.send(
      new AddPermissionCommand({
        TopicArn: arn,
        Label: 'friend',
        AWSAccountId: ['222222222222'],
        ActionName: ['Publish', 'Subscribe'],
      }),
    );
    await publishing();
    const { SubscriptionArn } = await stranger.send(
      new SubscribeCommand({ TopicArn: arn, Protocol: 'email', Endpoint: 'me@example.com' }),
    );
    expect(SubscriptionArn).toBe('pending confirmation');
    const owned = (client: SNSClient) => client.send(new ListSubscriptionsCommand({}));
    expect((await owned(stranger)).Subscriptions).toHaveLength(1);
    expect((await owned(sns)).Subscriptions).toHaveLength(1);
    await server.runDue();
    expect(await bodies(url)).toEqual(['hello']);
    const before = await sns.send(new GetTopicAttributesCommand({ TopicArn: arn }));
    expect(JSON.parse(before.Attributes?.Policy ?? '').Statement).toHaveLength(2);
    await sns.send(new RemovePermissionCommand({ TopicArn: arn, Label: 'friend' }));
    await expect(publishing()).rejects.toMatchObject({ name: 'AuthorizationErrorException' });
  });

  it('asks a queue of another account for its confirmation', async () => {
    const arn = await topic();
    const theirs = server.client(SQSClient, { accountId: '222222222222' });
    const endpoint = `arn:aws:sqs:${REGION}:222222222222:theirs`;
    const Policy = letIn('theirs', arn).replace(arnOf('theirs'), endpoint);
    const { QueueUrl } = await theirs.send(
      new CreateQueueCommand({ QueueName: 'theirs', Attributes: { Policy } }),
    );
    const { SubscriptionArn } = await sns.send(
      new SubscribeCommand({ TopicArn: arn, Protocol: 'sqs', Endpoint: endpoint }),
    );
    expect(SubscriptionArn).toBe('pending confirmation');
    await server.runDue();
    const { Messages } = await theirs.send(new ReceiveMessageCommand({ QueueUrl }));
    expect(JSON.parse(Messages?.[0]?.Body ?? '')).toMatchObject({
      Type: 'SubscriptionConfirmation',
    });
  });

  it('goes on when the queue lets it in again', async () => {
    const arn = await topic();
    const url = await queue('late');
    await subscribe(arn, 'late');
    await publish(arn, 'refused for ever');
    await server.runDue();
    await sqs.send(
      new SetQueueAttributesCommand({ QueueUrl: url, Attributes: { Policy: letIn('late', arn) } }),
    );
    await publish(arn, 'hello');
    await server.runDue();
    expect(await bodies(url)).toEqual(['hello']);
  });

  it('seals messages by the key of the topic, for who may use it', async () => {
    const arn = await topic('sealed', { KmsMasterKeyId: 'alias/aws/sns' });
    const url = await queue('in', arn);
    await subscribe(arn, 'in');
    await publish(arn, 'hello');
    const { id, body } = await server.platform.db
      .withTables<{ sns_message: { id: string; body: string } }>()
      .selectFrom('sns_message')
      .selectAll()
      .executeTakeFirstOrThrow();
    expect(id).not.toBe('');
    expect(body).toContain('dataKey');
    expect(body).not.toContain('hello');
    await server.runDue();
    expect(await bodies(url)).toEqual(['hello']);
    server.denied.add('kms:GenerateDataKey');
    await expect(publish(arn, 'x')).rejects.toMatchObject({ name: 'KMSAccessDeniedException' });
    const missing = await topic('missing', { KmsMasterKeyId: 'alias/missing' });
    server.denied.clear();
    await expect(publish(missing, 'x')).rejects.toMatchObject({ name: 'KMSNotFoundException' });
  });
});
