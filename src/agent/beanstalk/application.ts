import type { ChildProcess } from 'node:child_process';
import { readFile, writeFile } from 'node:fs/promises';
import { request } from 'node:http';
import { setTimeout as wait } from 'node:timers/promises';
import { isDeepStrictEqual } from 'node:util';
import { identityOf, type ProcessIdentity } from '../../lib/process-table.ts';
import { PIDS } from './layout.ts';
import { environmentOf, killGroup, Log, startProgram } from './run.ts';
import { type Program, passes } from './start.ts';

/** How an application is run: from its environment's settings. */
export interface Ways {
  properties: Record<string, string>;
  port: number;
  check: { path: string; codes: string };
}

const AGAIN_MS = 1000;
const SLOWEST_MS = 30_000;
const GRACE_MS = 10_000;
const CHECK_MS = 5000;
/** A new version has so long to answer. */
const WELL_MS = 60_000;

interface Running {
  program: Program;
  child?: ChildProcess;
  /** How often it ended one after another. */
  ends: number;
  last: string;
}

/** The programs of a version: what ends is started again, with a pause that grows. */
export class Application {
  readonly #programs: Running[];
  readonly #ways: Ways;
  #stopped = false;

  constructor(programs: readonly Program[], ways: Ways) {
    this.#programs = programs.map((program) => ({ program, ends: 0, last: '' }));
    this.#ways = ways;
  }

  get ways(): Ways {
    return this.#ways;
  }

  async start(): Promise<void> {
    for (const running of this.#programs) {
      const log = new Log(`${running.program.name}.stdout.log`);
      await log.open();
      this.#begin(running, log);
    }
    await this.#note();
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    const live = this.#programs.flatMap(({ child }) =>
      child && child.exitCode === null && child.signalCode === null ? [child] : [],
    );
    const ended = live.map((child) => new Promise((resolve) => child.once('exit', resolve)));
    for (const { pid } of live) killGroup(pid, 'SIGTERM');
    const late = new AbortController();
    await Promise.race([
      Promise.all(ended),
      wait(GRACE_MS, undefined, { signal: late.signal }).catch(() => {}),
    ]);
    late.abort();
    for (const { child } of this.#programs) killGroup(child?.pid, 'SIGKILL');
  }

  #begin(running: Running, log: Log): void {
    const { properties, port } = this.#ways;
    const started = Date.now();
    const child = startProgram(
      running.program.command,
      environmentOf(properties, port),
      (chunk) => {
        running.last = `${running.last}${chunk.toString('utf8')}`.slice(-600);
        log.write(chunk);
      },
    );
    running.child = child;
    const again = () => {
      if (this.#stopped) return;
      running.ends = Date.now() - started > SLOWEST_MS ? 1 : running.ends + 1;
      const pause = Math.min(AGAIN_MS * 2 ** (running.ends - 1), SLOWEST_MS);
      setTimeout(() => {
        if (this.#stopped) return;
        this.#begin(running, log);
        void this.#note();
      }, pause);
    };
    child.once('error', again);
    child.once('exit', again);
  }

  /** Which groups there are, for an agent that comes after this one. */
  async #note(): Promise<void> {
    const pids = this.#programs.flatMap(({ child }) => child?.pid ?? []);
    const all = pids.flatMap((pid) => identityOf(pid) ?? []);
    await writeFile(PIDS, JSON.stringify(all)).catch(() => {});
  }

  /** Waits until it is well. @returns why it is not after all */
  async becomesWell(): Promise<string | undefined> {
    const until = Date.now() + WELL_MS;
    for (;;) {
      const why = await this.unwell();
      if (why === undefined || Date.now() > until) return why;
      // One that ends again and again will not be well either.
      const fallen = this.#programs.find(({ ends }) => ends >= 3);
      if (fallen)
        return `The process ${fallen.program.name} ends again and again: ${fallen.last.trim()}`;
      await wait(AGAIN_MS);
    }
  }

  /** What is wrong with it now: it does not answer, or not as it should. */
  async unwell(): Promise<string | undefined> {
    const { port, check } = this.#ways;
    try {
      const status = await statusOf(port, check.path);
      return passes(check.codes, status)
        ? undefined
        : `${check.path} answers with ${status} rather than ${check.codes}.`;
    } catch (error) {
      const web = this.#programs[0];
      const words = web?.last.trim();
      const why = `It does not answer on port ${port} (${(error as Error).message}).`;
      return words ? `${why} It said last: ${words}` : why;
    }
  }
}

function statusOf(port: number, path: string): Promise<number> {
  return new Promise((resolve, reject) => {
    const headers = { 'user-agent': 'ElasticBeanstalk-HealthChecker/2.0' };
    const sent = request(
      { host: '127.0.0.1', port, path, headers, timeout: CHECK_MS, agent: false },
      (response) => {
        response.destroy();
        resolve(response.statusCode ?? 0);
      },
    );
    sent.once('timeout', () => sent.destroy(new Error('no answer in five seconds')));
    sent.once('error', reject);
    sent.end();
  });
}

/** Ends what an agent before this one has left: a number may be another's by now. */
export async function endLeftovers(): Promise<void> {
  const text = await readFile(PIDS, 'utf8').catch(() => '[]');
  for (const known of JSON.parse(text) as ProcessIdentity[])
    if (isDeepStrictEqual(identityOf(known.pid), known)) killGroup(known.pid, 'SIGKILL');
}
