import { once } from 'node:events';
import { readdirSync, readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { BatchGetBuildsCommand, CodeBuildClient } from '@aws-sdk/client-codebuild';
import { DeleteMessageCommand, ReceiveMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { trust } from '../src/cli/demo/policies.ts';
import { aws, noAws } from './aws.ts';
import { eventually } from './eventually.ts';
import { startServer, type TestServer } from './server.ts';

/** Each start of the aws command takes seconds on a busy machine. */
const SLOW = { timeout: 240_000 };
const BUILDS = 5;
/** 200 ms are what a machine shows that has nothing else to do; the one that tests run on has. */
const WITHIN_MS = 2000;

const policy = (Action: string | string[], Resource: string, more: object = {}) =>
  JSON.stringify({
    Version: '2012-10-17',
    Statement: [{ Effect: 'Allow', Action, Resource, ...more }],
  });

/** An endpoint that confirms, and notes when it was told of which build. */
async function listener() {
  const told = new Map<string, number>();
  const server = createServer(async (request, response) => {
    const now = Date.now();
    let body = '';
    for await (const part of request) body += part;
    response.end();
    const { Type, SubscribeURL, Message } = JSON.parse(body);
    if (Type === 'SubscriptionConfirmation') return void (await fetch(SubscribeURL));
    told.set(JSON.parse(Message).detail['build-id'], now);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return { told, server, url: `http://127.0.0.1:${port}/` };
}

describe.skipIf(noAws)('What is heard and seen, by the aws command', SLOW, () => {
  let server: TestServer;
  let heard: Awaited<ReturnType<typeof listener>>;
  const arn = (service: string, resource: string) =>
    `arn:aws:${service}:${server.region}:${server.accountId}:${resource}`;
  const makeRole = async (name: string, service: string, document: string) => {
    await aws(server)`iam create-role --role-name ${name}
      --assume-role-policy-document ${trust(service)}`;
    await aws(server)`iam put-role-policy --role-name ${name} --policy-name may
      --policy-document ${document}`;
    return `arn:aws:iam::${server.accountId}:role/${name}`;
  };
  /** Lets a service in. */
  const to = (service: string) => ({ Principal: { Service: service } });

  beforeAll(async () => {
    heard = await listener();
    server = await startServer({ flags: ['--allow-internal-targets', '127.0.0.0/8'] });
  });
  afterAll(async () => {
    heard?.server.close();
    await server?.stop();
  });

  it('a failed build is heard by an HTTP endpoint through a topic, and by a queue', async () => {
    const role = await makeRole('build', 'codebuild.amazonaws.com', policy('logs:*', '*'));
    const buildspec = 'version: 0.2\nphases: {build: {commands: ["false"]}}';
    await aws(server)`codebuild create-project --name failing --service-role ${role}
      --artifacts type=NO_ARTIFACTS --source ${JSON.stringify({ type: 'NO_SOURCE', buildspec })}
      --environment type=LINUX_CONTAINER,image=x,computeType=BUILD_GENERAL1_SMALL`;
    const [topic, queue] = [arn('sns', 'failures'), arn('sqs', 'failures')];
    const events = to('events.amazonaws.com');
    await aws(server)`sns create-topic --name failures
      --attributes ${JSON.stringify({ Policy: policy('sns:Publish', topic, events) })}`;
    await aws(server)`sns subscribe --topic-arn ${topic} --protocol http
      --notification-endpoint ${heard.url}`;
    const { QueueUrl } = await aws(server)`sqs create-queue --queue-name failures
      --attributes ${JSON.stringify({ Policy: policy('sqs:SendMessage', queue, events) })}`;
    const pattern = {
      source: ['aws.codebuild'],
      'detail-type': ['CodeBuild Build State Change'],
      detail: { 'build-status': ['FAILED'] },
    };
    await aws(server)`events put-rule --name failed --event-pattern ${JSON.stringify(pattern)}`;
    await aws(server)`events put-targets --rule failed
      --targets ${[`Id=topic,Arn=${topic}`, `Id=queue,Arn=${queue}`]}`;

    const codebuild = new CodeBuildClient(server.client);
    const sqs = new SQSClient(server.client);
    const waits: { topic: number; queue: number }[] = [];
    for (let n = 0; n < BUILDS; n++) {
      const { build } = await aws(server)`codebuild start-build --project-name failing`;
      const { arn: id } = build as { arn: string };
      const [message] = await eventually('a message', async () => {
        const { Messages } = await sqs.send(
          new ReceiveMessageCommand({
            ...{ QueueUrl: String(QueueUrl), WaitTimeSeconds: 20 },
            MessageSystemAttributeNames: ['SentTimestamp'],
          }),
        );
        return Messages;
      });
      const { ReceiptHandle } = message ?? {};
      await sqs.send(new DeleteMessageCommand({ QueueUrl: String(QueueUrl), ReceiptHandle }));
      expect(JSON.parse(message?.Body ?? '')).toMatchObject({
        detail: { 'build-id': id, 'build-status': 'FAILED' },
      });
      const at = await eventually('the endpoint', async () => heard.told.get(id));
      const { builds } = await codebuild.send(new BatchGetBuildsCommand({ ids: [id] }));
      const failed = builds?.[0]?.endTime?.getTime() ?? 0;
      waits.push({
        topic: at - failed,
        queue: Number(message?.Attributes?.SentTimestamp) - failed,
      });
    }
    const best = (of: 'topic' | 'queue') => Math.min(...waits.map((wait) => wait[of]));
    process.stdout.write(
      `heard of a failed build after ${best('topic')} ms (HTTP endpoint) and ${best('queue')} ms (queue); all: ${JSON.stringify(waits)}\n`,
    );
    expect(best('topic')).toBeGreaterThanOrEqual(0);
    expect(best('topic')).toBeLessThan(WITHIN_MS);
    expect(best('queue')).toBeLessThan(WITHIN_MS);
    for (const client of [codebuild, sqs]) client.destroy();
  });

  /** The text of the last mail to this subject, and the link in it. */
  const mail = (subject: RegExp) =>
    eventually(`a mail about ${subject}`, async () => {
      const outbox = join(server.dataDir, 'outbox');
      const files = readdirSync(outbox, { encoding: 'utf8' }).filter((name) =>
        name.endsWith('.eml'),
      );
      const texts = files.map((name) => readFileSync(join(outbox, name), 'utf8'));
      const text = texts.find((each) => subject.test(each));
      return text !== undefined && { text, link: /http:\S+/.exec(text)?.[0] ?? '' };
    });

  it("an e-mail's link confirms its subscription, and another one approves", async () => {
    const topic = arn('sns', 'approvals');
    await aws(server)`sns create-topic --name approvals`;
    await aws(server)`sns subscribe --topic-arn ${topic} --protocol email
      --notification-endpoint me@example.com`;
    const { link: confirm } = await mail(/Subscription Confirmation/);
    expect(confirm).toContain(`${server.endpoint}/`);
    expect((await fetch(confirm)).status).toBe(200);
    const { Subscriptions } = await aws(server)`sns list-subscriptions-by-topic
      --topic-arn ${topic}`;
    expect(Subscriptions).toMatchObject([
      { Protocol: 'email', SubscriptionArn: expect.stringContaining(`${topic}:`) },
    ]);

    const may = ['s3:*', 'sns:Publish', 'codepipeline:PutApprovalResult'];
    const role = await makeRole('pipeline', 'codepipeline.amazonaws.com', policy(may, '*'));
    await aws(server)`s3api create-bucket --bucket source`;
    await aws(server)`s3api put-bucket-versioning --bucket source
      --versioning-configuration Status=Enabled`;
    await aws(server)`s3api put-object --bucket source --key app.zip`;
    const action = (name: string, category: string, provider: string, more: object) => ({
      ...{ name, actionTypeId: { category, owner: 'AWS', provider, version: '1' } },
      ...more,
    });
    const source = action('Source', 'Source', 'S3', {
      configuration: { S3Bucket: 'source', S3ObjectKey: 'app.zip' },
      outputArtifacts: [{ name: 'Code' }],
    });
    const approval = action('Ask', 'Approval', 'Manual', {
      configuration: { NotificationArn: topic, CustomData: 'Have a look' },
    });
    const pipeline = {
      ...{ name: 'web', roleArn: role, artifactStore: { type: 'S3', location: 'source' } },
      stages: [
        { name: 'Source', actions: [source] },
        { name: 'Release', actions: [approval] },
      ],
    };
    await aws(server)`codepipeline create-pipeline --pipeline ${JSON.stringify(pipeline)}`;
    const { text, link } = await mail(/APPROVAL NEEDED/);
    expect(text).toContain('Have a look');
    const status = async () => {
      const shown = await aws(server)`codepipeline list-pipeline-executions --pipeline-name web`;
      return (shown.pipelineExecutionSummaries as { status: string }[])[0]?.status;
    };
    expect((await fetch(link)).status).toBe(200);
    expect(await status()).toBe('InProgress');
    const body = new URLSearchParams({ status: 'Approved', summary: 'fine' });
    expect((await fetch(link, { method: 'POST', body })).status).toBe(200);
    await eventually('the end', async () => (await status()) === 'Succeeded');
  });

  it('the query of errors answers', async () => {
    const now = Date.now();
    const event = (message: string, n: number) => ({ timestamp: now + n, message });
    const lines = ['INFO up', 'ERROR one', 'WARN', '{"level":"ERROR"}', 'error two'].map(event);
    await aws(server)`logs create-log-group --log-group-name app`;
    await aws(server)`logs create-log-stream --log-group-name app --log-stream-name s`;
    await aws(server)`logs put-log-events --log-group-name app --log-stream-name s
      --log-events ${JSON.stringify(lines)}`;
    const query =
      'fields @timestamp, @message | filter @message like /ERROR/ | sort @timestamp desc | limit 20';
    const { queryId } = await aws(server)`logs start-query --log-group-name app
      --start-time ${Math.floor(now / 1000) - 60} --end-time ${Math.floor(now / 1000) + 60}
      --query-string ${query}`;
    const answer = await eventually('the answer', async () => {
      const found = await aws(server)`logs get-query-results --query-id ${String(queryId)}`;
      return found.status === 'Complete' && found;
    });
    const row = (n: number) => [
      {
        field: '@timestamp',
        value: new Date(now + n).toISOString().replace('T', ' ').slice(0, 23),
      },
      { field: '@message', value: lines[n]?.message },
      { field: '@ptr', value: expect.any(String) },
    ];
    expect(answer).toMatchObject({
      results: [row(3), row(1)],
      statistics: { recordsMatched: 2 },
    });
  });
});
