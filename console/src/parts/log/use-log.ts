import {
  CloudWatchLogsClient,
  StartLiveTailCommand,
  type StartLiveTailCommandOutput,
} from '@aws-sdk/client-cloudwatch-logs';
import { useEffect, useState, useSyncExternalStore } from 'react';
import { clientOf } from '../../api/endpoint.ts';
import { LogFeed, type LogSource } from './log-feed.ts';

/** Where no live tail rings: for who may read a log and not tail it. */
const ASK_EVERY_MS = 5_000;
/** What a log still gets when its build has ended comes within this. */
const LAST_MS = 4_000;

interface Source extends LogSource {
  /** Of the group, for the live tail. */
  groupArn: string | undefined;
}

/**
 * A log stream, and its new lines while it is live: StartLiveTail rings, and what it rings for is read by GetLogEvents, which
 * leaves nothing out and has the lines in their order.
 */
export function useLog({ group, stream, groupArn }: Source, live: boolean): LogFeed {
  const [feed, setFeed] = useState(() => new LogFeed({ group, stream }));
  useSyncExternalStore(feed.subscribe, feed.snapshot);
  useEffect(() => {
    const made = new LogFeed({ group, stream });
    setFeed(made);
    void made.open();
    return () => made.close();
  }, [group, stream]);
  useEffect(() => {
    if (!live) return undefined;
    const abort = new AbortController();
    void follow(feed, stream, groupArn, abort.signal);
    return () => {
      abort.abort();
      void feed.refresh();
      setTimeout(() => void feed.refresh(), LAST_MS);
    };
  }, [feed, live, stream, groupArn]);
  return feed;
}

async function follow(
  feed: LogFeed,
  stream: string,
  groupArn: string | undefined,
  signal: AbortSignal,
) {
  while (!signal.aborted) {
    try {
      if (groupArn !== undefined) await heard(feed, stream, groupArn, signal);
    } catch {
      // It may not be tailed, or the tail was cut off: then it is asked for now and then.
    }
    if (signal.aborted) return;
    await new Promise((resolve) => setTimeout(resolve, ASK_EVERY_MS));
    if (!signal.aborted) await feed.refresh();
  }
}

async function heard(feed: LogFeed, stream: string, groupArn: string, signal: AbortSignal) {
  const { responseStream }: StartLiveTailCommandOutput = await clientOf(CloudWatchLogsClient).send(
    new StartLiveTailCommand({ logGroupIdentifiers: [groupArn], logStreamNames: [stream] }),
    { abortSignal: signal },
  );
  await feed.refresh();
  const events = responseStream?.[Symbol.asyncIterator]();
  const end = () => void events?.return?.();
  signal.addEventListener('abort', end, { once: true });
  for (let next = await events?.next(); next && !next.done; next = await events?.next()) {
    if (signal.aborted) return;
    if ((next.value.sessionUpdate?.sessionResults?.length ?? 0) > 0) await feed.refresh();
  }
}
