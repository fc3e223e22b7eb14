import { readFileSync } from 'node:fs';
import type { TestServer } from '../conformance/server.ts';

/** Clock ticks a second in /proc. */
const TICKS = 100;

type Process = Pick<TestServer, 'pid'>;

/** Processor time that a process has used, in milliseconds: says more than the clock where others work on the machine. */
export function cpuMs({ pid }: Process): number {
  const [user, system] = readFileSync(`/proc/${pid}/stat`, 'utf8')
    .replace(/^.*\) /, '')
    .split(' ')
    .slice(11, 13);
  return ((Number(user) + Number(system)) * 1000) / TICKS;
}

/** The most memory that a process has held so far. */
export const peakMb = ({ pid }: Process): number =>
  Math.round(
    Number(/VmHWM:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]) / 1024,
  );
