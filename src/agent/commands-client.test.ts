import { once } from 'node:events';
import { createServer, type RequestListener, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, onTestFinished, test } from 'vitest';
import { runAgent } from './agent.ts';
import { type CommandsClientOptions, makeCommandsClient } from './commands-client.ts';
import { makeLayout } from './layout.ts';
import {
  answerByteByByte,
  answerWithoutEnd,
  ENDLESS_BYTES,
  temporaryDirectory,
} from './testing.ts';

async function startServer(listener: RequestListener): Promise<string> {
  const server = createServer(listener);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

const client = (endpoint: string, more: Partial<CommandsClientOptions> = {}) =>
  makeCommandsClient({
    endpoint,
    region: 'us-east-1',
    credentials: () => ({ accessKeyId: 'AKIA', secretAccessKey: 'secret' }),
    signal: new AbortController().signal,
    ...more,
  });

test.each([200, 400, 503])('an answer with %i that has no end is let go of', async (status) => {
  let sent: Promise<number> | undefined;
  const endpoint = await startServer((_, response) => {
    sent = answerWithoutEnd(response, status);
  });
  const { getDeploymentSpecification: ask } = client(endpoint);
  await expect(ask({ DeploymentExecutionId: 'd', HostIdentifier: 'h' })).rejects.toThrow(
    "The server's answer is longer than",
  );
  expect(await sent).toBeLessThan(ENDLESS_BYTES / 2);
});

test.each([
  ['stands still', { idleMs: 50 }, (response: ServerResponse): void => void response.write('{')],
  ['comes byte by byte', { longestMs: 200 }, answerByteByByte],
])('an answer that %s is not waited for for ever', async (_, patience, answer) => {
  const endpoint = await startServer((_request, response) => answer(response));
  await expect(client(endpoint, { patience }).pollHostCommand({})).rejects.toThrow(
    'The server did not answer in time',
  );
});

test('the agent lives on with a server that means it ill, and reports what it could not do', async () => {
  const asked: string[] = [];
  const reports: { CommandStatus: string; Diagnostics: { Payload: string } }[] = [];
  const stop = new AbortController();
  const command = { HostCommandIdentifier: 'c', HostIdentifier: 'h', CommandName: 'Install' };
  const endpoint = await startServer(async (request, response) => {
    const operation = String(request.headers['x-amz-target']).split('.').at(-1) ?? '';
    asked.push(operation);
    if (operation === 'PutHostCommandComplete') {
      const body = await request.toArray();
      reports.push(JSON.parse(Buffer.concat(body).toString()));
      response.end('{}');
      stop.abort();
    } else if (asked.length === 2) response.end(JSON.stringify({ HostCommand: command }));
    else await answerWithoutEnd(response);
  });
  const warnings: string[] = [];
  await runAgent({
    client: client(endpoint, { signal: stop.signal }),
    trust: { anchors: async () => [], remedy: '' },
    hostIdentifier: 'h',
    signal: stop.signal,
    layout: makeLayout(temporaryDirectory()),
    env: {},
    prefix: undefined,
    s3: { region: 'us-east-1', credentials: () => ({ accessKeyId: '', secretAccessKey: '' }) },
    maxRevisions: 1,
    info: () => {},
    warn: (message) => warnings.push(message),
  });
  expect(asked).toEqual([
    ...['PollHostCommand', 'PollHostCommand'],
    ...['GetDeploymentSpecification', 'PutHostCommandComplete'],
  ]);
  expect(warnings[0]).toContain('Error polling for host commands');
  expect(warnings[0]).toContain('longer than');
  expect(reports).toEqual([
    expect.objectContaining({
      CommandStatus: 'Failed',
      Diagnostics: expect.objectContaining({ Payload: expect.stringContaining('longer than') }),
    }),
  ]);
});
