import { mkdir, readFile } from 'node:fs/promises';
import { cpus, loadavg } from 'node:os';
import { dirname } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { writeAtomically } from '../../lib/files.ts';
import { readInstanceConfig } from '../instance-metadata.ts';
import { Application, endLeftovers, type Ways } from './application.ts';
import { CURRENT, haveUser, STATE } from './layout.ts';
import { startProxy } from './proxy.ts';
import { programsIn, type Release, stage, takePlace } from './release.ts';
import { type Answer, putLog, type Server, sendReport } from './report.ts';
import { Log } from './run.ts';
import type { Program } from './start.ts';
import { tailOf } from './tail.ts';

// The agent of an instance of an Elastic Beanstalk environment: it says how the instance is, hears what is to be done, and does it.

type Command = NonNullable<Answer['command']>;

/** What is kept over a start of the instance. */
interface State {
  /** The last command that has come to an end, and why it failed. */
  finished: number;
  failure?: string;
  /** What is in place. */
  release?: Release;
  ways?: Ways;
}

/** Not more often than so. */
const LEAST_MS = 1000;
const log = (words: string) => process.stdout.write(`${new Date().toISOString()} ${words}\n`);

class Agent {
  readonly #server: Server;
  readonly #path: string;
  readonly #hooks = new Log('eb-hooks.stdout.log');
  #state: State = { finished: 0 };
  #application: Application | undefined;
  /** The last command that has begun. */
  #seen = 0;
  #tail: { number: number; url: string } | undefined;
  #said = new AbortController();
  #unwell: string | undefined;
  #times = cpuTimes();

  constructor(server: Server, environment: string, instance: string) {
    this.#server = server;
    this.#path = `/_slipway/elasticbeanstalk/${environment}/${instance}`;
  }

  async run(): Promise<never> {
    await haveUser();
    await endLeftovers();
    await this.#hooks.open();
    const text = await readFile(STATE, 'utf8').catch(() => undefined);
    if (text !== undefined) this.#state = JSON.parse(text) as State;
    this.#seen = this.#state.finished;
    await startProxy(() => this.#state.ways?.port ?? 8080);
    const { release, ways } = this.#state;
    if (release && ways) await this.#start(await programsIn(CURRENT), ways);
    let failed = 0;
    for (;;) {
      const began = Date.now();
      try {
        this.#said = new AbortController();
        const answer = await sendReport(
          this.#server,
          this.#path,
          await this.#report(),
          this.#said.signal,
        );
        failed = 0;
        this.#hear(answer);
      } catch (error) {
        if (!this.#said.signal.aborted) {
          failed += 1;
          const { message } = error as Error;
          if (failed === 1 || failed % 30 === 0)
            log(`The server did not take a report: ${message}`);
          await wait(Math.min(LEAST_MS * failed, 5000));
        }
      }
      await wait(Math.max(0, began + LEAST_MS - Date.now()));
    }
  }

  #hear({ command, tail, properties = {}, port = 8080, check, logs }: Answer): void {
    if (tail && logs) {
      // Once: whether it comes about or not is asked for again by a person.
      this.#tail = { number: tail.number, url: '' };
      void tailOf()
        .then((text) => putLog(this.#server, logs, text))
        .then((url) => {
          this.#tail = { number: tail.number, url };
          this.#said.abort();
        })
        .catch((error: Error) => log(`The logs could not be put into S3: ${error.message}`));
    }
    if (!command || command.number === this.#seen || this.#seen !== this.#state.finished) return;
    this.#seen = command.number;
    const ways = { properties, port, check: check ?? { path: '/', codes: '200-499' } };
    void this.#do(command, ways);
  }

  async #do(command: Command, ways: Ways): Promise<void> {
    const { kind, release, number } = command;
    log(`Command ${number} begins: ${kind} ${release.label}`);
    let failure: string | undefined;
    try {
      failure = await this.#carryOut(command, ways);
    } catch (error) {
      failure = (error as Error).message;
    }
    log(`Command ${number} ${failure === undefined ? 'is done' : `has failed: ${failure}`}`);
    const { release: now, ways: wayed } = this.#state;
    this.#state = {
      finished: number,
      ...(failure !== undefined && { failure }),
      ...(now && { release: now }),
      ...(wayed && { ways: wayed }),
    };
    await this.#keep();
    this.#said.abort();
  }

  /** @returns why it has failed */
  async #carryOut({ kind, release }: Command, ways: Ways): Promise<string | undefined> {
    const { region, endpoint, credentials } = this.#server;
    const isNew = kind === 'deploy' || this.#state.release?.deployment !== release.deployment;
    let programs: Program[];
    if (isNew) {
      const s3 = { region, endpoint, credentials };
      programs = await stage(s3, release, ways, (chunk) => this.#hooks.write(chunk));
      await this.#application?.stop();
      await takePlace();
      this.#state.release = release;
    } else {
      programs = await programsIn(CURRENT);
      await this.#application?.stop();
    }
    this.#state.ways = ways;
    await this.#keep();
    await this.#start(programs, ways);
    return this.#application?.becomesWell();
  }

  async #start(programs: Program[], ways: Ways): Promise<void> {
    this.#application = new Application(programs, ways);
    await this.#application.start();
  }

  async #keep(): Promise<void> {
    await mkdir(dirname(STATE), { recursive: true });
    // Environment properties are in it: for root alone.
    writeAtomically(STATE, JSON.stringify(this.#state), 0o600);
  }

  async #report(): Promise<object> {
    const { finished, failure, release } = this.#state;
    const busy = this.#seen !== finished;
    if (!busy) this.#unwell = await this.#application?.unwell();
    const before = this.#times;
    this.#times = cpuTimes();
    return {
      ...{ seen: this.#seen, finished, failure, unwell: busy ? undefined : this.#unwell },
      ...(release && { runs: { label: release.label, deployment: release.deployment } }),
      ...(this.#tail && { tail: this.#tail }),
      system: { load: loadavg(), cpu: shares(before, this.#times) },
    };
  }
}

interface Times {
  user: number;
  system: number;
  idle: number;
}

function cpuTimes(): Times {
  const all = cpus().map(({ times }) => times);
  const sum = (of: (times: (typeof all)[number]) => number) =>
    all.reduce((total, times) => total + of(times), 0);
  return {
    user: sum(({ user, nice }) => user + nice),
    system: sum(({ sys, irq }) => sys + irq),
    idle: sum(({ idle }) => idle),
  };
}

/** In percent. */
function shares(before: Times, now: Times): Times {
  const of = (name: keyof Times) => now[name] - before[name];
  const whole = Math.max(1, of('user') + of('system') + of('idle'));
  const share = (name: keyof Times) => (of(name) * 100) / whole;
  return { user: share('user'), system: share('system'), idle: share('idle') };
}

const [environment = ''] = process.argv.slice(2);
if (!/^e-[a-z0-9]+$/.test(environment)) throw new Error('usage: main.ts ENVIRONMENT');
const config = await readInstanceConfig(process.env);
const endpoint = process.env.AWS_ENDPOINT_URL;
if (!endpoint) throw new Error('AWS_ENDPOINT_URL is not set.');
const instance = config.hostIdentifier.split('/').at(-1) ?? '';
const server = { endpoint, region: config.region, credentials: config.credentials };
log(`The agent of ${environment} begins on ${instance}`);
await new Agent(server, environment, instance).run();
