import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { trust } from '../src/cli/demo/policies.ts';
import { aws, noAws } from './aws.ts';
import { type MovedServer, startMovedServer } from './moved-clock.ts';

/** Each start of the aws command takes seconds on a busy machine. */
const SLOW = { timeout: 240_000 };
const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;
/** In the first minute of an hour, so that moves by whole minutes stay in the middle of minutes. */
const START = new Date('2026-03-01T01:00:30Z');

const allow = (Action: string, Resource: string, more: object = {}) =>
  JSON.stringify({
    Version: '2012-10-17',
    Statement: [{ Effect: 'Allow', Action, Resource, ...more }],
  });

/** A pipeline that reads an object, and goes no further. */
const pipelineOf = (name: string, roleArn: string, key: string) => ({
  ...{ name, roleArn, artifactStore: { type: 'S3', location: 'source' } },
  stages: [
    {
      name: 'Source',
      actions: [
        {
          name: 'Source',
          actionTypeId: { category: 'Source', owner: 'AWS', provider: 'S3', version: '1' },
          configuration: { S3Bucket: 'source', S3ObjectKey: key, PollForSourceChanges: 'false' },
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

describe.skipIf(noAws)(
  'What is heard and seen, by the aws command under a moved clock',
  SLOW,
  () => {
    let server: MovedServer;
    const arn = (service: string, resource: string) =>
      `arn:aws:${service}:${server.region}:${server.accountId}:${resource}`;
    const role = (name: string) => `arn:aws:iam::${server.accountId}:role/${name}`;

    const makeRole = async (name: string, service: string, policy: string) => {
      await aws(server)`iam create-role --role-name ${name}
      --assume-role-policy-document ${trust(service)}`;
      await aws(server)`iam put-role-policy --role-name ${name} --policy-name may
      --policy-document ${policy}`;
    };
    const makePipeline = (name: string, key: string) =>
      aws(server)`codepipeline create-pipeline
      --pipeline ${JSON.stringify(pipelineOf(name, role('pipeline'), key))}`;
    /** A queue into which these services may put something. */
    const makeQueue = async (name: string, services: string[]) => {
      const Policy = allow('sqs:SendMessage', arn('sqs', name), {
        Principal: { Service: services },
      });
      const { QueueUrl } = await aws(server)`sqs create-queue --queue-name ${name}
      --attributes ${JSON.stringify({ Policy })}`;
      return String(QueueUrl);
    };
    const receive = async (url: string) => {
      const { Messages = [] } = await aws(server)`sqs receive-message --queue-url ${url}
      --max-number-of-messages 10`;
      const messages = Messages as { Body: string; ReceiptHandle: string }[];
      for (const { ReceiptHandle } of messages)
        await aws(server)`sqs delete-message --queue-url ${url} --receipt-handle ${ReceiptHandle}`;
      return messages.map(({ Body }) => JSON.parse(Body));
    };

    beforeAll(async () => {
      server = await startMovedServer(START);
      await aws(server)`s3api create-bucket --bucket source`;
      await aws(server)`s3api put-bucket-versioning --bucket source
      --versioning-configuration Status=Enabled`;
      await aws(server)`s3api put-object --bucket source --key app.zip`;
      await makeRole('pipeline', 'codepipeline.amazonaws.com', allow('s3:*', '*'));
    }, SLOW.timeout);
    afterAll(async () => {
      await server?.stop();
    });

    it.each([
      ['rate(1 minute)', 'minutely', 0, MINUTE_MS],
      ['cron(0 2 * * ? *)', 'nightly', HOUR_MS - 30_000, DAY_MS],
    ])(
      '%s starts a pipeline on time, by a role that may do nothing else',
      async (schedule, name, first, period) => {
        await makePipeline(name, 'app.zip');
        await makePipeline(`not-${name}`, 'app.zip');
        const only = allow('codepipeline:StartPipelineExecution', arn('codepipeline', name));
        await makeRole(`starts-${name}`, 'events.amazonaws.com', only);
        const dead = await makeQueue(`dead-${name}`, ['events.amazonaws.com']);
        const target = (pipeline: string) => ({
          ...{ Id: pipeline, Arn: arn('codepipeline', pipeline), RoleArn: role(`starts-${name}`) },
          DeadLetterConfig: { Arn: arn('sqs', `dead-${name}`) },
        });
        const started = async (pipeline: string) => {
          const { pipelineExecutionSummaries } = await aws(
            server,
          )`codepipeline list-pipeline-executions --pipeline-name ${pipeline}`;
          return (pipelineExecutionSummaries as { trigger: { triggerDetail: string } }[]).filter(
            ({ trigger }) => trigger.triggerDetail === arn('events', `rule/${name}`),
          ).length;
        };
        // Back to half past a whole minute of the first hour of a day.
        const intoDay = (server.clock.now().getTime() - START.getTime()) % DAY_MS;
        await server.move(DAY_MS - intoDay);
        await aws(server)`events put-rule --name ${name} --schedule-expression ${schedule}`;
        await aws(server)`events put-targets --rule ${name}
      --targets ${JSON.stringify([target(name), target(`not-${name}`)])}`;
        const due = first || period;
        await server.move(due - 1);
        expect(await started(name)).toBe(0);
        await server.move(1);
        expect(await started(name)).toBe(1);
        await server.move(period - 1);
        expect(await started(name)).toBe(1);
        await server.move(1);
        expect(await started(name)).toBe(2);
        expect(await started(`not-${name}`)).toBe(0);
        expect(await receive(dead)).toMatchObject([
          { 'detail-type': 'Scheduled Event' },
          { 'detail-type': 'Scheduled Event' },
        ]);
        await aws(server)`events disable-rule --name ${name}`;
      },
    );

    describe('an alarm goes to ALARM and back, and publishes both', () => {
      let heard: string;
      beforeAll(async () => {
        heard = await makeQueue('alarms', ['sns.amazonaws.com']);
        await aws(server)`sns create-topic --name alarms`;
        await aws(server)`sns subscribe --topic-arn ${arn('sns', 'alarms')} --protocol sqs
        --notification-endpoint ${arn('sqs', 'alarms')} --attributes RawMessageDelivery=true`;
      }, SLOW.timeout);

      const alarm = (name: string, ...of: string[]) =>
        aws(server)`cloudwatch put-metric-alarm --alarm-name ${name} ${of} --statistic Sum
        --period 60 --evaluation-periods 1 --threshold 1
        --comparison-operator GreaterThanOrEqualToThreshold --treat-missing-data notBreaching
        --alarm-actions ${arn('sns', 'alarms')} --ok-actions ${arn('sns', 'alarms')}`;
      /** What was published in so many minutes: alarm and states. */
      const published = async (minutes: number) => {
        for (let n = 0; n < minutes; n++) await server.move(MINUTE_MS);
        const messages = await receive(heard);
        return messages.map(({ AlarmName, OldStateValue, NewStateValue }) => [
          AlarmName,
          OldStateValue,
          NewStateValue,
        ]);
      };

      it('on the failures of a pipeline that AWS/CodePipeline counts', async () => {
        await alarm(
          'pipeline-fails',
          ...['--namespace', 'AWS/CodePipeline', '--metric-name', 'FailedPipelineExecutions'],
          ...['--dimensions', 'Name=PipelineName,Value=broken'],
        );
        expect(await published(2)).toEqual([['pipeline-fails', 'INSUFFICIENT_DATA', 'OK']]);
        await makePipeline('broken', 'none.zip');
        await server.move(0);
        const executions = await aws(server)`codepipeline list-pipeline-executions
        --pipeline-name broken`;
        expect(executions.pipelineExecutionSummaries).toMatchObject([{ status: 'Failed' }]);
        expect(await published(2)).toEqual([['pipeline-fails', 'OK', 'ALARM']]);
        expect(await published(4)).toEqual([['pipeline-fails', 'ALARM', 'OK']]);
        const shown = await aws(server)`cloudwatch describe-alarms --alarm-names pipeline-fails`;
        expect(shown.MetricAlarms).toMatchObject([{ StateValue: 'OK' }]);
      });

      it('on what a metric filter finds in a log', async () => {
        await aws(server)`logs create-log-group --log-group-name app`;
        await aws(server)`logs create-log-stream --log-group-name app --log-stream-name s`;
        await aws(server)`logs put-metric-filter --log-group-name app --filter-name errors
        --filter-pattern ERROR
        --metric-transformations metricName=Errors,metricNamespace=App,metricValue=1,defaultValue=0`;
        await alarm('errors', '--namespace', 'App', '--metric-name', 'Errors');
        const say = (message: string) =>
          aws(server)`logs put-log-events --log-group-name app --log-stream-name s
          --log-events ${`timestamp=${server.clock.now().getTime()},message=${message}`}`;
        await say('all is well');
        expect(await published(2)).toEqual([['errors', 'INSUFFICIENT_DATA', 'OK']]);
        await say('ERROR: not any more');
        expect(await published(2)).toEqual([['errors', 'OK', 'ALARM']]);
        expect(await published(4)).toEqual([['errors', 'ALARM', 'OK']]);
      });
    });
  },
);
