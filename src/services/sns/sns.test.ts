import { createVerify, X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  ConfirmSubscriptionCommand,
  CreateTopicCommand,
  DeleteTopicCommand,
  GetSubscriptionAttributesCommand,
  GetTopicAttributesCommand,
  ListSubscriptionsByTopicCommand,
  ListTopicsCommand,
  PublishBatchCommand,
  PublishCommand,
  type PublishCommandInput,
  SetSubscriptionAttributesCommand,
  SNSClient,
  SubscribeCommand,
  UnsubscribeCommand,
} from '@aws-sdk/client-sns';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { eachDialect } from '../../db/testing.ts';
import type { Mail } from '../../network/mail.ts';
import { type World, world } from '../../testing.ts';
import service from './index.ts';
import { type Endpoint, follow, makeEndpoint } from './testing.ts';

const MINUTE = 60_000;

eachDialect('SNS', (makeDatabase) => {
  let server: World;
  let sns: SNSClient;
  let hook: Endpoint;
  let mails: Mail[];

  beforeEach(async () => {
    mails = [];
    server = await world(makeDatabase, [service], {
      around: { mail: () => ({ send: async (mail) => void mails.push(mail) }) },
    });
    sns = server.client(SNSClient);
    hook = await makeEndpoint();
  });
  afterEach(() => {
    hook.close();
    expect(server.failures).toEqual([]);
  });

  const topic = async (Name = 'news', Attributes?: Record<string, string>) =>
    (await sns.send(new CreateTopicCommand({ Name, Attributes }))).TopicArn ?? '';
  const publish = (TopicArn: string, Message: string, more: Partial<PublishCommandInput> = {}) =>
    sns.send(new PublishCommand({ TopicArn, Message, ...more }));
  const documents = () => hook.received.map(({ body }) => JSON.parse(body));

  /** A subscription of the endpoint, confirmed by its link. */
  const subscribed = async (
    TopicArn: string,
    Attributes?: Record<string, string>,
    { url } = hook,
  ): Promise<string> => {
    const { SubscriptionArn = '' } = await sns.send(
      new SubscribeCommand({
        TopicArn,
        Protocol: 'http',
        Endpoint: url,
        Attributes,
        ReturnSubscriptionArn: true,
      }),
    );
    await server.runDue();
    const { SubscribeURL } = documents().at(-1);
    expect((await follow(server, SubscribeURL)).status).toBe(200);
    hook.received.splice(0);
    return SubscriptionArn;
  };

  it('asks an endpoint for its confirmation, and tells it nothing before', async () => {
    const arn = await topic();
    const { SubscriptionArn } = await sns.send(
      new SubscribeCommand({ TopicArn: arn, Protocol: 'http', Endpoint: hook.url }),
    );
    expect(SubscriptionArn).toBe('pending confirmation');
    await publish(arn, 'too early');
    await server.runDue();
    const [asked, ...more] = documents();
    expect(more).toEqual([]);
    expect(asked).toMatchObject({ Type: 'SubscriptionConfirmation', TopicArn: arn });
    expect(hook.received[0]?.headers).toMatchObject({
      'x-amz-sns-message-type': 'SubscriptionConfirmation',
      'x-amz-sns-topic-arn': arn,
      'x-amz-sns-message-id': asked.MessageId,
      'content-type': 'text/plain; charset=UTF-8',
    });
    const other = await topic('other');
    const wrong = sns.send(new ConfirmSubscriptionCommand({ TopicArn: other, Token: asked.Token }));
    await expect(wrong).rejects.toMatchObject({ message: 'Invalid parameter: Token' });
    const confirmed = await sns.send(
      new ConfirmSubscriptionCommand({ TopicArn: arn, Token: asked.Token }),
    );
    await publish(arn, 'hello', { Subject: 'Hi' });
    await server.runDue();
    expect(documents()[1]).toMatchObject({ Type: 'Notification', Message: 'hello', Subject: 'Hi' });
    expect(hook.received[1]?.headers).toMatchObject({
      'x-amz-sns-message-type': 'Notification',
      'x-amz-sns-subscription-arn': confirmed.SubscriptionArn,
    });
  });

  it('forgets who does not confirm in two days', async () => {
    const arn = await topic();
    await sns.send(new SubscribeCommand({ TopicArn: arn, Protocol: 'http', Endpoint: hook.url }));
    await server.runDue();
    const [{ SubscribeURL }] = documents();
    const forged = SubscribeURL.replace(/.$/, (last: string) => (last === '0' ? '1' : '0'));
    expect((await follow(server, forged)).status).toBe(400);
    server.clock.advance(2 * 24 * 60 * MINUTE);
    expect((await follow(server, SubscribeURL)).status).toBe(400);
    await server.runDue();
    const { Subscriptions } = await sns.send(
      new ListSubscriptionsByTopicCommand({ TopicArn: arn }),
    );
    expect(Subscriptions).toEqual([]);
  });

  it.each(['1', '2'])('signs by version %s so that anybody can verify it', async (version) => {
    const arn = await topic('signed', { SignatureVersion: version });
    await subscribed(arn);
    await publish(arn, 'hello\nworld', { Subject: 'Hi' });
    await publish(arn, 'no subject');
    await server.runDue();
    expect(documents()).toHaveLength(2);
    for (const sent of documents()) {
      expect(sent.SignatureVersion).toBe(version);
      const { status, body } = await follow(server, sent.SigningCertURL);
      expect(status).toBe(200);
      // As https://docs.aws.amazon.com/sns/latest/dg/sns-verify-signature-of-message.html has it.
      const signed = ['Message', 'MessageId', 'Subject', 'Timestamp', 'TopicArn', 'Type']
        .filter((name) => name in sent)
        .map((name) => `${name}\n${sent[name]}\n`)
        .join('');
      const certificate = new X509Certificate(body);
      const ca = new X509Certificate(
        readFileSync(join(server.platform.config.dataDir, 'ca.pem'), 'utf8'),
      );
      expect(certificate.verify(ca.publicKey)).toBe(true);
      const verify = createVerify(version === '1' ? 'RSA-SHA1' : 'RSA-SHA256').update(signed);
      expect(verify.verify(certificate.publicKey, sent.Signature, 'base64')).toBe(true);
    }
    const unknown = 'http://x/_slipway/sns/certificates/SimpleNotificationService-0.pem';
    expect((await follow(server, unknown)).status).toBe(404);
  });

  it('delivers what was published raw where the subscription says so', async () => {
    const arn = await topic();
    await subscribed(arn, { RawMessageDelivery: 'true' });
    await publish(arn, '{"default":"all","http":"web"}', { MessageStructure: 'json' });
    await server.runDue();
    expect(hook.received[0]?.body).toBe('web');
    expect(hook.received[0]?.headers['x-amz-sns-rawdelivery']).toBe('true');
  });

  it('ends a subscription by its link, which its ARN alone does not make', async () => {
    const arn = await topic();
    const subscription = await subscribed(arn);
    await publish(arn, 'one');
    await server.runDue();
    const { UnsubscribeURL } = documents()[0];
    const forged = new URL(UnsubscribeURL);
    forged.searchParams.set(
      'Token',
      forged.searchParams.get('Token')?.replace(/^.{4}/, 'AAAA') ?? '',
    );
    expect((await follow(server, forged.href)).status).toBe(403);
    const other = new URL(UnsubscribeURL);
    other.searchParams.set('SubscriptionArn', `${subscription}0`);
    expect((await follow(server, other.href)).status).toBe(403);
    expect((await follow(server, UnsubscribeURL)).status).toBe(200);
    await publish(arn, 'two');
    await server.runDue();
    expect(documents()).toHaveLength(1);
    expect((await follow(server, UnsubscribeURL)).status).toBe(404);
  });

  it('leaves a subscription alone that only a signed call ends', async () => {
    const arn = await topic();
    await sns.send(new SubscribeCommand({ TopicArn: arn, Protocol: 'http', Endpoint: hook.url }));
    await server.runDue();
    const { SubscriptionArn } = await sns.send(
      new ConfirmSubscriptionCommand({
        TopicArn: arn,
        Token: documents()[0].Token,
        AuthenticateOnUnsubscribe: 'true',
      }),
    );
    await publish(arn, 'one');
    await server.runDue();
    expect((await follow(server, documents()[1].UnsubscribeURL)).status).toBe(403);
    const stranger = server.client(SNSClient, { accountId: '222222222222' });
    await expect(stranger.send(new UnsubscribeCommand({ SubscriptionArn }))).rejects.toMatchObject({
      name: 'AuthorizationErrorException',
    });
    await sns.send(new UnsubscribeCommand({ SubscriptionArn }));
    // AWS does not say that it has ended before.
    await sns.send(new UnsubscribeCommand({ SubscriptionArn }));
    const { Attributes } = await sns.send(new GetTopicAttributesCommand({ TopicArn: arn }));
    expect(Attributes).toMatchObject({ SubscriptionsConfirmed: '0', SubscriptionsDeleted: '1' });
  });

  it('tries three times more, twenty seconds apart, and gives up', async () => {
    const arn = await topic();
    await subscribed(arn);
    hook.status = 503;
    await publish(arn, 'hello');
    for (const seconds of [0, 19, 1, 19, 1, 20, 20, 600]) {
      server.clock.advance(seconds * 1000);
      await server.runDue();
    }
    expect(hook.received).toHaveLength(4);
    expect(new Set(documents().map(({ MessageId }) => MessageId)).size).toBe(1);
  });

  it.each([301, 302, 400, 403, 404])(
    'does not try again what is answered with %i',
    async (status) => {
      const arn = await topic();
      await subscribed(arn);
      hook.status = status;
      hook.headers = { location: 'http://127.0.0.1:4566/' };
      await publish(arn, 'hello');
      await server.runDue();
      server.clock.advance(60 * MINUTE);
      await server.runDue();
      expect(hook.received).toHaveLength(1);
    },
  );

  it('delivers by the policy of the subscription', async () => {
    const arn = await topic();
    const healthyRetryPolicy = {
      ...{ minDelayTarget: 1, maxDelayTarget: 60, numRetries: 5, numNoDelayRetries: 2 },
      ...{ numMinDelayRetries: 2, numMaxDelayRetries: 1 },
    };
    const requestPolicy = { headerContentType: 'application/json' };
    await subscribed(arn, {
      DeliveryPolicy: JSON.stringify({ healthyRetryPolicy, requestPolicy }),
    });
    hook.status = 500;
    await publish(arn, 'hello');
    await server.runDue();
    expect(hook.received).toHaveLength(3);
    expect(hook.received[0]?.headers['content-type']).toBe('application/json');
    for (const [seconds, count] of [
      [1, 4],
      [1, 5],
      [59, 5],
      [1, 6],
      [3600, 6],
    ] as const) {
      server.clock.advance(seconds * 1000);
      await server.runDue();
      expect(hook.received).toHaveLength(count);
    }
  });

  it('holds up nobody for a target that does not answer', async () => {
    const arn = await topic();
    const slow = await makeEndpoint();
    await subscribed(arn);
    await sns.send(new SubscribeCommand({ TopicArn: arn, Protocol: 'http', Endpoint: slow.url }));
    await server.runDue();
    await follow(server, JSON.parse(slow.received[0]?.body ?? '').SubscribeURL);
    const { promise, resolve } = Promise.withResolvers<void>();
    slow.hold = () => promise;
    const arrived = Promise.withResolvers<void>();
    hook.hold = async () => arrived.resolve();
    await publish(arn, 'hello');
    await arrived.promise;
    expect(documents()[0]?.Message).toBe('hello');
    resolve();
    slow.close();
    await server.runDue();
  });

  it('calls nobody whom it may not call', async () => {
    const arn = await topic();
    const own = 'http://127.0.0.1:4566/';
    for (const Endpoint of ['http://169.254.169.254/latest', 'http://10.0.0.1/', own])
      await sns.send(new SubscribeCommand({ TopicArn: arn, Protocol: 'http', Endpoint }));
    await server.runDue();
    const { Subscriptions } = await sns.send(
      new ListSubscriptionsByTopicCommand({ TopicArn: arn }),
    );
    expect(Subscriptions?.map((one) => one.SubscriptionArn)).toEqual(
      Array(3).fill('PendingConfirmation'),
    );
  });

  it('sends mails with links that work', async () => {
    const arn = await topic('mail', { DisplayName: 'News of "the" day' });
    await sns.send(
      new SubscribeCommand({ TopicArn: arn, Protocol: 'email', Endpoint: 'me@example.com' }),
    );
    await server.runDue();
    expect(mails[0]).toMatchObject({
      to: 'me@example.com',
      name: 'News of "the" day',
      subject: 'AWS Notification - Subscription Confirmation',
    });
    const linkIn = (text = '') => /^http:\S+$/m.exec(text)?.[0] ?? '';
    expect((await follow(server, linkIn(mails[0]?.text))).body).toContain(
      'Subscription confirmed!',
    );
    await publish(arn, '{"default":"all","email":"for people"}', {
      MessageStructure: 'json',
      Subject: 'Hi',
    });
    await publish(arn, 'no subject');
    await server.runDue();
    const ofSubject = (subject: string) => mails.find((mail) => mail.subject === subject);
    const [first, second] = [ofSubject('Hi'), ofSubject('AWS Notification Message')];
    expect(first?.text).toMatch(/^for people\n\n--\n/);
    expect(second?.text).toMatch(/^no subject\n/);
    expect((await follow(server, linkIn(first?.text))).status).toBe(200);
    await publish(arn, 'after the end');
    await server.runDue();
    expect(mails).toHaveLength(3);
  });

  it.each([
    'Hi\r\nBcc: all@example.com',
    'Hi\nthere',
    ' Hi',
    'Grüße',
    '',
    'x'.repeat(101),
    '\u007f',
  ])('takes no subject %j', async (Subject) => {
    const arn = await topic();
    await expect(publish(arn, 'x', { Subject })).rejects.toMatchObject({
      name: 'InvalidParameterException',
      message: 'Invalid parameter: Subject',
    });
  });

  it.each([
    'me@example.com,you@example.com',
    'me@example.com\r\nBcc: you@example.com',
    '"a b"@example.com',
    'Me <me@example.com>',
    'nothing',
  ])('takes no address %j', async (Endpoint) => {
    const TopicArn = await topic();
    const subscribing = sns.send(new SubscribeCommand({ TopicArn, Protocol: 'email', Endpoint }));
    await expect(subscribing).rejects.toMatchObject({
      message: 'Invalid parameter: Email address',
    });
  });

  it.each(['email', 'email-json'])('sends no raw messages by %s', async (Protocol) => {
    const TopicArn = await topic();
    const Attributes = { RawMessageDelivery: 'true' };
    const Endpoint = 'me@example.com';
    await expect(
      sns.send(new SubscribeCommand({ TopicArn, Protocol, Endpoint, Attributes })),
    ).rejects.toMatchObject({
      name: 'InvalidParameterException',
      message: expect.stringContaining(`[${Protocol}] does not support raw message delivery`),
    });
  });

  it('filters by attributes and by the body', async () => {
    const arn = await topic();
    const subscription = await subscribed(arn, {
      FilterPolicy: JSON.stringify({ kind: ['a', { prefix: 'b' }], size: [{ numeric: ['>', 3] }] }),
    });
    const attributes = (kind: string, size: string) => ({
      MessageAttributes: {
        kind: { DataType: 'String', StringValue: kind },
        size: { DataType: 'Number', StringValue: size },
      },
    });
    await publish(arn, '1', attributes('a', '4'));
    await publish(arn, '2', attributes('a', '3'));
    await publish(arn, '3', attributes('c', '4'));
    await publish(arn, '4', {
      MessageAttributes: {
        kind: { DataType: 'String.Array', StringValue: '["c","bb"]' },
        size: { DataType: 'Number', StringValue: '4.5' },
      },
    });
    await publish(arn, '5');
    await server.runDue();
    expect(
      documents()
        .map(({ Message }) => Message)
        .sort(),
    ).toEqual(['1', '4']);
    const set = (AttributeName: string, AttributeValue: string) =>
      sns.send(
        new SetSubscriptionAttributesCommand({
          SubscriptionArn: subscription,
          ...{ AttributeName, AttributeValue },
        }),
      );
    await set('FilterPolicyScope', 'MessageBody');
    await set('FilterPolicy', JSON.stringify({ order: { state: ['paid'] } }));
    hook.received.splice(0);
    for (const body of ['{"order":{"state":"paid"}}', '{"order":{"state":"new"}}', 'no json', '3'])
      await publish(arn, body);
    await server.runDue();
    expect(documents().map(({ Message }) => Message)).toEqual(['{"order":{"state":"paid"}}']);
    await expect(set('FilterPolicy', '{"a":"b"}')).rejects.toMatchObject({
      name: 'InvalidParameterException',
    });
    const six = Object.fromEntries(['a', 'b', 'c', 'd', 'e', 'f'].map((key) => [key, ['x']]));
    await expect(set('FilterPolicy', JSON.stringify(six))).rejects.toMatchObject({
      message: 'Invalid parameter: FilterPolicy: Filter policy can not have more than 5 keys',
    });
    await set('FilterPolicy', '{}');
    const { Attributes } = await sns.send(
      new GetSubscriptionAttributesCommand({ SubscriptionArn: subscription }),
    );
    expect(Attributes).not.toHaveProperty('FilterPolicy');
  });

  it('publishes a batch whole or not at all', async () => {
    const arn = await topic();
    await subscribed(arn);
    const batch = (...entries: [string, string][]) =>
      sns.send(
        new PublishBatchCommand({
          TopicArn: arn,
          PublishBatchRequestEntries: entries.map(([Id, Message]) => ({ Id, Message })),
        }),
      );
    const { Successful } = await batch(['a', '1'], ['b', '2']);
    expect(Successful?.map(({ Id }) => Id)).toEqual(['a', 'b']);
    await expect(batch(['a', '1'], ['a', '2'])).rejects.toMatchObject({
      name: 'BatchEntryIdsNotDistinctException',
    });
    await expect(batch(['a b', '1'])).rejects.toMatchObject({
      name: 'InvalidBatchEntryIdException',
      message:
        'The Id of a batch entry in the batch request contains an impermissible character: a b',
    });
    const half = 'x'.repeat(131_073);
    await expect(batch(['a', half], ['b', half])).rejects.toMatchObject({
      name: 'BatchRequestTooLongException',
    });
    const eleven = Array.from({ length: 11 }, (_, n): [string, string] => [String(n), 'x']);
    await expect(batch(...eleven)).rejects.toMatchObject({
      name: 'TooManyEntriesInBatchRequestException',
    });
    await expect(publish(arn, 'x'.repeat(262_145))).rejects.toMatchObject({
      message: 'Invalid parameter: Message too long',
    });
    await publish(arn, 'x'.repeat(262_144));
    await server.runDue();
    expect(hook.received).toHaveLength(3);
  });

  it("lets CloudWatch's alarms of its account in by its default policy, and no other service", async () => {
    const arn = await topic();
    const as = (name: string, account: string) =>
      server.platform.client(SNSClient, {
        service: `${name}.amazonaws.com`,
        sourceArn: `arn:aws:${name}:eu-west-1:${account}:x`,
        region: 'eu-west-1',
      });
    const publishing = (client: SNSClient) =>
      client.send(new PublishCommand({ TopicArn: arn, Message: 'ALARM' }));
    await publishing(as('cloudwatch', '111111111111'));
    const refused = [as('cloudwatch', '222222222222'), as('events', '111111111111')];
    for (const client of refused)
      await expect(publishing(client)).rejects.toMatchObject({
        name: 'AuthorizationErrorException',
      });
  });

  it('shows lists a hundred at a time', async () => {
    for (let n = 0; n < 101; n++) await topic(`t${n}`);
    const { Topics = [], NextToken } = await sns.send(new ListTopicsCommand({}));
    expect(Topics).toHaveLength(100);
    const rest = await sns.send(new ListTopicsCommand({ NextToken }));
    expect(rest.Topics).toHaveLength(1);
    expect(rest.NextToken).toBeUndefined();
    expect(new Set([...Topics, ...(rest.Topics ?? [])].map((one) => one.TopicArn)).size).toBe(101);
    await expect(sns.send(new ListTopicsCommand({ NextToken: 'x' }))).rejects.toMatchObject({
      name: 'InvalidParameterException',
    });
  });

  it('makes a topic once, and tells who wants another one of its name', async () => {
    const arn = await topic('one', { DisplayName: 'One' });
    expect(await topic('one')).toBe(arn);
    expect(await topic('one', { DisplayName: 'One' })).toBe(arn);
    await expect(topic('one', { DisplayName: 'Two' })).rejects.toMatchObject({
      message:
        'Invalid parameter: Attributes Reason: Topic already exists with different attributes',
    });
    for (const name of ['a b', 'x'.repeat(257), 'a.fifo'])
      await expect(topic(name)).rejects.toMatchObject({ message: 'Invalid parameter: Topic Name' });
    await expect(topic('a', { FifoTopic: 'true' })).rejects.toMatchObject({
      message: 'Invalid parameter: Topic Name',
    });
    const wrong = {
      Attributes: { RawMessageDelivery: 'yes' },
      Protocol: 'http',
      Endpoint: hook.url,
    };
    await expect(sns.send(new SubscribeCommand({ TopicArn: arn, ...wrong }))).rejects.toMatchObject(
      {
        message:
          'Invalid parameter: Attributes Reason: RawMessageDelivery: Invalid value [yes]. Must be true or false.',
      },
    );
    await expect(topic('a', { TracingConfig: 'Active' })).rejects.toMatchObject({
      name: 'NotImplemented',
    });
    await expect(topic('a', { Colour: 'red' })).rejects.toMatchObject({
      message: 'Invalid parameter: Attributes Reason: Unknown attribute Colour',
    });
    await expect(topic('a', { Policy: '{' })).rejects.toMatchObject({
      message: expect.stringMatching(/^Invalid parameter: Policy Error: /),
    });
  });

  it('forgets what was to be delivered for a topic that is gone', async () => {
    const arn = await topic();
    await subscribed(arn);
    hook.status = 500;
    await publish(arn, 'hello');
    await server.runDue();
    await sns.send(new DeleteTopicCommand({ TopicArn: arn }));
    server.clock.advance(MINUTE);
    await server.runDue();
    await server.sweep();
    expect(hook.received).toHaveLength(1);
    await expect(publish(arn, 'x')).rejects.toMatchObject({
      name: 'NotFoundException',
      message: 'Topic does not exist',
    });
  });
});
