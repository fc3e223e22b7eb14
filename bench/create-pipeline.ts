import { startServer } from '../conformance/server.ts';
import { load } from './load.ts';
import { declaration, makePipeline, makeRole } from './pipeline.ts';
import { jsonCall, signerOf } from './signed.ts';

/** More than are made in the time. */
const PIPELINES = 4000;
const CONNECTIONS = 4;
/** Services load with the first, and V8 goes on compiling what is hot for hundreds. */
const WARM_UP_MS = 10_000;
const MEASURE_MS = 5000;

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
  const create = () => requests[next++ % PIPELINES] as string;
  await load(port, create, CONNECTIONS, WARM_UP_MS);
  const creates = await load(port, create, CONNECTIONS, MEASURE_MS);
  await server.stop();
  if (next > PIPELINES) throw new Error(`More than the ${PIPELINES} pipelines were made`);
  if (creates.failures > 0) throw new Error(`${creates.failures} calls failed`);
  return [
    `CreatePipeline: ${Math.round(creates.perSecond)}/s (aim 200), GetPipeline ${Math.round(reads.perSecond)}/s, ratio ${(creates.perSecond / reads.perSecond).toFixed(3)}`,
  ];
}
