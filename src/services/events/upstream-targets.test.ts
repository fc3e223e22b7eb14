import { PutEventsCommand, PutRuleCommand, PutTargetsCommand } from '@aws-sdk/client-eventbridge';
import { CreateRoleCommand, IAMClient, PutRolePolicyCommand } from '@aws-sdk/client-iam';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { eachDialect } from '../../db/testing.ts';
import {
  accepting,
  jsonOf,
  makeDestinations,
  refused,
  refusing,
  type Upstream,
} from '../../testing/upstream.ts';
import { ACCOUNT, REGION } from '../../testing.ts';
import { type EventsWorld, eventsWorld, queueArn } from './testing.ts';

const FUNCTION = `arn:aws:lambda:${REGION}:${ACCOUNT}:function:f`;
const MACHINE = `arn:aws:states:${REGION}:${ACCOUNT}:stateMachine:m`;
const STREAM = `arn:aws:kinesis:${REGION}:${ACCOUNT}:stream/s`;
const DELIVERY_STREAM = `arn:aws:firehose:${REGION}:${ACCOUNT}:deliverystream/d`;
const RoleArn = `arn:aws:iam::${ACCOUNT}:role/caller`;

eachDialect('targets of services that are elsewhere', (makeDatabase) => {
  let server: EventsWorld;
  let upstream: Upstream;

  beforeEach(async () => {
    vi.stubEnv('AWS_ACCESS_KEY_ID', 'AKIAENVIRONMENT');
    vi.stubEnv('AWS_SECRET_ACCESS_KEY', 'secret');
    upstream = await makeDestinations();
    server = await eventsWorld(makeDatabase);
    for (const service of ['lambda', 'states', 'kinesis', 'firehose'])
      server.platform.config.upstream[service] = upstream.url;
    await makeRole('*');
  });
  afterEach(async () => {
    expect(server.failures).toEqual([]);
    await server.stop();
    await upstream.close();
    vi.unstubAllEnvs();
  });

  async function makeRole(Resource: string) {
    const iam = server.client(IAMClient);
    const policy = (statement: object) =>
      JSON.stringify({ Version: '2012-10-17', Statement: { Effect: 'Allow', ...statement } });
    const Action = [
      ...['states:StartExecution', 'kinesis:PutRecord', 'firehose:PutRecord'],
      'lambda:InvokeFunction',
    ];
    const trust = { Action: 'sts:AssumeRole', Principal: { Service: 'events.amazonaws.com' } };
    await iam
      .send(new CreateRoleCommand({ RoleName: 'caller', AssumeRolePolicyDocument: policy(trust) }))
      .catch(() => undefined);
    const PolicyDocument = policy({ Action, Resource });
    const named = { RoleName: 'caller', PolicyName: 'may', PolicyDocument };
    await iam.send(new PutRolePolicyCommand(named));
  }
  async function listen(target: object) {
    await server.bridge.send(
      new PutRuleCommand({ Name: 'r', EventPattern: '{"source": ["my.app"]}' }),
    );
    const Targets = [{ Id: '1', Arn: '', DeadLetterConfig: { Arn: queueArn('dead') }, ...target }];
    return server.bridge.send(new PutTargetsCommand({ Rule: 'r', Targets }));
  }
  async function put(detail: object = { a: 1 }): Promise<string> {
    const entry = { Source: 'my.app', DetailType: 'made', Detail: JSON.stringify(detail) };
    const { Entries } = await server.bridge.send(new PutEventsCommand({ Entries: [entry] }));
    await server.runDue();
    return Entries?.[0]?.EventId ?? '';
  }
  const attributes = () =>
    Object.entries(server.calls.at(-1)?.input.MessageAttributes ?? {}).map(
      ([name, { StringValue }]) => [name, StringValue],
    );

  it('a function is invoked with what the transformer makes, as EventBridge', async () => {
    const InputTransformer = {
      InputPathsMap: { a: '$.detail.a' },
      InputTemplate: '{"of": "<aws.events.rule-name>", "a": <a>}',
    };
    await listen({ Arn: FUNCTION, InputTransformer });
    await put();
    expect(upstream.calls).toMatchObject([
      {
        ...{ service: 'lambda', region: REGION, accessKeyId: 'AKIAENVIRONMENT' },
        ...{ operation: 'Invoke', input: { FunctionName: FUNCTION, InvocationType: 'Event' } },
      },
    ]);
    expect(jsonOf(upstream.calls[0]?.input.Payload)).toEqual({ of: 'r', a: 1 });
  });

  it('a target that does not answer makes nobody wait but his like', async () => {
    const held = Promise.withResolvers<object>();
    const called = Promise.withResolvers<void>();
    upstream.answers.Invoke = () => held.promise;
    upstream.answers.StartExecution = () => {
      called.resolve();
      return {};
    };
    await listen({ Arn: FUNCTION });
    const entry = { Source: 'my.app', DetailType: 'made', Detail: '{}' };
    // More than are called at once.
    for (let n = 0; n < 7; n++)
      await server.bridge.send(new PutEventsCommand({ Entries: Array(10).fill(entry) }));
    await listen({ Arn: MACHINE, RoleArn, Id: '2' });
    await server.bridge.send(new PutEventsCommand({ Entries: [entry] }));
    const passed = server.runDue();
    await called.promise;
    held.resolve({});
    await passed;
    expect(upstream.calls).toHaveLength(72);
  });

  it('an execution is started under the role of the target, once however often it is tried', async () => {
    await expect(listen({ Arn: MACHINE })).rejects.toThrow('RoleArn is required');
    await listen({ Arn: MACHINE, RoleArn, InputPath: '$.detail' });
    let tries = 0;
    upstream.answers.StartExecution = () =>
      tries++ === 0
        ? refused('ServiceUnavailableException', 'no', 503)
        : refused('ExecutionAlreadyExists', 'no');
    const id = await put();
    server.clock.advance(5000);
    await server.runDue();
    const calls = upstream.calls.map(({ operation, input }) => ({ operation, ...input }));
    expect(calls[0]).toMatchObject({
      ...{ operation: 'StartExecution', stateMachineArn: MACHINE, input: '{"a":1}' },
      name: expect.stringMatching(`^${id}_`),
    });
    expect(new Set(calls.map((call) => JSON.stringify(call))).size).toBe(1);
    expect(server.calls).toEqual([]);
    expect(server.asked).toContain(`states:StartExecution ${MACHINE}`);
  });

  it.each([
    [undefined, 'the event’s id', { a: 'x' }],
    ['$.detail.a', 'x', { a: 'x' }],
    ['$.detail.b', 'the event’s id', { a: 'x' }],
    ['$.detail.a', 'y'.repeat(256), { a: 'y'.repeat(300) }],
    ['$.detail.a', '[1]', { a: [1] }],
  ])('a record of a stream is sorted by %s: %s', async (PartitionKeyPath, key, detail) => {
    const KinesisParameters = PartitionKeyPath && { PartitionKeyPath };
    await listen({ Arn: STREAM, RoleArn, Input: '{"a": 1}', KinesisParameters });
    const id = await put(detail);
    expect(upstream.calls).toMatchObject([
      {
        operation: 'PutRecord',
        input: {
          StreamARN: STREAM,
          PartitionKey: key === 'the event’s id' ? id : key,
        },
      },
    ]);
    expect(jsonOf(upstream.calls[0]?.input.Data)).toEqual({ a: 1 });
  });

  it('a record comes to Firehose', async () => {
    await listen({ Arn: DELIVERY_STREAM, RoleArn, Input: '"hello"' });
    await put();
    const Record = { Data: new Uint8Array(Buffer.from('"hello"')) };
    expect(upstream.calls).toMatchObject([
      { operation: 'PutRecord', input: { DeliveryStreamName: 'd', Record } },
    ]);
  });

  it.each([
    [{ Arn: FUNCTION, KinesisParameters: { PartitionKeyPath: '$' } }, /KinesisParameters/],
    [{ Arn: STREAM, RoleArn, KinesisParameters: { PartitionKeyPath: 'a' } }, /PartitionKeyPath/],
    [{ Arn: `${FUNCTION}:a:b` }, /does not support targets of rules such as lambda/],
    [{ Arn: STREAM }, 'RoleArn is required'],
    [{ Arn: DELIVERY_STREAM }, 'RoleArn is required'],
  ])('%j is refused: %s', async (target, message) => {
    await expect(listen(target)).rejects.toThrow(message);
  });

  it('what the role may not do is not done, and is told in the dead-letter queue', async () => {
    await listen({ Arn: MACHINE, RoleArn });
    await makeRole(`${MACHINE}-other`);
    await put();
    expect(upstream.calls).toEqual([]);
    expect(attributes()).toContainEqual(['ERROR_CODE', 'NO_PERMISSIONS']);
  });

  it.each([
    [404, 'ResourceNotFoundException', 'NO_RESOURCE'],
    [403, 'AccessDeniedException', 'NO_PERMISSIONS'],
    [400, 'InvalidRequestContentException', 'SDK_CLIENT_ERROR'],
  ])('what is answered with %i %s is not tried again: %s', async (status, code, told) => {
    upstream.answers = refusing(status, code);
    await listen({ Arn: FUNCTION });
    await put();
    expect(upstream.calls).toHaveLength(1);
    expect(server.received('dead')).toMatchObject([{ detail: { a: 1 } }]);
    expect(attributes()).toContainEqual(['ERROR_CODE', told]);
  });

  it('what is too busy is tried again', async () => {
    upstream.answers = refusing(429, 'TooManyRequestsException');
    await listen({ Arn: FUNCTION });
    await put();
    expect(upstream.calls.length).toBeGreaterThan(0);
    upstream.calls.length = 0;
    upstream.answers = accepting();
    server.clock.advance(60_000);
    await server.runDue();
    expect(upstream.calls).toHaveLength(1);
    expect(server.calls).toEqual([]);
  });

  it('nobody is called where no upstream is set: the dead-letter queue says which setting is missing', async () => {
    delete server.platform.config.upstream.lambda;
    await listen({ Arn: FUNCTION });
    await put();
    expect(server.received('dead')).toHaveLength(1);
    expect(attributes()).toContainEqual([
      'ERROR_MESSAGE',
      expect.stringMatching(/NotImplemented: .*SLIPWAY_UPSTREAM_LAMBDA/),
    ]);
    expect(attributes()).not.toContainEqual(['EXHAUSTED_RETRY_CONDITION', expect.anything()]);
  });
});
