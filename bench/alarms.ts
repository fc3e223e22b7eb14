import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import {
  CloudWatchClient,
  PutMetricAlarmCommand,
  PutMetricDataCommand,
} from '@aws-sdk/client-cloudwatch';
import { startServer, type TestServer } from '../conformance/server.ts';

const ALARMS = 10_000;
/** Metrics that a call takes, and calls at the same time. */
const BATCH = 1000;
const CLIENTS = 8;
const MINUTE = 60_000;
/** Minutes with data: the range that an alarm looks at. */
const FILLED = 3;

/** What a server takes of a core for 10,000 alarms that are evaluated once a minute, beside one without alarms. */
export async function benchAlarms(): Promise<string[]> {
  const server = await startServer();
  const cloudwatch = new CloudWatchClient({ ...server.client, maxAttempts: 1 });
  const idle = await coreTaken(server);
  const started = performance.now();
  await putData(cloudwatch);
  const put = (ALARMS * FILLED * 1000) / (performance.now() - started);
  await putAlarms(cloudwatch);
  // The first turn reads all alarms and changes their states.
  await sleep(MINUTE);
  const taken = await coreTaken(server);
  cloudwatch.destroy();
  await server.stop();
  const [own, all] = [taken - idle, taken].map((part) => (part * 100).toFixed(1));
  return [
    `PutMetricData, 1,000 metrics a call: ${Math.round(put)} values/s in one after the other`,
    `${ALARMS.toLocaleString('en')} alarms a minute: ${own} % of a core (aim 5 %), the whole server ${all} %`,
  ];
}

const nameOf = (index: number) => `m${index}`;

async function putData(cloudwatch: CloudWatchClient): Promise<void> {
  for (let minute = 0; minute < FILLED; minute++)
    for (let from = 0; from < ALARMS; from += BATCH)
      await cloudwatch.send(
        new PutMetricDataCommand({
          Namespace: 'Bench',
          MetricData: Array.from({ length: BATCH }, (_, index) => ({
            MetricName: nameOf(from + index),
            Timestamp: new Date(Date.now() + minute * MINUTE),
            Value: index,
          })),
        }),
      );
}

async function putAlarms(cloudwatch: CloudWatchClient): Promise<void> {
  let next = 0;
  const client = async () => {
    for (let index = next++; index < ALARMS; index = next++)
      await cloudwatch.send(
        new PutMetricAlarmCommand({
          ...{ AlarmName: `alarm-${index}`, Namespace: 'Bench', MetricName: nameOf(index) },
          ...{ Statistic: 'Average', Period: 60, EvaluationPeriods: 1, Threshold: 1e9 },
          ComparisonOperator: 'GreaterThanThreshold',
        }),
      );
  };
  await Promise.all(Array.from({ length: CLIENTS }, client));
}

/** The part of a core that a server takes over a minute. */
async function coreTaken({ pid }: TestServer): Promise<number> {
  const before = processorMs(pid);
  await sleep(MINUTE);
  return (processorMs(pid) - before) / MINUTE;
}

/** Hundredths of a second in user and kernel, behind the command's name in parentheses. */
function processorMs(pid: number): number {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return (Number(fields[11]) + Number(fields[12])) * 10;
}
