import { type Logger, pino } from 'pino';
import type { Note } from './aws/record.ts';
import { isStorageFull } from './lib/storage-full.ts';

/** A full disk is said again when nothing failed for so long: it was freed in between, and is full again. */
const EPISODE_MS = 60_000;

/**
 * The server's own log, on standard error. That the disk is full, which fails everything there is, is said once and
 * not once for each thing that failed.
 * @param now epoch milliseconds
 */
export function makeLog(
  level: string,
  destination: pino.DestinationStream = pino.destination({ fd: 2, sync: true }),
  now: () => number = Date.now,
): Logger {
  let lastSeen = Number.NEGATIVE_INFINITY;
  const logMethod: NonNullable<pino.LoggerOptions['hooks']>['logMethod'] = function (args, method) {
    const [first] = args as unknown[];
    const error = first instanceof Error ? first : (first as { err?: unknown } | undefined)?.err;
    if (!isStorageFull(error)) return method.apply(this, args);
    const again = now() - lastSeen < EPISODE_MS;
    lastSeen = now();
    if (again) return;
    method.apply(this, [
      { err: error },
      'The disk is full: calls that write are answered with 503 until there is room again',
    ] as unknown as Parameters<typeof method>);
  };
  return pino({ level, hooks: { logMethod } }, destination);
}

/** Says each call, without what was asked and answered. */
export function logCalls(log: Logger): Note {
  return ({ requestId, api, operation, status, errorCode, principal, region, ...call }) => {
    if (!log.isLevelEnabled('debug')) return;
    const { invokedBy, milliseconds } = call;
    const caller = principal?.arn;
    log.debug(
      { requestId, api, operation, status, errorCode, caller, region, invokedBy, milliseconds },
      'call',
    );
  };
}
