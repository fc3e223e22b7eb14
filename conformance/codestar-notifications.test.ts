import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { aws, noAws } from './aws.ts';
import { eventually } from './eventually.ts';
import { startServer, type TestServer } from './server.ts';

/** Each start of the aws command takes seconds on a busy machine. */
const SLOW = { timeout: 240_000 };

const SERVICE = 'codestar-notifications.amazonaws.com';
const ACCOUNT = '123456789012';
const REGION = 'us-east-1';
const TOPIC = `arn:aws:sns:${REGION}:${ACCOUNT}:MyNotificationTopic`;
const QUEUE = `arn:aws:sqs:${REGION}:${ACCOUNT}:MyQueue`;
const REPOSITORY = `arn:aws:codecommit:${REGION}:${ACCOUNT}:MyDemoRepo`;
const CHANNEL = `arn:aws:chatbot::${ACCOUNT}:chat-configuration/slack-channel/builds`;

const allow = (service: string, action: string, resource: string) =>
  JSON.stringify({
    Version: '2012-10-17',
    Statement: [
      { Effect: 'Allow', Principal: { Service: service }, Action: action, Resource: resource },
    ],
  });

/** What is posted to a webhook of a chat, in order. */
interface Chat {
  server: Server;
  url: string;
  posts: { text: string; blocks: { text?: { text: string } }[] }[];
}

async function startChat(): Promise<Chat> {
  const posts: Chat['posts'] = [];
  const server = createServer(async (request, response) => {
    const parts: Buffer[] = [];
    for await (const part of request) parts.push(part);
    posts.push(JSON.parse(Buffer.concat(parts).toString()));
    response.end('ok');
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return { server, posts, url: `http://127.0.0.1:${port}/services/T0/B0/x` };
}

describe.skipIf(noAws)('CodeStar Notifications', SLOW, () => {
  let server: TestServer;
  let chat: Chat;

  beforeAll(async () => {
    chat = await startChat();
    server = await startServer({
      flags: ['--account', ACCOUNT],
      env: { SLIPWAY_CHAT_WEBHOOKS: `${CHANNEL}=${chat.url}` },
    });
    await aws(server)`sns create-topic --name MyNotificationTopic
      --attributes ${JSON.stringify({ Policy: allow(SERVICE, 'SNS:Publish', TOPIC) })}`;
    await aws(server)`sqs create-queue --queue-name MyQueue
      --attributes ${JSON.stringify({ Policy: allow('sns.amazonaws.com', 'sqs:SendMessage', QUEUE) })}`;
    await aws(server)`sns subscribe --topic-arn ${TOPIC} --protocol sqs
      --notification-endpoint ${QUEUE} --attributes RawMessageDelivery=true`;
    await aws(server)`codecommit create-repository --repository-name MyDemoRepo`;
  }, 120_000);
  afterAll(async () => {
    chat?.server.close();
    await server?.stop();
  });

  /** The next message in the queue. */
  const received = () =>
    eventually('a message in the queue', async () => {
      const url = `${server.endpoint}/${ACCOUNT}/MyQueue`;
      const answer = await aws(server)`sqs receive-message --queue-url ${url}`;
      const [message] = (answer.Messages ?? []) as { ReceiptHandle: string; Body: string }[];
      if (!message) return undefined;
      await aws(server)`sqs delete-message --queue-url ${url}
        --receipt-handle ${message.ReceiptHandle}`;
      return JSON.parse(message.Body);
    });

  const putFile = (branch: string, path: string) =>
    aws(server)`codecommit put-file --repository-name MyDemoRepo --branch-name ${branch}
      --file-path ${path} --file-content aGVsbG8=`;

  it('NT-OP-01 NT-05 tells a topic of a new branch as the documented rule says', async () => {
    const rule = {
      Name: 'MyNotificationRule',
      EventTypeIds: ['codecommit-repository-branches-and-tags-created'],
      Resource: REPOSITORY,
      Targets: [{ TargetType: 'SNS', TargetAddress: TOPIC }],
      Status: 'ENABLED',
      DetailType: 'FULL',
    };
    const { Arn } = await aws(
      server,
    )`codestar-notifications create-notification-rule --cli-input-json ${JSON.stringify(rule)}`;
    expect(Arn).toMatch(
      new RegExp(
        `^arn:aws:codestar-notifications:${REGION}:${ACCOUNT}:notificationrule/[0-9a-f]{40}$`,
      ),
    );
    const { commitId } = await putFile('main', 'a.txt');
    expect(await received()).toEqual({
      account: ACCOUNT,
      detailType: 'CodeCommit Repository State Change',
      region: REGION,
      source: 'aws.codecommit',
      time: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/),
      notificationRuleArn: Arn,
      detail: expect.objectContaining({
        event: 'referenceCreated',
        referenceName: 'main',
        commitId,
      }),
      resources: [REPOSITORY],
      additionalAttributes: {},
    });
    const targets = { TargetAddress: TOPIC, TargetType: 'SNS', TargetStatus: 'ACTIVE' };
    expect(await aws(server)`codestar-notifications list-targets`).toEqual({ Targets: [targets] });
  });
});
