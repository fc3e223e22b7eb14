import { CreateRoleCommand, IAMClient } from '@aws-sdk/client-iam';
import type { OpenDatabase } from '../../db/database.ts';
import type { NewEvent } from '../../engine/events.ts';
import type { ServiceContext } from '../../kit/service.ts';
import { append } from '../../lib/append.ts';
import { ManualClock } from '../../lib/clock.ts';
import { type World, world } from '../../testing.ts';
import service from './index.ts';
import type { Outcome } from './model/outcome.ts';
import type { ActionType, Job } from './providers/action-type.ts';
import { workTypes } from './providers/index.ts';
import { manualApproval } from './providers/manual-approval.ts';
import { actionReconciler } from './reconcilers/action.ts';
import { pipelineReconciler } from './reconcilers/pipeline.ts';
import { subscriptions } from './reconcilers/subscriptions.ts';

// CodePipeline on a real server, with a clock that stands still and providers that do what they are told.

/** Providers whose work ends when a test says so. */
export class FakeProviders {
  /** Calls of `start`, by action execution. */
  readonly starts = new Map<string, number>();
  readonly jobs: Job[] = [];
  readonly #results = new Map<string, Outcome>();
  #lose = new Set<string>();
  readonly #held = new Map<string, { started(): void; told(reason: unknown): void }>();

  /** The next start of this action goes on until it is told to end. */
  hold(actionName: string): { started: Promise<void>; told: Promise<unknown> } {
    const started = Promise.withResolvers<void>();
    const told = Promise.withResolvers<unknown>();
    this.#held.set(actionName, { started: started.resolve, told: told.resolve });
    return { started: started.promise, told: told.promise };
  }

  /** Sets how an action ends, by the id of its execution. */
  end(actionExecutionId: string, outcome: Outcome): void {
    this.#results.set(actionExecutionId, outcome);
  }

  /** The answer to the next start of this action is lost, as in a crash right after the effect. */
  loseAnswer(actionName: string): void {
    this.#lose.add(actionName);
  }

  /** The action types that there are, with all work played but that of people. */
  get all(): ActionType[] {
    return workTypes.map((type) => {
      if (type === manualApproval) return type;
      const { marksStart: _, ...facts } = type;
      return { ...facts, ...this.#fake };
    });
  }

  readonly #outcome = (job: Job): Outcome => {
    const { actionExecutionId: id } = job.run;
    const progress = { externalExecutionId: `work:${id}` };
    const result = this.#results.get(id) ?? ({ state: 'running', progress } as const);
    return { ...result, progress: { ...progress, ...result.progress } };
  };

  async #wait(actionName: string, signal: AbortSignal): Promise<void> {
    const held = this.#held.get(actionName);
    if (!held) return;
    this.#held.delete(actionName);
    held.started();
    await new Promise((resolve) => {
      signal.addEventListener('abort', resolve, { once: true });
    });
    held.told(signal.reason);
    throw signal.reason;
  }

  readonly #fake: Pick<ActionType, 'start' | 'look'> = {
    start: async (job, signal) => {
      const { actionExecutionId: id, actionName } = job.run;
      this.starts.set(id, (this.starts.get(id) ?? 0) + 1);
      this.jobs.push(job);
      await this.#wait(actionName, signal);
      if (this.#lose.delete(actionName)) throw new Error('the answer is lost');
      return this.#outcome(job);
    },
    look: async (job) => this.#outcome(job),
  };
}

/** One server with CodePipeline, whose providers are played. */
export interface PipelineServer {
  ctx: ServiceContext;
  clock: ManualClock;
  providers: FakeProviders;
  /** Every event that was published, oldest first. */
  readonly published: NewEvent[];
  /** Resolves when `holds` does; looked at again whenever an event is published. */
  until(holds: () => boolean): Promise<void>;
  /** Stops the server and starts another on the same database, as a restart does. */
  restart(): Promise<void>;
  stop(): Promise<void>;
}

/** @param on the database, which has a role `pipeline` from then on that CodePipeline may assume */
export async function startPipelineServer(on: OpenDatabase): Promise<PipelineServer> {
  const providers = new FakeProviders();
  const played = {
    ...service,
    reconcilers: [actionReconciler(providers.all), pipelineReconciler],
    subscriptions: subscriptions(providers.all),
  };
  const clock = new ManualClock();
  const before: NewEvent[] = [];
  const ctx = { ...facts } as unknown as ServiceContext;
  let now = await world(on, [played], { clock });
  await makeRole(now);

  async function start(): Promise<void> {
    Object.assign(ctx, now.platform);
    await now.start();
  }

  await start();
  return {
    ...{ ctx, clock, providers },
    get published() {
      return [...before, ...now.events];
    },
    until: (holds) => now.until(holds),
    async restart() {
      await now.stop();
      append(before, now.events);
      now = await world(on, [played], { clock });
      await start();
    },
    stop: () => now.stop(),
  };
}

async function makeRole(server: World): Promise<void> {
  const statement = {
    Effect: 'Allow',
    Action: 'sts:AssumeRole',
    Principal: { Service: 'codepipeline.amazonaws.com' },
  };
  await server.client(IAMClient, { accountId: ACCOUNT }).send(
    new CreateRoleCommand({
      RoleName: 'pipeline',
      AssumeRolePolicyDocument: JSON.stringify({ Version: '2012-10-17', Statement: [statement] }),
    }),
  );
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
