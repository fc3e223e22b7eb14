import { type Logger, pino } from 'pino';
import type { Note } from './aws/record.ts';
import { type Outage, outageOf } from './lib/outage.ts';

/** An outage is said again when nothing failed of it for so long: it was mended in between, and is there again. */
const EPISODE_MS = 60_000;

/**
 * The server's own log, on standard error. That the disk is full, or the database gone, which fails everything there
 * is, is said once and not once for each thing that failed.
 * @param now epoch milliseconds
 */
export function makeLog(
  level: string,
  destination: pino.DestinationStream = pino.destination({ fd: 2, sync: true }),
  now: () => number = Date.now,
): Logger {
  const lastSeen = new Map<Outage, number>();
  const logMethod: NonNullable<pino.LoggerOptions['hooks']>['logMethod'] = function (args, method) {
    const [first] = args as unknown[];
    const error = first instanceof Error ? first : (first as { err?: unknown } | undefined)?.err;
    const outage = outageOf(error);
    if (!outage) return method.apply(this, args);
    const again = now() - (lastSeen.get(outage) ?? Number.NEGATIVE_INFINITY) < EPISODE_MS;
    lastSeen.set(outage, now());
    if (again) return;
    const said: unknown = [{ err: error }, outage.sentence];
    method.apply(this, said as Parameters<typeof method>);
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
