import * as ecs from '@aws-sdk/client-ecs';
import * as firehose from '@aws-sdk/client-firehose';
import { CreateRoleCommand, IAMClient, PutRolePolicyCommand } from '@aws-sdk/client-iam';
import * as kinesis from '@aws-sdk/client-kinesis';
import * as lambda from '@aws-sdk/client-lambda';
import { CreateScheduleCommand, SchedulerClient } from '@aws-sdk/client-scheduler';
import * as states from '@aws-sdk/client-sfn';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { eachDialect } from '../../db/testing.ts';
import { accepting, makeUpstream, refused, type Upstream } from '../../testing/upstream.ts';
import { ACCOUNT, REGION, type World, world } from '../../testing.ts';
import sqs from '../sqs/index.ts';
import service from './index.ts';

const FUNCTION = `arn:aws:lambda:${REGION}:${ACCOUNT}:function:f`;
const MACHINE = `arn:aws:states:${REGION}:${ACCOUNT}:stateMachine:m`;
const STREAM = `arn:aws:kinesis:${REGION}:${ACCOUNT}:stream/s`;
const DELIVERY_STREAM = `arn:aws:firehose:${REGION}:${ACCOUNT}:deliverystream/d`;
const RoleArn = `arn:aws:iam::${ACCOUNT}:role/scheduler`;
const universal = (call: string) => `arn:aws:scheduler:::aws-sdk:${call}`;
const base64 = (text: string) => Buffer.from(text).toString('base64');
const bytes = (text: string) => new Uint8Array(Buffer.from(text));

