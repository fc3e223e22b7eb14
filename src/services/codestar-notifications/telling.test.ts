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

eachDialect('what CodeStar Notifications tell', (makeDatabase) => {
  let server: World;
  let call: ReturnType<typeof callerOf>;
  let published: Published[];
  let posted: OutboundRequest[];
  let refuse: ((one: Published) => Error | undefined) | undefined;
  /** What happens while a topic is told. */
  let meanwhile: (() => Promise<void>) | undefined;
  let answer: () => number;
  /** What CodePipeline and CodeCommit answer. */
  let answers: Record<string, object>;

  const others = (real: Platform['client']): Platform['client'] =>
    function client<T extends { destroy(): void }>(Client: ClientClass<T>, actAs: ActAs): T {
      const send = async (command: { input: Record<string, unknown> }) => {
        if (['CodePipelineClient', 'CodeCommitClient'].includes(Client.name)) {
          const found = answers[command.constructor.name];
          if (!found) throw apiError('PipelineNotFoundException', 400);
          return found;
        }
        const { TopicArn, Message } = command.input;
        const one = { topic: String(TopicArn), message: JSON.parse(String(Message)), actAs };
        const error = refuse?.(one);
        if (error) throw error;
        published.push(one);
        await meanwhile?.();
      };
      return ['SNSClient', 'CodePipelineClient', 'CodeCommitClient'].includes(Client.name)
        ? ({ send, destroy() {} } as unknown as T)
        : real(Client, actAs);
    };

  beforeEach(async () => {
    published = [];
    posted = [];
    answers = {};
    refuse = undefined;
    meanwhile = undefined;
    answer = () => 200;
    server = await world(makeDatabase, [service], {
      around: {
        client: others,
        outbound: (real) => ({
          ...real,
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

  /** Waits until rules have been asked about so many events. */
  const heard = async (count: number) => {
    const db = server.platform.db.withTables<{
      codestar_notifications_heard: { event_id: string };
    }>();
    const rows = () => db.selectFrom('codestar_notifications_heard').select('event_id').execute();
    await expect.poll(async () => (await rows()).length).toBe(count);
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

  it('NT-OP-03 what is owed to a target that was deleted is told to the others alone', async () => {
    await create({ Targets: [snsTarget(), snsTarget('other')] });
    await publish({});
    await call('DeleteTarget', { TargetAddress: TOPIC, ForceUnsubscribeAll: true });
    await server.runDue();
    expect(published.map(({ topic }) => topic)).toEqual([snsTarget('other').TargetAddress]);
  });

  it('what comes to a target that was taken and given again while it was told is not lost', async () => {
    const Arn = await create();
    let first = true;
    meanwhile = async () => {
      if (!first) return;
      first = false;
      await call('Unsubscribe', { Arn, TargetAddress: TOPIC });
      await call('Subscribe', { Arn, Target: snsTarget() });
      server.clock.advance(1);
      await publish({ detail: { event: 'referenceCreated', referenceName: 'b' } });
      await heard(2);
    };
    await publish({ detail: { event: 'referenceCreated', referenceName: 'a' } });
    await server.runDue();
    const told = published.map(({ message }) => message.detail);
    expect(told).toMatchObject([{ referenceName: 'a' }, { referenceName: 'b' }]);
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

  it('NT-03 tells of pull requests, approvals and comments, of these in FULL their thread, file and line', async () => {
    await create({
      EventTypeIds: [
        ...['codecommit-repository-comments-on-commits'],
        ...['codecommit-repository-comments-on-pull-requests'],
        ...['codecommit-repository-approvals-status-changed'],
        ...['codecommit-repository-approvals-rule-override'],
        ...['created', 'source-updated', 'status-changed', 'merged'].map(
          (end) => `codecommit-repository-pull-request-${end}`,
        ),
      ],
      DetailType: 'FULL',
    });
    const changed = (event: string, isMerged = 'False') => ({
      'detail-type': 'CodeCommit Pull Request State Change',
      detail: { event, isMerged },
    });
    await publish(
      ...[changed('pullRequestCreated'), changed('pullRequestSourceBranchUpdated')],
      ...[changed('pullRequestApprovalRuleCreated'), changed('pullRequestApprovalStateChanged')],
      ...[changed('pullRequestApprovalRuleOverridden'), changed('pullRequestStatusChanged')],
      changed('pullRequestMergeStatusUpdated', 'True'),
    );
    await server.runDue();
    expect(published.map(({ message }) => (message.detail as { event: string }).event)).toEqual([
      ...['pullRequestCreated', 'pullRequestSourceBranchUpdated'],
      ...['pullRequestApprovalStateChanged', 'pullRequestApprovalRuleOverridden'],
      ...['pullRequestStatusChanged', 'pullRequestMergeStatusUpdated'],
    ]);
    published.length = 0;
    const place = {
      location: { filePath: 'a.txt', filePosition: 2, relativeFileVersion: 'AFTER' },
      afterBlobId: 'b',
      comments: [
        { commentId: 't1:c1', authorArn: 'mary', content: 'Why?' },
        { commentId: 't2:c2', authorArn: 'boss', content: 'Another thread' },
        { commentId: 't1:c3', authorArn: 'li', content: 'Because' },
      ],
    };
    const content = Buffer.from('one\ntwo\n');
    answers = {
      GetCommentsForPullRequestCommand: { commentsForPullRequestData: [place] },
      GetCommentsForComparedCommitCommand: {
        commentsForComparedCommitData: [{ comments: [{ ...place.comments[1] }] }],
      },
      GetBlobCommand: { content },
    };
    const told = (kind: string, commentId: string, more = {}) => ({
      'detail-type': `CodeCommit Comment on ${kind}`,
      detail: { commentId, repositoryName: 'web', ...more },
    });
    await publish(
      told('Pull Request', 't1:c3', { pullRequestId: '1' }),
      told('Commit', 't2:c2'),
      told('Commit', 't9:gone'),
    );
    await server.runDue();
    expect(published.map(({ message }) => message.additionalAttributes)).toEqual([
      {
        ...{ commentedLine: 'two', commentedLineNumber: 2, filePath: 'a.txt' },
        resourceArn: REPOSITORY,
        comments: [
          { authorArn: 'mary', commentText: 'Why?' },
          { authorArn: 'li', commentText: 'Because' },
        ],
      },
      {
        ...{ commentedLine: null, commentedLineNumber: null, filePath: null },
        resourceArn: REPOSITORY,
        comments: [{ authorArn: 'boss', commentText: 'Another thread' }],
      },
      {},
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
});
