import { CloudWatchLogsClient, PutLogEventsCommand } from '@aws-sdk/client-cloudwatch-logs';
import { isRefusal } from '../../../lib/refusal.ts';
import { unless } from '../../../lib/unless.ts';
import { STOPPED_LOG_MS } from '../limits.ts';
import { mask, readyBytes } from '../model/mask.ts';
import { clientOf, commitChange, type Session, secretTexts } from './session.ts';

/** How long new output may wait for more of it. */
const FLUSH_MS = 500;
/** What is put at a time, before it is text: what is no UTF-8 grows threefold. */
const BATCH_BYTES = 400 * 1024;
/** PutLogEvents takes a mebibyte and 10,000 events, each counting 26 bytes more than its text. */
const PUT_BYTES = 1_048_576;
const PUT_EVENTS = 10_000;
const EVENT_OVERHEAD_BYTES = 26;
/** What is read ahead of the Logs service: a build may write faster than its log can be kept. */
const AHEAD_BYTES = 4 * 1024 * 1024;
/** Lines, those that are too long for one event (256 KiB) in pieces: no character takes more than four bytes. */
const MESSAGES = /[^\n]{60000}|[^\n]*\n|[^\n]+$/gu;
const CUT = 'Output that was not in the log yet when the build was ended is left out';
/** Behind all offsets that output can have: the lines that the server itself adds at the end. */
const CLOSING_OFFSET = 900_000_000_000_000;

/**
 * Copies the work's output into CloudWatch Logs until the work ends. Where a put will end is committed before
 * it is made, and the Logs service takes each end only once: so a server that takes over repeats exactly the
 * last put, and no line is lost or doubled.
 * @param enough ends it early: nobody waits for what a stopped build has still to say
 */
export async function copyLog(session: Session, enough: AbortSignal): Promise<void> {
  const { platform, stored, signal } = session;
  if (!stored.build.logs?.streamName || !stored.run.handle) return;
  const texts = secretTexts(session);
  let { logOffset, logSending } = stored;
  let buffer = Buffer.alloc(0);
  // An engine tells line by line: each put together with all before it would be megabytes for a line.
  let [arrived, arrivedBytes]: [Buffer[], number] = [[], 0];
  const flush = async (last: boolean): Promise<void> => {
    for (;;) {
      buffer = Buffer.concat([buffer, ...arrived]);
      [arrived, arrivedBytes] = [[], 0];
      const again = logSending > logOffset ? logSending - logOffset : 0;
      if (again > buffer.length) return;
      if (!again && enough.aborted) return;
      const size = again || batchSize(buffer, texts, last);
      if (size === 0) return;
      if (!again) {
        logSending = logOffset + size;
        await commitChange(session, { logOffset, logSending });
      }
      const text = buffer.subarray(0, size).toString('utf8');
      try {
        await put({ ...session, signal: enough }, text, texts, logSending);
      } catch (error) {
        if (!enough.aborted) throw error;
        return;
      }
      logOffset = logSending;
      buffer = buffer.subarray(size);
    }
  };
  const output = platform.executors.logs(stored.run.handle, { offset: logOffset, signal: enough });
  await collect(
    output,
    (chunk) => {
      arrived.push(chunk);
      arrivedBytes += chunk.length;
      return buffer.length + arrivedBytes > AHEAD_BYTES;
    },
    flush,
  );
  if (signal.aborted) return;
  await flush(true);
  const { closingLines = [] } = stored.run;
  const cut = enough.aborted && { run: { closingLines: [...closingLines, CUT] } };
  await commitChange(session, { logOffset, logSending, ...cut });
}

/**
 * Reads a stream; calls `flush` a while after something came, never twice at a time.
 * @param take returns true when nothing more may come before what it has is flushed
 */
