import { expect, test } from 'vitest';
import { bearableBuilds } from './capacity.ts';

const GIB = 1024 ** 3;

test.each([
  { cpus: 64, memoryBytes: 256 * GIB, builds: 60 },
  { cpus: 2, memoryBytes: 64 * GIB, builds: 20 },
  { cpus: 32, memoryBytes: 2 * GIB, builds: 8 },
  { cpus: 1, memoryBytes: GIB / 8, builds: 1 },
])('a machine of $cpus processors and $memoryBytes bytes bears $builds builds', (machine) => {
  expect(bearableBuilds(machine.cpus, machine.memoryBytes)).toBe(machine.builds);
});
