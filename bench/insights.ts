import { readFileSync } from 'node:fs';
import {
  CloudWatchLogsClient,
  CreateLogGroupCommand,
  CreateLogStreamCommand,
  GetQueryResultsCommand,
  PutLogEventsCommand,
  StartQueryCommand,
} from '@aws-sdk/client-cloudwatch-logs';
import { startServer } from '../conformance/server.ts';

const GROUP = 'bench';
const LINES = 1_000_000;
const BATCH = 10_000;
const WORDS = 'a line of a log, as long as they are '.repeat(2).slice(0, 60);
const ROUNDS = 3;
const NEWEST = 'sort @timestamp desc | limit 20';
/** What is asked of a million lines, one of 997 of which is an error. */
const QUERIES = {
  'the 20 newest errors (aim 1000)': `fields @timestamp, @message | filter @message like /ERROR/ | ${NEWEST}`,
  'a word that no line has (aim 1000)': `fields @timestamp, @message | filter @message like /FATAL/ | ${NEWEST}`,
  'a regular expression without a word': `filter @message like /(?i)err[ao]r/ | ${NEWEST}`,
  'errors by hour': 'filter @message like /ERROR/ | stats count(*) by bin(1h)',
  'lines by minute': 'stats count(*), avg(strlen(@message)) by bin(1m)',
  'a field out of each line': 'parse @message "* * *" as n, level, rest | stats count(*) by level',
};

/** Queries of CloudWatch Logs Insights over a million lines, from StartQuery to the answer of GetQueryResults. */
export async function benchInsights(): Promise<string[]> {
  const server = await startServer();
  const logs = new CloudWatchLogsClient(server.client);
  const at = { logGroupName: GROUP, logStreamName: 's' };
  await logs.send(new CreateLogGroupCommand(at));
  await logs.send(new CreateLogStreamCommand(at));
  const start = Date.now() - LINES - 60_000;
  for (let from = 0; from < LINES; from += BATCH) {
    const logEvents = Array.from({ length: BATCH }, (_, i) => {
      const n = from + i;
      return {
        timestamp: start + n,
        message: `${n} ${n % 997 === 0 ? 'ERROR' : 'INFO'} ${WORDS}`,
      };
    });
    await logs.send(new PutLogEventsCommand({ ...at, logEvents }));
  }
  const lines = [];
  for (const [name, queryString] of Object.entries(QUERIES)) {
    const before = processorTime(server.pid);
    let best = Number.POSITIVE_INFINITY;
    for (let round = 0; round < ROUNDS; round++)
      best = Math.min(best, await ask(logs, queryString, start));
    const used = (processorTime(server.pid) - before) / ROUNDS;
    lines.push(`${name}: ${Math.round(best)} ms, ${Math.round(used)} ms of a processor each`);
  }
  await server.stop();
  return lines;
}

/** What a process has used of a processor so far, in milliseconds; a busy machine makes a query take longer, and this hardly. */
function processorTime(pid: number): number {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8')
    .replace(/^.*\) /s, '')
    .split(' ');
  return 10 * (Number(fields[11]) + Number(fields[12]));
}

async function ask(
  logs: CloudWatchLogsClient,
  queryString: string,
  start: number,
): Promise<number> {
  const began = performance.now();
  const startTime = Math.floor(start / 1000);
  const { queryId } = await logs.send(
    new StartQueryCommand({
      logGroupName: GROUP,
      queryString,
      startTime,
      endTime: startTime + LINES,
    }),
  );
  for (;;) {
    const { status } = await logs.send(new GetQueryResultsCommand({ queryId }));
    if (status === 'Complete') return performance.now() - began;
    if (status !== 'Running') throw new Error(`The query is ${status}`);
  }
}
