import { randomBytes } from 'node:crypto';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  CreateTopicCommand,
  PublishCommand,
  SNSClient,
  SubscribeCommand,
} from '@aws-sdk/client-sns';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { onServer } from '../src/db/on-server.ts';
import { aws, awsError, noAws } from './aws.ts';
import { eventually } from './eventually.ts';
import { startServer, type TestServer } from './server.ts';

/** Each start of the aws command takes seconds on a busy machine. */
const SLOW = { timeout: 300_000 };

/** An endpoint that confirms, and keeps what it is told: by message id, how often. */
async function listener() {
  const told = new Map<string, number>();
  const server = createServer(async (request, response) => {
    let body = '';
    for await (const part of request) body += part;
    response.end();
    const { Type, SubscribeURL, MessageId } = JSON.parse(body);
    if (Type === 'SubscriptionConfirmation') return void (await fetch(SubscribeURL));
    told.set(MessageId, (told.get(MessageId) ?? 0) + 1);
  });
  await new Promise<void>((done) => void server.listen(0, '127.0.0.1', done));
  const { port } = server.address() as AddressInfo;
  const close = () => {
    server.closeAllConnections();
    server.close();
  };
  return { told, url: `http://127.0.0.1:${port}/`, close };
}
type Listener = Awaited<ReturnType<typeof listener>>;

/** A topic to which the listener listens. */
async function topicFor(sns: SNSClient, { url, told }: Listener): Promise<string> {
  const { TopicArn = '' } = await sns.send(new CreateTopicCommand({ Name: 'news' }));
  await sns.send(new SubscribeCommand({ TopicArn, Protocol: 'http', Endpoint: url }));
  await eventually('the first message', async () => {
    await sns.send(new PublishCommand({ TopicArn, Message: 'is anybody there?' }));
    return told.size > 0;
  });
  return TopicArn;
}

