import {
  CloudWatchLogsClient,
  CreateLogGroupCommand,
  CreateLogStreamCommand,
} from '@aws-sdk/client-cloudwatch-logs';
import { startServer, type TestServer } from '../conformance/server.ts';
import { type Load, load } from './load.ts';
import { jsonCall, signerOf } from './signed.ts';

const GROUP = 'bench';
const LINES = 1_000_000;
const BATCH = 10_000;
const LINE = `${'a line of a build log, as long as they are '.repeat(2)}`.slice(0, 70);
const WARM_UP_MS = 2000;
const MEASURE_MS = 2000;
const ROUNDS = 3;
/** Two streams of so many lines: one line a millisecond, and all in one. */
const STREAMS = { 'a line a millisecond': 1, 'all of one millisecond': 0 };

/** Lines going in, and the last and first ten of a stream of a million beside those of an empty one. */
export async function benchLogs(): Promise<string[]> {
  const server = await startServer();
  const logs = new CloudWatchLogsClient(server.client);
  await logs.send(new CreateLogGroupCommand({ logGroupName: GROUP }));
  const names = ['empty', ...Object.keys(STREAMS)];
  for (const name of names)
    await logs.send(
      new CreateLogStreamCommand({ logGroupName: GROUP, logStreamName: streamOf(name) }),
    );
  const lines = [];
  for (const [name, step] of Object.entries(STREAMS)) lines.push(await fill(server, name, step));
  lines.push(...(await compare(server, 'GetLogEvents', { limit: 10 })));
  lines.push(...(await compare(server, 'FilterLogEvents', { limit: 10 })));
  await server.stop();
  return lines;
}

const streamOf = (name: string) => name.replaceAll(' ', '-');

async function fill(server: TestServer, name: string, step: number): Promise<string> {
  const sign = signerOf(server, 'logs');
  const start = Date.now() - LINES - 60_000;
  const requests: string[] = [];
  for (let from = 0; from < LINES; from += BATCH) {
    const logEvents = Array.from({ length: BATCH }, (_, n) => ({
      timestamp: start + (from + n) * step,
      message: `${from + n} ${LINE}`,
    }));
    const input = { logGroupName: GROUP, logStreamName: streamOf(name), logEvents };
    requests.push(await sign(jsonCall('Logs_20140328.PutLogEvents', input)));
  }
  const started = performance.now();
  for (const request of requests) await once(server, request);
  const perSecond = (LINES * 1000) / (performance.now() - started);
  return `PutLogEvents, ${name}: ${Math.round(perSecond)} lines/s in one after the other (aim 50000)`;
}

async function once(server: TestServer, request: string): Promise<void> {
  const { failures } = await load(portOf(server), request, 1, 0);
  if (failures > 0) throw new Error('a call failed');
}

const portOf = (server: TestServer) => Number(new URL(server.endpoint).port);

async function compare(server: TestServer, operation: string, more: object): Promise<string[]> {
  const sign = signerOf(server, 'logs');
  const best = new Map<string, Load>();
  const names = ['empty', ...Object.keys(STREAMS)];
  for (let round = 0; round < ROUNDS; round += 1)
    for (const name of names) {
      const streams =
        operation === 'GetLogEvents'
          ? { logStreamName: streamOf(name) }
          : { logStreamNames: [streamOf(name)] };
      const input = { logGroupName: GROUP, ...streams, ...more };
      const request = await sign(jsonCall(`Logs_20140328.${operation}`, input));
      await load(portOf(server), request, 1, WARM_UP_MS / ROUNDS);
      const measured = await load(portOf(server), request, 1, MEASURE_MS / ROUNDS);
      if (measured.failures > 0) throw new Error(`${operation} failed`);
      if (measured.perSecond > (best.get(name)?.perSecond ?? 0)) best.set(name, measured);
    }
  const floor = best.get('empty')?.perSecond ?? 0;
  return names.map((name) => {
    const { perSecond = 0 } = best.get(name) ?? {};
    const ratio = `, ratio ${(floor / perSecond).toFixed(2)}${operation === 'GetLogEvents' ? ' (aim 1.5)' : ''}`;
    return `${operation} of ten lines, ${name}: ${(1000 / perSecond).toFixed(2)} ms${name === 'empty' ? '' : ratio}`;
  });
}
