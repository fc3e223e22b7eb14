import { setTimeout as sleep } from 'node:timers/promises';
import {
  CloudWatchClient,
  DescribeAlarmHistoryCommand,
  PutMetricAlarmCommand,
  PutMetricDataCommand,
  SetAlarmStateCommand,
} from '@aws-sdk/client-cloudwatch';
import {
  EventBridgeClient,
  PutEventsCommand,
  PutRuleCommand,
  PutTargetsCommand,
} from '@aws-sdk/client-eventbridge';
import { CreateRoleCommand, IAMClient, PutRolePolicyCommand } from '@aws-sdk/client-iam';
import { CreateScheduleCommand, SchedulerClient } from '@aws-sdk/client-scheduler';
import {
  CreateTopicCommand,
  PublishCommand,
  SNSClient,
  SubscribeCommand,
} from '@aws-sdk/client-sns';
import {
  CreateQueueCommand,
  DeleteMessageBatchCommand,
  ReceiveMessageCommand,
  SQSClient,
} from '@aws-sdk/client-sqs';
import { eventually } from '../../conformance/eventually.ts';
import type { TestServer } from '../../conformance/server.ts';
import { append } from '../../src/lib/append.ts';
import type { Values } from './main.ts';
import { onServers, underKills } from './servers.ts';

const ALARMS = 5;
/** A caller calls that often at most, so that there are kills enough meanwhile. */
const APART_MS = 150;
const DRAIN_MS = 120_000;
/** A server that is down again and again may need several tries. */
const TAKEN_MS = 180_000;
/** One-time schedules are due within so long after they were made. */
const SOONEST_S = 3;
const LATEST_S = 20;
const MINUTE_MS = 60_000;

/** What is told to whom while servers are killed: SNS, alarms, rules and schedules, each to a queue of its own. */
export const soakHeard = (values: Values): Promise<string[]> =>
  onServers(values, async ({ servers, front }) => {
    const heard = new Heard(front, Number(values.messages));
    await heard.makeGround();
    const began = Date.now();
    await underKills(servers, values, async () => {
      await Promise.all([
        heard.putMetrics(),
        heard.publish(),
        heard.putEvents(),
        heard.setAlarms(),
        heard.schedule(),
      ]);
      // Two minutes' beginnings at least are to fall between kills.
      await sleep(Math.max(0, began + 2.5 * MINUTE_MS - Date.now()));
    });
    return heard.breaches(Math.floor((Date.now() - began) / MINUTE_MS));
  });

interface Seen {
  body: Record<string, unknown>;
  messageId: string;
}

class Heard {
  readonly #front: TestServer;
  readonly #count: number;
  readonly #client: TestServer['client'] & { maxAttempts: number };
  readonly #sqs: SQSClient;
  /** Messages that SNS has taken. */
  readonly #published = new Set<string>();

  constructor(front: TestServer, count: number) {
    this.#front = front;
    this.#count = count;
    this.#client = { ...front.client, maxAttempts: 1 };
    this.#sqs = new SQSClient(this.#client);
  }

