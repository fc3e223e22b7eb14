import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { CodePipelineClient, GetPipelineCommand } from '@aws-sdk/client-codepipeline';
import { Sha256 } from '@smithy/core/checksum';
import { HttpRequest } from '@smithy/core/protocols';
import { SignatureV4 } from '@smithy/signature-v4';
import { startServer, type TestServer } from '../conformance/server.ts';
import { load } from './load.ts';
import { makePipeline, makeRole } from './pipeline.ts';

const CONNECTIONS = 8;
/** V8 goes on compiling what is hot for tens of thousands of calls. */
const WARM_UP_MS = 15_000;
const MEASURE_MS = 5000;
const ROUNDS = 3;

/** Signed GetPipeline calls beside bare node:http servers that answer as many bytes; the best of three rounds each. */
export async function benchGetPipeline(): Promise<string[]> {
  const server = await startServer();
  await makePipeline(server, await makeRole(server), 3);
  const answer = await new CodePipelineClient(server.client).send(
    new GetPipelineCommand({ name: 'bench' }),
  );
  const size = JSON.stringify(answer).length;
  const echo = await startEcho(size, 'idle');
  const working = await startEcho(size, 'working');
  const targets = [
    { name: `node:http echo of ${size} bytes`, port: echo.port },
    { name: 'the same with SQLite and SHA-256', port: working.port },
    { name: 'signed GetPipeline', port: Number(new URL(server.endpoint).port) },
  ].map((target) => ({ ...target, best: { perSecond: 0, p99: 0 } }));
  const request = await signedRequest(server);
  let failures = 0;
  for (let round = 0; round < ROUNDS; round += 1) {
    for (const target of targets) {
      await load(target.port, request, CONNECTIONS, WARM_UP_MS / ROUNDS);
      const measured = await load(target.port, request, CONNECTIONS, MEASURE_MS / ROUNDS);
      failures += measured.failures;
      if (measured.perSecond > target.best.perSecond) target.best = measured;
    }
  }
  echo.stop();
  working.stop();
  await server.stop();
  if (failures > 0) throw new Error(`${failures} calls failed`);
  const [floor = 0, , calls = 0] = targets.map(({ best }) => best.perSecond);
  return [
    ...targets.map(
      ({ name, best }) =>
        `${name.padEnd(33)} ${Math.round(best.perSecond)} calls/s, p99 ${best.p99.toFixed(1)} ms`,
    ),
    `ratio to the echo ${(calls / floor).toFixed(2)} (aim 0.50), ${CONNECTIONS} connections`,
  ];
}

async function startEcho(size: number, work: 'idle' | 'working') {
  const echo = spawn(process.execPath, [...process.execArgv, 'bench/echo.ts', `${size}`, work], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const [line] = await once(echo.stdout, 'data');
  return { port: Number(line), stop: () => echo.kill() };
}

/** The bytes of one signed request, good for fifteen minutes. */
export async function signedRequest(server: TestServer): Promise<string> {
  const { hostname, port } = new URL(server.endpoint);
  const body = JSON.stringify({ name: 'bench' });
  const signer = new SignatureV4({
    service: 'codepipeline',
    region: server.region,
    credentials: server.client.credentials,
    sha256: Sha256,
  });
  const request = new HttpRequest({
    method: 'POST',
    hostname,
    path: '/',
    headers: {
      host: `${hostname}:${port}`,
      'content-type': 'application/x-amz-json-1.1',
      'x-amz-target': 'CodePipeline_20150709.GetPipeline',
    },
    body,
  });
  const { headers } = await signer.sign(request);
  const lines = Object.entries({ ...headers, 'content-length': body.length }).map(
    ([k, v]) => `${k}: ${v}\r\n`,
  );
  return `POST / HTTP/1.1\r\n${lines.join('')}\r\n${body}`;
}
