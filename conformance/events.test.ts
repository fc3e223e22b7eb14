import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { trust } from '../src/cli/demo/policies.ts';
import { aws, awsError, noAws } from './aws.ts';
import { eventually } from './eventually.ts';
import { startServer, type TestServer } from './server.ts';

/** Each start of the aws command takes seconds on a busy machine. */
const SLOW = { timeout: 180_000 };

const policy = (Action: string | string[], Resource: string) =>
  JSON.stringify({ Version: '2012-10-17', Statement: [{ Effect: 'Allow', Action, Resource }] });

/** A policy of a resource that lets services in. */
const allow = (services: string[], Action: string | string[], Resource: string) =>
  JSON.stringify({
    Version: '2012-10-17',
    Statement: [{ Effect: 'Allow', Principal: { Service: services }, Action, Resource }],
  });

/** A pipeline whose source is not polled, as AWS's console makes it: a rule starts it. */
const pipelineOf = (
  { accountId }: TestServer,
  name: string,
  provider: string,
  configuration: object,
) => ({
  name,
  roleArn: `arn:aws:iam::${accountId}:role/pipeline`,
  artifactStore: { type: 'S3', location: 'artifacts' },
  stages: [
    {
      name: 'Source',
      actions: [
        {
          name: 'Source',
          actionTypeId: { category: 'Source', owner: 'AWS', provider, version: '1' },
          configuration: { ...configuration, PollForSourceChanges: 'false' },
          outputArtifacts: [{ name: 'Code' }],
        },
      ],
    },
    {
      name: 'Release',
      actions: [
        {
          name: 'Approve',
          actionTypeId: { category: 'Approval', owner: 'AWS', provider: 'Manual', version: '1' },
        },
      ],
    },
  ],
});

