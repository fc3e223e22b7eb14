import { useCallback, useEffect, useRef, useState } from 'react';
import { plainOf } from './ansi.ts';
import type { LogFeed } from './log-feed.ts';

const MOST = 10_000;
const WAIT_MS = 200;

/** Finds a text in what was read of a log; `all` reads the rest first. */
export function useLogSearch(feed: LogFeed) {
  const [text, setText] = useState('');
  const [found, setFound] = useState<readonly number[]>([]);
  const [at, setAt] = useState({ index: 0, nth: 0 });
  const [busy, setBusy] = useState(false);
  const running = useRef<AbortController>(undefined);
  const { pages } = feed.state;

  const look = useCallback(
    async (wanted: string, first: boolean) => {
      running.current?.abort();
      const abort = new AbortController();
      running.current = abort;
      setBusy(true);
      const lines: number[] = [];
      const low = wanted.toLowerCase();
      for await (const { first: begin, lines: these } of feed.texts()) {
        if (abort.signal.aborted) return;
        for (const [i, line] of these.entries())
          if (lines.length < MOST && plainOf(line.text).toLowerCase().includes(low))
            lines.push(begin + i);
        if (lines.length >= MOST) break;
      }
      setFound(lines);
      setBusy(false);
      if (first) setAt(({ nth }) => ({ index: 0, nth: nth + 1 }));
    },
    [feed],
  );

  useEffect(() => {
    if (text === '') {
      running.current?.abort();
      setFound([]);
      setBusy(false);
      return undefined;
    }
    const timer = setTimeout(() => void look(text, true), WAIT_MS);
    return () => clearTimeout(timer);
  }, [text, look]);
  // What comes in is searched as well, without going there.
  const seen = useRef(pages);
  useEffect(() => {
    if (seen.current === pages || text === '') return undefined;
    seen.current = pages;
    const timer = setTimeout(() => void look(text, false), 2 * WAIT_MS);
    return () => clearTimeout(timer);
  }, [pages, text, look]);

  return {
    ...{ text, setText, found, busy, index: at.index, nth: at.nth },
    more: found.length >= MOST,
    current: text === '' ? undefined : found[at.index],
    step(by: 1 | -1) {
      if (found.length > 0)
        setAt(({ index, nth }) => ({
          index: (index + by + found.length) % found.length,
          nth: nth + 1,
        }));
    },
    all() {
      setBusy(true);
      void feed.readAll().then(() => look(text, true));
    },
  };
}
