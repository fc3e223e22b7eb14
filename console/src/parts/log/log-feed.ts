import {
  CloudWatchLogsClient,
  GetLogEventsCommand,
  type GetLogEventsCommandOutput,
} from '@aws-sdk/client-cloudwatch-logs';
import { clientOf } from '../../api/endpoint.ts';
import {
  countOf,
  find,
  type LogLine,
  type LogPage,
  type LogPages,
  linesOf,
  numberOf,
  pageOf,
} from './log-pages.ts';

export interface LogSource {
  group: string;
  stream: string;
}

export interface LogState {
  pages: LogPages;
  /** How many rows came in above what was there, since the begin. */
  above: number;
  reading: boolean;
  error: unknown;
  /** Nothing has been asked yet. */
  fresh: boolean;
}

/** So many pages keep their text: each has 10,000 lines or a megabyte at most. */
const KEPT = 60;
const PAGE_LINES = 10_000;

/** Tokens of one log, both ways, hold a position that sorts as text; so the two ends know when they meet. */
const positionOf = (token: string | undefined) => token?.split('/')[1] ?? '';

const EMPTY: LogPages = { head: [], tail: [], joined: false };

/**
 * A log stream as it is looked at: its last page first, those before it as one scrolls there, its first ones when asked for.
 * One reading at a time; what it has is told to who subscribes.
 */
export class LogFeed {
  state: LogState = { pages: EMPTY, above: 0, reading: false, error: undefined, fresh: true };
  private readonly source: LogSource;
  private readonly listeners = new Set<() => void>();
  private used: LogPage[] = [];
  private readonly brought = new Set<LogPage>();
  private queue: Promise<unknown> = Promise.resolve();
  private forward: string | undefined;
  private backward: string | undefined;
  private headForward: string | undefined;
  private gone = false;

  constructor(source: LogSource) {
    this.source = source;
  }

  subscribe = (listener: () => void) => {
    this.listeners.add(listener);
    return () => {
      this.listeners.delete(listener);
    };
  };

  snapshot = () => this.state;

  close() {
    this.gone = true;
  }

  /** The last page, and whether there is one before it. */
  open = () =>
    this.next(async () => {
      if (!this.state.fresh) return;
      const { lines, output } = await this.ask(undefined, false);
      this.forward = output.nextForwardToken;
      this.backward = output.nextBackwardToken;
      this.become({ fresh: false, pages: { ...EMPTY, tail: [pageOf(lines, undefined)] } });
      await this.back();
    });

  /** What came since, at the end. */
  refresh = () =>
    this.next(async () => {
      if (this.state.fresh) return;
      while (await this.onward());
    });

  readBack = () => this.next(() => this.back());

  /** The log's begin. */
  readStart = () =>
    this.next(async () => {
      const { pages } = this.state;
      if (!pages.joined && pages.head.length === 0) await this.headOn();
    });

  readHeadOn = () => this.next(() => this.headOn());

  /** Until a line's number is known. @returns whether the log has it */
  readTo = (number: number) =>
    this.next(async () => {
      while (!this.gone && !this.state.pages.joined && countOf(this.state.pages.head) < number)
        await this.headOn();
      return countOf(this.state.pages.head) + countOf(this.state.pages.tail) >= number;
    });

  /** Nothing left between begin and end. */
  readAll = () =>
    this.next(async () => {
      while (!this.gone && !this.state.pages.joined) await this.back();
    });

  /** A line's text, where it is at hand; else it is asked for, and undefined meanwhile. */
  lineOf(line: number): LogLine | undefined {
    const found = find(this.state.pages, line);
    if (!found) return undefined;
    const { page } = found;
    if (page.lines) return page.lines[found.line];
    // Once for all of its lines; and where that failed, not again before somebody asks for it.
    if (this.state.error === undefined && !this.brought.has(page)) {
      this.brought.add(page);
      void this.next(() => this.bring(page)).finally(() => this.brought.delete(page));
    }
    return undefined;
  }

  numberOf = (line: number) => numberOf(this.state.pages, line);

  /** All pages one after another with their text, and the document's line that each begins with. */
  async *texts(): AsyncGenerator<{ first: number; lines: readonly LogLine[] }> {
    let first = 0;
    for (const page of [...this.state.pages.head, ...this.state.pages.tail]) {
      yield { first, lines: page.lines ?? (await this.again(page)) };
      first += page.count;
    }
  }