describe.skipIf(noAws)('EventBridge', SLOW, () => {
  let server: TestServer;

  beforeAll(async () => {
    server = await startServer();
    const make = async (name: string, service: string, document: string) => {
      await aws(server)`iam create-role --role-name ${name}
        --assume-role-policy-document ${trust(service)}`;
      await aws(server)`iam put-role-policy --role-name ${name} --policy-name may
        --policy-document ${document}`;
    };
    const only = `arn:aws:codepipeline:${server.region}:${server.accountId}:*`;
    await make('pipeline', 'codepipeline.amazonaws.com', policy(['s3:*', 'codecommit:*'], '*'));
    const start = policy('codepipeline:StartPipelineExecution', only);
    await make('rule', 'events.amazonaws.com', start);
    await make('scheduler', 'scheduler.amazonaws.com', start);
    for (const bucket of ['artifacts', 'inbox']) {
      await aws(server)`s3api create-bucket --bucket ${bucket}`;
      await aws(server)`s3api put-bucket-versioning --bucket ${bucket}
        --versioning-configuration Status=Enabled`;
    }
  }, 120_000);
  afterAll(async () => {
    await server?.stop();
  });

  const makePipeline = (name: string, provider: string, configuration: object) => {
    const pipeline = JSON.stringify(pipelineOf(server, name, provider, configuration));
    return aws(server)`codepipeline create-pipeline --pipeline ${pipeline}`;
  };
  /** The rule that AWS's console makes beside a pipeline. */
  const makeRule = async (name: string, pattern: object, pipeline: string) => {
    const { accountId, region } = server;
    await aws(server)`events put-rule --name ${name} --event-pattern ${JSON.stringify(pattern)}`;
    const Arn = `arn:aws:codepipeline:${region}:${accountId}:${pipeline}`;
    const target = [{ Id: 'codepipeline', Arn, RoleArn: `arn:aws:iam::${accountId}:role/rule` }];
    expect(
      await aws(server)`events put-targets --rule ${name} --targets ${JSON.stringify(target)}`,
    ).toEqual({ FailedEntryCount: 0, FailedEntries: [] });
  };
  const executions = async (name: string) => {
    const answer = await aws(server)`codepipeline list-pipeline-executions --pipeline-name ${name}`;
    return answer.pipelineExecutionSummaries as {
      trigger: object;
      startTime: string | number;
      pipelineExecutionId: string;
    }[];
  };

  /** When the rule was made, and when the schedule is due: other tests run while a minute passes. */
  let [ruled, at, cronAt] = [0, new Date(0), new Date(0)];

  it('rate(1 minute), cron() and at() of a time are taken', async () => {
    await makePipeline('timed', 'S3', { S3Bucket: 'inbox', S3ObjectKey: 'none.zip' });
    const { accountId, region } = server;
    const Arn = `arn:aws:codepipeline:${region}:${accountId}:timed`;
    const RoleArn = `arn:aws:iam::${accountId}:role/rule`;
    await aws(server)`events put-rule --name minutely --schedule-expression ${'rate(1 minute)'}`;
    ruled = Date.now();
    const targets = JSON.stringify([{ Id: '1', Arn, RoleArn }]);
    await aws(server)`events put-targets --rule minutely --targets ${targets}`;
    // A whole minute that is far enough ahead for two commands.
    cronAt = new Date(Math.ceil((Date.now() + 20_000) / 60_000) * 60_000);
    const cron = `cron(${cronAt.getUTCMinutes()} ${cronAt.getUTCHours()} * * ? *)`;
    await aws(server)`events put-rule --name daily --schedule-expression ${cron}`;
    await aws(server)`events put-targets --rule daily --targets ${targets}`;
    // The command takes seconds to begin on a machine that has much else to do.
    at = new Date(Math.ceil(Date.now() / 1000) * 1000 + 15_000);
    await aws(server)`scheduler create-schedule --name soon
      --schedule-expression ${`at(${at.toISOString().slice(0, 19)})`}
      --flexible-time-window Mode=OFF --action-after-completion DELETE
      --target ${JSON.stringify({ Arn, RoleArn: RoleArn.replace('rule', 'scheduler') })}`;
  });

  it("a push starts a pipeline by the console's rule, under its role", async () => {
    const { repositoryMetadata } = await aws(
      server,
    )`codecommit create-repository --repository-name web`;
    const { Arn: arn } = repositoryMetadata as { Arn: string };
    await makePipeline('web', 'CodeCommit', { RepositoryName: 'web', BranchName: 'main' });
    const before = (await executions('web')).length;
    const pattern = {
      source: ['aws.codecommit'],
      'detail-type': ['CodeCommit Repository State Change'],
      resources: [arn],
      detail: {
        event: ['referenceCreated', 'referenceUpdated'],
        referenceType: ['branch'],
        referenceName: ['main'],
      },
    };
    await makeRule('web-changed', pattern, 'web');
    await aws(server)`codecommit put-file --repository-name web --branch-name main
      --file-path a --file-content ${'YQ=='}`;
    const all = await eventually('the pipeline to start', async () => {
      const found = await executions('web');
      return found.length > before && found;
    });
    expect(all).toHaveLength(before + 1);
    expect(all[0]?.trigger).toMatchObject({
      triggerType: 'CloudWatchEvent',
      triggerDetail: `arn:aws:events:${server.region}:${server.accountId}:rule/web-changed`,
    });
  });

  it("a new object starts a pipeline by the console's rule", async () => {
    await makePipeline('drop', 'S3', { S3Bucket: 'inbox', S3ObjectKey: 'app.zip' });
    const before = (await executions('drop')).length;
    const detail = { bucket: { name: ['inbox'] }, object: { key: ['app.zip'] } };
    await makeRule(
      'drop-changed',
      { source: ['aws.s3'], 'detail-type': ['Object Created'], detail },
      'drop',
    );
    // Of a bucket that does not say so EventBridge hears nothing: it is the second object that starts the pipeline.
    await aws(server)`s3api put-object --bucket inbox --key app.zip`;
    await aws(server)`s3api put-bucket-notification-configuration --bucket inbox
      --notification-configuration ${'{"EventBridgeConfiguration": {}}'}`;
    const second = await aws(server)`s3api put-object --bucket inbox --key app.zip`;
    await eventually(
      'the pipeline to start',
      async () => (await executions('drop')).length > before,
    );
    const [first, ...more] = await executions('drop');
    expect(more).toHaveLength(before);
    await eventually('the source to be read', async () => {
      const id = String(first?.pipelineExecutionId);
      const { pipelineExecution } = await aws(
        server,
      )`codepipeline get-pipeline-execution --pipeline-name drop --pipeline-execution-id ${id}`;
      return JSON.stringify(pipelineExecution).includes(String(second.VersionId));
    });
  });

  /** A queue that EventBridge may send to. */
  const makeQueue = async (name: string) => {
    const { QueueUrl } = await aws(server)`sqs create-queue --queue-name ${name}`;
    const arn = `arn:aws:sqs:${server.region}:${server.accountId}:${name}`;
    const Policy = allow(['events.amazonaws.com', 'sns.amazonaws.com'], 'sqs:SendMessage', arn);
    await aws(server)`sqs set-queue-attributes --queue-url ${String(QueueUrl)}
      --attributes ${JSON.stringify({ Policy })}`;
    return { url: String(QueueUrl), arn };
  };
  const receive = async (url: string) => {
    const { Messages } = await aws(server)`sqs receive-message --queue-url ${url}
      --wait-time-seconds 20 --message-attribute-names All`;
    return (Messages as { Body: string; MessageAttributes: object }[])[0];
  };
  const putEvent = (detail: object) => {
    const Detail = JSON.stringify(detail);
    const entry = { Source: 'my.app', DetailType: 'made', Detail };
    return aws(server)`events put-events --entries ${JSON.stringify([entry])}`;
  };

  it('an event reaches a queue, a topic and a log group as their policies say, and else the dead-letter queue', async () => {
    const [queue, dead] = [await makeQueue('heard'), await makeQueue('dead')];
    const { TopicArn } = await aws(server)`sns create-topic --name news`;
    const setPolicy = (service: string) =>
      aws(server)`sns set-topic-attributes --topic-arn ${String(TopicArn)} --attribute-name Policy
        --attribute-value ${allow([service], 'sns:Publish', String(TopicArn))}`;
    await setPolicy('s3.amazonaws.com');
    const group = `arn:aws:logs:${server.region}:${server.accountId}:log-group:/aws/events/all`;
    await aws(server)`logs create-log-group --log-group-name /aws/events/all`;
    const may = ['logs:CreateLogStream', 'logs:PutLogEvents'];
    await aws(server)`logs put-resource-policy --policy-name events
      --policy-document ${allow(['events.amazonaws.com'], may, `${group}:*`)}`;
    await aws(server)`events put-rule --name mine --event-pattern ${'{"source": ["my.app"]}'}`;
    const DeadLetterConfig = { Arn: dead.arn };
    const targets = [
      {
        ...{ Id: 'queue', Arn: queue.arn },
        InputTransformer: {
          InputPathsMap: { n: '$.detail.n' },
          InputTemplate: '{"n": <n>, "text": "rule <aws.events.rule-name> saw <n>"}',
        },
      },
      { Id: 'topic', Arn: TopicArn, DeadLetterConfig },
      { Id: 'group', Arn: group },
    ];
    await aws(server)`events put-targets --rule mine --targets ${JSON.stringify(targets)}`;
    await putEvent({ n: 5 });
    expect(JSON.parse((await receive(queue.url))?.Body ?? '')).toEqual({
      ...{ n: 5, text: 'rule mine saw 5' },
    });
    // The topic's policy does not name EventBridge.
    const buried = await receive(dead.url);
    expect(JSON.parse(buried?.Body ?? '')).toMatchObject({ source: 'my.app', detail: { n: 5 } });
    expect(buried?.MessageAttributes).toMatchObject({
      ERROR_CODE: { StringValue: 'NO_PERMISSIONS' },
      TARGET_ARN: { StringValue: TopicArn },
    });
    const logged = await eventually('the event in the log', async () => {
      const { events } = await aws(server)`logs filter-log-events
        --log-group-name /aws/events/all`;
      return (events as { message: string }[])[0]?.message;
    });
    expect(JSON.parse(logged)).toMatchObject({ detail: { n: 5 } });
    await setPolicy('events.amazonaws.com');
    const heard = await makeQueue('from-topic');
    await aws(server)`sns subscribe --topic-arn ${String(TopicArn)} --protocol sqs
      --notification-endpoint ${heard.arn}`;
    await putEvent({ n: 6 });
    const { Message } = JSON.parse((await receive(heard.url))?.Body ?? '');
    expect(JSON.parse(Message)).toMatchObject({ detail: { n: 6 } });
  });

  it("answers AWS's examples", async () => {
    const { accountId, region } = server;
    const role = `arn:aws:iam::${accountId}:role/rule`;
    const rule = async (name: string, ...more: string[]) =>
      aws(server)`events put-rule --name ${name} ${more}`;
    expect(await rule('DailyLambdaFunction', '--schedule-expression', 'cron(0 9 * * ? *)')).toEqual(
      { RuleArn: `arn:aws:events:${region}:${accountId}:rule/DailyLambdaFunction` },
    );
    const pattern =
      '{"source":["aws.ec2"],"detail-type":["EC2 Instance State-change Notification"]}';
    await rule('EC2InstanceStateChanges', '--event-pattern', pattern, '--role-arn', role);
    const lambda = `arn:aws:lambda:${region}:${accountId}:function:MyFunctionName`;
    expect(
      await aws(server)`events put-targets --rule DailyLambdaFunction
        --targets Id=1,Arn=${lambda}`,
    ).toEqual({ FailedEntryCount: 0, FailedEntries: [] });
    const stream = `arn:aws:kinesis:${region}:${accountId}:stream/MyStream`;
    expect(
      await aws(server)`events put-targets --rule EC2InstanceStateChanges
        --targets Id=1,Arn=${stream},RoleArn=${role}`,
    ).toEqual({ FailedEntryCount: 0, FailedEntries: [] });
    expect(await aws(server)`events describe-rule --name DailyLambdaFunction`).toMatchObject({
      ScheduleExpression: 'cron(0 9 * * ? *)',
      State: 'ENABLED',
    });
    await aws(server)`events disable-rule --name DailyLambdaFunction`;
    await aws(server)`events enable-rule --name DailyLambdaFunction`;
    expect(await aws(server)`events list-rule-names-by-target --target-arn ${lambda}`).toEqual({
      RuleNames: ['DailyLambdaFunction'],
    });
    expect(await aws(server)`events list-rules --name-prefix Daily`).toMatchObject({
      Rules: [{ Name: 'DailyLambdaFunction' }],
    });
    expect(await aws(server)`events list-targets-by-rule --rule DailyLambdaFunction`).toEqual({
      Targets: [{ Id: '1', Arn: lambda }],
    });
    const entry = {
      Source: 'com.mycompany.myapp',
      Detail: '{ "key1": "value1", "key2": "value2" }',
      Resources: ['resource1', 'resource2'],
      DetailType: 'myDetailType',
    };
    expect(
      await aws(server)`events put-events --entries ${JSON.stringify([entry, entry])}`,
    ).toEqual({
      FailedEntryCount: 0,
      Entries: [{ EventId: expect.any(String) }, { EventId: expect.any(String) }],
    });
    await aws(server)`events remove-targets --rule DailyLambdaFunction --ids 1`;
    await aws(server)`events delete-rule --name DailyLambdaFunction`;
    const event = {
      ...{ id: '1', source: 'com.mycompany.myapp', 'detail-type': 'myDetailType' },
      ...{ account: '123456789012', region: 'us-east-1', time: '2017-04-11T20:11:04Z' },
    };
    expect(
      await aws(server)`events test-event-pattern
        --event-pattern ${'{"source":["com.mycompany.myapp"]}'} --event ${JSON.stringify(event)}`,
    ).toEqual({ Result: true });
  });

  it('rate(1 minute), cron() and at() have started a pipeline on the real clock', async () => {
    const started = (how: string) =>
      eventually(
        how,
        async () => {
          const all = await executions('timed');
          const found = all.find(({ trigger }) => JSON.stringify(trigger).includes(how));
          // Version 1 of the command prints seconds.
          return found && Number(new Date(Number(found.startTime) * 1000 || found.startTime));
        },
        90_000,
      );
    const late = (await started('scheduler-soon')) - at.getTime();
    expect([late >= 0, late < 2000]).toEqual([true, true]);
    const cronLate = (await started('rule/daily')) - cronAt.getTime();
    expect([cronLate >= 0, cronLate < 2000]).toEqual([true, true]);
    // The rule was made a little before the command ended.
    const after = (await started('rule/minutely')) - ruled;
    expect([after > 50_000, after < 62_000]).toEqual([true, true]);
    expect(await awsError(server)`scheduler get-schedule --name soon`).toBe(
      'ResourceNotFoundException: Schedule soon does not exist.',
    );
  });
});
