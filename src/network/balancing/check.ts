import { request } from 'node:http';
import { connect } from 'node:net';
import { matchesStatus } from './health.ts';
import type { CheckFailure, CheckPlan } from './plan.ts';

/** Asks a target once how it is. @returns why it is not well, or undefined */
export function checkOnce(
  target: { address: string; port: number },
  check: Pick<CheckPlan, 'protocol' | 'path' | 'timeoutMs' | 'matcher'>,
): Promise<CheckFailure | undefined> {
  return check.protocol === 'HTTP' ? askHttp(target, check) : askTcp(target, check.timeoutMs);
}

function askHttp(
  { address, port }: { address: string; port: number },
  { path, timeoutMs, matcher }: Pick<CheckPlan, 'path' | 'timeoutMs' | 'matcher'>,
): Promise<CheckFailure | undefined> {
  const { promise, resolve } = Promise.withResolvers<CheckFailure | undefined>();
  const host = address.includes(':') ? `[${address}]:${port}` : `${address}:${port}`;
  const headers = { host, 'user-agent': 'ELB-HealthChecker/2.0', connection: 'close' };
  const asked = request({ host: address, port, path, headers, agent: false });
  const timer = setTimeout(() => {
    resolve({ kind: 'timeout' });
    asked.destroy();
  }, timeoutMs);
  asked.on('response', (answer) => {
    const { statusCode: status = 0 } = answer;
    resolve(matchesStatus(matcher, status) ? undefined : { kind: 'status', status });
    // What it says besides is of no interest, and may have no end.
    asked.destroy();
  });
  asked.on('error', () => resolve({ kind: 'refused' }));
  asked.on('close', () => {
    clearTimeout(timer);
    resolve({ kind: 'refused' });
  });
  asked.end();
  return promise;
}

function askTcp(
  { address, port }: { address: string; port: number },
  timeoutMs: number,
): Promise<CheckFailure | undefined> {
  const { promise, resolve } = Promise.withResolvers<CheckFailure | undefined>();
  const socket = connect({ host: address, port });
  const timer = setTimeout(() => {
    resolve({ kind: 'timeout' });
    socket.destroy();
  }, timeoutMs);
  socket.on('connect', () => {
    resolve(undefined);
    socket.destroy();
  });
  socket.on('error', () => resolve({ kind: 'refused' }));
  socket.on('close', () => clearTimeout(timer));
  return promise;
}
