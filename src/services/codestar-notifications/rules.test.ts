import { afterEach, beforeEach, expect, it } from 'vitest';
import { eachDialect } from '../../db/testing.ts';
import { ACCOUNT, REGION, type World, world } from '../../testing.ts';
import service from './index.ts';
import { callerOf } from './testing.ts';

const TOPIC = `arn:aws:sns:${REGION}:${ACCOUNT}:topic`;
const REPOSITORY = `arn:aws:codecommit:${REGION}:${ACCOUNT}:web`;
const PIPELINE = `arn:aws:codepipeline:${REGION}:${ACCOUNT}:web`;
const SLACK = `arn:aws:chatbot::${ACCOUNT}:chat-configuration/slack-channel/builds`;

const snsTarget = (name = 'topic') => ({
  TargetType: 'SNS',
  TargetAddress: `arn:aws:sns:${REGION}:${ACCOUNT}:${name}`,
});

eachDialect('rules of CodeStar Notifications', (makeDatabase) => {
  let server: World;
  let call: ReturnType<typeof callerOf>;

  beforeEach(async () => {
    server = await world(makeDatabase, [service]);
    call = callerOf(server);
  });
  afterEach(() => expect(server.failures).toEqual([]));

  const create = async (more: object = {}) => {
    const { Arn = '' } = await call('CreateNotificationRule', {
      Name: 'rule',
      EventTypeIds: ['codecommit-repository-branches-and-tags-created'],
      Resource: REPOSITORY,
      Targets: [snsTarget()],
      DetailType: 'BASIC',
      ...more,
    });
    return Arn;
  };

  it('NT-OP-04 NT-OP-13 describes what was made and changed', async () => {
    const Arn = await create({ Tags: { Team: 'web' } });
    const CreatedTimestamp = server.clock.now();
    server.clock.advance(5000);
    await call('UpdateNotificationRule', {
      ...{ Arn, Name: 'other', DetailType: 'FULL', Status: 'DISABLED' },
      EventTypeIds: ['codecommit-repository-pull-request-merged'],
      Targets: [snsTarget('b'), snsTarget('b')],
    });
    expect(await call('DescribeNotificationRule', { Arn })).toEqual({
      ...{ Arn, Name: 'other', DetailType: 'FULL', Status: 'DISABLED', Resource: REPOSITORY },
      EventTypes: [
        {
          EventTypeId: 'codecommit-repository-pull-request-merged',
          ServiceName: 'CodeCommit',
          EventTypeName: 'Pull request: Merged',
          ResourceType: 'Repository',
        },
      ],
      Targets: [{ ...snsTarget('b'), TargetStatus: 'ACTIVE' }],
      CreatedBy: `arn:aws:iam::${ACCOUNT}:root`,
      ...{ CreatedTimestamp, LastModifiedTimestamp: server.clock.now() },
      Tags: { Team: 'web' },
    });
  });

  it.each([
    ['a name that is taken', { Name: 'rule' }, 'ResourceAlreadyExistsException'],
    ['an event that there is not', { EventTypeIds: ['none'] }, 'ConfigurationException'],
    [
      'an event of another kind of resource',
      { EventTypeIds: ['codebuild-project-build-state-failed'] },
      'ConfigurationException',
    ],
    ['a bucket', { Resource: `arn:aws:s3:${REGION}:${ACCOUNT}:b` }, 'ValidationException'],
    [
      'a repository of another account',
      { Resource: `arn:aws:codecommit:${REGION}:222222222222:web` },
      'ValidationException',
    ],
    [
      'a repository of another Region',
      { Resource: `arn:aws:codecommit:us-east-1:${ACCOUNT}:web` },
      'ValidationException',
    ],
    ['a queue', { Targets: [{ ...snsTarget(), TargetType: 'SQS' }] }, 'ConfigurationException'],
    ['a FIFO topic', { Targets: [snsTarget('t.fifo')] }, 'ConfigurationException'],
    [
      'a topic of another Region',
      { Targets: [{ TargetType: 'SNS', TargetAddress: `arn:aws:sns:us-east-1:${ACCOUNT}:t` }] },
      'ConfigurationException',
    ],
    [
      'a chat without a webhook',
      { Targets: [{ TargetType: 'AWSChatbotSlack', TargetAddress: `${SLACK}2` }] },
      'ConfigurationException',
    ],
    ['a target without an address', { Targets: [{ TargetType: 'SNS' }] }, 'ValidationException'],
    ['a name with a dot', { Name: 'a.' }, 'ValidationException'],
    ['a tag of AWS’s', { Tags: { 'aws:x': '' } }, 'ValidationException'],
  ])('NT-OP-01 refuses %s', async (_what, more, name) => {
    await create();
    await expect(create({ Name: 'second', ...more })).rejects.toMatchObject({ name });
  });

  it('NT-01 counts rules of a resource and targets of a rule', async () => {
    const full = Array.from({ length: 10 }, (_, index) => snsTarget(`t${index}`));
    const Arn = await create({ Targets: full });
    for (let index = 1; index < 10; index += 1) await create({ Name: `rule ${index}` });
    const refused = { name: 'LimitExceededException' };
    await expect(create({ Name: 'one more' })).rejects.toMatchObject(refused);
    await expect(call('Subscribe', { Arn, Target: snsTarget('one-more') })).rejects.toMatchObject(
      refused,
    );
    await call('Subscribe', { Arn, Target: snsTarget('t0') });
  });

  it('NT-OP-01 the same call again makes no second rule', async () => {
    const ClientRequestToken = 'token';
    const Arn = await create({ ClientRequestToken });
    expect(await create({ ClientRequestToken })).toBe(Arn);
    await expect(create({ ClientRequestToken, DetailType: 'FULL' })).rejects.toMatchObject({
      name: 'ResourceAlreadyExistsException',
    });
  });

  it('NT-OP-02 NT-OP-11 what is not there is deleted and unsubscribed all the same', async () => {
    const Arn = await create();
    await call('DeleteNotificationRule', { Arn });
    expect(await call('DeleteNotificationRule', { Arn })).toEqual({ Arn });
    expect(await call('Unsubscribe', { Arn, TargetAddress: TOPIC })).toEqual({ Arn });
    const refused = { name: 'ResourceNotFoundException', $metadata: { httpStatusCode: 404 } };
    await expect(call('DescribeNotificationRule', { Arn })).rejects.toMatchObject(refused);
    await expect(call('Subscribe', { Arn, Target: snsTarget() })).rejects.toMatchObject(refused);
  });

  it('NT-OP-03 a target that rules have goes with ForceUnsubscribeAll alone', async () => {
    const Arn = await create({ Targets: [snsTarget(), snsTarget('other')] });
    const TargetAddress = TOPIC;
    await expect(call('DeleteTarget', { TargetAddress })).rejects.toMatchObject({
      name: 'ValidationException',
    });
    await call('DeleteTarget', { TargetAddress, ForceUnsubscribeAll: true });
    const { Targets } = await call('DescribeNotificationRule', { Arn });
    expect(Targets).toEqual([{ ...snsTarget('other'), TargetStatus: 'ACTIVE' }]);
    expect((await call('ListTargets', {})).Targets).toEqual(Targets);
    await call('DeleteTarget', { TargetAddress });
  });

  it('NT-OP-05 lists the event types, by page and by filter', async () => {
    const all = (await call('ListEventTypes', {})).EventTypes ?? [];
    expect(all).toHaveLength(38);
    const ids: (string | undefined)[] = [];
    let NextToken: string | undefined;
    do {
      const page = await call('ListEventTypes', { MaxResults: 7, NextToken });
      ids.push(...(page.EventTypes ?? []).map(({ EventTypeId }) => EventTypeId));
      NextToken = page.NextToken;
      if (NextToken !== undefined) expect(NextToken).toMatch(/^[\w/+=]+$/);
    } while (NextToken !== undefined);
    expect(ids).toEqual(all.map(({ EventTypeId }) => EventTypeId));
    const of = async (Name: 'RESOURCE_TYPE' | 'SERVICE_NAME', Value: string) =>
      (await call('ListEventTypes', { Filters: [{ Name, Value }] })).EventTypes;
    expect(await of('SERVICE_NAME', 'CodeDeploy')).toEqual(
      ['Succeeded', 'Failed', 'Started'].map((state) => ({
        EventTypeId: `codedeploy-application-deployment-${state.toLowerCase()}`,
        ServiceName: 'CodeDeploy',
        EventTypeName: `Deployment: ${state}`,
        ResourceType: 'Application',
      })),
    );
    // CP-C59
    const states = (level: string, names: string) =>
      names.split(' ').map((state) => `codepipeline-pipeline-${level}-${state}`);
    const ofPipelines = (await of('RESOURCE_TYPE', 'pipeline')) ?? [];
    expect(ofPipelines.map(({ EventTypeId }) => EventTypeId).sort()).toEqual(
      [
        ...states('pipeline-execution', 'started succeeded failed canceled resumed superseded'),
        ...states('stage-execution', 'started succeeded failed canceled resumed'),
        ...states('action-execution', 'started succeeded failed canceled'),
        ...states('manual-approval', 'needed succeeded failed'),
      ].sort(),
    );
    await expect(call('ListEventTypes', { NextToken: 'none' })).rejects.toMatchObject({
      name: 'InvalidNextTokenException',
    });
  });

  it('NT-OP-06 NT-OP-08 lists rules and targets by filter', async () => {
    const first = await create();
    const second = await create({
      ...{ Name: 'second', Resource: PIPELINE, Targets: [snsTarget('b'), snsTarget()] },
      EventTypeIds: ['codepipeline-pipeline-manual-approval-needed'],
    });
    const rules = async (
      ...Filters: {
        Name: 'EVENT_TYPE_ID' | 'CREATED_BY' | 'RESOURCE' | 'TARGET_ADDRESS';
        Value: string;
      }[]
    ) =>
      ((await call('ListNotificationRules', { Filters })).NotificationRules ?? []).map(
        ({ Arn }) => Arn,
      );
    expect((await rules()).sort()).toEqual([first, second].sort());
    expect(await rules({ Name: 'RESOURCE', Value: PIPELINE })).toEqual([second]);
    expect(await rules({ Name: 'TARGET_ADDRESS', Value: TOPIC })).toHaveLength(2);
    expect(
      await rules(
        { Name: 'TARGET_ADDRESS', Value: TOPIC },
        { Name: 'EVENT_TYPE_ID', Value: 'codecommit-repository-branches-and-tags-created' },
      ),
    ).toEqual([first]);
    expect(await rules({ Name: 'CREATED_BY', Value: 'nobody' })).toEqual([]);
    const Filters = [{ Name: 'TARGET_ADDRESS' as const, Value: TOPIC }];
    expect((await call('ListTargets', { Filters })).Targets).toHaveLength(1);
    expect((await call('ListTargets', {})).Targets).toHaveLength(2);
  });

  it('NT-OP-07 NT-OP-10 NT-OP-12 gives and takes tags', async () => {
    const Arn = await create({ Tags: { Team: 'a', Old: 'x' } });
    expect(await call('TagResource', { Arn, Tags: { Team: 'b', 'a/b': '' } })).toEqual({
      Tags: { Team: 'b', Old: 'x', 'a/b': '' },
    });
    await call('UntagResource', { Arn, TagKeys: ['Old', 'a/b'] });
    expect(await call('ListTagsForResource', { Arn })).toEqual({ Tags: { Team: 'b' } });
  });

  it('asks IAM about the rule, with what it listens to', async () => {
    const Arn = await create();
    const asked = async (work: Promise<unknown>) => {
      await work;
      return [server.asked.at(-1), server.conditions.at(-1)];
    };
    const key = { 'codestar-notifications:notificationsforresource': REPOSITORY };
    expect(server.asked.at(-1)).toBe(
      `codestar-notifications:CreateNotificationRule arn:aws:codestar-notifications:${REGION}:${ACCOUNT}:notificationrule/*`,
    );
    expect(server.conditions.at(-1)).toMatchObject(key);
    expect(await asked(call('Subscribe', { Arn, Target: snsTarget('b') }))).toEqual([
      `codestar-notifications:Subscribe ${Arn}`,
      expect.objectContaining(key),
    ]);
    server.denied.add('codestar-notifications:DescribeNotificationRule');
    await expect(call('DescribeNotificationRule', { Arn })).rejects.toMatchObject({
      name: 'AccessDeniedException',
    });
    const other = callerOf(server, { accountId: '222222222222' });
    await expect(other('DeleteNotificationRule', { Arn })).rejects.toMatchObject({
      name: 'AccessDeniedException',
    });
  });
});
