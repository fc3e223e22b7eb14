import { randomBytes } from 'node:crypto';
import { pino } from 'pino';
import { makeBodyBudget } from '../aws/auth/body-budget.ts';
import { makeDispatcher } from '../aws/dispatcher.ts';
import type { Authorizer, Conditions, CredentialStore } from '../aws/principal.ts';
import { makeTokenSealer } from '../aws/tokens.ts';
import { makeValidator } from '../aws/validate/validator.ts';
import type { OpenDatabase } from '../db/database.ts';
import type { MakeDatabase } from '../db/testing.ts';
import type { NewEvent } from '../engine/events.ts';
import { makeClientFactory } from '../kit/clients.ts';
import { makeQuotas } from '../kit/quotas.ts';
import type { ClientClass, Platform, ServiceDefinition } from '../kit/service.ts';
import { ManualClock } from '../lib/clock.ts';
import { makeVault } from '../lib/vault.ts';

/** Some services behind the real wire layer, on a real database, with a clock that stands still. */
export interface TestServices {
  clock: ManualClock;
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
  /** Runs the reconcilers that are due, until none is. */
  runDue(): Promise<void>;
  /** What the engine does once a minute: wakes what reconcilers' sweeps name, and runs it. */
  sweep(): Promise<void>;
  /** What must stay empty: failures that are bugs. */
  failures: unknown[];
}

/** Serves `services` in this process for a test. Everything IAM is asked is allowed unless denied. */
export async function serveForTest(
  makeDatabase: MakeDatabase,
  ...services: ServiceDefinition[]
): Promise<TestServices> {
  const database = await makeDatabase(
    ...services.map(({ name, migrations }) => ({ service: name, migrations })),
  );
  const clock = new ManualClock();
  const vault = makeVault(randomBytes(32));
  const events: NewEvent[] = [];
  const asked: string[] = [];
  const conditions: Conditions[] = [];
  const denied = new Set<string>();
  const configuredQuotas: Record<string, number> = {};
  const failures: unknown[] = [];
  const due = new Map<string, { name: string; key: string; at: number }>();
  const authorizer: Authorizer = {
    faultOf: () => undefined,
    async decide({ action, resources, conditions: given }) {
      conditions.push(given);
      asked.push(...resources.map((resource) => `${action} ${resource}`));
      return denied.has(action)
        ? { allowed: false, explicit: false, by: 'identity', resource: resources[0] ?? '*' }
        : { allowed: true };
    },
  };
  const dispatch = makeDispatcher({
    implementations: services.flatMap((service) => service.apis),
    authorizer,
    credentials: {} as CredentialStore,
    mode: 'strict',
    defaults: { accountId: '111111111111', region: 'eu-west-1' },
    clock,
    budget: makeBodyBudget(),
    tokens: makeTokenSealer(vault),
    validate: makeValidator(),
    context: (facts) => Object.assign(Object.create(platform), facts),
    record: () => {},
    unexpected: (error) => failures.push(error),
  });
  const client = makeClientFactory({
    dispatch,
    isCurrent: async () => true,
    assumeRole: async () => Promise.reject(new Error('A test of single services has no roles.')),
    clock,
    endpoint: () => 'http://test',
    upstream: {},
  });
  const platform = {
    ...databasePart(database),
    clock,
    vault,
    quotas: makeQuotas(
      services,
      configuredQuotas,
      services.find(({ provides }) => provides?.raisedQuota)?.provides?.raisedQuota,
    ),
    authorizer,
    log: pino({ level: 'silent' }),
    engine: {
      wake: async (_tx: unknown, name: string, key: string, at?: Date) => {
        due.set(`${name} ${key}`, { name, key, at: (at ?? clock.now()).getTime() });
      },
    },
    events: { publish: async (_tx: unknown, event: NewEvent) => void events.push(event) },
    serverEndpoint: () => 'http://test',
    client,
  } as unknown as Platform;
  const reconcilers = services.flatMap((service) => service.reconcilers ?? []);
  const runDue = async () => {
    for (;;) {
      const now = clock.now().getTime();
      const next = [...due.values()].find(({ at }) => at <= now);
      if (!next) return;
      due.delete(`${next.name} ${next.key}`);
      const reconciler = reconcilers.find(({ name }) => name === next.name);
      const again = await reconciler?.reconcile(platform, next.key, new AbortController().signal);
      if (again === undefined) continue;
      due.set(`${next.name} ${next.key}`, { ...next, at: again === 'now' ? now : again.getTime() });
    }
  };
  return {
    ...{ clock, events, asked, conditions, denied, configuredQuotas, failures, runDue },
    client: (Client, { accountId = '111111111111', region = 'eu-west-1' } = {}) => {
      const arn = `arn:aws:iam::${accountId}:root`;
      return client(Client, {
        principal: { type: 'root', accountId, arn, userId: accountId },
        region,
      });
    },
    async sweep() {
      const at = clock.now().getTime();
      for (const { name, sweep } of reconcilers) {
        for (const key of (await sweep?.(platform)) ?? [])
          due.set(`${name} ${key}`, { name, key, at });
      }
      await runDue();
    },
  };
}

function databasePart(database: OpenDatabase) {
  return {
    dialect: database.dialect,
    db: database.db,
    transaction: database.transaction.bind(database),
    close: database.close.bind(database),
  };
}
