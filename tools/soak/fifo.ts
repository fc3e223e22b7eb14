import { setTimeout as sleep } from 'node:timers/promises';
import {
  CreateTopicCommand,
  PublishCommand,
  SNSClient,
  SubscribeCommand,
} from '@aws-sdk/client-sns';
import {
  CreateQueueCommand,
  DeleteMessageBatchCommand,
  type Message,
  ReceiveMessageCommand,
  SendMessageCommand,
  SQSClient,
} from '@aws-sdk/client-sqs';
import { eventually } from '../../conformance/eventually.ts';
import type { TestServer } from '../../conformance/server.ts';
import { makeInOrder } from './in-order.ts';
import type { Values } from './main.ts';
import { onServers, underKills } from './servers.ts';

/** Half of them are sent to the queue, half go by way of a topic. */
const GROUPS = 8;
const CONSUMERS = 3;
const VISIBILITY_S = 4;
/** A sender sends that often at most, so that there are kills enough meanwhile. */
const APART_MS = 150;
const DRAIN_MS = 120_000;
/** A server that is down again and again may need several tries. */
const TAKEN_MS = 180_000;
const QUEUE = 'order.fifo';

/** A FIFO queue and a FIFO topic before it, while their servers are killed: order within a group, nothing lost, nothing twice. */
export const soakFifo = (values: Values): Promise<string[]> =>
  onServers(values, async ({ servers, front }) => {
    const count = Number(values.messages);
    const sqs = new SQSClient({ ...front.client, maxAttempts: 1 });
    const QueueUrl = await makeGround(front, sqs);
    const order = makeInOrder();
    const total = GROUPS * count;
    let over = false;
    const consuming = Array.from({ length: CONSUMERS }, () =>
      consume(sqs, QueueUrl, order, () => over),
    );
    await underKills(servers, values, () =>
      Promise.all(
        Array.from({ length: GROUPS }, (_, group) => sendAll(front, QueueUrl, group, count)),
      ),
    ).catch((error) => {
      over = true;
      throw error;
    });
    const late = Date.now() + DRAIN_MS;
    while (order.count() < total && Date.now() < late) await sleep(100);
    // What would come twice comes once its time is over.
    await sleep((VISIBILITY_S + 2) * 1000);
    over = true;
    await Promise.all(consuming);
    process.stdout.write(
      `${total} messages, ${order.again()} of them received again before they were deleted\n`,
    );
    const lost = total - order.count();
    return [...order.found(), ...(lost > 0 ? [`${lost} messages are lost`] : [])];
  });

async function makeGround(front: TestServer, sqs: SQSClient): Promise<string> {
  const sns = new SNSClient(front.client);
  const { TopicArn } = await sns.send(
    new CreateTopicCommand({ Name: QUEUE, Attributes: { FifoTopic: 'true' } }),
  );
  const arn = `arn:aws:sqs:${front.region}:${front.accountId}:${QUEUE}`;
  const Policy = JSON.stringify({
    Version: '2012-10-17',
    Statement: {
      ...{ Effect: 'Allow', Principal: { Service: 'sns.amazonaws.com' } },
      ...{ Action: 'sqs:SendMessage', Resource: arn },
    },
  });
  const VisibilityTimeout = String(VISIBILITY_S);
  const Attributes = { FifoQueue: 'true', VisibilityTimeout, Policy };
  const { QueueUrl = '' } = await sqs.send(
    new CreateQueueCommand({ QueueName: QUEUE, Attributes }),
  );
  const raw = { RawMessageDelivery: 'true' };
  await sns.send(
    new SubscribeCommand({ TopicArn, Protocol: 'sqs', Endpoint: arn, Attributes: raw }),
  );
  return QueueUrl;
}

/** One after the other, each until a server has taken it. */
async function sendAll(front: TestServer, QueueUrl: string, group: number, count: number) {
  const client = { ...front.client, maxAttempts: 1 };
  const sqs = new SQSClient(client);
  const sns = new SNSClient(client);
  const TopicArn = `arn:aws:sns:${front.region}:${front.accountId}:${QUEUE}`;
  for (let number = 0; number < count; number += 1) {
    const body = `${group} ${number}`;
    const place = {
      MessageGroupId: `group-${group}`,
      MessageDeduplicationId: body.replace(' ', '-'),
    };
    const send = (): Promise<unknown> =>
      group % 2 === 0
        ? sqs.send(new SendMessageCommand({ QueueUrl, MessageBody: body, ...place }))
        : sns.send(new PublishCommand({ TopicArn, Message: body, ...place }));
    await eventually(`message ${body} to be taken`, send, TAKEN_MS);
    await sleep(APART_MS);
  }
}

async function consume(
  sqs: SQSClient,
  QueueUrl: string,
  order: ReturnType<typeof makeInOrder>,
  over: () => boolean,
): Promise<void> {
  const request = { QueueUrl, MaxNumberOfMessages: 10, WaitTimeSeconds: 1 };
  const receive = () => sqs.send(new ReceiveMessageCommand(request));
  while (!over()) {
    const { Messages = [] } = await receive().catch(async () => {
      await sleep(50);
      return { Messages: [] as Message[] };
    });
    if (Messages.length === 0) continue;
    for (const { Body = '' } of Messages) order.received(Body);
    const Entries = Messages.map(({ ReceiptHandle }, at) => ({ Id: `${at}`, ReceiptHandle }));
    const deleted = await sqs
      .send(new DeleteMessageBatchCommand({ QueueUrl, Entries }))
      .catch(() => undefined);
    for (const { Id } of deleted?.Successful ?? []) order.deleted(Messages[Number(Id)]?.Body ?? '');
  }
}
