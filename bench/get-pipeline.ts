import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { CodePipelineClient, GetPipelineCommand } from '@aws-sdk/client-codepipeline';
import { startServer } from '../conformance/server.ts';
import { load } from './load.ts';
import { makePipeline, makeRole } from './pipeline.ts';
import { jsonCall, signerOf } from './signed.ts';

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
  const request = await signerOf(
    server,
    'codepipeline',
  )(jsonCall('CodePipeline_20150709.GetPipeline', { name: 'bench' }));
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
