import {
  CancelReplayCommand,
  CreateArchiveCommand,
  CreateEventBusCommand,
  DeleteEventBusCommand,
  DeleteRuleCommand,
  DescribeArchiveCommand,
  DescribeEventBusCommand,
  DescribeReplayCommand,
  EventBridgeClient,
  ListEventBusesCommand,
  ListTagsForResourceCommand,
  PutEventsCommand,
  PutPermissionCommand,
  PutRuleCommand,
  PutTargetsCommand,
  RemovePermissionCommand,
  StartReplayCommand,
  TagResourceCommand,
  UntagResourceCommand,
} from '@aws-sdk/client-eventbridge';
import { CreateRoleCommand, IAMClient, PutRolePolicyCommand } from '@aws-sdk/client-iam';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { eachDialect } from '../../db/testing.ts';
import { ACCOUNT, REGION } from '../../testing.ts';
import { type EventsWorld, eventsWorld, queueArn } from './testing.ts';

const OTHER = '222222222222';
const DAY_MS = 24 * 3_600_000;
const ANY = '{"source": [{"prefix": ""}]}';
const busArn = (name: string, accountId = ACCOUNT) =>
  `arn:aws:events:${REGION}:${accountId}:event-bus/${name}`;

eachDialect('Buses', (makeDatabase) => {
  let server: EventsWorld;
  let bridge: EventBridgeClient;

  beforeEach(async () => {
    server = await eventsWorld(makeDatabase);
    bridge = server.bridge;
  });
  afterEach(() => expect(server.failures).toEqual([]));

  const rule = async (client: EventBridgeClient, bus: string, target: object, Name = 'all') => {
    const EventBusName = bus;
    await client.send(new PutRuleCommand({ Name, EventBusName, EventPattern: ANY }));
    const Targets = [{ Id: '1', Arn: queueArn('queue'), ...target }];
    await client.send(new PutTargetsCommand({ Rule: Name, EventBusName, Targets }));
  };
  const put = (client: EventBridgeClient, EventBusName: string, Source = 'my.app') =>
    client.send(
      new PutEventsCommand({
        Entries: [{ Source, DetailType: 'made', Detail: '{}', EventBusName }],
      }),
    );
  const role = async (name: string, document: object) => {
    const iam = server.client(IAMClient);
    const trust = {
      Effect: 'Allow',
      Action: 'sts:AssumeRole',
      Principal: { Service: 'events.amazonaws.com' },
    };
    const policy = (statement: object) =>
      JSON.stringify({ Version: '2012-10-17', Statement: statement });
    const given = { RoleName: name, PolicyName: 'may', PolicyDocument: policy(document) };
    await iam.send(
      new CreateRoleCommand({ RoleName: name, AssumeRolePolicyDocument: policy(trust) }),
    );
    await iam.send(new PutRolePolicyCommand(given));
    return `arn:aws:iam::${ACCOUNT}:role/${name}`;
  };

  it('are made, shown, tagged and deleted', async () => {
    const Tags = [{ Key: 'a', Value: '1' }];
    await bridge.send(new CreateEventBusCommand({ Name: 'mine', Description: 'd', Tags }));
    expect(await bridge.send(new DescribeEventBusCommand({ Name: 'mine' }))).toMatchObject({
      ...{ Name: 'mine', Arn: busArn('mine'), Description: 'd' },
    });
    const { EventBuses } = await bridge.send(new ListEventBusesCommand({}));
    expect(EventBuses?.map(({ Name }) => Name)).toEqual(['default', 'mine']);
    const ResourceARN = busArn('mine');
    await bridge.send(new TagResourceCommand({ ResourceARN, Tags: [{ Key: 'b', Value: '2' }] }));
    await bridge.send(new UntagResourceCommand({ ResourceARN, TagKeys: ['a'] }));
    expect(await bridge.send(new ListTagsForResourceCommand({ ResourceARN }))).toMatchObject({
      Tags: [{ Key: 'b', Value: '2' }],
    });
    await expect(bridge.send(new CreateEventBusCommand({ Name: 'mine' }))).rejects.toThrow(
      'Event bus mine already exists.',
    );
    await rule(bridge, 'mine', {});
    await expect(bridge.send(new DeleteEventBusCommand({ Name: 'mine' }))).rejects.toThrow(
      'Cannot delete event bus mine since it has rules.',
    );
    await expect(
      bridge.send(new DeleteRuleCommand({ Name: 'all', EventBusName: 'mine' })),
    ).rejects.toThrow("Rule can't be deleted since it has targets.");
    await expect(bridge.send(new DeleteEventBusCommand({ Name: 'default' }))).rejects.toThrow(
      'Cannot delete event bus default.',
    );
  });

  it('hear only what is put on them', async () => {
    await bridge.send(new CreateEventBusCommand({ Name: 'mine' }));
    await rule(bridge, 'mine', {});
    await put(bridge, 'default');
    await put(bridge, busArn('mine'));
    await server.runDue();
    expect(server.received('queue')).toHaveLength(1);
  });

  it('let in another account whom their policy names', async () => {
    const stranger = server.client(EventBridgeClient, { accountId: OTHER });
    await rule(bridge, 'default', {});
    await expect(put(stranger, busArn('default'))).rejects.toThrow('not authorized');
    const Action = 'events:PutEvents';
    await bridge.send(new PutPermissionCommand({ Action, Principal: OTHER, StatementId: 'one' }));
    await put(stranger, busArn('default'));
    await server.runDue();
    expect(server.received('queue')).toMatchObject([{ account: OTHER, source: 'my.app' }]);
    const { Policy } = await bridge.send(new DescribeEventBusCommand({}));
    expect(JSON.parse(Policy ?? '').Statement).toEqual([
      {
        ...{ Sid: 'one', Effect: 'Allow', Principal: { AWS: `arn:aws:iam::${OTHER}:root` } },
        ...{ Action, Resource: busArn('default') },
      },
    ]);
    await bridge.send(new RemovePermissionCommand({ StatementId: 'one' }));
    await expect(put(stranger, busArn('default'))).rejects.toThrow('not authorized');
  });

  it('send on to another bus, as it came, and from there to no third one', async () => {
    await bridge.send(new CreateEventBusCommand({ Name: 'second' }));
    await rule(bridge, 'default', { Arn: busArn('second') });
    await rule(bridge, 'second', { Arn: busArn('default') });
    await rule(bridge, 'second', {}, 'queue');
    await put(bridge, 'default');
    await server.runDue();
    expect(server.received('queue')).toHaveLength(1);
  });

  it('send on to a bus of another account under a role, when that lets it in', async () => {
    const other = server.client(EventBridgeClient, { accountId: OTHER });
    await rule(other, 'default', { Arn: queueArn('theirs', OTHER) });
    const Arn = busArn('default', OTHER);
    await expect(rule(bridge, 'default', { Arn })).rejects.toThrow('RoleArn is required');
    const allow = { Effect: 'Allow', Action: 'events:PutEvents', Resource: Arn };
    const RoleArn = await role('sender', allow);
    const dead = { DeadLetterConfig: { Arn: queueArn('dead') } };
    await rule(bridge, 'default', { Arn, RoleArn, ...dead });
    await put(bridge, 'default');
    await server.runDue();
    expect(server.received('theirs')).toEqual([]);
    expect(server.received('dead')).toHaveLength(1);
    const Action = 'events:PutEvents';
    await other.send(new PutPermissionCommand({ Action, Principal: ACCOUNT, StatementId: 'a' }));
    await put(bridge, 'default');
    await server.runDue();
    expect(server.received('theirs')).toMatchObject([{ account: ACCOUNT, source: 'my.app' }]);
  });

  describe('archives', () => {
    const DefaultArn = busArn('default');
    const start = (name: string, more: object = {}) =>
      bridge.send(
        new StartReplayCommand({
          ReplayName: name,
          EventSourceArn: `arn:aws:events:${REGION}:${ACCOUNT}:archive/kept`,
          EventStartTime: new Date('2025-12-31T00:00:00Z'),
          EventEndTime: new Date('2026-01-02T00:00:00Z'),
          Destination: { Arn: DefaultArn },
          ...more,
        }),
      );

    beforeEach(async () => {
      const EventPattern = '{"source": ["my.app"]}';
      await bridge.send(
        new CreateArchiveCommand({
          ...{ ArchiveName: 'kept', EventSourceArn: DefaultArn, EventPattern, RetentionDays: 7 },
        }),
      );
    });

    it('keep what their pattern wants, and replay it to the rules of the bus', async () => {
      for (let n = 0; n < 60; n++) await put(bridge, 'default');
      await put(bridge, 'default', 'other.app');
      expect(await bridge.send(new DescribeArchiveCommand({ ArchiveName: 'kept' }))).toMatchObject({
        EventCount: 60,
        State: 'ENABLED',
        RetentionDays: 7,
      });
      await rule(bridge, 'default', {});
      await rule(bridge, 'default', { Arn: queueArn('second') }, 'second');
      const FilterArns = [`arn:aws:events:${REGION}:${ACCOUNT}:rule/all`];
      await start('again', { Destination: { Arn: DefaultArn, FilterArns } });
      await server.runDue();
      expect(server.received('queue')).toHaveLength(60);
      expect(server.received('queue')[0]).toMatchObject({ 'replay-name': 'again' });
      expect(server.received('second')).toEqual([]);
      expect(await bridge.send(new DescribeReplayCommand({ ReplayName: 'again' }))).toMatchObject({
        State: 'COMPLETED',
      });
      expect(await bridge.send(new DescribeArchiveCommand({ ArchiveName: 'kept' }))).toMatchObject({
        EventCount: 60,
      });
      await expect(bridge.send(new CancelReplayCommand({ ReplayName: 'again' }))).rejects.toThrow(
        'not in a valid state',
      );
    });

    it('forget what is too old', async () => {
      await put(bridge, 'default');
      server.clock.advance(8 * DAY_MS);
      await server.sweep();
      expect(await bridge.send(new DescribeArchiveCommand({ ArchiveName: 'kept' }))).toMatchObject({
        EventCount: 0,
      });
    });

    it('tell of a replay for 90 days after its end', async () => {
      await start('old');
      await server.runDue();
      const describe = () => bridge.send(new DescribeReplayCommand({ ReplayName: 'old' }));
      server.clock.advance(90 * DAY_MS);
      await server.sweep();
      expect(await describe()).toMatchObject({ State: 'COMPLETED' });
      server.clock.advance(1);
      await server.sweep();
      await expect(describe()).rejects.toThrow('Replay old does not exist.');
      await start('old');
    });

    it('replay to their own bus alone', async () => {
      await expect(start('x', { Destination: { Arn: busArn('mine') } })).rejects.toThrow(
        'Event bus mine does not exist.',
      );
      await bridge.send(new CreateEventBusCommand({ Name: 'mine' }));
      await expect(start('x', { Destination: { Arn: busArn('mine') } })).rejects.toThrow(
        'Cross event bus replay is not permitted.',
      );
      await expect(start('x', { EventEndTime: new Date(0) })).rejects.toThrow(
        'EventStartTime must be before EventEndTime.',
      );
    });
  });
});
