import { request as askPlain } from 'node:http';
import { request as askSecure } from 'node:https';
import { connect } from 'node:net';
import { matchesStatus } from './health.ts';
import type { CheckFailure, CheckPlan } from './plan.ts';
import { connectToSecure } from './tls.ts';

/** Asks a target once how it is. @returns why it is not well, or undefined */
export function checkOnce(
  target: { address: string; port: number },
  check: Pick<CheckPlan, 'protocol' | 'path' | 'timeoutMs' | 'matcher'>,
): Promise<CheckFailure | undefined> {
  return check.protocol === 'HTTP' || check.protocol === 'HTTPS'
    ? askHttp(target, check)
    : askTcp(target, check);
}

function askHttp(
  { address, port }: { address: string; port: number },
  {
    protocol,
    path,
    timeoutMs,
    matcher,
  }: Pick<CheckPlan, 'protocol' | 'path' | 'timeoutMs' | 'matcher'>,
): Promise<CheckFailure | undefined> {
  const { promise, resolve } = Promise.withResolvers<CheckFailure | undefined>();
  const host = address.includes(':') ? `[${address}]:${port}` : `${address}:${port}`;
  const headers = { host, 'user-agent': 'ELB-HealthChecker/2.0', connection: 'close' };
  const to = { host: address, port, path, headers, agent: false as const };
  const asked =
    protocol === 'HTTPS' ? askSecure({ ...to, rejectUnauthorized: false }) : askPlain(to);
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
  { protocol, timeoutMs }: Pick<CheckPlan, 'protocol' | 'timeoutMs'>,
): Promise<CheckFailure | undefined> {
  const { promise, resolve } = Promise.withResolvers<CheckFailure | undefined>();
  const secure = protocol === 'TLS';
  const to = { host: address, port };
  const socket = secure ? connectToSecure(to) : connect(to);
  const timer = setTimeout(() => {
    resolve({ kind: 'timeout' });
    socket.destroy();
  }, timeoutMs);
  socket.on(secure ? 'secureConnect' : 'connect', () => {
    resolve(undefined);
    socket.destroy();
  });
  socket.on('error', () => resolve({ kind: 'refused' }));
  socket.on('close', () => clearTimeout(timer));
  return promise;
}
