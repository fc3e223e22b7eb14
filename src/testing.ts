import { randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Logger, pino } from 'pino';
import { rootPrincipal } from './aws/auth/root.ts';
import type { Operation } from './aws/operation.ts';
import type { Authorizer, Conditions } from './aws/principal.ts';
import { type Config, readConfig } from './config.ts';
import type { OpenDatabase } from './db/database.ts';
import { migrate, type ServiceMigrations } from './db/migrate.ts';
import { afterCommit } from './db/scope.ts';
import { type MakeDatabase, testVault } from './db/testing.ts';
import type { Events, NewEvent } from './engine/events.ts';
import { SWEEPER } from './engine/sweep.ts';
import { makeDummyExecutor } from './executors/dummy/dummy-executor.ts';
import { registered } from './kit/manifest.ts';
import type { ClientClass, Platform, ServiceDefinition } from './kit/service.ts';
import { type Clock, ManualClock } from './lib/clock.ts';
import { ownValue } from './lib/own.ts';
import { compose, type Overrides, type Server, schemaOf } from './platform.ts';
import { SERVICES } from './services/registry.ts';

export const ACCOUNT = '111111111111';
export const REGION = 'eu-west-1';
const ROOT = { accountId: ACCOUNT, accessKeyId: 'AKIAROOT', secretAccessKey: 'root-secret' };
const PATH = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';

/** Services on which the house stands, in every world. */
const FOUNDATION = ['iam', 'sts'];
/** Those that another one cannot be without: repositories lie sealed under a key. */
const ALSO: Record<string, string> = { codecommit: 'kms' };

/** A whole server in this process: the real engine and services on a real database, with a clock that the test moves. */
export interface World<C extends Clock = ManualClock> {
  server: Server;
  platform: Platform;
  clock: C;
  /** A real SDK client, as the root of `accountId` (default 111111111111) in `region` (default eu-west-1). */
  client<T extends { destroy(): void }>(
    Client: ClientClass<T>,
    as?: { accountId?: string; region?: string },
  ): T;
  /** Events that were published, oldest first. */
  events: NewEvent[];
  /** IAM questions that were asked: `action resource`. Add to `denied` what IAM shall refuse. */
  asked: string[];
  /** The condition keys of each question. */
  conditions: Conditions[];
  denied: Set<string>;
  /** What the server is configured with, by `codebuild/L-ACCF6C0D`; may be set at any time. */
  configuredQuotas: Record<string, number>;
  /** Starts the engine, which does nothing before: work that a test has begun is as it left it. */
  start(): Promise<void>;
  /** Waits until all that is due by the clock is done. Starts the engine. */
  runDue(): Promise<void>;
  /** What the engine does once a minute: wakes what reconcilers' sweeps name, and runs it. Starts the engine. */
  sweep(): Promise<void>;
  /** Resolves when `holds` does; looked at again whenever an event is published. */
  until(holds: () => boolean | Promise<boolean>): Promise<void>;
  /** What must stay empty: failures that are bugs. */
  failures: unknown[];
  /** Stops the engine and all else but the database; at the end of the test that goes too. */
  stop(): Promise<void>;
}

export interface WorldOptions<C extends Clock> extends Pick<Overrides, 'executor' | 'around'> {
  /** Default: one that stands still. */
  clock?: C;
  /** Where the server keeps its files; default: a directory that goes with the world. */
  dataDir?: string;
}

/**
 * Composes a server of `services`, IAM and STS beside them. It stops before its database closes.
 * @param on where it keeps its data: a new database, or one that a world before it has left
 */
export async function world<C extends Clock = ManualClock>(
  on: MakeDatabase | OpenDatabase,
  services: readonly ServiceDefinition[],
  { clock: given, dataDir, around = {}, ...more }: WorldOptions<C> = {},
): Promise<World<C>> {
  // C is another clock only where one was given.
  const clock = given ?? (new ManualClock() as Clock as C);
  const all = await withFoundation(services);
  const directory = dataDir ?? mkdtempSync(join(tmpdir(), 'slipway-world-'));
  const recorded = makeRecords();
  const config = testConfig(directory);
  let stopped: Promise<void> | undefined;
  const stop = () => {
    stopped ??= server.stop();
    return stopped;
  };
  const server = await compose(config, {
    executor: makeDummyExecutor(() => async () => 0),
    ...more,
    clock,
    log: recorded.log,
    endpoint: () => 'http://127.0.0.1:4566',
    services: all.map(registered),
    around: {
      ...around,
      authorizer: (real) => recorded.asking((around.authorizer ?? ((same) => same))(real)),
      events: recorded.publishing,
    },
    async openState(_, schema) {
      const database = await opened(on, schema);
      const close = database.close;
      database.close = async () => {
        await stop();
        if (dataDir === undefined) rmSync(directory, { recursive: true, force: true });
        await close();
      };
      return {
        ...{ database, vault: testVault(), rootKey: ROOT, caMade: Promise.resolve() },
        // The test's own, who may look into it still.
        close: async () => {},
      };
    },
  });
  return { ...playing(server, all, recorded), clock, configuredQuotas: config.quotas, stop };
}

