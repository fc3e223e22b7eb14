import { createVerify, X509Certificate } from 'node:crypto';
import { CreateRoleCommand, IAMClient, PutRolePolicyCommand } from '@aws-sdk/client-iam';
import {
  ConfirmSubscriptionCommand,
  CreateTopicCommand,
  GetSubscriptionAttributesCommand,
  PublishCommand,
  type PublishCommandInput,
  SetSubscriptionAttributesCommand,
  SNSClient,
  SubscribeCommand,
} from '@aws-sdk/client-sns';
import { CreateQueueCommand, ReceiveMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { eachDialect } from '../../db/testing.ts';
import {
  accepting,
  jsonOf,
  makeDestinations,
  refusing,
  type Upstream,
} from '../../testing/upstream.ts';
import { ACCOUNT, REGION, type World, world } from '../../testing.ts';
import sqsService from '../sqs/index.ts';
import service from './index.ts';
import { stringToSign } from './model/notification.ts';
import { follow } from './testing.ts';

const FUNCTION = `arn:aws:lambda:${REGION}:${ACCOUNT}:function:f`;
const STREAM = `arn:aws:firehose:${REGION}:${ACCOUNT}:deliverystream/d`;
const ROLE = `arn:aws:iam::${ACCOUNT}:role/sns`;
const DEAD = `arn:aws:sqs:${REGION}:${ACCOUNT}:dead`;

const inputOf = ({ calls }: Upstream) => calls[0]?.input ?? {};
const eventIn = (upstream: Upstream) => jsonOf(inputOf(upstream).Payload);

eachDialect('SNS to services that are elsewhere', (makeDatabase) => {
  let server: World;
  let sns: SNSClient;
  let upstream: Upstream;
  let TopicArn: string;

  beforeEach(async () => {
    vi.stubEnv('AWS_ACCESS_KEY_ID', 'AKIAENVIRONMENT');
    vi.stubEnv('AWS_SECRET_ACCESS_KEY', 'secret');
    upstream = await makeDestinations();
    server = await world(makeDatabase, [service, sqsService]);
    for (const name of ['lambda', 'firehose']) server.platform.config.upstream[name] = upstream.url;
    sns = server.client(SNSClient);
    TopicArn = (await sns.send(new CreateTopicCommand({ Name: 'news' }))).TopicArn ?? '';
    await makeRole('sns', 'sns.amazonaws.com');
  });
  afterEach(async () => {
    expect(server.failures).toEqual([]);
    await server.stop();
    await upstream.close();
    vi.unstubAllEnvs();
  });

  const policy = (statement: object) =>
    JSON.stringify({ Version: '2012-10-17', Statement: { Effect: 'Allow', ...statement } });
  async function makeRole(RoleName: string, Service: string) {
    const iam = server.client(IAMClient);
    const AssumeRolePolicyDocument = policy({ Action: 'sts:AssumeRole', Principal: { Service } });
    await iam.send(new CreateRoleCommand({ RoleName, AssumeRolePolicyDocument }));
    const PolicyDocument = policy({ Action: 'firehose:PutRecord', Resource: STREAM });
    await iam.send(new PutRolePolicyCommand({ RoleName, PolicyName: 'may', PolicyDocument }));
  }
  const subscribe = async (
    Protocol: string,
    Endpoint: string,
    Attributes: Record<string, string> = {},
  ) => {
    const command = new SubscribeCommand({ TopicArn, Protocol, Endpoint, Attributes });
    return (await sns.send(command)).SubscriptionArn ?? '';
  };
  async function publish(Message: string, more: Partial<PublishCommandInput> = {}) {
    await sns.send(new PublishCommand({ TopicArn, Message, ...more }));
    await server.runDue();
  }
  const deadLetters = async () => {
    const sqs = server.client(SQSClient);
    const QueueUrl = `http://127.0.0.1:4566/${ACCOUNT}/dead`;
    const receive = new ReceiveMessageCommand({ QueueUrl, MessageAttributeNames: ['All'] });
    return (await sqs.send(receive)).Messages ?? [];
  };
  const makeDeadLetterQueue = () =>
    server.client(SQSClient).send(
      new CreateQueueCommand({
        QueueName: 'dead',
        Attributes: {
          Policy: policy({
            ...{ Principal: { Service: 'sns.amazonaws.com' }, Action: 'sqs:SendMessage' },
            Resource: DEAD,
          }),
        },
      }),
    );

  it('a function gets the signed message as an event', async () => {
    const arn = await subscribe('lambda', FUNCTION);
    expect(arn).toMatch(TopicArn);
    await publish('hello', {
      Subject: 'S',
      MessageAttributes: { a: { DataType: 'String', StringValue: 'x' } },
    });
    expect(upstream.calls).toMatchObject([
      {
        ...{ service: 'lambda', region: REGION, accessKeyId: 'AKIAENVIRONMENT' },
        ...{ operation: 'Invoke', input: { FunctionName: FUNCTION, InvocationType: 'Event' } },
      },
    ]);
    const { Records } = eventIn(upstream);
    expect(Records).toMatchObject([
      {
        ...{ EventSource: 'aws:sns', EventVersion: '1.0', EventSubscriptionArn: arn },
        Sns: {
          ...{ Type: 'Notification', TopicArn, Subject: 'S', Message: 'hello' },
          ...{ Timestamp: '2026-01-01T00:00:00.000Z', SignatureVersion: '1' },
          MessageAttributes: { a: { Type: 'String', Value: 'x' } },
          UnsubscribeUrl: expect.stringMatching(/unsubscribe/),
        },
      },
    ]);
    const { SigningCertUrl = '', Signature = '', ...sns } = Records[0].Sns;
    const certificate = new X509Certificate((await follow(server, SigningCertUrl)).body);
    const verify = createVerify('RSA-SHA1').update(stringToSign(sns as never));
    expect(verify.verify(certificate.publicKey, Signature, 'base64')).toBe(true);
  });

  it('a message without a subject or attributes has them empty, and protocols their own text', async () => {
    await subscribe('lambda', FUNCTION);
    const Message = JSON.stringify({ default: 'd', lambda: 'for functions' });
    await publish(Message, { MessageStructure: 'json' });
    expect(eventIn(upstream)).toMatchObject({
      Records: [{ Sns: { Message: 'for functions', Subject: null, MessageAttributes: {} } }],
    });
  });

  it('a function of another account confirms', async () => {
    const other = FUNCTION.replace(ACCOUNT, '222222222222');
    expect(await subscribe('lambda', other)).toBe('pending confirmation');
    await server.runDue();
    const { Token } = eventIn(upstream).Records[0].Sns;
    await sns.send(new ConfirmSubscriptionCommand({ TopicArn, Token }));
    await publish('hello');
    expect(upstream.calls).toHaveLength(2);
  });

  it.each([
    ['false', /^\{"Type":"Notification",.*"Message":"hello",.*\}\n$/],
    ['true', /^hello$/],
  ])('a Firehose stream gets a record under the role; raw: %s', async (raw, data) => {
    const SubscriptionArn = await subscribe('firehose', STREAM, {
      ...{ SubscriptionRoleArn: ROLE, RawMessageDelivery: raw },
    });
    await publish('hello');
    expect(upstream.calls).toMatchObject([
      { service: 'firehose', operation: 'PutRecord', input: { DeliveryStreamName: 'd' } },
    ]);
    const { Data } = inputOf(upstream).Record as { Data: Uint8Array };
    const text = Buffer.from(Data).toString();
    expect(text).toMatch(data);
    expect(text).not.toMatch(/Signature/);
    expect(server.asked).toContain(`firehose:PutRecord ${STREAM}`);
    const shown = await sns.send(new GetSubscriptionAttributesCommand({ SubscriptionArn }));
    expect(shown.Attributes).toMatchObject({
      ...{ Protocol: 'firehose', SubscriptionRoleArn: ROLE, RawMessageDelivery: raw },
      PendingConfirmation: 'false',
    });
  });

  it.each([
    ['lambda', 'f', {}, 'Lambda endpoint ARN'],
    ['lambda', STREAM, {}, 'Lambda endpoint ARN'],
    ['firehose', FUNCTION, { SubscriptionRoleArn: ROLE }, 'Firehose endpoint ARN'],
    ['firehose', STREAM, {}, 'SubscriptionRoleArn'],
    [
      'firehose',
      STREAM.replace(ACCOUNT, '222222222222'),
      { SubscriptionRoleArn: ROLE },
      'Firehose endpoint ARN',
    ],
    ['lambda', FUNCTION, { SubscriptionRoleArn: ROLE }, 'SubscriptionRoleArn'],
    ['lambda', FUNCTION, { RawMessageDelivery: 'true' }, 'does not support raw message delivery'],
    ['firehose', STREAM, { SubscriptionRoleArn: `${ROLE}-none` }, 'cannot assume'],
    [
      'firehose',
      STREAM,
      { SubscriptionRoleArn: ROLE.replace(ACCOUNT, '222222222222') },
      'Cross-account pass role is not allowed.',
    ],
  ])('%s %s with %j is refused: %s', async (protocol, endpoint, attributes, message) => {
    await expect(subscribe(protocol, endpoint, attributes)).rejects.toThrow(message);
  });

  it('a role is passed, also where it changes, and stays with its stream', async () => {
    const SubscriptionArn = await subscribe('firehose', STREAM, { SubscriptionRoleArn: ROLE });
    await makeRole('other', 'sns.amazonaws.com');
    const set = (AttributeValue: string) =>
      sns.send(
        new SetSubscriptionAttributesCommand({
          ...{ SubscriptionArn, AttributeName: 'SubscriptionRoleArn', AttributeValue },
        }),
      );
    const other = ROLE.replace('/sns', '/other');
    await set(other);
    expect(server.asked.filter((each) => each.startsWith('iam:PassRole'))).toEqual([
      ...[`iam:PassRole ${ROLE}`, `iam:PassRole ${other}`],
    ]);
    await expect(set('')).rejects.toThrow('SubscriptionRoleArn');
    server.denied.add('iam:PassRole');
    await expect(set(ROLE)).rejects.toThrow(/iam:PassRole/);
  });

  it('what nobody serves goes to the dead-letter queue, which says the setting', async () => {
    await makeDeadLetterQueue();
    delete server.platform.config.upstream.lambda;
    const RedrivePolicy = JSON.stringify({ deadLetterTargetArn: DEAD });
    await subscribe('lambda', FUNCTION, { RedrivePolicy });
    await publish('hello');
    expect(await deadLetters()).toMatchObject([
      {
        MessageAttributes: {
          ErrorMessage: { StringValue: expect.stringMatching(/SLIPWAY_UPSTREAM_LAMBDA/) },
        },
      },
    ]);
  });

  it('what is away is tried again', async () => {
    await subscribe('lambda', FUNCTION);
    upstream.answers = refusing(503);
    await publish('hello');
    expect(upstream.calls.length).toBeGreaterThan(0);
    upstream.calls.length = 0;
    upstream.answers = accepting();
    for (let n = 0; n < 3; n++) {
      server.clock.advance(60_000);
      await server.runDue();
    }
    expect(upstream.calls).toHaveLength(1);
  });
});
