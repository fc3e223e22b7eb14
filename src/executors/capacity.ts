import { availableParallelism, totalmem } from 'node:os';

const BUILDS_PER_CPU = 10;
const BYTES_PER_BUILD = 256 * 1024 ** 2;
const AWS_BUILDS = 60;

/** How many builds a machine bears at once, when nobody says: most of a build is waiting, and none has less than its share of memory. */
export function bearableBuilds(cpus = availableParallelism(), memoryBytes = totalmem()): number {
  const bears = Math.min(cpus * BUILDS_PER_CPU, Math.floor(memoryBytes / BYTES_PER_BUILD));
  return Math.max(1, Math.min(AWS_BUILDS, bears));
}
