import type { Build, StatusType } from '@aws-sdk/client-codebuild';
import { takeStep } from '../../../../engine/machine.ts';
import { MINUTE, START } from '../testing.ts';
import { batchDecisions } from './advance.ts';
import { noteEnd, noteStart } from './commands.ts';
import type { BatchDraft, BatchWrites } from './draft.ts';
import { newGroup, readerTask, shownBatch } from './groups.ts';
import type { BatchFacts, BatchInputs } from './record.ts';
import { type BatchSpec, type BatchTask, READER } from './task.ts';

// Batches for tests of the model.

export const ID = 'web:11111111-2222-4333-8444-555555555555';

/** A graph: `{ b: ['a'] }` is a build b that waits for a. */
export const graph = (edges: Record<string, string[]>, ignored: string[] = []): BatchTask[] =>
  Object.entries(edges).map(([identifier, dependsOn]) => ({
    ...{ identifier, dependsOn, ignoreFailure: ignored.includes(identifier) },
  }));

export function newBatchFacts({ combine = false } = {}): BatchFacts {
  const now = new Date(START);
  const arn = `arn:aws:codebuild:us-east-1:111122223333:build-batch/${ID}`;
  const batch = {
    ...{ id: ID, arn, projectName: 'web', startTime: now },
    ...{ currentPhase: 'SUBMITTED', buildBatchStatus: 'IN_PROGRESS' as const, complete: false },
  };
  const config = { combineArtifacts: combine, timeoutInMins: 60 };
  const artifacts = { type: 'S3', location: 'b' };
  return {
    ...{ accountId: '111122223333', region: 'us-east-1', id: ID },
    ...{ slot: 'running', stopRequested: false, batch },
    inputs: { config, build: { artifacts } } as unknown as BatchInputs,
    run: {
      groups: [newGroup({ id: ID, batch }, readerTask, now)],
      ...{ planned: false, fastFail: false, deadline: START + 60 * MINUTE, tokens: [] },
    },
  };
}

/** As the store does it. */
export const written = (snapshot: BatchFacts, { set }: BatchWrites): BatchFacts => ({
  ...snapshot,
  ...set,
});

/** A batch that commands are given to one after another, a second apart. */
export class BatchBench {
  snapshot: BatchFacts;
  now = START;
  readonly asked: string[] = [];
  readonly events: unknown[] = [];
  readonly spec: BatchSpec;

  constructor(tasks: BatchTask[], more: { fastFail?: boolean; combine?: boolean } = {}) {
    this.spec = { fastFail: more.fastFail ?? false, tasks };
    this.snapshot = newBatchFacts(more);
  }

  do<R>(command: (draft: BatchDraft) => R, laterBy = 1000): R {
    this.now += laterBy;
    const { result, step } = takeStep(batchDecisions, this.snapshot, this.now, command);
    this.snapshot = written(this.snapshot, step.writes);
    for (const { reconciler } of step.work) this.asked.push(reconciler);
    for (const { detail } of step.writes.events) this.events.push(detail['build-batch-status']);
    return result;
  }

  look(laterBy?: number): this {
    this.do(() => undefined, laterBy);
    return this;
  }

  in(...states: string[]): string[] {
    const { groups } = this.snapshot.run;
    return groups.filter(({ state }) => states.includes(state)).map((g) => g.task.identifier);
  }

  /** Starts what is asked for. @returns what runs */
  start(): string[] {
    for (const name of this.in('asked'))
      this.do((draft) => noteStart(draft, { identifier: name, attempt: this.attemptOf(name) }));
    return this.in('running');
  }

  end(identifier: string, buildStatus: StatusType = 'SUCCEEDED'): this {
    const plan = identifier === READER && buildStatus === 'SUCCEEDED' ? this.spec : undefined;
    const build: Build = { buildStatus, buildComplete: true };
    const attempt = this.attemptOf(identifier);
    this.do((draft) => noteEnd(draft, { identifier, attempt, build, plan }));
    return this;
  }

  /** The buildspec is read, and the first builds are asked for. */
  planned(): this {
    this.look().start();
    return this.end(READER);
  }

  attemptOf(identifier: string): number {
    const found = this.snapshot.run.groups.find(({ task }) => task.identifier === identifier);
    return found?.attempt ?? 0;
  }

  get statuses(): Record<string, string | undefined> {
    const { buildGroups = [] } = shownBatch(this.snapshot);
    return Object.fromEntries(
      buildGroups.map((each) => [each.identifier, each.currentBuildSummary?.buildStatus]),
    );
  }

  get phases(): string[] {
    return (this.snapshot.batch.phases ?? []).map(
      ({ phaseType, phaseStatus }) => `${phaseType} ${phaseStatus ?? ''}`,
    );
  }

  get status() {
    const { currentPhase, buildBatchStatus, complete } = this.snapshot.batch;
    return [currentPhase, buildBatchStatus, complete];
  }
}
