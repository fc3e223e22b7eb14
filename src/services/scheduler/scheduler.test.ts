import { CreateRoleCommand, IAMClient, PutRolePolicyCommand } from '@aws-sdk/client-iam';
import {
  CreateScheduleCommand,
  type CreateScheduleCommandInput,
  CreateScheduleGroupCommand,
  DeleteScheduleGroupCommand,
  GetScheduleCommand,
  ListScheduleGroupsCommand,
  ListSchedulesCommand,
  ListTagsForResourceCommand,
  SchedulerClient,
  TagResourceCommand,
  UpdateScheduleCommand,
} from '@aws-sdk/client-scheduler';
import { GetParameterCommand, SSMClient } from '@aws-sdk/client-ssm';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { eachDialect } from '../../db/testing.ts';
import type { ClientClass, Platform } from '../../kit/service.ts';
import { ACCOUNT, REGION, type World, world } from '../../testing.ts';
import ssm from '../ssm/index.ts';
import service from './index.ts';

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const PUT = 'arn:aws:scheduler:::aws-sdk:ssm:putParameter';
const ROLE = `arn:aws:iam::${ACCOUNT}:role/scheduler`;
const OFF = { Mode: 'OFF' } as const;

eachDialect('EventBridge Scheduler', (makeDatabase) => {
  let server: World;
  let scheduler: SchedulerClient;
  let sent: Record<string, unknown>[];
  let refuse: Error | undefined;
  let deadIsAway: Error | undefined;

  /** The queues of the test: a call to another one fails as `refuse` says. */
  const queues = (real: Platform['client']): Platform['client'] =>
    function client<T extends { destroy(): void }>(Client: ClientClass<T>, actAs: never): T {
      if (Client.name !== 'SQSClient') return real(Client, actAs);
      const send = async ({ input }: { input: Record<string, unknown> }) => {
        const isDead = String(input.QueueUrl).endsWith('/dead');
        if (isDead ? deadIsAway : refuse) throw isDead ? deadIsAway : refuse;
        sent.push(input);
      };
      return { send, destroy() {} } as unknown as T;
    };

  beforeEach(async () => {
    sent = [];
    refuse = undefined;
    deadIsAway = undefined;
    server = await world(makeDatabase, [service, ssm], { around: { client: queues } });
    scheduler = server.client(SchedulerClient);
    await makeRole('scheduler', 'scheduler.amazonaws.com');
  });
  afterEach(() => expect(server.failures).toEqual([]));

  async function makeRole(RoleName: string, Service: string) {
    const iam = server.client(IAMClient);
    const policy = (statement: object) =>
      JSON.stringify({ Version: '2012-10-17', Statement: { Effect: 'Allow', ...statement } });
    const AssumeRolePolicyDocument = policy({ Action: 'sts:AssumeRole', Principal: { Service } });
    await iam.send(new CreateRoleCommand({ RoleName, AssumeRolePolicyDocument }));
    const PolicyDocument = policy({ Action: ['ssm:PutParameter', 'sqs:*'], Resource: '*' });
    await iam.send(new PutRolePolicyCommand({ RoleName, PolicyName: 'may', PolicyDocument }));
  }
  const create = (Name: string, more: Partial<CreateScheduleCommandInput>) =>
    scheduler.send(
      new CreateScheduleCommand({
        ...{ Name, FlexibleTimeWindow: OFF, ScheduleExpression: 'rate(1 hour)' },
        Target: toQueue(),
        ...more,
      }),
    );
  const toQueue = (more: object = {}) => ({
    ...{ Arn: `arn:aws:sqs:${REGION}:${ACCOUNT}:queue`, RoleArn: ROLE, Input: 'tick' },
    ...more,
  });
  async function pass(ms: number) {
    server.clock.advance(ms);
    await server.runDue();
  }

  it('calls any API once at a time in a time zone, and then is gone', async () => {
    const Input = JSON.stringify({
      ...{ Name: '/made', Type: 'String', Overwrite: true },
      Value: '<aws.scheduler.schedule-arn> <aws.scheduler.scheduled-time>',
    });
    await create('once', {
      ScheduleExpression: 'at(2026-01-01T03:00:00)',
      ScheduleExpressionTimezone: 'Europe/Berlin',
      ActionAfterCompletion: 'DELETE',
      Target: { Arn: PUT, RoleArn: ROLE, Input },
    });
    await pass(2 * HOUR_MS - 1);
    const get = () => server.client(SSMClient).send(new GetParameterCommand({ Name: '/made' }));
    await expect(get()).rejects.toThrow();
    await pass(1);
    const arn = `arn:aws:scheduler:${REGION}:${ACCOUNT}:schedule/default/once`;
    expect((await get()).Parameter?.Value).toBe(`${arn} 2026-01-01T02:00:00Z`);
    await expect(scheduler.send(new GetScheduleCommand({ Name: 'once' }))).rejects.toThrow(
      'Schedule once does not exist.',
    );
  });

  it.each([{ Bucket: '../x', Key: 'k' }, { Key: 'k' }, { Bucket: 'b', Key: 'k', Body: { a: 1 } }])(
    'buries at once what makes no request: %j',
    async (input) => {
      const DeadLetterConfig = { Arn: `arn:aws:sqs:${REGION}:${ACCOUNT}:dead` };
      const Arn = 'arn:aws:scheduler:::aws-sdk:s3:putObject';
      const Target = { Arn, RoleArn: ROLE, Input: JSON.stringify(input), DeadLetterConfig };
      await create('wrong', { Target });
      const $metadata = { httpStatusCode: 503 };
      deadIsAway = Object.assign(new Error('busy'), { $metadata });
      await pass(HOUR_MS);
      deadIsAway = undefined;
      await pass(10 * MINUTE_MS);
      expect(sent).toMatchObject([{ MessageBody: JSON.stringify(input) }]);
    },
  );

  it('recurs between its start and its end', async () => {
    await create('often', {
      StartDate: new Date('2026-01-01T05:00:00Z'),
      EndDate: new Date('2026-01-01T07:30:00Z'),
    });
    await pass(5 * HOUR_MS - 1);
    expect(sent).toEqual([]);
    for (const count of [1, 2, 3, 3, 3]) {
      await pass(count === 1 ? 1 : HOUR_MS);
      expect(sent).toHaveLength(count);
    }
    expect(sent[0]).toMatchObject({ MessageBody: 'tick' });
  });

  it('calls somewhere in its window', async () => {
    await create('loose', {
      FlexibleTimeWindow: { Mode: 'FLEXIBLE', MaximumWindowInMinutes: 30 },
      ScheduleExpression: 'cron(0 1 * * ? *)',
    });
    await pass(HOUR_MS);
    await pass(30 * MINUTE_MS);
    expect(sent).toHaveLength(1);
  });

  it('tries again, and then puts the input into the dead-letter queue', async () => {
    refuse = Object.assign(new Error('busy'), {
      ...{ name: 'Busy', $metadata: { httpStatusCode: 503 } },
    });
    const DeadLetterConfig = { Arn: `arn:aws:sqs:${REGION}:${ACCOUNT}:dead` };
    await create('sad', {
      Target: toQueue({ DeadLetterConfig, RetryPolicy: { MaximumRetryAttempts: 1 } }),
    });
    await pass(HOUR_MS);
    await pass(MINUTE_MS);
    expect(sent).toHaveLength(1);
    expect(sent[0]).toMatchObject({
      MessageBody: 'tick',
      MessageAttributes: {
        ERROR_CODE: { StringValue: 'INTERNAL_ERROR' },
        EXHAUSTED_RETRY_CONDITION: { StringValue: 'MaximumRetryAttempts' },
        SCHEDULED_TIME: { StringValue: '2026-01-01T01:00:00Z' },
      },
    });
  });

  it('is changed as a whole, disabled and listed', async () => {
    await create('one', { Description: 'd' });
    await create('two', {});
    await scheduler.send(
      new UpdateScheduleCommand({
        ...{ Name: 'one', FlexibleTimeWindow: OFF, ScheduleExpression: 'rate(5 minutes)' },
        ...{ State: 'DISABLED', Target: toQueue() },
      }),
    );
    const { Description, State, ScheduleExpression } = await scheduler.send(
      new GetScheduleCommand({ Name: 'one' }),
    );
    expect([Description, State, ScheduleExpression]).toEqual([
      undefined,
      'DISABLED',
      'rate(5 minutes)',
    ]);
    await pass(HOUR_MS);
    expect(sent).toHaveLength(1);
    const { Schedules } = await scheduler.send(new ListSchedulesCommand({ State: 'ENABLED' }));
    expect(Schedules?.map(({ Name }) => Name)).toEqual(['two']);
    await expect(create('two', { ClientToken: 'other' })).rejects.toThrow('already exists');
    // As AWS shows it to who has said nothing of it.
    const { Target } = await scheduler.send(new GetScheduleCommand({ Name: 'two' }));
    expect(Target?.RetryPolicy).toEqual({
      ...{ MaximumEventAgeInSeconds: 86_400, MaximumRetryAttempts: 185 },
    });
  });

  it('goes with its group', async () => {
    const Tags = [{ Key: 'a', Value: '1' }];
    const { ScheduleGroupArn: ResourceArn } = await scheduler.send(
      new CreateScheduleGroupCommand({ Name: 'mine', Tags }),
    );
    await scheduler.send(new TagResourceCommand({ ResourceArn, Tags: [{ Key: 'b', Value: '2' }] }));
    expect(
      (await scheduler.send(new ListTagsForResourceCommand({ ResourceArn }))).Tags,
    ).toHaveLength(2);
    await create('in', { GroupName: 'mine' });
    const { ScheduleGroups } = await scheduler.send(new ListScheduleGroupsCommand({}));
    expect(ScheduleGroups?.map(({ Name }) => Name)).toEqual(['default', 'mine']);
    await scheduler.send(new DeleteScheduleGroupCommand({ Name: 'mine' }));
    await pass(HOUR_MS);
    expect(sent).toEqual([]);
    await expect(create('x', { GroupName: 'mine' })).rejects.toThrow(
      'Schedule group mine does not exist.',
    );
  });

  it('refuses what cannot be', async () => {
    const refused = (more: Partial<CreateScheduleCommandInput>) =>
      expect(create('x', more)).rejects;
    await refused({ ScheduleExpression: 'cron(0 0 * * * *)' }).toThrow(
      'Invalid Schedule Expression cron(0 0 * * * *).',
    );
    // It would be taken and never call its target.
    await refused({ ScheduleExpression: 'at(2020-01-01T00:00:00)' }).toThrow(
      'Invalid Schedule Expression at(2020-01-01T00:00:00).',
    );
    await refused({ ScheduleExpressionTimezone: 'Nowhere' }).toThrow(
      'Invalid ScheduleExpressionTimezone',
    );
    await refused({ FlexibleTimeWindow: { Mode: 'FLEXIBLE' } }).toThrow('MaximumWindowInMinutes');
    const target = (Arn: string, more: object = {}) => ({ Target: toQueue({ Arn, ...more }) });
    for (const operation of ['getParameter', 'GetParameter'])
      await refused(target(`arn:aws:scheduler:::aws-sdk:ssm:${operation}`)).toThrow('only reads');
    await refused(target(PUT, { Input: '{"Nme": "x"}' })).toThrow('Nme is no member');
    await refused(target(`arn:aws:sagemaker:${REGION}:${ACCOUNT}:pipeline/p`)).toThrow(
      'does not support',
    );
    await makeRole('other', 'codebuild.amazonaws.com');
    await refused({ Target: toQueue({ RoleArn: ROLE.replace(/scheduler$/, 'other') }) }).toThrow(
      'The execution role you provide must allow AWS EventBridge Scheduler to assume the role.',
    );
    await refused({
      Target: toQueue({ RoleArn: 'arn:aws:iam::222222222222:role/scheduler' }),
    }).toThrow('Cross-account pass role is not allowed.');
  });
});