eachDialect('schedules of services that are elsewhere', (makeDatabase) => {
  let server: World;
  let upstream: Upstream;

  beforeEach(async () => {
    vi.stubEnv('AWS_ACCESS_KEY_ID', 'AKIAENVIRONMENT');
    vi.stubEnv('AWS_SECRET_ACCESS_KEY', 'secret');
    upstream = await makeUpstream([ecs, firehose, kinesis, lambda, states], accepting());
    server = await world(makeDatabase, [service, sqs]);
    for (const name of ['lambda', 'states', 'kinesis', 'firehose', 'ecs'])
      server.platform.config.upstream[name] = upstream.url;
    const iam = server.client(IAMClient);
    const policy = (statement: object) =>
      JSON.stringify({ Version: '2012-10-17', Statement: { Effect: 'Allow', ...statement } });
    const Principal = { Service: 'scheduler.amazonaws.com' };
    const AssumeRolePolicyDocument = policy({ Action: 'sts:AssumeRole', Principal });
    await iam.send(new CreateRoleCommand({ RoleName: 'scheduler', AssumeRolePolicyDocument }));
    const Action = ['lambda:*', 'states:*', 'kinesis:*', 'firehose:*', 'ecs:*'];
    const PolicyDocument = policy({ Action, Resource: '*' });
    await iam.send(
      new PutRolePolicyCommand({ RoleName: 'scheduler', PolicyName: 'may', PolicyDocument }),
    );
  });
  afterEach(async () => {
    expect(server.failures).toEqual([]);
    await server.stop();
    await upstream.close();
    vi.unstubAllEnvs();
  });

  const create = (target: object, Name = 's') =>
    server.client(SchedulerClient).send(
      new CreateScheduleCommand({
        ...{ Name, FlexibleTimeWindow: { Mode: 'OFF' } },
        ScheduleExpression: 'at(2026-01-01T01:00:00)',
        Target: { Arn: '', RoleArn, Input: '{"a":1}', ...target },
      }),
    );
  async function pass(ms = 3_600_000) {
    server.clock.advance(ms);
    await server.runDue();
  }

  it.each([
    [
      { Arn: FUNCTION },
      {
        operation: 'Invoke',
        input: { FunctionName: FUNCTION, InvocationType: 'Event', Payload: Buffer.from('{"a":1}') },
      },
      `lambda:InvokeFunction ${FUNCTION}`,
    ],
    [
      { Arn: MACHINE },
      {
        operation: 'StartExecution',
        input: { stateMachineArn: MACHINE, input: '{"a":1}', name: expect.any(String) },
      },
      `states:StartExecution ${MACHINE}`,
    ],
    [
      { Arn: STREAM, KinesisParameters: { PartitionKey: 'k' } },
      {
        operation: 'PutRecord',
        input: { StreamARN: STREAM, PartitionKey: 'k', Data: bytes('{"a":1}') },
      },
      `kinesis:PutRecord ${STREAM}`,
    ],
    [
      { Arn: DELIVERY_STREAM },
      {
        operation: 'PutRecord',
        input: { DeliveryStreamName: 'd', Record: { Data: bytes('{"a":1}') } },
      },
      `firehose:PutRecord ${DELIVERY_STREAM}`,
    ],
    [
      {
        Arn: universal('lambda:invoke'),
        Input: JSON.stringify({ FunctionName: 'f', Payload: '{"b":2}' }),
      },
      { operation: 'Invoke', input: { FunctionName: 'f', Payload: Buffer.from('{"b":2}') } },
      `lambda:InvokeFunction ${FUNCTION}`,
    ],
    [
      {
        Arn: universal('kinesis:putRecord'),
        Input: JSON.stringify({ StreamName: 's', PartitionKey: 'k', Data: base64('x') }),
      },
      { operation: 'PutRecord', input: { StreamName: 's', PartitionKey: 'k', Data: bytes('x') } },
      `kinesis:PutRecord ${STREAM}`,
    ],
    [
      { Arn: universal('ecs:runTask'), Input: '{"TaskDefinition": "t"}' },
      { operation: 'RunTask', input: { taskDefinition: 't' } },
      undefined,
    ],
  ])('%j calls there, under its role', async (target, call, asked) => {
    await create(target);
    await pass();
    expect(upstream.calls).toMatchObject([{ accessKeyId: 'AKIAENVIRONMENT', ...call }]);
    if (asked) expect(server.asked).toContain(asked);
  });

  it('an execution that an earlier try has started is the one', async () => {
    await create({ Arn: MACHINE, RetryPolicy: { MaximumRetryAttempts: 5 } });
    upstream.answers.StartExecution = () =>
      upstream.calls.length <= 3
        ? refused('ServiceUnavailableException', 'no', 503)
        : refused('ExecutionAlreadyExists', 'no');
    await pass();
    await pass(60_000);
    await pass(60_000);
    expect(upstream.calls).toHaveLength(4);
    expect(new Set(upstream.calls.map(({ input }) => input.name)).size).toBe(1);
  });

  it('a target that does not answer makes nobody wait but his like', async () => {
    const held = Promise.withResolvers<object>();
    const called = Promise.withResolvers<void>();
    upstream.answers.Invoke = () => held.promise;
    upstream.answers.StartExecution = () => {
      called.resolve();
      return {};
    };
    // More than are called at once.
    for (let n = 0; n < 70; n++) await create({ Arn: FUNCTION }, `slow-${n}`);
    await create({ Arn: MACHINE }, 'z');
    const passed = pass();
    await called.promise;
    held.resolve({});
    await passed;
    expect(upstream.calls).toHaveLength(71);
  });

  it('what the role may not do is not done', async () => {
    server.denied.add('lambda:InvokeFunction');
    await create({ Arn: FUNCTION });
    await pass();
    expect(upstream.calls).toEqual([]);
  });

  it.each([
    [{ Arn: STREAM }, 'KinesisParameters must be provided'],
    [{ Arn: FUNCTION, KinesisParameters: { PartitionKey: 'k' } }, 'and only then'],
    [
      {
        Arn: `arn:aws:ecs:${REGION}:${ACCOUNT}:cluster/c`,
        EcsParameters: { TaskDefinitionArn: 't' },
      },
      /EcsParameters/,
    ],
    [{ Arn: universal('lambda:invoke'), Input: '{"Nothing": 1}' }, 'Nothing is no member'],
  ])('%j is refused: %s', async (target, message) => {
    await expect(create(target)).rejects.toThrow(message);
  });
});
