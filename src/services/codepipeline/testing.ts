import { randomUUID } from 'node:crypto';
import { pino } from 'pino';
import type { OpenDatabase } from '../../db/database.ts';
import { afterCommit } from '../../db/scope.ts';
import type { Engine } from '../../engine/engine.ts';
import type { AwsEvent, Events } from '../../engine/events.ts';
import { makeEngine } from '../../engine/make-engine.ts';
import { makeEvents } from '../../engine/make-events.ts';
import { engineMigrations } from '../../engine/migrations.ts';
import { makeQuotas } from '../../kit/quotas.ts';
import type { Platform, ServiceContext } from '../../kit/service.ts';
import { ManualClock } from '../../lib/clock.ts';
import { migrations } from './migrations/index.ts';
import type { Outcome } from './model/outcome.ts';
import type { Providers } from './providers/index.ts';
import { manualApproval } from './providers/manual-approval.ts';
import type { Job, Provider } from './providers/provider.ts';
import { actionReconciler } from './reconcilers/action.ts';
import { pipelineReconciler } from './reconcilers/pipeline.ts';
import { subscriptions } from './subscriptions.ts';

// CodePipeline on a real store and the real engine, with a clock that stands still and providers that do what they are told.

export const schemas = [
  { service: 'engine', migrations: engineMigrations },
  { service: 'codepipeline', migrations },
];

/** Providers whose work ends when a test says so. */
export class FakeProviders {
  /** Calls of `start`, by action execution. */
  readonly starts = new Map<string, number>();
  readonly jobs: Job[] = [];
  readonly #results = new Map<string, Outcome>();
  #lose = new Set<string>();

  /** Sets how an action ends, by the id of its execution. */
  end(actionExecutionId: string, outcome: Outcome): void {
    this.#results.set(actionExecutionId, outcome);
  }

  /** The answer to the next start of this action is lost, as in a crash right after the effect. */
  loseAnswer(actionName: string): void {
    this.#lose.add(actionName);
  }

  get all(): Providers {
    return {
      'Source/CodeCommit': this.#fake,
      'Source/S3': this.#fake,
      'Build/CodeBuild': this.#fake,
      'Test/CodeBuild': this.#fake,
      'Deploy/CodeDeploy': this.#fake,
      'Deploy/S3': this.#fake,
      'Approval/Manual': manualApproval,
    };
  }

  readonly #outcome = (job: Job): Outcome => {
    const { actionExecutionId: id } = job.run;
    const progress = { externalExecutionId: `work:${id}` };
    const result = this.#results.get(id) ?? ({ state: 'running', progress } as const);
    return { ...result, progress: { ...progress, ...result.progress } };
  };

  readonly #fake: Provider = {
    start: async (job) => {
      const { actionExecutionId: id, actionName } = job.run;
      this.starts.set(id, (this.starts.get(id) ?? 0) + 1);
      this.jobs.push(job);
      if (this.#lose.delete(actionName)) throw new Error('the answer is lost');
      return this.#outcome(job);
    },
    look: async (job) => this.#outcome(job),
  };
}

/** One server with CodePipeline alone. */
export interface PipelineServer {
  ctx: ServiceContext;
  clock: ManualClock;
  providers: FakeProviders;
  /** Every event that was published, oldest first. */
  published: Omit<AwsEvent, 'version' | 'id' | 'time'>[];
  /** Resolves when `holds` does; looked at again whenever an event is published. */
  until(holds: () => boolean): Promise<void>;
  /** Stops the engine and starts another on the same database, as a restart does. */
  restart(): Promise<void>;
  stop(): Promise<void>;
}

export async function startPipelineServer(
  database: OpenDatabase,
  options: { deniedRoles?: string[] } = {},
): Promise<PipelineServer> {
  const clock = new ManualClock();
  const providers = new FakeProviders();
  const published: PipelineServer['published'] = [];
  const waiting = new Set<() => void>();
  const log = pino({ level: process.env.SLIPWAY_TEST_LOG ?? 'silent' });
  const parts = { clock, log, quotas: makeQuotas([]), serverEndpoint: () => 'http://server' };
  const ctx = Object.assign({}, facts, database, parts) as unknown as ServiceContext;
  const client = { send: async () => ({}), destroy() {} };
  ctx.client = ((_: unknown, actAs: { roleArn: string }) => ({
    ...client,
    send: async () => {
      if (!options.deniedRoles?.includes(actAs.roleArn)) return {};
      throw Object.assign(new Error('no'), { name: 'AccessDenied' });
    },
  })) as unknown as Platform['client'];

  async function startEngine(): Promise<Engine> {
    let engine: Engine | undefined;
    const events = makeEvents<Platform>({
      database,
      clock,
      log,
      subscriptions: subscriptions(providers.all),
      wake: (...args) => (engine as Engine).wake(...args),
    });
    engine = await makeEngine<Platform>({
      database,
      clock,
      log,
      context: () => ctx,
      reconcilers: [actionReconciler(providers.all), pipelineReconciler, ...events.reconcilers],
      nodeId: 'test',
    });
    ctx.engine = engine;
    ctx.events = recording(events, (event) => {
      published.push(event);
      for (const wake of waiting) wake();
    });
    await engine.start();
    return engine;
  }

  let engine = await startEngine();
  return {
    ctx,
    clock,
    providers,
    published,
    async until(holds) {
      while (!holds()) {
        await new Promise<void>((resolve) => {
          const wake = () => {
            waiting.delete(wake);
            resolve();
          };
          waiting.add(wake);
        });
      }
    },
    async restart() {
      await engine.stop();
      engine = await startEngine();
    },
    stop: () => engine.stop(),
  };
}

function recording(events: Events, record: (event: PipelineServer['published'][number]) => void) {
  return {
    async publish(...[tx, event]: Parameters<Events['publish']>) {
      await events.publish(tx, event);
      // Only what is committed has happened: PostgreSQL may run a transaction more than once.
      afterCommit(tx, randomUUID(), () => record(event));
    },
  };
}

const ACCOUNT = '111122223333';

/** Who calls, as far as operations ask. */
const facts = {
  requestId: 'test',
  accountId: ACCOUNT,
  region: 'us-east-1',
  partition: 'aws',
  endpoint: 'http://localhost',
  sourceIp: '127.0.0.1',
  userAgent: 'test',
  principal: {
    type: 'user',
    accountId: ACCOUNT,
    arn: `arn:aws:iam::${ACCOUNT}:user/tester`,
    userId: 'AIDATEST',
    userName: 'tester',
  },
  authorize: async () => {},
  sealToken: (state: unknown) => JSON.stringify(state),
  openToken: (token: string) => {
    try {
      return JSON.parse(token);
    } catch {
      return undefined;
    }
  },
};
