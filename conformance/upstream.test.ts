import { gunzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  accepting,
  jsonOf,
  makeDestinations,
  refusing,
  type Upstream,
  upstreamEnvironment,
} from '../src/testing/upstream.ts';
import { aws, awsError, noAws } from './aws.ts';
import { eventually } from './eventually.ts';
import { startServer, type TestServer } from './server.ts';

// Deliveries to services that are not served here: a tiny server stands for them.

/** Each start of the aws command takes seconds on a busy machine. */
const SLOW = { timeout: 300_000 };
const SERVICES = ['lambda', 'states', 'kinesis', 'firehose'];
const BUSY_CALLS = 9;

const document = (statement: object) =>
  JSON.stringify({ Version: '2012-10-17', Statement: { Effect: 'Allow', ...statement } });

describe.skipIf(noAws)('deliveries to an upstream', () => {
  let server: TestServer;
  let upstream: Upstream;
  let role: string;
  const arn = (service: string, resource: string) =>
    `arn:aws:${service}:us-east-1:000000000000:${resource}`;
  /** The events that a function got. */
  const invocations = (name: string): Record<string, unknown>[] =>
    upstream.calls
      .filter(({ input }) => input.FunctionName === arn('lambda', `function:${name}`))
      .flatMap(({ input }) => (input.InvocationType === 'Event' ? [jsonOf(input.Payload)] : []));
  const heard = (name: string) =>
    eventually(`a call of ${name}`, async () => invocations(name).at(-1));

  beforeAll(async () => {
    upstream = await makeDestinations();
    server = await startServer({ env: upstreamEnvironment(upstream, ...SERVICES) });
    role = `arn:aws:iam::${server.accountId}:role/deliver`;
    const trusted = ['events', 'scheduler', 'sns', 'logs'].map((name) => `${name}.amazonaws.com`);
    const trust = document({ Action: 'sts:AssumeRole', Principal: { Service: trusted } });
    await aws(server)`iam create-role --role-name deliver --assume-role-policy-document ${trust}`;
    const may = document({
      Action: ['states:StartExecution', 'kinesis:PutRecord', 'firehose:PutRecord', 'lambda:*'],
      Resource: '*',
    });
    await aws(
      server,
    )`iam put-role-policy --role-name deliver --policy-name may --policy-document ${may}`;
  }, SLOW.timeout);
  afterAll(async () => {
    await server?.stop();
    await upstream?.close();
  });

  it('a rule invokes a function, starts an execution, and puts a record', SLOW, async () => {
    await aws(server)`events put-rule --name r --event-pattern '{"source":["my.app"]}'`;
    const targets = [
      { Id: 'f', Arn: arn('lambda', 'function:rule'), InputPath: '$.detail' },
      { Id: 'm', Arn: arn('states', 'stateMachine:m'), RoleArn: role, Input: '{"n":1}' },
      {
        ...{ Id: 's', Arn: arn('kinesis', 'stream/s'), RoleArn: role, Input: '"x"' },
        KinesisParameters: { PartitionKeyPath: '$.detail.key' },
      },
    ];
    await aws(server)`events put-targets --rule r --targets ${JSON.stringify(targets)}`;
    const entry = { Source: 'my.app', DetailType: 'made', Detail: '{"key":"k"}' };
    await aws(server)`events put-events --entries ${JSON.stringify([entry])}`;
    expect(await heard('rule')).toEqual({ key: 'k' });
    const named = (operation: string) =>
      eventually(operation, async () =>
        upstream.calls.find((call) => call.operation === operation),
      );
    expect((await named('StartExecution')).input).toMatchObject({
      ...{ stateMachineArn: arn('states', 'stateMachine:m'), input: '{"n":1}' },
    });
    expect((await named('PutRecord')).input).toMatchObject({ PartitionKey: 'k' });
  });

  it('a topic invokes a function and fills a Firehose stream', SLOW, async () => {
    const { TopicArn } = await aws(server)`sns create-topic --name news`;
    const topic = String(TopicArn);
    await aws(server)`sns subscribe --topic-arn ${topic} --protocol lambda
      --notification-endpoint ${arn('lambda', 'function:topic')}`;
    await aws(server)`sns subscribe --topic-arn ${topic} --protocol firehose
      --notification-endpoint ${arn('firehose', 'deliverystream/d')}
      --attributes SubscriptionRoleArn=${role}`;
    await aws(server)`sns publish --topic-arn ${topic} --message hello`;
    expect(await heard('topic')).toMatchObject({
      Records: [{ EventSource: 'aws:sns', Sns: { Message: 'hello', TopicArn: topic } }],
    });
    await eventually('the record', async () =>
      upstream.calls.find(({ service, input }) => {
        const { Data = '' } = (input.Record ?? {}) as { Data?: Uint8Array };
        return service === 'firehose' && Buffer.from(Data).includes('"Message":"hello"');
      }),
    );
  });

  it('a bucket invokes a function', SLOW, async () => {
    await aws(server)`s3api create-bucket --bucket web`;
    const configuration = {
      LambdaFunctionConfigurations: [
        { LambdaFunctionArn: arn('lambda', 'function:bucket'), Events: ['s3:ObjectCreated:*'] },
      ],
    };
    await aws(server)`s3api put-bucket-notification-configuration --bucket web
      --notification-configuration ${JSON.stringify(configuration)}`;
    await aws(server)`s3api put-object --bucket web --key k`;
    const created = await eventually('the event', async () =>
      invocations('bucket').find(({ Records }) => Records),
    );
    expect(created).toMatchObject({ Records: [{ eventSource: 'aws:s3' }] });
  });

  it('an alarm and a schedule invoke a function', SLOW, async () => {
    const action = arn('lambda', 'function:alarm');
    await aws(server)`cloudwatch put-metric-alarm --alarm-name a --namespace N --metric-name M
      --statistic Sum --period 60 --evaluation-periods 1 --threshold 1
      --comparison-operator GreaterThanThreshold --alarm-actions ${action}`;
    await aws(
      server,
    )`cloudwatch set-alarm-state --alarm-name a --state-value ALARM --state-reason test`;
    expect(await heard('alarm')).toMatchObject({ alarmData: { state: { value: 'ALARM' } } });
    const target = { Arn: arn('lambda', 'function:schedule'), RoleArn: role, Input: '{"n":1}' };
    // Far enough ahead for the command.
    const at = new Date(Date.now() + 10_000).toISOString().slice(0, 19);
    await aws(server)`scheduler create-schedule --name s --schedule-expression ${`at(${at})`}
      --flexible-time-window Mode=OFF --target ${JSON.stringify(target)}`;
    expect(await heard('schedule')).toEqual({ n: 1 });
  });

  /** Messages of log events that a function was sent, in order. */
  const logged = (name: string) =>
    invocations(name).flatMap(({ awslogs }) => {
      const { data } = awslogs as { data: string };
      const { messageType, logEvents } = JSON.parse(
        gunzipSync(Buffer.from(data, 'base64')).toString(),
      );
      return messageType === 'DATA_MESSAGE'
        ? (logEvents as { message: string }[]).map(({ message }) => message)
        : [];
    });

  it('a log group’s events reach a function, and kill -9 loses none', SLOW, async () => {
    await aws(server)`logs create-log-group --log-group-name g`;
    await aws(server)`logs create-log-stream --log-group-name g --log-stream-name s`;
    const destination = arn('lambda', 'function:logs');
    await aws(server)`logs put-subscription-filter --log-group-name g --filter-name f
      --filter-pattern ERROR --destination-arn ${destination}`;
    expect(await aws(server)`logs describe-subscription-filters --log-group-name g`).toMatchObject({
      subscriptionFilters: [
        { filterName: 'f', destinationArn: destination, distribution: 'ByLogStream' },
      ],
    });
    const put = (...messages: string[]) => {
      const events = messages.map((message) => ({ timestamp: Date.now(), message }));
      return aws(server)`logs put-log-events --log-group-name g --log-stream-name s
        --log-events ${JSON.stringify(events)}`;
    };
    // Who is away when the server dies, and back when it is.
    upstream.answers = refusing(503);
    await put('ERROR 1', 'fine', 'ERROR 2');
    await put('ERROR 3');
    await eventually('tries', async () => logged('logs').length > BUSY_CALLS);
    await server.kill();
    upstream.calls.length = 0;
    upstream.answers = accepting();
    await server.restart();
    await eventually('all of them', async () => logged('logs').length >= 3);
    expect(logged('logs')).toEqual(['ERROR 1', 'ERROR 2', 'ERROR 3']);
    await aws(server)`logs delete-subscription-filter --log-group-name g --filter-name f`;
    expect(
      await awsError(server)`logs delete-subscription-filter --log-group-name g --filter-name f`,
    ).toMatch(/^ResourceNotFoundException/);
  });

  it('a destination sends on what another group is told', SLOW, async () => {
    const destination = await aws(server)`logs put-destination --destination-name hub
      --target-arn ${arn('kinesis', 'stream/hub')} --role-arn ${role}`;
    expect(destination).toMatchObject({
      destination: { arn: arn('logs', 'destination:hub'), destinationName: 'hub' },
    });
    const access = document({
      ...{ Principal: { AWS: '123456789012' }, Action: 'logs:PutSubscriptionFilter' },
      Resource: arn('logs', 'destination:hub'),
    });
    await aws(server)`logs put-destination-policy --destination-name hub --access-policy ${access}`;
    expect(await aws(server)`logs describe-destinations --destination-name-prefix h`).toMatchObject(
      { destinations: [{ destinationName: 'hub', accessPolicy: access }] },
    );
    await aws(server)`logs create-log-group --log-group-name h`;
    await aws(server)`logs create-log-stream --log-group-name h --log-stream-name s`;
    await aws(server)`logs put-subscription-filter --log-group-name h --filter-name f
      --filter-pattern ${''} --destination-arn ${arn('logs', 'destination:hub')}`;
    const events = [{ timestamp: Date.now(), message: 'hello' }];
    await aws(server)`logs put-log-events --log-group-name h --log-stream-name s
      --log-events ${JSON.stringify(events)}`;
    await eventually('the record', async () =>
      upstream.calls.some(({ input }) => {
        const { Data = '', StreamARN } = input as { Data?: Uint8Array; StreamARN?: string };
        if (StreamARN !== arn('kinesis', 'stream/hub')) return false;
        return gunzipSync(Data).includes('"message":"hello"');
      }),
    );
    await aws(server)`logs delete-destination --destination-name hub`;
  });
});

describe.skipIf(noAws)('without an upstream', () => {
  let server: TestServer;

  beforeAll(async () => {
    server = await startServer();
  });
  afterAll(() => server?.stop());

  it('what is asked for says which setting is missing', SLOW, async () => {
    await aws(server)`logs create-log-group --log-group-name g`;
    const destination = `arn:aws:lambda:${server.region}:${server.accountId}:function:f`;
    expect(
      await awsError(server)`logs put-subscription-filter --log-group-name g --filter-name f
        --filter-pattern x --destination-arn ${destination}`,
    ).toMatch(/^NotImplemented: .*SLIPWAY_UPSTREAM_LAMBDA/);
  });
});