  #arn(service: string, resource: string): string {
    return `arn:aws:${service}:${this.#front.region}:${this.#front.accountId}:${resource}`;
  }

  async makeGround(): Promise<void> {
    const Policy = (Action: string, Resource: string) =>
      JSON.stringify({
        Version: '2012-10-17',
        Statement: { Effect: 'Allow', Principal: '*', Action, Resource },
      });
    const queue = async (QueueName: string) => {
      const Attributes = { Policy: Policy('sqs:SendMessage', this.#arn('sqs', QueueName)) };
      await this.#sqs.send(new CreateQueueCommand({ QueueName, Attributes }));
    };
    const queues = ['sns', 'rule', 'rule-topic', 'alarm', 'once', 'rate-rule', 'rate-schedule'];
    for (const name of queues) await queue(name);
    const sns = new SNSClient(this.#client);
    for (const name of ['sns', 'rule-topic', 'alarm']) {
      const { TopicArn = '' } = await sns.send(
        new CreateTopicCommand({
          Name: name,
          Attributes: { Policy: Policy('sns:Publish', this.#arn('sns', name)) },
        }),
      );
      const Endpoint = this.#arn('sqs', name);
      await sns.send(new SubscribeCommand({ TopicArn, Protocol: 'sqs', Endpoint }));
    }
    await this.#makeRules();
    await this.#makeAlarms();
    await this.#makeRole();
    const scheduler = new SchedulerClient(this.#client);
    await scheduler.send(new CreateScheduleCommand(this.#call('rate-schedule', 'rate(1 minute)')));
  }

  async #makeRules(): Promise<void> {
    const events = new EventBridgeClient(this.#client);
    const rule = { Name: 'rule', EventPattern: '{"source":["soak"]}' };
    await events.send(new PutRuleCommand(rule));
    const Targets = [
      { Id: 'queue', Arn: this.#arn('sqs', 'rule') },
      { Id: 'topic', Arn: this.#arn('sns', 'rule-topic') },
    ];
    await events.send(new PutTargetsCommand({ Rule: 'rule', Targets }));
    await events.send(
      new PutRuleCommand({ Name: 'rate-rule', ScheduleExpression: 'rate(1 minute)' }),
    );
    await events.send(
      new PutTargetsCommand({
        Rule: 'rate-rule',
        Targets: [{ Id: 'queue', Arn: this.#arn('sqs', 'rate-rule') }],
      }),
    );
  }

  async #makeAlarms(): Promise<void> {
    const cloudwatch = new CloudWatchClient(this.#client);
    const AlarmActions = [this.#arn('sns', 'alarm')];
    const alarm = (AlarmName: string, TreatMissingData: string) =>
      cloudwatch.send(
        new PutMetricAlarmCommand({
          ...{ AlarmName, Namespace: 'Soak', MetricName: AlarmName },
          ...{ Statistic: 'Sum', Period: 60, EvaluationPeriods: 1, Threshold: 1 },
          ...{ ComparisonOperator: 'GreaterThanThreshold', TreatMissingData },
          ...{ AlarmActions, OKActions: AlarmActions },
        }),
      );
    for (let at = 0; at < ALARMS; at += 1) {
      await alarm(`alarm-${at}`, 'ignore');
      await alarm(`metric-${at}`, 'notBreaching');
    }
  }

  /** Those that look at metrics go on with it, and off a minute later. */
  async putMetrics(): Promise<void> {
    const cloudwatch = new CloudWatchClient(this.#client);
    const MetricData = Array.from({ length: ALARMS }, (_, at) => ({
      ...{ MetricName: `metric-${at}`, Value: 2 },
    }));
    const data = { Namespace: 'Soak', MetricData };
    const put = () => cloudwatch.send(new PutMetricDataCommand(data));
    await eventually('metrics to be taken', put, TAKEN_MS);
  }

  async #makeRole(): Promise<void> {
    const iam = new IAMClient(this.#client);
    const allow = (more: object) =>
      JSON.stringify({ Version: '2012-10-17', Statement: { Effect: 'Allow', ...more } });
    const Principal = { Service: 'scheduler.amazonaws.com' };
    const AssumeRolePolicyDocument = allow({ Principal, Action: 'sts:AssumeRole' });
    await iam.send(new CreateRoleCommand({ RoleName: 'schedule', AssumeRolePolicyDocument }));
    const PolicyDocument = allow({ Action: 'sqs:SendMessage', Resource: '*' });
    const policy = { RoleName: 'schedule', PolicyName: 'p', PolicyDocument };
    await iam.send(new PutRolePolicyCommand(policy));
  }

  #call(queue: string, ScheduleExpression: string, Name = queue) {
    const Input = JSON.stringify({
      ...{ name: Name, id: '<aws.scheduler.execution-id>' },
      time: '<aws.scheduler.scheduled-time>',
    });
    const RoleArn = `arn:aws:iam::${this.#front.accountId}:role/schedule`;
    return {
      ...{ Name, ScheduleExpression, FlexibleTimeWindow: { Mode: 'OFF' as const } },
      Target: { Arn: this.#arn('sqs', queue), RoleArn, Input },
    };
  }

  /** Each number in its turn, each until a server has taken it. */
  async #each(what: string, send: (number: number) => Promise<unknown>): Promise<void> {
    for (let number = 0; number < this.#count; number += 1) {
      await eventually(
        `${what} ${number} to be taken`,
        () => send(number).then(() => true),
        TAKEN_MS,
      );
      await sleep(APART_MS);
    }
  }

  publish(): Promise<void> {
    const sns = new SNSClient(this.#client);
    const TopicArn = this.#arn('sns', 'sns');
    return this.#each('message', async (number) => {
      const Message = JSON.stringify({ number });
      const { MessageId = '' } = await sns.send(new PublishCommand({ TopicArn, Message }));
      this.#published.add(MessageId);
    });
  }

  putEvents(): Promise<void> {
    const events = new EventBridgeClient(this.#client);
    return this.#each('event', async (number) => {
      const Detail = JSON.stringify({ number });
      const entry = { Source: 'soak', DetailType: 'Number', Detail };
      const { FailedEntryCount } = await events.send(new PutEventsCommand({ Entries: [entry] }));
      if (FailedEntryCount !== 0) throw new Error('An event was not taken');
    });
  }

  setAlarms(): Promise<void> {
    const cloudwatch = new CloudWatchClient(this.#client);
    return this.#each('state', (number) =>
      cloudwatch.send(
        new SetAlarmStateCommand({
          AlarmName: `alarm-${number % ALARMS}`,
          StateValue: Math.floor(number / ALARMS) % 2 === 0 ? 'ALARM' : 'OK',
          StateReason: 'a soak',
        }),
      ),
    );
  }

  schedule(): Promise<void> {
    const scheduler = new SchedulerClient(this.#client);
    return this.#each('schedule', (number) => {
      const seconds = SOONEST_S + (number % (LATEST_S - SOONEST_S));
      const at = new Date(Date.now() + seconds * 1000).toISOString().slice(0, 19);
      return scheduler
        .send(new CreateScheduleCommand(this.#call('once', `at(${at})`, `once-${number}`)))
        .catch((error) => {
          // The answer was lost.
          if (error.name !== 'ConflictException') throw error;
        });
    });
  }

  /** All that comes into a queue, until there is enough and nothing more comes. */
  async #drain(name: string, isEnough: (seen: Seen[]) => boolean): Promise<Seen[]> {
    const QueueUrl = `${this.#front.endpoint}/${this.#front.accountId}/${name}`;
    const all: Seen[] = [];
    const late = Date.now() + DRAIN_MS;
    for (;;) {
      const { Messages = [] } = await this.#sqs.send(
        new ReceiveMessageCommand({ QueueUrl, MaxNumberOfMessages: 10, WaitTimeSeconds: 1 }),
      );
      if (Messages.length === 0 && (isEnough(all) || Date.now() > late)) return all;
      if (Messages.length === 0) continue;
      for (const { Body = '', MessageId: messageId = '' } of Messages)
        all.push({ body: JSON.parse(Body), messageId });
      const Entries = Messages.map(({ ReceiptHandle }, at) => ({ Id: `${at}`, ReceiptHandle }));
      await this.#sqs.send(new DeleteMessageBatchCommand({ QueueUrl, Entries }));
    }
  }

  /** @param minutes that have begun and ended meanwhile */
  async breaches(minutes: number): Promise<string[]> {
    const all = Array.from({ length: this.#count }, (_, number) => number);
    const numberOf = (event: unknown) => JSON.parse(String(event)).detail.number;
    const found: string[] = [];
    const audit = async (
      name: string,
      wanted: unknown[],
      keyOf: (body: Seen['body']) => unknown,
    ) => {
      const keys = (seen: Seen[]) => new Set(seen.map(({ body }) => keyOf(body)));
      const has = (seen: Seen[]) => {
        const there = keys(seen);
        return wanted.every((one) => there.has(one));
      };
      const seen = await this.#drain(name, has);
      const there = keys(seen);
      const lost = wanted.filter((one) => !there.has(one));
      process.stdout.write(
        `${name}: ${seen.length} messages of ${there.size}, ${wanted.length} expected\n`,
      );
      if (lost.length > 0) found.push(`${name}: ${lost.length} are lost: ${lost.slice(0, 5)}`);
      return seen;
    };
    await audit('sns', [...this.#published], ({ MessageId }) => MessageId);
    await audit('rule', all, ({ detail }) => (detail as { number: number }).number);
    await audit('rule-topic', all, ({ Message }) => numberOf(Message));
    const once = await audit(
      'once',
      all.map((number) => `once-${number}`),
      ({ name }) => name,
    );
    append(
      found,
      several('once', once, ({ name }) => name),
    );
    const changes = await this.#changes();
    for (let at = 0; at < ALARMS; at += 1)
      if (!changes.some((change) => change.startsWith(`metric-${at} ALARM`)))
        found.push(`alarm: metric-${at} did not go on`);
    await audit('alarm', changes, ({ Message }) => {
      const { AlarmName, StateChangeTime, NewStateValue } = JSON.parse(String(Message));
      return changeOf(AlarmName, NewStateValue, StateChangeTime);
    });
    for (const name of ['rate-rule', 'rate-schedule']) {
      const seen = await audit(name, [], ({ time }) => time);
      append(
        found,
        several(name, seen, ({ time }) => time),
      );
      const times = new Set(seen.map(({ body }) => body.time)).size;
      // A kill may fall upon the minute's turn; what was due then is done once the server is back.
      if (times < minutes - 1) found.push(`${name}: fired ${times} times in ${minutes} minutes`);
    }
    return found;
  }

  /** Every change of state that the history has. */
  async #changes(): Promise<string[]> {
    const cloudwatch = new CloudWatchClient(this.#client);
    const changes: string[] = [];
    let NextToken: string | undefined;
    do {
      const page = await cloudwatch.send(
        new DescribeAlarmHistoryCommand({
          HistoryItemType: 'StateUpdate',
          MaxRecords: 100,
          NextToken,
        }),
      );
      for (const { AlarmName = '', Timestamp, HistoryData = '{}' } of page.AlarmHistoryItems ??
        []) {
        const state = JSON.parse(HistoryData).newState?.stateValue;
        changes.push(changeOf(AlarmName, state, Timestamp ?? ''));
      }
      NextToken = page.NextToken;
    } while (NextToken !== undefined);
    return changes;
  }
}

const changeOf = (alarm: string, state: string, at: Date | string) =>
  `${alarm} ${state} ${new Date(at).getTime()}`;

/** Of each key there may be messages of one execution or event: others are a second firing. */
function several(name: string, seen: Seen[], keyOf: (body: Seen['body']) => unknown): string[] {
  const ids = new Map<unknown, Set<unknown>>();
  for (const { body } of seen) {
    const key = keyOf(body);
    ids.set(key, (ids.get(key) ?? new Set()).add(body.id));
  }
  return [...ids]
    .filter(([, of]) => of.size > 1)
    .map(([key, of]) => `${name}: ${key} fired ${of.size} times`);
}
