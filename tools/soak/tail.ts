import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import {
  CloudWatchLogsClient,
  CreateLogGroupCommand,
  CreateLogStreamCommand,
  PutLogEventsCommand,
  StartLiveTailCommand,
  type StartLiveTailResponseStream,
} from '@aws-sdk/client-cloudwatch-logs';
import { peakMb } from '../../bench/process.ts';
import { startServer, type TestServer } from '../../conformance/server.ts';
import type { Values } from './main.ts';

const GROUP = 'flood';
/** Asked for; fifteen of an account are taken. */
const SESSIONS = 100;
const MOST = 15;
/** Of those that are taken: who asks, and never reads. */
const DEAF = 5;
/** Of those that read: who look for what is rarely there, so that every line has to be looked at. */
const RARE = 3;
const LINES_A_SECOND = 50_000;
const BATCH = 10_000;
const FLOOD_MS = 30_000;
/** Few large events, as fast as they go in. */
const LARGE = 'x'.repeat(100_000);
const LARGE_MS = 15_000;
/** More than the server had before. */
const MOST_MB = 300;
const SLOWEST_MS = 2_000;
/** Of the lines that go in while nobody looks. */
const LEAST = 0.7;

/** Lines without end while a hundred want to follow them: bounded memory, and who reads has what is new soon. */
export async function soakTail(_values: Values): Promise<string[]> {
  const server = await startServer({ env: { SLIPWAY_CHECK_OUTPUTS: '' } });
  try {
    return await flood(server);
  } finally {
    await server.stop();
  }
}

async function flood(server: TestServer): Promise<string[]> {
  const logs = new CloudWatchLogsClient({ ...server.client, disableHostPrefix: true });
  await logs.send(new CreateLogGroupCommand({ logGroupName: GROUP }));
  for (const logStreamName of ['a', 'b'])
    await logs.send(new CreateLogStreamCommand({ logGroupName: GROUP, logStreamName }));
  const found: string[] = [];
  // What goes in while nobody looks: the machine may have others on it.
  const alone = await lines(logs, FLOOD_MS / 3);
  const before = peakMb(server);
  const { readers, refused, stop } = await openAll(server);
  if (refused !== SESSIONS - MOST) found.push(`${refused} sessions were refused of ${SESSIONS}`);
  const perSecond = await lines(logs, FLOOD_MS);
  const lag = Math.max(...readers.filter(({ rare }) => !rare).map(({ slowest }) => slowest));
  const shown = readers.map(({ events }) => events);
  const middle = nowMb(server);
  for (const reader of readers) reader.events = 0;
  await large(logs);
  const [after, peak] = [nowMb(server), peakMb(server)];
  stop();
  process.stdout.write(
    `${Math.round(perSecond)} lines/s went in, ${Math.round(alone)} while nobody looked; readers were shown ${shown.join(', ')}, none later than ${lag} ms\n` +
      `of large events ${readers.map(({ events }) => events).join(', ')}\n` +
      `memory ${before} MB before, ${middle} after the lines, ${after} after the large ones, at most ${peak}\n`,
  );
  if (perSecond < alone * LEAST) found.push(`${Math.round(perSecond)} lines/s went in`);
  if (lag > SLOWEST_MS) found.push(`a line was shown ${lag} ms after it was put`);
  if (shown.some((events, at) => events === 0 && !readers[at]?.rare))
    found.push('a reader saw none');
  if (peak - before > MOST_MB) found.push(`the server took ${peak - before} MB`);
  return found;
}

interface Reader {
  rare: boolean;
  events: number;
  /** Milliseconds between the put of a line and its being read. */
  slowest: number;
}

async function openAll(server: TestServer) {
  const readers: Reader[] = [];
  const clients: CloudWatchLogsClient[] = [];
  let [taken, refused] = [0, 0];
  const arn = `arn:aws:logs:${server.region}:${server.accountId}:log-group:${GROUP}`;
  for (let session = 0; session < SESSIONS; session += 1) {
    // With a connection of its own.
    const client = new CloudWatchLogsClient({ ...server.client, disableHostPrefix: true });
    clients.push(client);
    const rare = taken >= DEAF && taken < DEAF + RARE;
    try {
      const { responseStream } = await client.send(
        new StartLiveTailCommand({
          logGroupIdentifiers: [arn],
          ...(rare && { logEventFilterPattern: 'never' }),
        }),
      );
      taken += 1;
      if (taken <= DEAF || !responseStream) continue;
      const reader = { rare, events: 0, slowest: 0 };
      readers.push(reader);
      void read(responseStream, reader).catch(() => {});
    } catch (error) {
      if ((error as Error).name !== 'LimitExceededException') throw error;
      refused += 1;
    }
  }
  const stop = () => {
    for (const client of clients) client.destroy();
  };
  return { readers, refused, stop };
}

async function read(stream: AsyncIterable<StartLiveTailResponseStream>, reader: Reader) {
  for await (const { sessionUpdate } of stream) {
    const now = Date.now();
    for (const { message = '' } of sessionUpdate?.sessionResults ?? []) {
      reader.events += 1;
      const at = Number(/^at (\d+)/.exec(message)?.[1] ?? now);
      reader.slowest = Math.max(reader.slowest, now - at);
    }
  }
}

/** @returns lines a second that went in */
async function lines(logs: CloudWatchLogsClient, ms: number): Promise<number> {
  const began = performance.now();
  let put = 0;
  while (performance.now() - began < ms) {
    const timestamp = Date.now();
    const logEvents = Array.from({ length: BATCH }, (_, at) => ({
      timestamp,
      message: `at ${timestamp} ${put + at} a line of a build log, as long as they are`,
    }));
    const input = { logGroupName: GROUP, logStreamName: 'a', logEvents };
    await logs.send(new PutLogEventsCommand(input));
    put += BATCH;
    await sleep(Math.max(0, (put / LINES_A_SECOND) * 1000 - (performance.now() - began)));
  }
  return (put * 1000) / (performance.now() - began);
}

async function large(logs: CloudWatchLogsClient): Promise<void> {
  const began = performance.now();
  while (performance.now() - began < LARGE_MS) {
    const timestamp = Date.now();
    const logEvents = Array.from({ length: 10 }, () => ({ timestamp, message: LARGE }));
    const input = { logGroupName: GROUP, logStreamName: 'b', logEvents };
    await logs.send(new PutLogEventsCommand(input));
  }
}

const nowMb = ({ pid }: TestServer): number =>
  Math.round(
    Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]) / 1024,
  );
