import { PutRuleCommand, PutTargetsCommand, type RuleState } from '@aws-sdk/client-eventbridge';
import { CreateUserCommand, GetUserCommand, IAMClient } from '@aws-sdk/client-iam';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { eachDialect } from '../../db/testing.ts';
import { ACCOUNT, REGION } from '../../testing.ts';
import cloudtrail from '../cloudtrail/index.ts';
import { type EventsWorld, eventsWorld, queueArn } from './testing.ts';

const CALLS = { source: ['aws.iam'], 'detail-type': ['AWS API Call via CloudTrail'] };

eachDialect('calls of APIs', (makeDatabase) => {
  let server: EventsWorld;

  beforeEach(async () => {
    server = await eventsWorld(makeDatabase, [cloudtrail]);
  });
  afterEach(async () => {
    expect(server.failures).toEqual([]);
    await server.stop();
  });

  const rule = async (pattern: object, State: RuleState = 'ENABLED') => {
    const EventPattern = JSON.stringify(pattern);
    await server.bridge.send(new PutRuleCommand({ Name: 'calls', EventPattern, State }));
    const Targets = [{ Id: 'q', Arn: queueArn('calls') }];
    await server.bridge.send(new PutTargetsCommand({ Rule: 'calls', Targets }));
  };
  /** A call that changes something, and one that only reads; then all that follows. */
  const call = async () => {
    const iam = server.client(IAMClient);
    await iam.send(new CreateUserCommand({ UserName: 'mary' }));
    await iam.send(new GetUserCommand({ UserName: 'mary' }));
    await server.platform.recorded();
    await server.runDue();
    await server.platform.recorded();
    await server.runDue();
  };
  const told = () => server.received('calls') as { detail: { eventName: string } }[];
  const names = () => told().map(({ detail }) => detail.eventName);

  it('are told to a rule that wants them, as CloudTrail has them', async () => {
    await rule({ ...CALLS, detail: { eventName: ['CreateUser', 'GetUser'] } });
    await call();
    expect(told()).toEqual([
      {
        ...{ version: '0', id: expect.any(String), source: 'aws.iam' },
        'detail-type': 'AWS API Call via CloudTrail',
        ...{ account: ACCOUNT, region: REGION, resources: [], time: '2026-01-01T00:00:00Z' },
        detail: expect.objectContaining({
          eventSource: 'iam.amazonaws.com',
          eventName: 'CreateUser',
          eventType: 'AwsApiCall',
          requestParameters: { userName: 'mary' },
          readOnly: false,
        }),
      },
    ]);
  });

  it('that only read are told to a rule of that state alone', async () => {
    await rule(CALLS, 'ENABLED_WITH_ALL_CLOUDTRAIL_MANAGEMENT_EVENTS');
    await call();
    expect(names()).toEqual(expect.arrayContaining(['CreateUser', 'GetUser']));
  });

  it('are not even made into events where no rule may want one', async () => {
    await rule({ 'detail-type': [{ prefix: 'CodeBuild' }] });
    await call();
    const made = server.events.filter(({ source }) => source === 'aws.iam');
    expect(made).toEqual([]);
  });
});
