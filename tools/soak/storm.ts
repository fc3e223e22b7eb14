import {
  allEnded,
  breaches,
  MODES,
  makeStorm,
  type Storm,
  start,
} from '../../conformance/storm.ts';
import type { Values } from './main.ts';
import { type Ground, onServers, underKills } from './servers.ts';

/** Pipelines in the three modes with conditions and rollbacks, their servers killed again and again. @returns what does not hold */
export const soakStorm = (values: Values): Promise<string[]> =>
  onServers(values, (on) => ride(on, values));

async function ride({ servers, front }: Ground, values: Values): Promise<string[]> {
  const count = Number(values.pipelines);
  const storm: Storm = {
    pipelines: Array.from({ length: count }, (_, i) => ({
      name: `pipeline-${i + 1}`,
      mode: MODES[i % MODES.length] ?? 'QUEUED',
    })),
    each: Math.floor(Number(values.executions) / count),
    builds: true,
  };
  await makeStorm(front, storm);
  const started = await underKills(servers, values, async () => {
    const all = await start(front, storm);
    process.stdout.write('all are started\n');
    await allEnded(front, storm);
    return all;
  });
  return breaches(front, storm, started);
}
