import { startServer } from '../conformance/server.ts';
import { load } from './load.ts';
import { declaration, makePipeline, makeRole } from './pipeline.ts';
import { jsonCall, signerOf } from './signed.ts';

const PIPELINES = 600;
const CONNECTIONS = 4;
const MEASURE_MS = 3000;

/** Pipelines made in a second, each with an execution that finds no source, beside the signed reads of one that the same connections make. */
export async function benchCreatePipeline(): Promise<string[]> {
  const server = await startServer();
  const role = await makeRole(server);
  await makePipeline(server, role, 1);
  const sign = signerOf(server, 'codepipeline');
  const requests: string[] = [];
  for (let n = 0; n < PIPELINES; n += 1) {
    const pipeline = { ...declaration(role, 1, 'missing.zip'), name: `bench-${n}` };
    requests.push(await sign(jsonCall('CodePipeline_20150709.CreatePipeline', { pipeline })));
  }
  const port = Number(new URL(server.endpoint).port);
  const read = await sign(jsonCall('CodePipeline_20150709.GetPipeline', { name: 'bench' }));
  const reads = await load(port, read, CONNECTIONS, MEASURE_MS);
  let next = 0;
  const creates = await load(
    port,
    () => requests[next++ % PIPELINES] as string,
    CONNECTIONS,
    MEASURE_MS,
  );
  await server.stop();
  if (next <= PIPELINES && creates.failures > 0)
    throw new Error(`${creates.failures} calls failed`);
  return [
    `CreatePipeline: ${Math.round(creates.perSecond)}/s (aim 200), GetPipeline ${Math.round(reads.perSecond)}/s, ratio ${(creates.perSecond / reads.perSecond).toFixed(3)}`,
  ];
}