describe('SNS', () => {
  let server: TestServer;
  let sns: SNSClient;
  let heard: Listener;

  beforeAll(async () => {
    server = await startServer();
    sns = new SNSClient({ ...server.client, maxAttempts: 1 });
    heard = await listener();
  });
  afterAll(async () => {
    heard?.close();
    await server?.stop();
  });

  it('a server that is killed loses nothing that it has taken', SLOW, async () => {
    const TopicArn = await topicFor(sns, heard);
    const taken: string[] = [];
    const publishing = async () => {
      for (let n = 0; n < 40; n++) {
        const { MessageId = '' } = await sns.send(new PublishCommand({ TopicArn, Message: 'x' }));
        taken.push(MessageId);
        if (taken.length === 60) void server.kill();
      }
    };
    await Promise.allSettled(Array.from({ length: 4 }, publishing));
    expect(taken.length).toBeGreaterThanOrEqual(60);
    await server.restart();
    await eventually('every message', async () => taken.every((id) => heard.told.has(id)));
  });

  it('answers web pages of its own alone', async () => {
    const answer = (origin: string) =>
      fetch(`${server.endpoint}/_slipway/codepipeline/approval?token=x`, {
        method: 'POST',
        headers: { origin, 'content-type': 'application/x-www-form-urlencoded' },
        body: 'status=Approved',
      }).then((response) => response.text());
    expect(await answer(server.endpoint)).toContain('This link is not valid.');
    expect(await answer('https://mail.example.com')).not.toContain('This link is not valid.');
  });

  describe.skipIf(noAws)('the aws command', SLOW, () => {
    it('answers the examples of its documentation', async () => {
      const run = aws(server);
      const { TopicArn } = await run`sns create-topic --name my-topic`;
      const topic = String(TopicArn);
      expect(topic).toBe(`arn:aws:sns:${server.region}:${server.accountId}:my-topic`);
      expect(
        await run`sns subscribe --topic-arn ${topic} --protocol email
          --notification-endpoint my-email@example.com`,
      ).toEqual({ SubscriptionArn: 'pending confirmation' });
      const [file = ''] = await eventually('the mail', async () => {
        const files = readdirSync(join(server.dataDir, 'outbox'), { encoding: 'utf8' });
        return files.length > 0 && files;
      });
      const mail = readFileSync(join(server.dataDir, 'outbox', file), 'utf8');
      const token = /Token=([0-9a-f]+)/.exec(mail)?.[1] ?? '';
      const confirmed = await run`sns confirm-subscription --topic-arn ${topic} --token ${token}`;
      const subscription = String(confirmed.SubscriptionArn);
      expect(subscription).toMatch(new RegExp(`^${topic}:[0-9a-f-]{36}$`));
      expect(await run`sns list-subscriptions-by-topic --topic-arn ${topic}`).toEqual({
        Subscriptions: [
          {
            ...{ Owner: server.accountId, Endpoint: 'my-email@example.com', Protocol: 'email' },
            ...{ TopicArn: topic, SubscriptionArn: subscription },
          },
        ],
      });
      const attributes = await run`sns get-subscription-attributes
        --subscription-arn ${subscription}`;
      expect(attributes.Attributes).toMatchObject({
        ...{ Endpoint: 'my-email@example.com', Protocol: 'email', RawMessageDelivery: 'false' },
        ...{ Owner: server.accountId, SubscriptionArn: subscription, TopicArn: topic },
      });
      await run`sns set-subscription-attributes --subscription-arn ${subscription}
        --attribute-name FilterPolicy --attribute-value '{ "anyMandatoryKey": ["any", "of"] }'`;
      await run`sns set-subscription-attributes --subscription-arn ${subscription}
        --attribute-name FilterPolicy --attribute-value {}`;
      expect(
        await run`sns publish --topic-arn ${topic} --message ${'Hello World\nSecond Line'}`,
      ).toEqual({ MessageId: expect.stringMatching(/^[0-9a-f-]{36}$/) });
      await run`sns set-topic-attributes --topic-arn ${topic} --attribute-name DisplayName
        --attribute-value MyTopicDisplayName`;
      await run`sns add-permission --topic-arn ${topic} --label Publish-Permission
        --aws-account-id 987654321098 --action-name Publish`;
      await run`sns remove-permission --topic-arn ${topic} --label Publish-Permission`;
      await run`sns tag-resource --resource-arn ${topic} --tags Key=Team,Value=Alpha`;
      expect(await run`sns list-tags-for-resource --resource-arn ${topic}`).toEqual({
        Tags: [{ Key: 'Team', Value: 'Alpha' }],
      });
      await run`sns untag-resource --resource-arn ${topic} --tag-keys Team`;
      const shown = await run`sns get-topic-attributes --topic-arn ${topic}`;
      expect(shown.Attributes).toMatchObject({
        ...{ DisplayName: 'MyTopicDisplayName', Owner: server.accountId, TopicArn: topic },
        ...{ SubscriptionsConfirmed: '1', SubscriptionsPending: '0', SubscriptionsDeleted: '0' },
      });
      await run`sns unsubscribe --subscription-arn ${subscription}`;
      expect((await run`sns list-topics`).Topics).toContainEqual({ TopicArn: topic });
      await run`sns delete-topic --topic-arn ${topic}`;
      expect(await awsError(server)`sns publish --topic-arn ${topic} --message x`).toBe(
        'NotFound: Topic does not exist',
      );
    });

    it.each([
      'check-if-phone-number-is-opted-out --phone-number +1555550100',
      'create-platform-application --name MyApplication --platform GCM --attributes PlatformCredential=x',
      'get-sms-attributes',
      'list-phone-numbers-opted-out',
      'opt-in-phone-number --phone-number +15555550100',
      'publish --message hello --phone-number +1-555-555-0100',
      'put-data-protection-policy --resource-arn arn:aws:sns:us-east-1:123456789012:t --data-protection-policy {}',
      'set-sms-attributes --attributes DefaultSenderID=MyName',
    ])('refuses by name: %s', async (command) => {
      expect(await awsError(server)`sns ${command.split(' ')}`).toMatch(/^NotImplemented: /);
    });
  });
});

const postgres = process.env.SLIPWAY_TEST_POSTGRES;

describe.skipIf(!postgres)(
  `SNS on two servers${postgres ? '' : ' (skipped: no PostgreSQL here)'}`,
  () => {
    const name = `slipway_sns_${randomBytes(6).toString('hex')}`;
    let directory: string;
    let servers: TestServer[] = [];

    beforeAll(async () => {
      directory = mkdtempSync(join(tmpdir(), 'slipway-sns-'));
      await onServer(postgres ?? '', `create database ${name}`);
      const url = new URL(postgres ?? '');
      url.pathname = `/${name}`;
      const options = { dataDir: join(directory, 'data'), env: { SLIPWAY_DATABASE: url.href } };
      servers = await Promise.all([startServer(options), startServer(options)]);
    });
    afterAll(async () => {
      for (const server of servers) await server.stop();
      await onServer(postgres ?? '', `drop database if exists ${name} with (force)`);
      rmSync(directory, { recursive: true, force: true });
    });

    it('delivers each message once, whichever took it', SLOW, async () => {
      const heard = await listener();
      const clients = servers.map((server) => new SNSClient(server.client));
      const TopicArn = await topicFor(clients[0] as SNSClient, heard);
      heard.told.clear();
      const ids = await Promise.all(
        Array.from({ length: 60 }, async (_, n) => {
          const client = clients[n % 2] as SNSClient;
          const sent = await client.send(new PublishCommand({ TopicArn, Message: String(n) }));
          return sent.MessageId ?? '';
        }),
      );
      await eventually('every message', async () => ids.every((id) => heard.told.has(id)));
      expect(Math.max(...ids.map((id) => heard.told.get(id) ?? 0))).toBe(1);
      heard.close();
    });
  },
);
