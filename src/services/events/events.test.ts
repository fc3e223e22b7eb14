import {
  DescribeArchiveCommand,
  DescribeRuleCommand,
  EventBridgeClient,
  ListArchivesCommand,
  PutEventsCommand,
  PutRuleCommand,
  PutTargetsCommand,
  RemovePermissionCommand,
  UpdateArchiveCommand,
} from '@aws-sdk/client-eventbridge';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { eachDialect } from '../../db/testing.ts';
import type { ActAs, ClientClass, Platform } from '../../kit/service.ts';
import { ACCOUNT, REGION, type World, world } from '../../testing.ts';
import service from './index.ts';

/** A call that came to another service, which is not there. */
interface Call {
  operation: string;
  input: Record<string, unknown>;
  actAs: ActAs;
}

const MINUTE_MS = 60_000;
const QUEUE = `arn:aws:sqs:${REGION}:${ACCOUNT}:queue`;
const DEAD = `arn:aws:sqs:${REGION}:${ACCOUNT}:dead`;

eachDialect('EventBridge', (makeDatabase) => {
  let server: World;
  let bridge: EventBridgeClient;
  let calls: Call[];
  let refuse: ((call: Call) => Error | undefined) | undefined;

  /** The queues and topics of the test. */
  const others = (real: Platform['client']): Platform['client'] =>
    function client<T extends { destroy(): void }>(Client: ClientClass<T>, actAs: ActAs): T {
      if (!['SQSClient', 'SNSClient'].includes(Client.name)) return real(Client, actAs);
      const send = async (command: { input: Record<string, unknown> }) => {
        const call = { operation: command.constructor.name, input: command.input, actAs };
        const error = refuse?.(call);
        if (error) throw error;
        calls.push(call);
      };
      return { send, destroy() {} } as unknown as T;
    };

  beforeEach(async () => {
    calls = [];
    refuse = undefined;
    server = await world(makeDatabase, [service], { around: { client: others } });
    bridge = server.client(EventBridgeClient);
  });
  afterEach(() => expect(server.failures).toEqual([]));

  const rule = async (Name: string, more: object, target: object = {}) => {
    await bridge.send(new PutRuleCommand({ Name, ...more }));
    await bridge.send(
      new PutTargetsCommand({ Rule: Name, Targets: [{ Id: '1', Arn: QUEUE, ...target }] }),
    );
  };
  const put = (Source: string, detail: object, more: object = {}) =>
    bridge.send(
      new PutEventsCommand({
        Entries: [{ Source, DetailType: 'made', Detail: JSON.stringify(detail), ...more }],
      }),
    );
  const bodies = () => calls.map(({ input }) => JSON.parse(String(input.MessageBody)));
  const publish = (detail: Record<string, unknown>) =>
    server.platform.transaction((tx) =>
      server.platform.events.publish(tx, {
        ...{ source: 'aws.codebuild', 'detail-type': 'CodeBuild Build State Change' },
        ...{ account: ACCOUNT, region: REGION, resources: [], detail },
      }),
    );

  it('brings numbers as they were put, and matches them', async () => {
    const Detail = '{"id":1234567890123456789,"big":1e400,"$v":[0.12345678901234567890]}';
    await rule('ids', { EventPattern: '{"detail": {"id": [{"numeric": [">", 5]}]}}' });
    await bridge.send(
      new PutEventsCommand({ Entries: [{ Source: 'my.app', DetailType: 'made', Detail }] }),
    );
    await server.runDue();
    expect(String(calls[0]?.input.MessageBody)).toContain(`"detail":${Detail}`);
  });

  it('brings an event that a rule wants to its target, once', async () => {
    await rule('failed', { EventPattern: '{"detail": {"state": ["FAILED"]}}' });
    const { Entries } = await put('my.app', { state: 'FAILED' });
    await put('my.app', { state: 'SUCCEEDED' });
    await server.runDue();
    await server.sweep();
    expect(bodies()).toEqual([
      {
        ...{ version: '0', id: Entries?.[0]?.EventId, 'detail-type': 'made', source: 'my.app' },
        ...{ account: ACCOUNT, time: '2026-01-01T00:00:00Z', region: REGION, resources: [] },
        detail: { state: 'FAILED' },
      },
    ]);
    expect(calls[0]?.actAs).toMatchObject({
      service: 'events.amazonaws.com',
      sourceArn: `arn:aws:events:${REGION}:${ACCOUNT}:rule/failed`,
    });
  });

  it('brings events of services, and those that nobody wants cost no row', async () => {
    await rule('builds', { EventPattern: '{"source": ["aws.codebuild"], "detail": {"n": [1]}}' });
    await publish({ n: 2 });
    const rows = server.platform.db.withTables<{ engine_event: { id: string } }>();
    expect(await rows.selectFrom('engine_event').selectAll().execute()).toEqual([]);
    await publish({ n: 1 });
    await server.runDue();
    expect(bodies()).toMatchObject([{ source: 'aws.codebuild', detail: { n: 1 } }]);
  });

  it('fires a rate, on the clock alone', async () => {
    await rule('often', { ScheduleExpression: 'rate(1 minute)' }, { Input: '"tick"' });
    await server.runDue();
    expect(calls).toEqual([]);
    for (let n = 0; n < 3; n++) {
      server.clock.advance(MINUTE_MS);
      await server.runDue();
    }
    expect(bodies()).toEqual(['tick', 'tick', 'tick']);
  });

  it('tries again, and then puts the event into the dead-letter queue', async () => {
    refuse = ({ input }) =>
      String(input.QueueUrl).endsWith('/queue')
        ? Object.assign(new Error('busy'), { name: 'Busy', $metadata: { httpStatusCode: 503 } })
        : undefined;
    const RetryPolicy = { MaximumRetryAttempts: 2, MaximumEventAgeInSeconds: 3600 };
    const target = { RetryPolicy, DeadLetterConfig: { Arn: DEAD } };
    await rule('sad', { EventPattern: '{"source": ["my.app"]}' }, target);
    await put('my.app', {});
    for (let n = 0; n < 5; n++) {
      await server.runDue();
      server.clock.advance(10 * MINUTE_MS);
    }
    expect(calls).toHaveLength(1);
    const attributes = Object.entries(calls[0]?.input.MessageAttributes ?? {});
    expect(attributes.map(([name, { StringValue }]) => [name, StringValue])).toEqual([
      ['RULE_ARN', `arn:aws:events:${REGION}:${ACCOUNT}:rule/sad`],
      ['TARGET_ARN', QUEUE],
      ['ERROR_CODE', 'INTERNAL_ERROR'],
      ['ERROR_MESSAGE', 'Busy: busy'],
      ['EXHAUSTED_RETRY_CONDITION', 'MaximumRetryAttempts'],
      ['RETRY_ATTEMPTS', '2'],
    ]);
  });

  it('loses no event to a dead-letter queue that is away, or to what a reason quotes', async () => {
    let away = true;
    const error = (name: string, httpStatusCode: number) =>
      Object.assign(new Error('\u0000'.repeat(5000)), { name, $metadata: { httpStatusCode } });
    refuse = ({ input }) => {
      if (String(input.QueueUrl).endsWith('/queue')) return error('Wrong', 400);
      return away ? error('Busy', 503) : undefined;
    };
    await rule(
      'sad',
      { EventPattern: '{"source": ["my.app"]}' },
      { DeadLetterConfig: { Arn: DEAD } },
    );
    await put('my.app', { text: '\uFFFE' });
    await server.runDue();
    away = false;
    expect(calls).toEqual([]);
    server.clock.advance(10 * MINUTE_MS);
    await server.runDue();
    expect(calls).toHaveLength(1);
    expect(calls[0]?.input.MessageBody).toContain('"text":"\\ufffe"');
    const { ERROR_MESSAGE } = (calls[0]?.input.MessageAttributes ?? {}) as Record<
      string,
      { StringValue: string }
    >;
    expect(ERROR_MESSAGE?.StringValue).toMatch(/^Wrong: \uFFFD+$/);
    expect(ERROR_MESSAGE?.StringValue.length).toBeLessThanOrEqual(1024);
  });

  it('takes no event that says it is of AWS, nor one that is malformed', async () => {
    const { FailedEntryCount, Entries } = await bridge.send(
      new PutEventsCommand({
        Entries: [
          { Source: 'aws.s3', DetailType: 'a', Detail: '{}' },
          { Source: 'a', DetailType: 'a', Detail: '[]' },
          { Source: 'a', Detail: '{}' },
          { Source: 'a', DetailType: 'a', Detail: '{}', EventBusName: 'none' },
        ],
      }),
    );
    expect(FailedEntryCount).toBe(3);
    expect(Entries?.map(({ ErrorCode }) => ErrorCode)).toEqual([
      'NotAuthorizedForSourceException',
      'MalformedDetail',
      'InvalidArgument',
      undefined,
    ]);
  });

  it('shows a rule, and says why a pattern or a schedule is none', async () => {
    const EventPattern = '{"source": ["a"]}';
    await bridge.send(new PutRuleCommand({ Name: 'r', EventPattern, Description: 'd' }));
    expect(await bridge.send(new DescribeRuleCommand({ Name: 'r' }))).toMatchObject({
      ...{ Name: 'r', EventPattern, Description: 'd', State: 'ENABLED', EventBusName: 'default' },
      ...{ Arn: `arn:aws:events:${REGION}:${ACCOUNT}:rule/r`, CreatedBy: ACCOUNT },
    });
    const refused = (input: object) =>
      expect(bridge.send(new PutRuleCommand({ Name: 'x', ...input }))).rejects;
    await refused({ EventPattern: '{"source": "a"}' }).toThrow(
      'Event pattern is not valid. Reason: "source" must be an object or an array',
    );
    await refused({ ScheduleExpression: 'rate(1 minutes)' }).toThrow(
      'Parameter ScheduleExpression is not valid.',
    );
    const missing = (command: Parameters<typeof bridge.send>[0]) =>
      expect(bridge.send(command)).rejects;
    await missing(new DescribeRuleCommand({ Name: 'none' }) as never).toThrow(
      'Rule none does not exist on EventBus default.',
    );
    await missing(new DescribeArchiveCommand({ ArchiveName: 'none' }) as never).toThrow(
      'Archive none does not exist.',
    );
    await missing(new UpdateArchiveCommand({ ArchiveName: 'none' }) as never).toThrow(
      'At least one of EventPattern, RetentionDays or Description must be provided.',
    );
    const EventSourceArn = `arn:aws:events:${REGION}:${ACCOUNT}:event-bus/none`;
    await missing(new ListArchivesCommand({ EventSourceArn }) as never).toThrow(
      'Event bus none does not exist.',
    );
    await missing(new RemovePermissionCommand({ StatementId: 'none' }) as never).toThrow(
      'Statement with the provided id does not exist.',
    );
    await refused({}).toThrow('Parameter(s) EventPattern or ScheduleExpression must be specified.');
  });
});
