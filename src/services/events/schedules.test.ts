import {
  CodePipelineClient,
  CreatePipelineCommand,
  ListPipelineExecutionsCommand,
} from '@aws-sdk/client-codepipeline';
import {
  DisableRuleCommand,
  EnableRuleCommand,
  PutEventsCommand,
  PutRuleCommand,
  PutTargetsCommand,
} from '@aws-sdk/client-eventbridge';
import { CreateRoleCommand, IAMClient, PutRolePolicyCommand } from '@aws-sdk/client-iam';
import { expect, it } from 'vitest';
import { eachDialect } from '../../db/testing.ts';
import { ManualClock } from '../../lib/clock.ts';
import { ACCOUNT, REGION } from '../../testing.ts';
import codepipeline from '../codepipeline/index.ts';
import { type EventsWorld, eventsWorld, queueArn } from './testing.ts';

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;

async function rule(server: EventsWorld, Name: string, more: object, target: object = {}) {
  await server.bridge.send(new PutRuleCommand({ Name, ...more }));
  const Targets = [{ Id: '1', Arn: queueArn('queue'), ...target }];
  await server.bridge.send(new PutTargetsCommand({ Rule: Name, Targets }));
}

async function role(server: EventsWorld, name: string, service: string, Action: string) {
  const iam = server.client(IAMClient);
  const policy = (statement: object) =>
    JSON.stringify({ Version: '2012-10-17', Statement: { Effect: 'Allow', ...statement } });
  const trust = policy({ Action: 'sts:AssumeRole', Principal: { Service: service } });
  await iam.send(new CreateRoleCommand({ RoleName: name, AssumeRolePolicyDocument: trust }));
  const given = { RoleName: name, PolicyName: 'may' };
  const PolicyDocument = policy({ Action, Resource: '*' });
  await iam.send(new PutRolePolicyCommand({ ...given, PolicyDocument }));
  return `arn:aws:iam::${ACCOUNT}:role/${name}`;
}

eachDialect('Schedules', (makeDatabase, dialect, reopen) => {
  async function pipeline(server: EventsWorld) {
    const roleArn = await role(server, 'pipeline', 'codepipeline.amazonaws.com', 's3:*');
    const action = (name: string, category: string, provider: string, more: object) => ({
      name,
      actionTypeId: { category, owner: 'AWS', provider, version: '1' },
      ...more,
    });
    const source = {
      configuration: { S3Bucket: 'bucket', S3ObjectKey: 'k', PollForSourceChanges: 'false' },
      outputArtifacts: [{ name: 'Code' }],
    };
    const declared = {
      ...{ name: 'p', roleArn, artifactStore: { type: 'S3', location: 'bucket' } },
      stages: [
        { name: 'Source', actions: [action('S', 'Source', 'S3', source)] },
        { name: 'Release', actions: [action('A', 'Approval', 'Manual', {})] },
      ],
    };
    const pipelines = server.client(CodePipelineClient);
    await pipelines.send(new CreatePipelineCommand({ pipeline: declared } as never));
    return async () => {
      const list = new ListPipelineExecutionsCommand({ pipelineName: 'p' });
      const { pipelineExecutionSummaries = [] } = await pipelines.send(list);
      return pipelineExecutionSummaries.filter(
        ({ trigger }) => trigger?.triggerType === 'CloudWatchEvent',
      );
    };
  }

  it.each([
    ['rate(1 minute)', MINUTE_MS],
    ['cron(0 2 * * ? *)', 24 * HOUR_MS],
  ])(
    '%s starts a pipeline on time, under a role that may only do that',
    async (expression, period) => {
      const server = await eventsWorld(makeDatabase, [codepipeline]);
      const started = await pipeline(server);
      const only = 'codepipeline:StartPipelineExecution';
      const RoleArn = await role(server, 'rule', 'events.amazonaws.com', only);
      const Arn = `arn:aws:codepipeline:${REGION}:${ACCOUNT}:p`;
      // So that a rate and a cron are due at the same time of their first day.
      if (period > HOUR_MS) server.clock.advance(2 * HOUR_MS);
      await rule(server, 'r', { ScheduleExpression: expression }, { Arn, RoleArn });
      server.clock.advance(period - 1);
      await server.runDue();
      expect(await started()).toEqual([]);
      for (let n = 1; n <= 3; n++) {
        server.clock.advance(n === 1 ? 1 : period);
        await server.runDue();
        expect(await started()).toHaveLength(n);
      }
      expect(server.failures).toEqual([]);
    },
  );

  it('a role that does not trust EventBridge, or is of another account, is refused', async () => {
    const server = await eventsWorld(makeDatabase);
    const other = await role(server, 'other', 'codebuild.amazonaws.com', '*');
    const target = (RoleArn: string) =>
      rule(server, 'r', { EventPattern: '{"a":[1]}' }, { RoleArn });
    await expect(target(other)).rejects.toThrow(
      `Provided role '${other}' cannot be assumed by principal 'events.amazonaws.com'.`,
    );
    await expect(target(other.replace(ACCOUNT, '222222222222'))).rejects.toThrow(
      'Cross-account pass role is not allowed.',
    );
  });

  it('a disabled rule fires no more, and goes on from then when it is enabled', async () => {
    const server = await eventsWorld(makeDatabase);
    await rule(server, 'r', { ScheduleExpression: 'rate(1 hour)' });
    await server.bridge.send(new DisableRuleCommand({ Name: 'r' }));
    server.clock.advance(3 * HOUR_MS);
    await server.runDue();
    expect(server.calls).toEqual([]);
    await server.bridge.send(new EnableRuleCommand({ Name: 'r' }));
    server.clock.advance(HOUR_MS);
    await server.runDue();
    expect(server.calls).toHaveLength(1);
    // What was due while nobody looked is made good once.
    server.clock.advance(5 * HOUR_MS);
    await server.sweep();
    expect(server.calls).toHaveLength(2);
  });

  // Servers share a PostgreSQL, and no SQLite.
  if (dialect === 'postgres')
    it('fires once over two servers, which share all rules', async () => {
      const clock = new ManualClock();
      const one = await eventsWorld(makeDatabase, [], { clock });
      const two = await eventsWorld(await reopen(), [], { clock });
      for (const server of [one, two]) await server.start();
      await rule(one, 'often', { ScheduleExpression: 'rate(1 minute)' });
      await rule(one, 'mine', { EventPattern: '{"source":["my.app"]}' });
      const both = () => Promise.all([one.runDue(), two.runDue()]);
      for (let n = 1; n <= 3; n++) {
        clock.advance(MINUTE_MS);
        await both();
        await both();
        expect([...one.calls, ...two.calls]).toHaveLength(n);
      }
      const Entries = [{ Source: 'my.app', DetailType: 'made', Detail: '{}' }];
      await two.bridge.send(new PutEventsCommand({ Entries }));
      await both();
      await both();
      expect([...one.calls, ...two.calls]).toHaveLength(4);
      // A change on one is known to the other at once.
      await two.bridge.send(new DisableRuleCommand({ Name: 'mine' }));
      await one.bridge.send(new PutEventsCommand({ Entries }));
      await both();
      expect([...one.calls, ...two.calls]).toHaveLength(4);
      await one.stop();
      await two.stop();
    });
});
