import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { json } from 'node:stream/consumers';
import { expect, onTestFinished, test } from 'vitest';
import { makeDeploymentLogs } from './deployment-log.ts';
import { specification } from './testing.ts';

interface Put {
  logGroupName: string;
  logStreamName: string;
  logEvents: { timestamp: number; message: string }[];
}

/** A server that says no to operations as often as it is told to. */
async function host(
  refusals: Record<string, { status: number; name: string }[]> = {},
  patience?: { longestMs: number },
) {
  const calls: { operation: string; input: Put }[] = [];
  const warnings: string[] = [];
  const server = createServer(async (request, response) => {
    const operation = String(request.headers['x-amz-target']).split('.').at(-1) ?? '';
    calls.push({ operation, input: (await json(request)) as Put });
    if (patience) return;
    const refusal = refusals[operation]?.shift();
    response.writeHead(refusal?.status ?? 200);
    response.end(JSON.stringify(refusal ? { __type: refusal.name, message: 'no' } : {}));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  const logs = makeDeploymentLogs({
    endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    region: 'us-east-1',
    credentials: () => ({ accessKeyId: 'AKIA', secretAccessKey: 'secret' }),
    hostIdentifier: 'arn:aws:iam::111111111111:user/AWS/CodeDeploy/web-1',
    warn: (message) => void warnings.push(message),
    ...(patience && { patience }),
  });
  const log = logs(specification({ logGroup: '/aws/codedeploy/web' }));
  if (!log) throw new Error('The deployment has no log');
  const put = () => calls.filter(({ operation }) => operation === 'PutLogEvents');
  return { logs, log, calls, put, warnings };
}

const missing = () => ({ status: 400, name: 'ResourceNotFoundException' });

test('a deployment whose group asks for nothing has no log', async () => {
  const { logs } = await host();
  expect(logs(specification())).toBeUndefined();
});

test('lines come in order, together, in the stream of the deployment and the host', async () => {
  const { log, calls } = await host();
  for (const line of ['  a\n', '', 'c']) log.line(line);
  await log.sent();
  expect(calls).toMatchObject([
    {
      operation: 'PutLogEvents',
      input: { logGroupName: '/aws/codedeploy/web', logStreamName: 'd-AAAAAAAAA/web-1' },
    },
  ]);
  expect(calls[0]?.input.logEvents.map(({ message }) => message)).toEqual(['  a', ' ', 'c']);
});

test('the group and the stream are made where they are missing', async () => {
  const { log, calls, warnings } = await host({
    PutLogEvents: [missing()],
    CreateLogStream: [missing(), { status: 400, name: 'ResourceAlreadyExistsException' }],
  });
  log.line('a');
  await log.sent();
  expect(calls.map(({ operation }) => operation)).toEqual([
    ...['PutLogEvents', 'CreateLogStream', 'CreateLogGroup', 'CreateLogStream', 'PutLogEvents'],
  ]);
  expect(warnings).toEqual([]);
});

test('a call has no more than Logs takes', async () => {
  const { log, put } = await host();
  for (let n = 0; n < 40; n++) log.line(String(n).padStart(100_000, 'x'));
  await log.sent();
  for (const { input } of put())
    expect(Buffer.byteLength(JSON.stringify(input))).toBeLessThan(1_048_576);
  const lines = put().flatMap(({ input }) => input.logEvents);
  expect(lines).toHaveLength(40);
  expect(lines[0]?.message).toHaveLength(64 * 1024);
});

test('who says no is asked no more, and it is said once', async () => {
  const denied = { status: 400, name: 'AccessDeniedException' };
  const { log, put, warnings } = await host({ PutLogEvents: [denied] });
  log.line('a');
  await log.sent();
  log.line('b');
  await log.sent();
  expect(put()).toHaveLength(1);
  expect(warnings).toEqual(['The log group /aws/codedeploy/web cannot be told: no']);
});

test('a server that is busy is asked again', async () => {
  const { log, put, warnings } = await host({
    PutLogEvents: [{ status: 503, name: 'ServiceUnavailableException' }],
  });
  log.line('a');
  await log.sent();
  expect([put().length, warnings]).toEqual([2, []]);
});

test('a log group’s server that never answers is given up, and keeps nothing back', async () => {
  const { log, warnings } = await host({}, { longestMs: 100 });
  log.line('a');
  await log.sent();
  expect(warnings).toEqual([
    'The log group /aws/codedeploy/web cannot be told: The server did not answer in time',
  ]);
});