async function collect(
  output: AsyncIterable<Buffer>,
  take: (chunk: Buffer) => boolean,
  flush: (last: boolean) => Promise<void>,
): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  let flushing = Promise.resolve();
  let failure: unknown;
  const later = () => {
    timer = undefined;
    flushing = flushing
      .then(() => flush(false))
      .catch((error) => {
        failure ??= error;
      });
  };
  try {
    for await (const chunk of output) {
      if (failure) throw failure;
      if (take(chunk)) {
        clearTimeout(timer);
        later();
        await flushing;
      } else timer ??= setTimeout(later, FLUSH_MS);
    }
  } finally {
    clearTimeout(timer);
    await flushing;
  }
  if (failure) throw failure;
}

function batchSize(buffer: Buffer, texts: string[], last: boolean): number {
  return buffer.length <= BATCH_BYTES
    ? readyBytes(buffer, texts, last)
    : readyBytes(buffer.subarray(0, BATCH_BYTES), texts, false);
}

/**
 * Writes the lines that the server itself has to say, once.
 * @param patience how long a build that was ended waits for the Logs service to take them
 */
export async function writeClosingLines(
  session: Session,
  lines: string[],
  patience: AbortSignal,
): Promise<void> {
  const { platform, stored, signal } = session;
  if (!stored.build.logs?.streamName || lines.length === 0) return;
  const text = ownLines(platform.clock.now(), lines);
  const bound = { ...session, signal: AbortSignal.any([signal, patience]) };
  try {
    await put(bound, text, secretTexts(session), CLOSING_OFFSET);
  } catch (error) {
    if (signal.aborted || !patience.aborted) throw error;
    platform.log.warn({ build: stored.id, err: error }, 'closing lines could not be written');
  }
}

/** As the server itself writes lines into a build's log. */
export function ownLines(now: Date, lines: string[]): string {
  const stamp = now.toISOString().slice(0, 19).replaceAll('-', '/').replace('T', ' ');
  return lines.map((line) => `[Container] ${stamp} ${line}\n`).join('');
}

/** How long the end of a build waits for its log: one that was ended a moment, another as long as it takes. */
export const patienceFor = ({ stored, signal }: Session): AbortSignal =>
  wasEnded(stored) ? AbortSignal.timeout(STOPPED_LOG_MS) : signal;

/** It was stopped, or its time was up. */
export const wasEnded = ({ stopRequested, build }: Session['stored']): boolean =>
  stopRequested || build.phases?.some(({ phaseStatus }) => phaseStatus === 'TIMED_OUT') === true;

/** Lines in as many puts as they need. The same text is always cut alike. */
function batches(messages: string[]): string[][] {
  const all: string[][] = [];
  let room = 0;
  for (const message of messages) {
    const size = Buffer.byteLength(message) + EVENT_OVERHEAD_BYTES;
    const current = all.at(-1);
    if (current && size <= room && current.length < PUT_EVENTS) current.push(message);
    else {
      all.push([message]);
      room = PUT_BYTES;
    }
    room -= size;
  }
  return all;
}

/** @param offset where this text ends; the puts before the last have the offsets just below, which no other text ends at */
async function put(session: Session, text: string, texts: string[], offset: number): Promise<void> {
  const all = batches(mask(text, texts).match(MESSAGES) ?? []);
  for (const [index, messages] of all.entries())
    await putBatch(session, messages, offset - (all.length - 1 - index));
}

async function putBatch(session: Session, messages: string[], offset: number): Promise<void> {
  const { platform, stored, signal } = session;
  const timestamp = platform.clock.now().getTime();
  const command = new PutLogEventsCommand({
    logGroupName: stored.build.logs?.groupName,
    logStreamName: stored.build.logs?.streamName,
    logEvents: messages.map((message) => ({ timestamp, message })),
    sequenceToken: `slipway-offset:${offset}`,
  });
  try {
    const logs = clientOf(session, CloudWatchLogsClient);
    await unless(signal, logs.send(command, { abortSignal: signal }));
  } catch (error) {
    signal.throwIfAborted();
    // The role lost the right, or somebody deleted the stream: the build goes on without its log, as on AWS.
    if (!isRefusal(error)) throw error;
    platform.log.warn({ build: stored.id, err: error }, 'log events could not be written');
  }
}
