import { type CallOptions, CommandError, isPassing, signedCall } from './signed-call.ts';
import type { Specification } from './specification.ts';
import { connectionWords } from './system-error.ts';
import { tryAgain } from './try-again.ts';

/** What a host tells CloudWatch Logs of one command of a deployment, beside its own files. */
export interface DeploymentLog {
  line(text: string): void;
  /** Resolves when all of it is there, or given up. */
  sent(): Promise<void>;
}

/** The log of a deployment, where its group asks for one. */
export type DeploymentLogs = (spec: Specification) => DeploymentLog | undefined;

export interface DeploymentLogOptions extends CallOptions {
  hostIdentifier: string;
  warn(message: string): void;
}

interface LogEvent {
  timestamp: number;
  message: string;
}

const API = { signingName: 'logs', targetPrefix: 'Logs_20140328' };
/** Lines go out together. */
const FLUSH_MS = 2000;
/** A server that is away keeps no deployment back for longer than this. */
const TRIED_FOR_MS = 15_000;
/** https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_PutLogEvents.html */
const MAX_BATCH_BYTES = 1_000_000;
const MAX_BATCH_EVENTS = 10_000;
const EVENT_OVERHEAD_BYTES = 26;
const MAX_LINE_CHARACTERS = 64 * 1024;
/** What waits for the server; a script that says more at once is cut short there. */
const MAX_WAITING_BYTES = 8 * MAX_BATCH_BYTES;

/** Streams are called `DEPLOYMENT/HOST`, by the last part of the host's ARN. */
export function makeDeploymentLogs(options: DeploymentLogOptions): DeploymentLogs {
  const host = options.hostIdentifier.split('/').at(-1)?.replaceAll(/[:*]/g, '_') ?? '';
  return ({ logGroup: logGroupName, deploymentId }) =>
    logGroupName === undefined
      ? undefined
      : makeLog(options, { logGroupName, logStreamName: `${deploymentId}/${host}` });
}

interface Place {
  logGroupName: string;
  logStreamName: string;
}

function makeLog(options: DeploymentLogOptions, place: Place): DeploymentLog {
  let waiting: LogEvent[] = [];
  let bytes = 0;
  let timer: NodeJS.Timeout | undefined;
  let sending = Promise.resolve();
  let lost = false;
  const send = async () => {
    const batch = takeBatch(waiting);
    if (batch.length === 0 || lost) return;
    waiting = waiting.slice(batch.length);
    bytes = waiting.reduce((sum, event) => sum + sizeOf(event), 0);
    try {
      await put(options, place, batch);
    } catch (error) {
      lost = true;
      const why = error instanceof CommandError ? error.message : connectionWords(error);
      options.warn(`The log group ${place.logGroupName} cannot be told: ${why}`);
    }
    await send();
  };
  const flush = () => {
    clearTimeout(timer);
    timer = undefined;
    sending = sending.then(send);
    return sending;
  };
  return {
    line(text) {
      if (lost || bytes > MAX_WAITING_BYTES) return;
      // An event has a character at least.
      const message = text.trimEnd().slice(0, MAX_LINE_CHARACTERS) || ' ';
      const event = { timestamp: Date.now(), message };
      waiting.push(event);
      bytes += sizeOf(event);
      timer ??= setTimeout(flush, FLUSH_MS);
    },
    sent: flush,
  };
}

const sizeOf = ({ message }: LogEvent) => Buffer.byteLength(message) + EVENT_OVERHEAD_BYTES;

/** As many of the first events as a call takes. */
function takeBatch(events: readonly LogEvent[]): LogEvent[] {
  let bytes = 0;
  const end = events.findIndex((event, index) => {
    bytes += sizeOf(event);
    return bytes > MAX_BATCH_BYTES || index >= MAX_BATCH_EVENTS;
  });
  return end < 0 ? [...events] : events.slice(0, end);
}

/** The group and the stream are made when they are missing. */
async function put(
  options: DeploymentLogOptions,
  place: Place,
  logEvents: LogEvent[],
): Promise<void> {
  const patience = { idleMs: TRIED_FOR_MS, longestMs: TRIED_FOR_MS, ...options.patience };
  const until = Date.now() + patience.longestMs;
  const call = (operation: string, input: object) =>
    tryAgain(() => signedCall({ ...options, patience }, { api: API, operation, input }), {
      isPassing: (error) => isPassing(error) && Date.now() < until,
    });
  const make = (operation: string, input: object) =>
    call(operation, input).catch((error) => {
      if (!is(error, 'ResourceAlreadyExistsException')) throw error;
    });
  try {
    await call('PutLogEvents', { ...place, logEvents });
  } catch (error) {
    if (!is(error, 'ResourceNotFoundException')) throw error;
    const { logGroupName } = place;
    await make('CreateLogStream', place).catch(async (missing) => {
      if (!is(missing, 'ResourceNotFoundException')) throw missing;
      await make('CreateLogGroup', { logGroupName });
      await make('CreateLogStream', place);
    });
    await call('PutLogEvents', { ...place, logEvents });
  }
}

const is = (error: unknown, name: string) => error instanceof CommandError && error.name === name;
