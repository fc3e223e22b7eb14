import { randomMoments } from '../../conformance/eventually.ts';
import { cloudFormationStub, makeGround, patternsOf } from '../../conformance/patterns.ts';
import { runPattern } from '../../conformance/patterns-run.ts';
import type { TestServer } from '../../conformance/server.ts';
import { upstreamEnvironment } from '../../src/testing/upstream.ts';
import type { Values } from './main.ts';
import { onServers } from './servers.ts';

/** Pushes come that far apart, at most: often several while one execution runs. */
const APART_MS = 4_000;
const WITHIN_MS = 900_000;
/** A stack is found busy so often. */
const BUSY_LOOKS = 1;

/** The four patterns, QUEUED and SUPERSEDED, all at once while pushes come in. @returns what does not hold */
export async function soakPatterns(values: Values): Promise<string[]> {
  const cloudFormation = await cloudFormationStub(BUSY_LOOKS);
  const env = upstreamEnvironment(cloudFormation, 'cloudformation');
  try {
    return await onServers(values, ({ front }) => pushing(front, values), { env });
  } finally {
    await cloudFormation.close();
  }
}

async function pushing(front: TestServer, values: Values): Promise<string[]> {
  const role = await makeGround(front);
  const pause = randomMoments(Number(values.seed));
  const run = {
    pushes: Number(values.pushes),
    pause: () => pause(APART_MS),
    withinMs: WITHIN_MS,
  };
  const patterns = [...patternsOf(role, 'QUEUED'), ...patternsOf(role, 'SUPERSEDED')];
  const found = await Promise.all(patterns.map((pattern) => runPattern(front, role, pattern, run)));
  return found.flat();
}
