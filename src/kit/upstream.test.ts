import { DeleteTaskSetCommand, DescribeServicesCommand, ECSClient } from '@aws-sdk/client-ecs';
import { InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda';
import { SFNClient, StartExecutionCommand } from '@aws-sdk/client-sfn';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { AwsError } from '../aws/errors.ts';
import { isRefusal } from '../lib/refusal.ts';
import { makeDestinations, type Upstream } from '../testing/upstream.ts';
import { makeClientFactory } from './clients.ts';
import { failureOf } from './delivery/failure.ts';

const REGION = 'eu-west-1';
const RULE = `arn:aws:events:${REGION}:111111111111:rule/r`;
const ROLE = 'arn:aws:iam::111111111111:role/r';
const itself = { service: 'events.amazonaws.com', sourceArn: RULE, region: REGION };
const underRole = { ...itself, roleArn: ROLE, sessionName: 's' };
const invoke = new InvokeCommand({ FunctionName: 'f', Payload: Buffer.from('{}') });

let upstream: Upstream;
let asked: string[];
let refuse: Error | undefined;

beforeEach(async () => {
  upstream = await makeDestinations();
  asked = [];
  refuse = undefined;
  vi.stubEnv('AWS_ACCESS_KEY_ID', 'AKIAENVIRONMENT');
  vi.stubEnv('AWS_SECRET_ACCESS_KEY', 'secret');
});
afterEach(async () => {
  await upstream.close();
  vi.unstubAllEnvs();
});

const clients = (to: Record<string, string>) =>
  makeClientFactory({
    async dispatch() {
      throw new Error('nobody is called here');
    },
    ...{ identityOf: () => () => Promise.reject(refuse), endpoint: () => 'http://test' },
    ...{ upstream: to, isServed: () => false },
    async authorizeAs(_, action, resource) {
      asked.push(`${action} ${resource}`);
      if (refuse) throw refuse;
    },
  });

it('a service that is neither served nor elsewhere refuses by name, for good', async () => {
  const client = clients({});
  const error = await client(LambdaClient, itself)
    .send(invoke)
    .catch((thrown) => thrown);
  expect(error).toMatchObject({ name: 'NotImplemented', status: 501 });
  expect(error.message).toMatch(/lambda.*SLIPWAY_UPSTREAM_LAMBDA/);
  expect(isRefusal(error)).toBe(true);
  expect(failureOf(error)).toMatchObject({ code: 'SDK_CLIENT_ERROR', again: false });
  await expect(
    client(SFNClient, itself).send(new StartExecutionCommand({ stateMachineArn: 'm' })),
  ).rejects.toThrow('SLIPWAY_UPSTREAM_STATES');
});

it('an upstream is called with the credentials of the environment', async () => {
  const client = clients({ lambda: upstream.url });
  await client(LambdaClient, itself).send(invoke);
  expect(upstream.calls).toMatchObject([
    { service: 'lambda', region: REGION, accessKeyId: 'AKIAENVIRONMENT' },
  ]);
  expect(asked).toEqual([]);
});

it('what a role may do there is asked here first', async () => {
  const client = clients({ lambda: upstream.url, states: upstream.url });
  const arn = `arn:aws:states:${REGION}:222222222222:stateMachine:m`;
  await client(LambdaClient, underRole).send(invoke);
  await client(SFNClient, underRole).send(new StartExecutionCommand({ stateMachineArn: arn }));
  expect(asked).toEqual([
    `lambda:InvokeFunction arn:aws:lambda:${REGION}:111111111111:function:f`,
    `states:StartExecution ${arn}`,
  ]);
  refuse = new AwsError('AccessDeniedException', 'no', 403);
  const error = await client(LambdaClient, underRole)
    .send(invoke)
    .catch((thrown) => thrown);
  expect(failureOf(error)).toMatchObject({ code: 'NO_PERMISSIONS', again: false });
  expect(upstream.calls).toHaveLength(2);
});

it.each([
  ['f', undefined, '111111111111:function:f'],
  ['f:live', undefined, '111111111111:function:f:live'],
  ['f', 'live', '111111111111:function:f:live'],
  ['111111111111:function:f', undefined, '111111111111:function:f'],
  ['222222222222:function:f:1', undefined, '222222222222:function:f:1'],
  [`arn:aws:lambda:${REGION}:111111111111:function:f`, undefined, '111111111111:function:f'],
])(
  'the function %s with %s is one resource, however it is spelled',
  async (FunctionName, Qualifier, expected) => {
    const client = clients({ lambda: upstream.url });
    await client(LambdaClient, underRole).send(new InvokeCommand({ FunctionName, Qualifier }));
    expect(asked).toEqual([`lambda:InvokeFunction arn:aws:lambda:${REGION}:${expected}`]);
  },
);

it('services and task sets of ECS are asked for by their ARNs, whatever a call names them by', async () => {
  refuse = new AwsError('AccessDeniedException', 'no', 403);
  const client = clients({ ecs: upstream.url })(ECSClient, underRole);
  const ecs = `arn:aws:ecs:${REGION}:111111111111`;
  const calls = [
    new DescribeServicesCommand({ cluster: `${ecs}:cluster/prod`, services: ['shop'] }),
    new DescribeServicesCommand({ cluster: 'prod', services: [`${ecs}:service/prod/shop`] }),
    new DeleteTaskSetCommand({ cluster: 'prod', service: 'shop', taskSet: 'ecs-svc/1' }),
    new DeleteTaskSetCommand({
      ...{ cluster: 'prod', service: 'shop' },
      taskSet: `${ecs}:task-set/prod/shop/ecs-svc/1`,
    }),
  ];
  for (const call of calls)
    await expect(client.send(call as DescribeServicesCommand)).rejects.toThrow('no');
  expect(asked).toEqual([
    `ecs:DescribeServices ${ecs}:service/prod/shop`,
    `ecs:DescribeServices ${ecs}:service/prod/shop`,
    `ecs:DeleteTaskSet ${ecs}:task-set/prod/shop/ecs-svc/1`,
    `ecs:DeleteTaskSet ${ecs}:task-set/prod/shop/ecs-svc/1`,
  ]);
});

it('an upstream that is not there may be there another time', async () => {
  const client = clients({ lambda: 'http://127.0.0.1:1' });
  const error = await client(LambdaClient, itself)
    .send(invoke)
    .catch((thrown) => thrown);
  expect(failureOf(error)).toMatchObject({ code: 'INTERNAL_ERROR', again: true });
  expect(isRefusal(error)).toBe(false);
});