  private next<T>(work: () => Promise<T>): Promise<T | undefined> {
    const run = async () => {
      if (this.gone) return undefined;
      this.become({ reading: true, error: undefined });
      try {
        return await work();
      } catch (error) {
        this.become({ error });
        return undefined;
      } finally {
        this.become({ reading: false });
      }
    };
    const result = this.queue.then(run);
    this.queue = result;
    return result;
  }

  private become(change: Partial<LogState>) {
    if (this.gone) return;
    this.state = { ...this.state, ...change };
    for (const listener of this.listeners) listener();
  }

  private async ask(nextToken: string | undefined, startFromHead: boolean) {
    const output: GetLogEventsCommandOutput = await clientOf(CloudWatchLogsClient).send(
      new GetLogEventsCommand({
        ...{ logGroupName: this.source.group, logStreamName: this.source.stream },
        ...{ nextToken, startFromHead, limit: PAGE_LINES },
      }),
    );
    return { output, lines: linesOf(output.events ?? []) };
  }

  private async onward(): Promise<boolean> {
    const token = this.forward;
    const { lines, output } = await this.ask(token, true);
    this.forward = output.nextForwardToken;
    if (lines.length === 0) return false;
    const { pages } = this.state;
    const last = pages.tail.at(-1);
    // What comes bit by bit is one page, so that a long build has not thousands of them.
    const joins =
      last?.lines && !last.token?.startsWith('b/') && last.count + lines.length <= PAGE_LINES;
    const one = joins
      ? pageOf([...(last.lines ?? []), ...lines], last.token)
      : pageOf(lines, token);
    const before = joins ? pages.tail.slice(0, -1) : pages.tail;
    this.become({ pages: { ...pages, tail: [...before, one] } });
    if (joins) this.used = this.used.filter((page) => page !== last);
    this.keep(one);
    return lines.length >= PAGE_LINES / 2;
  }

  private async back() {
    const { pages, above } = this.state;
    if (pages.joined) return;
    const token = this.backward;
    const { lines, output } = await this.ask(token, false);
    this.backward = output.nextBackwardToken;
    const head = countOf(pages.head);
    if (lines.length === 0) {
      this.become({ pages: { ...pages, head: [], joined: true }, above: above - head });
      return;
    }
    const one = pageOf(lines, token);
    // Where it reaches what was read from the begin, that is in here, too.
    const met = head > 0 && positionOf(output.nextBackwardToken) <= positionOf(this.headForward);
    this.become({
      pages: { ...pages, head: met ? [] : pages.head, tail: [one, ...pages.tail] },
      above: above + one.count - (met ? head : 0),
    });
    if (met) this.headForward = undefined;
    this.keep(one);
  }

  private async headOn() {
    const { pages } = this.state;
    if (pages.joined) return;
    const token = this.headForward;
    const { lines, output } = await this.ask(token, true);
    const met = positionOf(output.nextForwardToken) >= positionOf(this.backward);
    this.headForward = output.nextForwardToken;
    const one = pageOf(lines, token ?? 'start');
    if (!met) {
      this.become({ pages: { ...pages, head: [...pages.head, one] } });
      this.keep(one);
      return;
    }
    // It has reached the tail: what was read of that comes again, from here on.
    this.forward = this.headForward;
    this.become({ pages: { head: [], tail: [...pages.head, one], joined: true } });
    while (await this.onward());
  }

  /** The text of a page that was given up. */
  private async again(page: LogPage): Promise<LogLine[]> {
    const first = page.token === 'start';
    const forward = first || page.token?.startsWith('f/') === true;
    const all: LogLine[] = [];
    let token = first ? undefined : page.token;
    // One that grew bit by bit may be more than one answer.
    while (all.length < page.count) {
      const { lines, output } = await this.ask(token, forward);
      if (lines.length === 0) break;
      for (const line of lines) all.push(line);
      token = output.nextForwardToken;
      if (!forward) break;
    }
    return all.slice(0, page.count);
  }

  private async bring(page: LogPage) {
    if (page.lines) return;
    page.lines = await this.again(page);
    this.keep(page);
    this.become({ pages: { ...this.state.pages } });
  }

  /** Gives up the text of what was not looked at for longest. */
  private keep(page: LogPage) {
    if (page.token === undefined) return;
    this.used.push(page);
    if (this.used.length <= KEPT) return;
    const old = this.used.shift();
    if (old) old.lines = undefined;
  }
}
