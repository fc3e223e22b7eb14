import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { startServer } from '../conformance/server.ts';

const ROUNDS = 3;
const SETTLE_MS = 3000;

/** From the process' start to `Ready.` on an existing data directory and on a new one, and the memory of an idle server. */
export async function benchStart(): Promise<string[]> {
  const fresh: number[] = [];
  const again: number[] = [];
  let rss = 0;
  for (let round = 0; round < ROUNDS; round += 1) {
    const started = performance.now();
    const server = await startServer();
    fresh.push(performance.now() - started);
    await sleep(SETTLE_MS);
    rss =
      Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${server.pid}/status`, 'utf8'))?.[1]) / 1024;
    await server.kill();
    const restarted = performance.now();
    await server.restart();
    again.push(performance.now() - restarted);
    await server.stop();
  }
  const best = (values: number[]) => Math.round(Math.min(...values));
  return [
    `to Ready.: ${best(fresh)} ms with a new data directory, ${best(again)} ms after kill -9 (aim 500 ms)`,
    `idle memory: ${Math.round(rss)} MB (aim 110 MB)`,
  ];
}
