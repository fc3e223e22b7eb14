// Long runs that the gate has no time for: `npm run soak -- storm [--seed N] …` (docs/development.md). Exit code 1 when something does not hold.
import { parseArgs } from 'node:util';
import { soakBuilds } from './builds.ts';
import { soakFifo } from './fifo.ts';
import { soakHeard } from './heard.ts';
import { soakMerges } from './merges.ts';
import { soakPatterns } from './patterns.ts';
import { soakStorm } from './storm.ts';
import { soakTail } from './tail.ts';

const KINDS = {
  ...{ builds: soakBuilds, fifo: soakFifo, heard: soakHeard, patterns: soakPatterns },
  ...{ merges: soakMerges, storm: soakStorm, tail: soakTail },
};

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    seed: { type: 'string', default: String(Date.now() % 1_000_000) },
    pipelines: { type: 'string', default: '20' },
    executions: { type: 'string', default: '200' },
    kills: { type: 'string', default: '60' },
    apart: { type: 'string', default: '2000' },
    messages: { type: 'string', default: '200' },
    executor: { type: 'string', default: 'process,docker' },
    cases: { type: 'string', default: '500' },
    pushes: { type: 'string', default: '20' },
    postgres: { type: 'boolean', default: false },
  },
});
export type Values = typeof values;

const [kind = ''] = positionals;
if (!Object.hasOwn(KINDS, kind)) {
  process.stderr.write(`There are ${Object.keys(KINDS).join(', ')}.\n`);
  process.exit(2);
}
process.stdout.write(`${kind}, seed ${values.seed}\n`);
const began = performance.now();
const found = await KINDS[kind as keyof typeof KINDS](values);
for (const breach of found) process.stdout.write(`${breach}\n`);
const seconds = ((performance.now() - began) / 1000).toFixed(0);
process.stdout.write(`${found.length} things do not hold, ${seconds} s\n`);
process.exitCode = found.length > 0 ? 1 : 0;