type Records = ReturnType<typeof makeRecords>;

function playing(server: Server, services: readonly ServiceDefinition[], recorded: Records) {
  const { platform } = server;
  const { events, asked, conditions, denied, failures, until } = recorded;
  let started: Promise<void> | undefined;
  const start = () => {
    started ??= server.start();
    return started;
  };
  const runDue = async () => {
    await start();
    await platform.engine.idle();
  };
  return {
    ...{ server, platform, events, asked, conditions, denied, failures, until, start, runDue },
    client: <T extends { destroy(): void }>(
      Client: ClientClass<T>,
      { accountId = ACCOUNT, region = REGION }: { accountId?: string; region?: string } = {},
    ) => platform.client(Client, { principal: rootPrincipal(accountId), region }),
    async sweep() {
      await start();
      const swept = services.flatMap(({ reconcilers = [] }) => reconcilers).filter((r) => r.sweep);
      await platform.transaction(async (tx) => {
        for (const { name } of swept) await platform.engine.wake(tx, SWEEPER, name);
      });
      await runDue();
    },
  };
}

/** A database with the schema of a world of these services, for tests that open more than one world on it. */
export async function databaseOf(
  makeDatabase: MakeDatabase,
  services: readonly ServiceDefinition[],
): Promise<OpenDatabase> {
  return makeDatabase(...schemaOf(await withFoundation(services)));
}

function testConfig(dataDir: string): Config {
  const flags = { port: '0', data: dataDir, account: ACCOUNT, region: REGION };
  const argv = Object.entries(flags).flatMap(([name, value]) => [`--${name}`, value]);
  return readConfig(argv, { PATH, SLIPWAY_CHECK_OUTPUTS: '1' });
}

async function opened(
  on: MakeDatabase | OpenDatabase,
  schema: ServiceMigrations[],
): Promise<OpenDatabase> {
  if (typeof on === 'function') return on(...schema);
  await migrate(on, schema);
  return on;
}

async function withFoundation(
  services: readonly ServiceDefinition[],
): Promise<ServiceDefinition[]> {
  const needed = services.flatMap(({ name }) => ownValue(ALSO, name) ?? []);
  const names = [...new Set([...FOUNDATION, ...needed])].filter(
    (name) => !services.some((service) => service.name === name),
  );
  const missing = names.map(async (name) => (await (await SERVICES[name]?.())?.load())?.default);
  const loaded = (await Promise.all(missing)).filter((service) => service !== undefined);
  return [...services, ...loaded];
}

/** Notes what happens in a world, and says no where a test wants it. */
function makeRecords() {
  const events: NewEvent[] = [];
  const asked: string[] = [];
  const conditions: Conditions[] = [];
  const denied = new Set<string>();
  const failures: unknown[] = [];
  const waiting = new Set<() => void>();
  const asking = (real: Authorizer): Authorizer => ({
    ...real,
    async decide(query) {
      const { action, resources } = query;
      conditions.push(query.conditions);
      for (const resource of resources) asked.push(`${action} ${resource}`);
      if (!denied.has(action)) return real.decide(query);
      return { allowed: false, explicit: false, by: 'identity', resource: resources[0] ?? '*' };
    },
  });
  const publishing = (real: Events): Events => ({
    ...real,
    async publish(tx, event, options) {
      await real.publish(tx, event, options);
      // Only what is committed has happened: PostgreSQL may run a transaction more than once.
      afterCommit(tx, randomUUID(), () => {
        events.push(event);
        for (const wake of waiting) wake();
      });
    },
  });
  const until = async (holds: () => boolean | Promise<boolean>) => {
    for (;;) {
      const { promise, resolve } = Promise.withResolvers<void>();
      waiting.add(resolve);
      if (await holds()) return void waiting.delete(resolve);
      await promise;
      waiting.delete(resolve);
    }
  };
  const log = failureLog(failures);
  return { events, asked, conditions, denied, failures, asking, publishing, until, log };
}

/** Pino's number of the level. */
const ERROR = 50;

/** A log that keeps what is an error, and shows the rest where a person asked for it. */
function failureLog(failures: unknown[]): Logger {
  const wanted = process.env.SLIPWAY_TEST_LOG;
  return pino(
    { level: wanted ?? 'error' },
    {
      write(line) {
        if (wanted) process.stderr.write(line);
        const entry = JSON.parse(line);
        if (entry.level >= ERROR) failures.push(entry);
      },
    },
  );
}

/** Runs an operation as a call does: its rule first, which finds what it works on. */
export async function perform<C, I, O>(
  // biome-ignore lint/suspicious/noExplicitAny: each operation works on a resource of its own
  operation: Operation<C, I, O, any>,
  ctx: C,
  input: NoInfer<I>,
): Promise<O> {
  const { authorize: rule } = operation;
  return operation(ctx, input, typeof rule === 'string' ? undefined : await rule(ctx, input));
}
