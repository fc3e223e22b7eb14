import { afterEach, beforeEach, expect, it } from 'vitest';
import { eachDialect } from '../../db/testing.ts';
import type { NewEvent } from '../../engine/events.ts';
import type { ActAs, ClientClass, Platform } from '../../kit/service.ts';
import type { OutboundRequest } from '../../network/outbound.ts';
import { OutboundFailed, OutboundRefused } from '../../network/outbound.ts';
import { ACCOUNT, REGION, type World, world } from '../../testing.ts';
import service from './index.ts';
import { callerOf } from './testing.ts';

/** A message that came to SNS, which is not there. */
interface Published {
  topic: string;
  message: Record<string, unknown>;
  actAs: ActAs;
}

const TOPIC = `arn:aws:sns:${REGION}:${ACCOUNT}:topic`;
const REPOSITORY = `arn:aws:codecommit:${REGION}:${ACCOUNT}:web`;
const PIPELINE = `arn:aws:codepipeline:${REGION}:${ACCOUNT}:web`;
const SLACK = `arn:aws:chatbot::${ACCOUNT}:chat-configuration/slack-channel/builds`;
const TEAMS = `arn:aws:chatbot::${ACCOUNT}:chat-configuration/microsoft-teams-channel/builds`;

const snsTarget = (name = 'topic') => ({
  TargetType: 'SNS',
  TargetAddress: `arn:aws:sns:${REGION}:${ACCOUNT}:${name}`,
});

/** An error as an API's client throws it. */
const apiError = (name: string, httpStatusCode: number) =>
  Object.assign(new Error('no'), { name, $metadata: { httpStatusCode } });

