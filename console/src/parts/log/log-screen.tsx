import { type KeyboardEvent, useLayoutEffect, useRef, useState } from 'react';
import { marked, spansOf } from './ansi.ts';
import type { LogFeed } from './log-feed.ts';
import type { Row, Rows, Section } from './log-pages.ts';

const ROW = 20;
/** Browsers have no elements higher than some 17 million pixels; beyond this a scrollbar's pixel is more than a pixel. */
const HIGHEST = 15_000_000;
const AROUND = 20;

interface Props {
  feed: LogFeed;
  rows: Rows;
  sections: readonly Section[];
  folded: ReadonlySet<number>;
  fold: (from: number) => void;
  follows: boolean;
  setFollows: (follows: boolean) => void;
  /** Where to go, once for each `nth`. */
  target: { line: number; nth: number } | undefined;
  /** The line's number that the address names. */
  marked: number | undefined;
  search: string;
  /** The line that the search stands at. */
  current: number | undefined;
  onLine: (line: number) => void;
  empty: string;
}

/** The lines that fit on the screen, and some around them: whatever the log has, there are a hundred elements. */
export function LogScreen(props: Props) {
  const { feed, rows, follows, setFollows, target } = props;
  const box = useRef<HTMLDivElement>(null);
  const [view, setView] = useState({ top: 0, height: 600 });
  const above = useRef(0);
  const set = useRef(-1);
  const gone = useRef(0);

  const height = Math.min(rows.count * ROW, HIGHEST);
  const room = Math.max(1, height - view.height);
  /** From a scrollbar's pixels to those that rows would have. */
  const scale = Math.max(1, (rows.count * ROW - view.height) / room);
  const scrollTo = (row: number) => {
    const element = box.current;
    if (!element) return;
    element.scrollTop = Math.max(0, row * ROW) / scale;
    set.current = element.scrollTop;
    setView({ top: element.scrollTop, height: element.clientHeight });
  };

  // Before it is painted: what came in above must not move what one reads.
  // biome-ignore lint/correctness/useExhaustiveDependencies: at what changes the rows
  useLayoutEffect(() => {
    const element = box.current;
    if (!element) return;
    const came = feed.state.above - above.current;
    above.current = feed.state.above;
    if (follows) {
      element.scrollTop = element.scrollHeight;
      set.current = element.scrollTop;
    } else if (came !== 0) {
      element.scrollTop += (came * ROW) / scale;
    }
    setView({ top: element.scrollTop, height: element.clientHeight });
  }, [rows, follows, feed]);
  // biome-ignore lint/correctness/useExhaustiveDependencies: once for each going
  useLayoutEffect(() => {
    if (!target || gone.current === target.nth) return;
    gone.current = target.nth;
    scrollTo(rows.of(target.line) - Math.floor(view.height / ROW / 3));
  }, [target]);

  const real = view.top * scale;
  const first = Math.max(0, Math.floor(real / ROW) - AROUND);
  const last = Math.min(rows.count, Math.ceil((real + view.height) / ROW) + AROUND);
  const shown = Array.from({ length: Math.max(0, last - first) }, (_, i) => first + i);

  // What one scrolls to is read.
  const gap = shown.find((row) => rows.at(row) === 'gap');
  const { reading, pages, error } = feed.state;
  // biome-ignore lint/correctness/useExhaustiveDependencies: when the gap shows, and when a reading has ended
  useLayoutEffect(() => {
    if (gap === undefined || reading || error !== undefined) return;
    if (pages.head.length > 0 && (gap - first) * ROW > view.height / 2) void feed.readHeadOn();
    else void feed.readBack();
  }, [gap !== undefined, reading, first]);

  const keys = (event: KeyboardEvent) => {
    if (event.key === 'End') setFollows(true);
  };
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reached by the keyboard
    <div
      className="log"
      ref={box}
      role="log"
      aria-label="Log"
      aria-live="off"
      tabIndex={0}
      onKeyDown={keys}
      onScroll={({ currentTarget: element }) => {
        const atEnd = element.scrollTop + element.clientHeight >= element.scrollHeight - 4;
        const byUs = Math.abs(element.scrollTop - set.current) < 2;
        if (!byUs && atEnd !== follows) setFollows(atEnd);
        setView({ top: element.scrollTop, height: element.clientHeight });
      }}
    >
      {rows.count <= 1 && pages.tail.every(({ count }) => count === 0) ? (
        <p className="log-empty">{props.empty}</p>
      ) : (
        <div className="log-all" style={{ height }}>
          <div
            className="log-rows"
            style={{ transform: `translateY(${view.top - real + first * ROW}px)` }}
          >
            {shown.map((row) => (
              <LogRow key={row} row={rows.at(row)} {...props} />
            ))}
          </div>
        </div>
      )}
    </div>
  );
}

function LogRow({ row, ...props }: Props & { row: Row }) {
  const { feed, sections, folded, fold, search, current, onLine } = props;
  if (row === 'gap')
    return <div className="log-row log-gap">… what is between is read as one scrolls …</div>;
  const { line } = row;
  const text = feed.lineOf(line);
  const number = feed.numberOf(line);
  const section = sections.find(({ from }) => from === line);
  const isFolded = section !== undefined && folded.has(section.from);
  const here = number !== undefined && number === props.marked;
  const names = ['log-row', here && 'log-here', current === line && 'log-current'];
  return (
    <div className={names.filter(Boolean).join(' ')}>
      {number === undefined ? (
        <span className="log-number" title="How many lines come before it is not known yet" />
      ) : (
        <button
          type="button"
          className="log-number"
          onClick={() => onLine(number)}
          aria-label={`Link to line ${number}`}
          title={text && new Date(text.at).toISOString()}
        >
          {number}
        </button>
      )}
      <span className="log-fold">
        {section && (
          <button
            type="button"
            aria-expanded={!isFolded}
            aria-label={`Phase ${section.phase}`}
            onClick={() => fold(section.from)}
          >
            {isFolded ? '▸' : '▾'}
          </button>
        )}
      </span>
      <span className={section ? 'log-text log-phase' : 'log-text'}>
        {text === undefined
          ? '…'
          : marked(spansOf(text.text), search).map((span, i) => (
              <span
                // biome-ignore lint/suspicious/noArrayIndexKey: spans have no other name
                key={i}
                className={span.found ? `${span.look} log-found` : span.look}
                style={span.color === undefined ? undefined : { color: span.color }}
              >
                {span.text}
              </span>
            ))}
        {isFolded && section && <i className="log-quiet"> {section.to - section.from - 1} lines</i>}
      </span>
    </div>
  );
}
