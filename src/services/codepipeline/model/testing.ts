import type { PipelineDeclaration } from '@aws-sdk/client-codepipeline';
import { takeStep } from '../../../engine/machine.ts';
import { workTypes } from '../providers/index.ts';
import { decisionsFor } from './advance.ts';
import { cancelAll, setTransition, start } from './commands.ts';
import { normalise, type Pipeline } from './declaration.ts';
import type { Draft, Step } from './draft.ts';
import { type Outcome, report } from './outcome.ts';
import type { ActionRun, ExecutionState, Snapshot } from './state.ts';

// Pipelines and snapshots for tests of the model.

export const decisions = decisionsFor(workTypes);

type Given = { [K in string]: unknown };

export const source = (name = 'Source', more: Given = {}) => ({
  name,
  actionTypeId: { category: 'Source', owner: 'AWS', provider: 'CodeCommit', version: '1' },
  configuration: { RepositoryName: 'web', BranchName: 'main' },
  outputArtifacts: [{ name: `${name}Out` }],
  ...more,
});

export const build = (name = 'Build', more: Given = {}) => ({
  name,
  actionTypeId: { category: 'Build', owner: 'AWS', provider: 'CodeBuild', version: '1' },
  configuration: { ProjectName: 'web' },
  inputArtifacts: [{ name: 'SourceOut' }],
  ...more,
});

export const approval = (name = 'Approve', more: Given = {}) => ({
  name,
  actionTypeId: { category: 'Approval', owner: 'AWS', provider: 'Manual', version: '1' },
  ...more,
});

export const stage = (name: string, ...actions: Given[]) => ({ name, actions });

export const rule = (name = 'Check', more: Given = {}) => ({
  name,
  ruleTypeId: { category: 'Rule', provider: 'VariableCheck' },
  configuration: { Variable: 'a', Value: 'a', Operator: 'EQ' },
  ...more,
});

/** A stage's member with one condition of these rules. */
export const conditions = (result: string | undefined, ...rules: Given[]) => ({
  conditions: [{ ...(result !== undefined && { result }), rules }],
});

/** A pipeline of these stages, with the defaults filled in. */
export function pipelineOf(stages: Given[], more: Given = {}): Pipeline {
  const declaration = {
    name: 'web',
    roleArn: 'arn:aws:iam::111122223333:role/pipeline',
    artifactStore: { type: 'S3', location: 'artifacts' },
    stages,
    ...more,
  };
  return normalise(declaration as unknown as PipelineDeclaration, 1);
}

export function emptySnapshot(declaration: Pipeline): Snapshot {
  return {
    pipeline: {
      pipelineId: 'p',
      accountId: '111122223333',
      region: 'us-east-1',
      arn: 'arn:aws:codepipeline:us-east-1:111122223333:web',
      name: declaration.name,
      version: 1,
      nextOrdinal: 1,
      declaration,
    },
    declarations: {},
    stages: [],
    executions: [],
    actions: [],
  };
}

/** A snapshot with a step's rows put in, as the store does it. */
export function written(snapshot: Snapshot, { writes }: Pick<Step, 'writes'>): Snapshot {
  return {
    pipeline: {
      ...snapshot.pipeline,
      nextOrdinal: writes.nextOrdinal ?? snapshot.pipeline.nextOrdinal,
    },
    declarations: snapshot.declarations,
    stages: upsert(snapshot.stages, writes.stages, (s) => s.stageName),
    executions: upsert(snapshot.executions, writes.executions, (e) => e.executionId),
    actions: upsert(snapshot.actions, writes.actions, (a) => a.actionExecutionId),
  };
}

function upsert<T>(rows: T[], changed: T[], key: (row: T) => string): T[] {
  const byKey = new Map(rows.map((row) => [key(row), row]));
  for (const row of changed) byKey.set(key(row), row);
  return [...byKey.values()];
}

/** A pipeline that commands are given to one after another; it remembers what was started and told. */
export class Bench {
  snapshot: Snapshot;
  now = 1_000_000;
  started: string[] = [];
  events: string[] = [];
  steps: Step[] = [];

  constructor(declaration: Pipeline) {
    this.snapshot = emptySnapshot(declaration);
  }

  /** Gives a command; the time goes on by a second. */
  do<R>(command: (draft: Draft) => R): R {
    this.now += 1000;
    const { result, step } = takeStep(decisions, this.snapshot, this.now, command);
    this.snapshot = written(this.snapshot, step);
    this.steps.push(step);
    this.started.push(...step.work.map(({ key }) => key));
    this.events.push(
      ...step.writes.events.map(({ detail }) =>
        [detail.stage, detail.action, detail.state].filter(Boolean).join('/'),
      ),
    );
    return result;
  }

  /** Gives the pipeline another structure, as UpdatePipeline does. */
  update(declaration: Pipeline): void {
    this.do(cancelAll);
    const { pipeline, declarations } = this.snapshot;
    const version = pipeline.version + 1;
    this.snapshot = {
      ...this.snapshot,
      pipeline: { ...pipeline, version, declaration: { ...declaration, version } },
      declarations: { ...declarations, [pipeline.version]: pipeline.declaration },
    };
  }

  execution(id: string): ExecutionState {
    return this.snapshot.executions.find((e) => e.executionId === id) as ExecutionState;
  }

  /** The latest run of an action in an execution. */
  action(executionId: string, name: string): ActionRun {
    return this.snapshot.actions
      .filter((a) => a.executionId === executionId && a.actionName === name)
      .sort((a, b) => b.ordinal - a.ordinal)[0] as ActionRun;
  }

  running(): ActionRun[] {
    return this.snapshot.actions.filter((a) => a.status === 'InProgress');
  }
}

export const trigger = { triggerType: 'StartPipelineExecution' } as const;

/** A bench with what the tests say most. */
export class Story extends Bench {
  begin(id: string) {
    this.do((d) => start(d, { executionId: id, trigger }));
  }
  ends(id: string, action: string, outcome: Outcome = { state: 'succeeded' }) {
    const run = this.action(id, action);
    this.do((d) => report(d, run.actionExecutionId, outcome));
  }
  fails(id: string, action: string) {
    this.ends(id, action, { state: 'failed', code: 'JobFailed', message: 'no' });
  }
  status(id: string) {
    return this.execution(id).status;
  }
  stageStatus(id: string, name: string) {
    return this.execution(id).stages[name]?.status;
  }
  transition(stageName: string, enabled: boolean, side: 'Inbound' | 'Outbound' = 'Inbound') {
    this.do((d) => setTransition(d, { stageName, side, enabled, reason: 'r', by: 'me' }));
  }
}