eachDialect('CodeStar Notifications', (makeDatabase) => {
  let server: World;
  let call: ReturnType<typeof callerOf>;
  let published: Published[];
  let posted: OutboundRequest[];
  let refuse: ((one: Published) => Error | undefined) | undefined;
  let answer: () => number;
  /** What CodePipeline answers. */
  let answers: Record<string, object>;

  const others = (real: Platform['client']): Platform['client'] =>
    function client<T extends { destroy(): void }>(Client: ClientClass<T>, actAs: ActAs): T {
      const send = async (command: { input: Record<string, unknown> }) => {
        if (Client.name === 'CodePipelineClient') {
          const found = answers[command.constructor.name];
          if (!found) throw apiError('PipelineNotFoundException', 400);
          return found;
        }
        const { TopicArn, Message } = command.input;
        const one = { topic: String(TopicArn), message: JSON.parse(String(Message)), actAs };
        const error = refuse?.(one);
        if (error) throw error;
        published.push(one);
      };
      return ['SNSClient', 'CodePipelineClient'].includes(Client.name)
        ? ({ send, destroy() {} } as unknown as T)
        : real(Client, actAs);
    };

  beforeEach(async () => {
    published = [];
    posted = [];
    answers = {};
    refuse = undefined;
    answer = () => 200;
    server = await world(makeDatabase, [service], {
      around: {
        client: others,
        outbound: () => ({
          async send(request) {
            const status = answer();
            posted.push(request);
            return { status, headers: {}, body: Buffer.alloc(0) };
          },
        }),
      },
    });
    call = callerOf(server);
    server.platform.config.chatWebhooks[SLACK] = 'https://hooks.example/slack';
    server.platform.config.chatWebhooks[TEAMS] = 'https://hooks.example/teams';
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

  const publish = (...events: Partial<NewEvent>[]) =>
    server.platform.transaction(async (tx) => {
      for (const event of events)
        await server.platform.events.publish(tx, {
          source: 'aws.codecommit',
          'detail-type': 'CodeCommit Repository State Change',
          ...{ account: ACCOUNT, region: REGION, resources: [REPOSITORY] },
          detail: { event: 'referenceCreated', referenceName: 'main' },
          ...event,
        });
    });

  const pipelineEvent = (kind: string, detail: Record<string, unknown>): NewEvent => ({
    source: 'aws.codepipeline',
    'detail-type': `CodePipeline ${kind} Execution State Change`,
    ...{ account: ACCOUNT, region: REGION, resources: [PIPELINE] },
    detail: { pipeline: 'web', 'execution-id': 'e1', ...detail },
  });

  const outboxIsEmpty = async () => {
    const db = server.platform.db.withTables<{ engine_event: { id: string } }>();
    return (await db.selectFrom('engine_event').select('id').execute()).length === 0;
  };

  it('NT-05 tells a topic as the service for the rule, in AWS’s form', async () => {
    const notificationRuleArn = await create();
    await publish({});
    await server.runDue();
    expect(published).toEqual([
      {
        topic: TOPIC,
        actAs: {
          service: 'codestar-notifications.amazonaws.com',
          sourceArn: notificationRuleArn,
          region: REGION,
        },
        message: {
          account: ACCOUNT,
          detailType: 'CodeCommit Repository State Change',
          region: REGION,
          source: 'aws.codecommit',
          time: '2026-01-01T00:00:00Z',
          notificationRuleArn,
          detail: { event: 'referenceCreated', referenceName: 'main' },
          resources: [REPOSITORY],
          additionalAttributes: {},
        },
      },
    ]);
  });

  it('NT-01 keeps nothing of an event that no rule wants', async () => {
    await create();
    await publish(
      { detail: { event: 'referenceDeleted' } },
      { resources: [`${REPOSITORY}-other`] },
      { account: '222222222222' },
      { region: 'us-east-1' },
    );
    expect(await outboxIsEmpty()).toBe(true);
    await publish({});
    expect(await outboxIsEmpty()).toBe(false);
  });

  it('tells each target once and in order, however often an event comes', async () => {
    await create({ Targets: [snsTarget('a'), snsTarget('b')] });
    const names = Array.from({ length: 12 }, (_, index) => `branch-${index}`);
    await publish(
      ...names.map((referenceName) => ({ detail: { event: 'referenceCreated', referenceName } })),
    );
    await server.runDue();
    await server.sweep();
    for (const { TargetAddress } of [snsTarget('a'), snsTarget('b')]) {
      const told = published.filter(({ topic }) => topic === TargetAddress);
      expect(
        told.map(({ message }) => (message.detail as { referenceName: string }).referenceName),
      ).toEqual(names);
    }
  });

  it('tells nobody twice of an event that is delivered twice', async () => {
    await create();
    const [subscription] = service.subscriptions ?? [];
    const event = {
      ...{ version: '0' as const, id: 'e', time: '2026-01-01T00:00:00Z' },
      ...{ source: 'aws.codecommit', 'detail-type': 'CodeCommit Repository State Change' },
      ...{ account: ACCOUNT, region: REGION, resources: [REPOSITORY] },
      detail: { event: 'referenceCreated' },
    };
    await subscription?.deliver(server.platform, event);
    await server.runDue();
    await subscription?.deliver(server.platform, event);
    await server.runDue();
    expect(published).toHaveLength(1);
  });

  it('NT-02 a topic that refuses is unreachable until one is told again', async () => {
    await create();
    const status = async () => (await call('ListTargets', {})).Targets?.[0]?.TargetStatus;
    expect(await status()).toBe('ACTIVE');
    refuse = () => apiError('AuthorizationErrorException', 403);
    await publish({});
    await server.runDue();
    expect(await status()).toBe('UNREACHABLE');
    refuse = undefined;
    await publish({ detail: { event: 'referenceCreated', referenceName: 'later' } });
    await server.runDue();
    expect(await status()).toBe('ACTIVE');
    expect(published).toHaveLength(1);
  });

  it('tries again what failed for the time being, before what came after it, for an hour', async () => {
    await create();
    refuse = () => apiError('InternalErrorException', 500);
    await publish({ detail: { event: 'referenceCreated', referenceName: 'a' } });
    await publish({ detail: { event: 'referenceCreated', referenceName: 'b' } });
    await server.runDue();
    server.clock.advance(1000);
    await server.runDue();
    expect(published).toEqual([]);
    refuse = undefined;
    server.clock.advance(2000);
    await server.runDue();
    const told = published.map(({ message }) => message.detail);
    expect(told).toMatchObject([{ referenceName: 'a' }, { referenceName: 'b' }]);
    refuse = () => apiError('InternalErrorException', 500);
    await publish({});
    for (let minutes = 0; minutes < 70; minutes += 5) {
      await server.runDue();
      server.clock.advance(5 * 60_000);
    }
    refuse = undefined;
    await server.runDue();
    expect(published).toHaveLength(2);
  });

  it('NT-04 a rule that is disabled tells nothing, nor does one without the target', async () => {
    const Arn = await create({ Status: 'DISABLED' });
    await publish({});
    await call('UpdateNotificationRule', { Arn, Status: 'ENABLED' });
    await publish({ detail: { event: 'referenceCreated', referenceName: 'b' } });
    await server.runDue();
    expect(published.map(({ message }) => message.detail)).toMatchObject([{ referenceName: 'b' }]);
    await call('Unsubscribe', { Arn, TargetAddress: TOPIC });
    await publish({});
    await server.runDue();
    expect(published).toHaveLength(1);
    await call('Subscribe', { Arn, Target: snsTarget() });
    await call('DeleteNotificationRule', { Arn });
    await publish({});
    await server.runDue();
    expect(published).toHaveLength(1);
  });

  it('what is owed to a rule that was deleted is told to nobody', async () => {
    const Arn = await create();
    await publish({});
    await call('DeleteNotificationRule', { Arn });
    await server.runDue();
    expect(published).toEqual([]);
  });

  it('NT-03 FULL says why a pipeline, a stage and an action failed, and BASIC does not', async () => {
    const EventTypeIds = ['pipeline-execution', 'stage-execution', 'action-execution'].map(
      (level) => `codepipeline-pipeline-${level}-failed`,
    );
    const rule = { EventTypeIds, Resource: PIPELINE };
    await create({ ...rule, DetailType: 'FULL' });
    await create({ ...rule, Name: 'basic', Targets: [snsTarget('basic')] });
    const failed = (startTime: string, externalExecutionSummary: string) => ({
      ...{ stageName: 'Deploy', actionName: 'Deploy', status: 'Failed' },
      startTime: new Date(startTime),
      output: { executionResult: { externalExecutionSummary } },
    });
    answers.ListActionExecutionsCommand = {
      actionExecutionDetails: [
        failed('2026-01-01T00:00:02Z', 'Deployment d-2 failed'),
        failed('2026-01-01T00:00:01Z', 'Deployment d-1 failed'),
        { stageName: 'Deploy', actionName: 'Other', status: 'Succeeded' },
      ],
    };
    await publish(
      pipelineEvent('Action', {
        ...{ stage: 'Deploy', action: 'Deploy', state: 'FAILED' },
        'execution-result': { 'external-execution-summary': 'Deployment d-2 failed' },
      }),
      pipelineEvent('Stage', { stage: 'Deploy', state: 'FAILED' }),
      pipelineEvent('Pipeline', { state: 'FAILED' }),
    );
    await server.runDue();
    const ofTopic = (name: string) =>
      published
        .filter(({ topic }) => topic.endsWith(`:${name}`))
        .map(({ message }) => message.additionalAttributes);
    const failures = {
      failedActionCount: 1,
      failedActions: [{ action: 'Deploy', additionalInformation: 'Deployment d-2 failed' }],
      failedStage: 'Deploy',
    };
    expect(ofTopic('topic')).toEqual([
      { additionalInformation: 'Deployment d-2 failed' },
      failures,
      failures,
    ]);
    expect(ofTopic('basic')).toEqual([{}, {}, {}]);
  });

  it('NT-03 FULL says what revision a stage began with, and nothing of a pipeline that is gone', async () => {
    await create({
      EventTypeIds: ['codepipeline-pipeline-stage-execution-started'],
      ...{ Resource: PIPELINE, DetailType: 'FULL' },
    });
    const started = pipelineEvent('Stage', { stage: 'Build', state: 'STARTED' });
    answers.ListActionExecutionsCommand = {
      actionExecutionDetails: [
        {
          ...{ stageName: 'Source', actionName: 'Source', status: 'Succeeded' },
          input: { actionTypeId: { category: 'Source', provider: 'CodeCommit' } },
          output: {
            outputVariables: {
              ...{ BranchName: 'main', CommitId: 'c1', RepositoryName: 'web' },
              CommitMessage: 'Hello',
            },
          },
        },
      ],
    };
    await publish(started);
    await server.runDue();
    answers = {};
    await publish(started);
    await server.runDue();
    expect(published.map(({ message }) => message.additionalAttributes)).toEqual([
      {
        sourceActions: [
          {
            sourceActionName: 'Source',
            sourceActionProvider: 'CodeCommit',
            sourceActionVariables: { BranchName: 'main', CommitId: 'c1', RepositoryName: 'web' },
          },
        ],
      },
      { sourceActions: [] },
    ]);
  });

  it('NT-03 tells of an approval that is needed, with its comment, its link and, in a chat, where to answer', async () => {
    await create({
      EventTypeIds: ['codepipeline-pipeline-manual-approval-needed'],
      ...{ Resource: PIPELINE, DetailType: 'FULL' },
      Targets: [
        snsTarget(),
        { TargetType: 'AWSChatbotSlack', TargetAddress: SLACK },
        { TargetType: 'AWSChatbotMicrosoftTeams', TargetAddress: TEAMS },
      ],
    });
    const configuration = { CustomData: 'Look <twice>', ExternalEntityLink: 'https://web.example' };
    answers.ListActionExecutionsCommand = {
      actionExecutionDetails: [
        {
          stageName: 'Release',
          actionName: 'Approve',
          status: 'InProgress',
          input: { configuration },
        },
      ],
    };
    const latestExecution = { token: 'token-1' };
    answers.GetPipelineStateCommand = {
      stageStates: [
        { stageName: 'Release', actionStates: [{ actionName: 'Approve', latestExecution }] },
      ],
    };
    const of = { stage: 'Release', action: 'Approve', state: 'STARTED' };
    const type = { owner: 'AWS', category: 'Approval', provider: 'Manual', version: '1' };
    await publish(pipelineEvent('Action', { ...of, type: { ...type, category: 'Build' } }));
    await publish(pipelineEvent('Action', { ...of, type }));
    await server.runDue();
    expect(published.map(({ message }) => message.additionalAttributes)).toEqual([
      { customData: 'Look <twice>', externalEntityLink: 'https://web.example' },
    ]);
    const link = `http://127.0.0.1:4566/_slipway/console/codepipeline/home?region=${REGION}#/view/web/Release/Approve/approve/token-1`;
    const sent = new Map(posted.map(({ url, body }) => [url, JSON.parse(String(body))]));
    expect(sent.get('https://hooks.example/slack')).toEqual({
      text: 'CodePipeline Manual Approval Needed',
      blocks: [
        {
          type: 'header',
          text: { type: 'plain_text', text: 'CodePipeline Manual Approval Needed' },
        },
        {
          type: 'section',
          fields: expect.arrayContaining([
            { type: 'mrkdwn', text: '*Pipeline*\nweb' },
            { type: 'mrkdwn', text: '*Comment*\nLook &lt;twice&gt;' },
          ]),
        },
        { type: 'section', text: { type: 'mrkdwn', text: `<${link}|Approve or reject>` } },
      ],
    });
    const [card] = sent.get('https://hooks.example/teams').attachments;
    expect(card.contentType).toBe('application/vnd.microsoft.card.adaptive');
    expect(card.content.actions).toEqual([
      { type: 'Action.OpenUrl', title: 'Approve or reject', url: link },
    ]);
  });

  it('a webhook that is down is tried again, one that refuses is not', async () => {
    await create({ Targets: [{ TargetType: 'AWSChatbotSlack', TargetAddress: SLACK }] });
    const failures = [
      () => 503,
      (): number => {
        throw new OutboundFailed('no answer');
      },
      () => 200,
      () => 404,
      (): number => {
        throw new OutboundRefused('not there');
      },
    ];
    answer = () => failures.shift()?.() ?? 200;
    const status = async () => (await call('ListTargets', {})).Targets?.[0]?.TargetStatus;
    await publish({});
    await server.runDue();
    expect(await status()).toBe('UNREACHABLE');
    for (const seconds of [1, 2]) {
      server.clock.advance(seconds * 1000);
      await server.runDue();
    }
    expect(await status()).toBe('ACTIVE');
    for (const left of [1, 0]) {
      await publish({});
      await server.runDue();
      expect(await status()).toBe('UNREACHABLE');
      expect(failures).toHaveLength(left);
    }
  });

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
    await publish({});
    await call('DeleteTarget', { TargetAddress, ForceUnsubscribeAll: true });
    await server.runDue();
    expect(published.map(({ topic }) => topic)).toEqual([snsTarget('other').TargetAddress]);
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
    expect(await of('RESOURCE_TYPE', 'pipeline')).toHaveLength(18);
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
