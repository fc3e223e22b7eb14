import { readFileSync } from 'node:fs';
import {
  CloudWatchLogsClient,
  CreateLogGroupCommand,
  CreateLogStreamCommand,
} from '@aws-sdk/client-cloudwatch-logs';
import { CreateBucketCommand, S3Client } from '@aws-sdk/client-s3';
import { startServer, type TestServer } from '../conformance/server.ts';
import { load } from './load.ts';
import { jsonCall, signerOf } from './signed.ts';

const CALLS = 100_000;
const PUTS = 5000;
const LOG_BATCHES = 30;
const LINES_A_BATCH = 10_000;
const CLIENTS = 8;

/** What a server holds after work of each kind, and again after as much of it. */
export async function benchMemory(): Promise<string[]> {
  const server = await startServer();
  const port = Number(new URL(server.endpoint).port);
  const many = async (request: () => string, count: number, clients: number) => {
    let sent = 0;
    const more = () => {
      sent += 1;
      return sent < count;
    };
    const { failures } = await load(port, request, clients, more);
    if (failures > 0) throw new Error(`${failures} calls failed`);
  };
  const work = {
    [`${(LOG_BATCHES * LINES_A_BATCH).toLocaleString('en')} log lines`]: await logLines(server),
    [`${PUTS.toLocaleString('en')} puts of 1 KB`]: await puts(server),
    [`${CALLS.toLocaleString('en')} calls`]: await calls(server),
  };
  const lines = [`after the start: ${rss(server)} MB`];
  for (const [name, { request, count, clients }] of Object.entries(work)) {
    await many(request, count, clients);
    const once = rss(server);
    await many(request, count, clients);
    lines.push(`after ${name}: ${once} MB, after as many again ${rss(server)} MB`);
  }
  await server.stop();
  return lines;
}

const rss = ({ pid }: TestServer) =>
  Math.round(
    Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]) / 1024,
  );

async function logLines(server: TestServer) {
  const logs = new CloudWatchLogsClient(server.client);
  const names = { logGroupName: 'bench', logStreamName: 'bench' };
  await logs.send(new CreateLogGroupCommand(names));
  await logs.send(new CreateLogStreamCommand(names));
  const timestamp = Date.now();
  const logEvents = Array.from({ length: LINES_A_BATCH }, (_, n) => ({
    timestamp,
    message: `${n} a line of a build log, about as long as they are`,
  }));
  const call = jsonCall('Logs_20140328.PutLogEvents', { ...names, logEvents });
  const request = await signerOf(server, 'logs')(call);
  return { request: () => request, count: LOG_BATCHES, clients: 1 };
}

async function puts(server: TestServer) {
  await new S3Client({ ...server.client, forcePathStyle: true }).send(
    new CreateBucketCommand({ Bucket: 'bench' }),
  );
  const sign = signerOf(server, 's3');
  const requests: string[] = [];
  for (let n = 0; n < PUTS; n += 1)
    requests.push(await sign({ method: 'PUT', path: `/bench/${n}`, body: 'x'.repeat(1024) }));
  let next = 0;
  return { request: () => requests[next++ % PUTS] as string, count: PUTS, clients: CLIENTS };
}

async function calls(server: TestServer) {
  const call = jsonCall('Logs_20140328.DescribeLogGroups', {});
  const request = await signerOf(server, 'logs')(call);
  return { request: () => request, count: CALLS, clients: CLIENTS };
}
