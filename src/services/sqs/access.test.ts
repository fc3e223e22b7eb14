import { CreateKeyCommand, KMSClient } from '@aws-sdk/client-kms';
import {
  AddPermissionCommand,
  CreateQueueCommand,
  DeleteMessageCommand,
  DeleteQueueCommand,
  GetQueueAttributesCommand,
  GetQueueUrlCommand,
  PurgeQueueCommand,
  ReceiveMessageCommand,
  RemovePermissionCommand,
  SendMessageBatchCommand,
  SendMessageCommand,
  SetQueueAttributesCommand,
  SQSClient,
} from '@aws-sdk/client-sqs';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { eachDialect } from '../../db/testing.ts';
import { ACCOUNT, REGION, type World, world } from '../../testing.ts';
import kms from '../kms/index.ts';
import service from './index.ts';

const OTHER = '222222222222';
const ARN = `arn:aws:sqs:${REGION}:${ACCOUNT}:q`;

eachDialect('Who may use a queue of SQS', (makeDatabase) => {
  let server: World;
  let sqs: SQSClient;
  let other: SQSClient;
  let QueueUrl: string;

  beforeEach(async () => {
    server = await world(makeDatabase, [service, kms]);
    sqs = server.client(SQSClient);
    other = server.client(SQSClient, { accountId: OTHER });
    QueueUrl = (await sqs.send(new CreateQueueCommand({ QueueName: 'q' }))).QueueUrl ?? '';
  });
  afterEach(() => expect(server.failures).toEqual([]));

  const set = (Attributes: Record<string, string>) =>
    sqs.send(new SetQueueAttributesCommand({ QueueUrl, Attributes }));
  const send = (client: SQSClient, MessageBody = 'x') =>
    client.send(new SendMessageCommand({ QueueUrl, MessageBody }));
  const receive = async (client: SQSClient) =>
    (await client.send(new ReceiveMessageCommand({ QueueUrl }))).Messages ?? [];
  const denied = { name: 'AccessDeniedException' };

  it('lets another account do what a permission gives, until it is removed', async () => {
    await expect(send(other)).rejects.toMatchObject(denied);
    const permission = {
      ...{ QueueUrl, Label: 'label', AWSAccountIds: [OTHER] },
      Actions: ['SendMessage', 'GetQueueUrl'],
    };
    await sqs.send(new AddPermissionCommand(permission));
    await expect(sqs.send(new AddPermissionCommand(permission))).rejects.toThrow('Already exists');
    await send(other);
    await other.send(
      new SendMessageBatchCommand({ QueueUrl, Entries: [{ Id: '1', MessageBody: 'y' }] }),
    );
    const found = { QueueName: 'q', QueueOwnerAWSAccountId: ACCOUNT };
    expect(await other.send(new GetQueueUrlCommand(found))).toMatchObject({ QueueUrl });
    await expect(receive(other)).rejects.toMatchObject(denied);
    const { Attributes } = await sqs.send(
      new GetQueueAttributesCommand({ QueueUrl, AttributeNames: ['Policy'] }),
    );
    expect(JSON.parse(Attributes?.Policy ?? '').Statement[0]).toEqual({
      ...{ Sid: 'label', Effect: 'Allow', Resource: ARN },
      Principal: { AWS: `arn:aws:iam::${OTHER}:root` },
      Action: ['SQS:SendMessage', 'SQS:GetQueueUrl'],
    });
    await sqs.send(new RemovePermissionCommand({ QueueUrl, Label: 'label' }));
    await expect(send(other)).rejects.toMatchObject(denied);
    await expect(
      sqs.send(new RemovePermissionCommand({ QueueUrl, Label: 'label' })),
    ).rejects.toThrow("can't find label");
  });

  it('lets no policy give away what is the owner’s alone', async () => {
    const Policy = JSON.stringify({
      Version: '2012-10-17',
      Statement: { Effect: 'Allow', Principal: { AWS: OTHER }, Action: 'sqs:*', Resource: ARN },
    });
    await set({ Policy });
    await send(other);
    const [message] = await receive(other);
    const handle = { QueueUrl, ReceiptHandle: message?.ReceiptHandle };
    await other.send(new DeleteMessageCommand(handle));
    await other.send(new PurgeQueueCommand({ QueueUrl }));
    const commands = [
      new DeleteQueueCommand({ QueueUrl }),
      new SetQueueAttributesCommand({ QueueUrl, Attributes: { DelaySeconds: '1' } }),
      new AddPermissionCommand({
        ...{ QueueUrl, Label: 'mine', AWSAccountIds: [OTHER], Actions: ['*'] },
      }),
    ];
    for (const command of commands)
      await expect(other.send(command as DeleteQueueCommand)).rejects.toMatchObject(denied);
  });

  it('lets a service in that the policy names, for the resource that it names', async () => {
    const as = (sourceArn: string) =>
      server.platform.client(SQSClient, {
        ...{ service: 'sns.amazonaws.com', sourceArn, region: REGION },
      });
    const topic = `arn:aws:sns:${REGION}:${ACCOUNT}:topic`;
    await expect(send(as(topic))).rejects.toMatchObject(denied);
    const statement = {
      ...{ Effect: 'Allow', Principal: { Service: 'sns.amazonaws.com' } },
      ...{ Action: 'sqs:SendMessage', Resource: ARN },
      Condition: { ArnEquals: { 'aws:SourceArn': topic } },
    };
    await set({ Policy: JSON.stringify({ Version: '2012-10-17', Statement: [statement] }) });
    await send(as(topic), 'from the topic');
    await expect(send(as(`${topic}2`))).rejects.toMatchObject(denied);
    expect((await receive(sqs)).map(({ Body }) => Body)).toEqual(['from the topic']);
  });

  it('keeps no message in the clear, whatever its key', async () => {
    const secret = 'nobody reads this';
    await send(sqs, secret);
    await set({ KmsMasterKeyId: 'alias/aws/sqs' });
    await send(sqs, secret);
    const rows = await server.platform.db
      .withTables<{ sqs_message: Record<string, string> }>()
      .selectFrom('sqs_message')
      .selectAll()
      .execute();
    // What the house seals it opens; what KMS sealed it does not.
    expect(rows.map((row) => JSON.stringify(row).includes(secret)).toSorted()).toEqual([
      false,
      true,
    ]);
    expect((await receive(sqs)).concat(await receive(sqs)).map(({ Body }) => Body)).toEqual([
      secret,
      secret,
    ]);
  });

  it('asks the key of the queue, seldom, and gives back what it does not open', async () => {
    const { KeyMetadata } = await server.client(KMSClient).send(new CreateKeyCommand({}));
    await set({ KmsMasterKeyId: KeyMetadata?.Arn ?? '', KmsDataKeyReusePeriodSeconds: '60' });
    const asked = () => server.asked.filter((one) => one.startsWith('kms:GenerateDataKey')).length;
    await send(sqs);
    await send(sqs);
    expect(asked()).toBe(1);
    server.denied.add('kms:Decrypt');
    await expect(receive(sqs)).rejects.toMatchObject({ name: 'KmsAccessDenied' });
    server.denied.clear();
    const [message] = await receive(sqs);
    expect(message?.Body).toBe('x');
    server.clock.advance(60_000);
    server.denied.add('kms:GenerateDataKey');
    await expect(send(sqs)).rejects.toMatchObject({ name: 'KmsAccessDenied' });
    server.denied.clear();
    await set({ KmsMasterKeyId: 'alias/none' });
    await expect(send(sqs)).rejects.toMatchObject({ name: 'KmsNotFound' });
  });
});
