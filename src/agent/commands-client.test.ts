import { once } from 'node:events';
import { createServer, type RequestListener, type ServerResponse } from 'node:http';
import { type AddressInfo, createServer as createSocketServer } from 'node:net';
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

/** Something that answers whatever it is asked with these bytes, `last` again and again. */
async function startSocket(first: string, last?: string): Promise<string> {
  const server = createSocketServer((socket) => {
    socket.on('error', () => {});
    socket.once('data', () => {
      if (last === undefined) return void socket.end(first);
      socket.write(first);
      const more = setInterval(() => socket.write(last), 1);
      socket.once('close', () => clearInterval(more));
    });
    onTestFinished(() => void socket.destroy());
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => void server.close());
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

const OK = 'HTTP/1.1 200 OK\r\n';
const answer = (body: string, head = OK) => `${head}content-length: ${body.length}\r\n\r\n${body}`;

test.each([
  ['no HTTP', 'SSH-2.0-OpenSSH_9.2\r\n', 'Parse Error'],
  ['nothing', '', 'socket hang up'],
  ['a page', answer('<html>Sign in</html>'), 'no JSON object: <html>'],
  ['a list', answer('[{"HostCommand":{}}]'), 'no JSON object'],
  ['null', answer('null'), 'no JSON object'],
  ['lists in lists', answer('['.repeat(500_000)), 'no JSON object'],
  ['less than it says', `${OK}content-length: 99\r\n\r\n{}`, 'aborted'],
  ['another encoding', answer('\u001f\u008b', `${OK}content-encoding: gzip\r\n`), 'no JSON object'],
  [
    'a redirection',
    answer('', 'HTTP/1.1 307 Go\r\nlocation: http://127.0.0.1:1/\r\n'),
    'status 307',
  ],
  ['no content', 'HTTP/1.1 204 No Content\r\n\r\n', 'status 204'],
  ['a head without end', OK, 'Header overflow', `x: ${'y'.repeat(4096)}\r\n`],
  ['hints without end', '', 'did not answer in time', 'HTTP/1.1 103 Early Hints\r\n\r\n'],
])('a server that answers %s: it is said, at once', async (_name, first, said, last?: string) => {
  const endpoint = await startSocket(first, last);
  const patience = { longestMs: 1000 };
  await expect(client(endpoint, { patience }).pollHostCommand({})).rejects.toThrow(said);
});

test('what has to be tried again is said once, and goes on when the server is well', async () => {
  let asked = 0;
  const endpoint = await startServer((_, response) => {
    asked += 1;
    response.end(asked < 3 ? 'a page' : '{"CommandStatus":"InProgress"}');
  });
  const warnings: string[] = [];
  const { putHostCommandAcknowledgement: acknowledge } = client(endpoint, {
    warn: (message) => warnings.push(message),
  });
  expect(await acknowledge({})).toEqual({ CommandStatus: 'InProgress' });
  expect(warnings).toEqual([
    'PutHostCommandAcknowledgement is tried again until the server answers: It has answered with what is no JSON object: a page',
  ]);
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
