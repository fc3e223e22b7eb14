import type { Tx } from '../../../db/database.ts';
import { append } from '../../../lib/append.ts';
import { ownValue } from '../../../lib/own.ts';
import { rollsBack, typeIdsIn } from '../model/declaration.ts';
import type { Writes } from '../model/draft.ts';
import { policyOf } from '../model/mode.ts';
import {
  type ActionRun,
  type ExecutionState,
  isLive,
  type PipelineState,
  type Snapshot,
  type StageState,
} from '../model/state.ts';
import { findMadeFacts } from './action-types.ts';
import { ACTION, EXECUTION, STAGE } from './documents.ts';
import { findExecution } from './history.ts';
import { findPipelineById, on } from './pipelines.ts';

/** SQL about executions, stages and actions: loading what the engine looks at, writing what it decided. */

/** What a snapshot holds besides the live executions: the subject of a command. */
export interface Subject {
  executionId?: string;
  /** Load the actions of this stage too, of the execution above. */
  stageName?: string;
  /** Load the run of an action that this token is of, and its execution. */
  approval?: { stageName: string; actionName: string; token: string };
  /** Whose action has something to tell. In a mode without locks nobody else can move by it: fifty may run at once. */
  of?: string;
}

/** Everything that a decision about a pipeline looks at; undefined when there is no such pipeline. */
export async function loadSnapshot(
  tx: Tx,
  pipelineId: string,
  subject: Subject = {},
): Promise<Snapshot | undefined> {
  const pipeline = await findPipelineById(tx, pipelineId);
  if (!pipeline) return undefined;
  const stages = await loadStages(tx, pipelineId);
  const wanted = await findApproval(tx, pipelineId, stages, subject);
  const subjects = [
    subject.executionId,
    wanted?.executionId,
    ...rollbackTargets(pipeline, stages),
  ].filter((id) => id !== undefined);
  const { of } = subject;
  // Executions in a mode without locks that is over run among the others of a pipeline.
  const mayBeAlone = !policyOf({ mode: pipeline.declaration.executionMode }).locks;
  const alone = of !== undefined && mayBeAlone ? await loadAlone(tx, pipelineId, of) : undefined;
  const executions = alone ? [alone] : await loadExecutions(tx, pipelineId, subjects);
  const actions = await loadActions(tx, executions, subject);
  if (wanted && !actions.some((a) => a.actionExecutionId === wanted.actionExecutionId))
    actions.push(wanted);
  const declarations = await loadDeclarations(tx, pipeline, executions);
  const ids = [
    ...[pipeline.declaration, ...Object.values(declarations)].flatMap(typeIdsIn),
    ...actions.map(({ input: { actionTypeId } }) => actionTypeId),
  ];
  const made = await findMadeFacts(tx, pipeline, ids);
  return {
    ...{ pipeline, declarations, stages, executions, actions },
    ...(made.length > 0 && { madeTypes: made }),
  };
}

/** The action execution that an answer is for: the stage's latest, or in PARALLEL mode the one with this token. */
async function findApproval(
  tx: Tx,
  pipelineId: string,
  stages: StageState[],
  { approval }: Subject,
): Promise<ActionRun | undefined> {
  if (!approval) return undefined;
  const stage = stages.find((s) => s.stageName === approval.stageName);
  const latest = stage && ownValue(stage.latestActions, approval.actionName);
  const found = latest === undefined ? undefined : await findAction(tx, latest);
  if (found?.run.progress.token === approval.token) return found.run;
  return findByToken(tx, pipelineId, approval.token);
}

/** Where stages that roll back by themselves would go back to. */
function rollbackTargets({ declaration, version }: PipelineState, stages: StageState[]): string[] {
  const names = new Set(declaration.stages.filter(rollsBack).map(({ name }) => name));
  return stages.flatMap(({ stageName, lastSucceeded: last }) =>
    names.has(stageName) && last?.version === version ? [last.executionId] : [],
  );
}

/** The earlier structures that executions run by. */
async function loadDeclarations(
  tx: Tx,
  { pipelineId, version: now }: PipelineState,
  executions: ExecutionState[],
): Promise<Snapshot['declarations']> {
  const versions = new Set(executions.map(({ version }) => version).filter((v) => v !== now));
  const declarations: Snapshot['declarations'] = {};
  for (const version of versions) {
    const found = await findPipelineById(tx, pipelineId, version);
    if (found) declarations[version] = found.declaration;
  }
  return declarations;
}

export async function loadStages(tx: Tx, pipelineId: string): Promise<StageState[]> {
  const rows = await on(tx)
    .selectFrom('codepipeline_stage')
    .select('data')
    .where('pipeline_id', '=', pipelineId)
    .execute();
  return rows.map((row) => STAGE.decode(row.data));
}

/** The live executions of a pipeline, and those named, oldest first. */
export async function loadExecutions(
  tx: Tx,
  pipelineId: string,
  others: string[] = [],
): Promise<ExecutionState[]> {
  const its = on(tx)
    .selectFrom('codepipeline_execution')
    .select(['execution_id', 'data'])
    .where('pipeline_id', '=', pipelineId);
  // Each by an index of its own: both in one query is a walk through the whole history.
  const rows = await its.where('status', 'in', ['InProgress', 'Stopping']).execute();
  const live = new Set(rows.map((row) => row.execution_id));
  const more = others.filter((id) => !live.has(id));
  if (more.length > 0) append(rows, await its.where('execution_id', 'in', more).execute());
  return rows.map((row) => EXECUTION.decode(row.data)).sort((a, b) => a.ordinal - b.ordinal);
}

/** An execution that shares no lock; none when it does, or is not there. */
async function loadAlone(
  tx: Tx,
  pipelineId: string,
  executionId: string,
): Promise<ExecutionState | undefined> {
  const found = await findExecution(tx, pipelineId, executionId);
  return found && isLive(found) && !policyOf(found).locks ? found : undefined;
}

async function loadActions(
  tx: Tx,
  executions: ExecutionState[],
  subject: Subject,
): Promise<ActionRun[]> {
  const places = executions
    .map((e) => {
      const own = e.executionId === subject.executionId ? subject.stageName : undefined;
      const inside = e.position?.phase === 'inside' ? e.position.stage : undefined;
      return { executionId: e.executionId, stage: inside ?? own };
    })
    .filter((place) => place.stage !== undefined);
  if (places.length === 0) return [];
  const rows = await on(tx)
    .selectFrom('codepipeline_action')
    .select('data')
    .where((e) =>
      e.or(
        places.map(({ executionId, stage }) =>
          e.and([e('execution_id', '=', executionId), e('stage_name', '=', stage ?? '')]),
        ),
      ),
    )
    .orderBy('ordinal')
    .execute();
  return rows.map((row) => ACTION.decode(row.data));
}

/** What makes a second request to start the same execution find the first. */
export interface StartRequestToken {
  executionId: string;
  token: string;
}

/** Writes what the engine decided. */
export async function writeStep(
  tx: Tx,
  pipeline: PipelineState,
  writes: Writes,
  request?: StartRequestToken,
): Promise<void> {
  if (writes.nextOrdinal !== undefined) {
    await on(tx)
      .updateTable('codepipeline_pipeline')
      .set({ next_ordinal: writes.nextOrdinal })
      .where('pipeline_id', '=', pipeline.pipelineId)
      .execute();
  }
  for (const stage of writes.stages) await writeStage(tx, pipeline, stage);
  for (const execution of writes.executions) {
    await writeExecution(tx, pipeline, execution, request);
  }
  for (const run of writes.actions) {
    await writeAction(tx, pipeline, run);
    if (!run.revision) continue;
    const { pipelineId } = pipeline;
    const { actionName, revision } = run;
    await addRevision(tx, { pipelineId, actionName, revisionId: revision.revisionId });
  }
}

async function writeStage(tx: Tx, pipeline: PipelineState, stage: StageState): Promise<void> {
  const data = STAGE.encode(stage);
  await on(tx)
    .insertInto('codepipeline_stage')
    .values({ pipeline_id: pipeline.pipelineId, stage_name: stage.stageName, data })
    .onConflict((c) => c.columns(['pipeline_id', 'stage_name']).doUpdateSet({ data }))
    .execute();
}

async function writeExecution(
  tx: Tx,
  pipeline: PipelineState,
  execution: ExecutionState,
  request?: StartRequestToken,
): Promise<void> {
  const { status } = execution;
  const data = EXECUTION.encode(execution);
  await on(tx)
    .insertInto('codepipeline_execution')
    .values({
      pipeline_id: pipeline.pipelineId,
      execution_id: execution.executionId,
      account_id: pipeline.accountId,
      region: pipeline.region,
      ordinal: execution.ordinal,
      status,
      request_token: request?.executionId === execution.executionId ? request.token : null,
      data,
    })
    .onConflict((c) => c.columns(['pipeline_id', 'execution_id']).doUpdateSet({ status, data }))
    .execute();
  for (const run of Object.values(execution.stages)) {
    // What this step did not touch is written already.
    if (run.lastUpdate !== execution.lastUpdate) continue;
    await on(tx)
      .insertInto('codepipeline_stage_run')
      .values({
        pipeline_id: pipeline.pipelineId,
        execution_id: execution.executionId,
        stage_name: run.stageName,
        status: run.status,
        ordinal: execution.ordinal,
      })
      .onConflict((c) =>
        c
          .columns(['pipeline_id', 'execution_id', 'stage_name'])
          .doUpdateSet({ status: run.status }),
      )
      .execute();
  }
}

async function writeAction(tx: Tx, pipeline: PipelineState, run: ActionRun): Promise<void> {
  const { status } = run;
  const external_id = run.progress.externalExecutionId ?? null;
  const data = ACTION.encode(run);
  await on(tx)
    .insertInto('codepipeline_action')
    .values({
      action_execution_id: run.actionExecutionId,
      account_id: pipeline.accountId,
      // Where its work is, and what tells of it.
      region: run.input.region,
      pipeline_id: pipeline.pipelineId,
      execution_id: run.executionId,
      stage_name: run.stageName,
      // A stage's conditions may have rules of the same name.
      action_name: run.rule ? `${run.rule.member}/${run.actionName}` : run.actionName,
      ordinal: run.ordinal,
      start_time: run.startTime,
      kind: run.rule ? 'rule' : 'action',
      status,
      provider: run.input.actionTypeId.provider,
      external_id,
      data,
    })
    .onConflict((c) => c.column('action_execution_id').doUpdateSet({ status, external_id, data }))
    .execute();
}

/** Remembers that a source action works with a revision. @returns whether it is new */
export async function addRevision(
  tx: Tx,
  revision: { pipelineId: string; actionName: string; revisionId: string },
): Promise<boolean> {
  const added = await on(tx)
    .insertInto('codepipeline_revision')
    .values({
      pipeline_id: revision.pipelineId,
      action_name: revision.actionName,
      revision_id: revision.revisionId,
    })
    .onConflict((c) => c.doNothing())
    .executeTakeFirst();
  return Number(added.numInsertedOrUpdatedRows ?? 0) > 0;
}

export interface FoundAction {
  pipelineId: string;
  run: ActionRun;
}

export async function findAction(tx: Tx, id: string): Promise<FoundAction | undefined> {
  const row = await on(tx)
    .selectFrom('codepipeline_action')
    .select(['pipeline_id', 'data'])
    .where('action_execution_id', '=', id)
    .executeTakeFirst();
  return row && { pipelineId: row.pipeline_id, run: ACTION.decode(row.data) };
}

/** The action execution of a pipeline whose provider calls its work `token`: of approvals in PARALLEL mode (CP-C6). */
async function findByToken(
  tx: Tx,
  pipelineId: string,
  token: string,
): Promise<ActionRun | undefined> {
  const row = await on(tx)
    .selectFrom('codepipeline_action')
    .select('data')
    .where('external_id', '=', token)
    .where('provider', '=', 'Manual')
    .where('pipeline_id', '=', pipelineId)
    .executeTakeFirst();
  return row && ACTION.decode(row.data);
}

/** Running actions whose provider calls its work `externalId`. */
export async function findRunningByExternalId(
  tx: Tx,
  provider: string,
  externalId: string,
): Promise<string[]> {
  const rows = await on(tx)
    .selectFrom('codepipeline_action')
    .select('action_execution_id')
    .where('external_id', '=', externalId)
    .where('provider', '=', provider)
    .where('status', '=', 'InProgress')
    .execute();
  return rows.map((row) => row.action_execution_id);
}

/** Running actions of a provider whose work nobody knows the id of yet. */
export async function listUnstartedActions(
  tx: Tx,
  provider: string,
  place: { account: string; region: string },
): Promise<FoundAction[]> {
  const rows = await on(tx)
    .selectFrom('codepipeline_action')
    .select(['pipeline_id', 'data'])
    .where('status', '=', 'InProgress')
    .where('provider', '=', provider)
    .where('account_id', '=', place.account)
    .where('region', '=', place.region)
    .where('external_id', 'is', null)
    .execute();
  return rows.map((row) => ({
    pipelineId: row.pipeline_id,
    run: ACTION.decode(row.data),
  }));
}

/** Running actions of all pipelines, but for those that wait for somebody's answer, or a job worker. */
export async function listRunningActions(tx: Tx): Promise<string[]> {
  const rows = await on(tx)
    .selectFrom('codepipeline_action')
    .select('data')
    .where('status', '=', 'InProgress')
    .execute();
  const runs = rows.map((row) => ACTION.decode(row.data));
  const done = ({ progress }: ActionRun) => progress.token ?? progress.jobId;
  return runs.filter((run) => !done(run)).map((run) => run.actionExecutionId);
}

/** Pipelines with executions that have not ended. */
export async function listLivePipelines(tx: Tx): Promise<string[]> {
  const rows = await on(tx)
    .selectFrom('codepipeline_execution')
    .select('pipeline_id')
    .distinct()
    .where('status', 'in', ['InProgress', 'Stopping'])
    .execute();
  return rows.map((row) => row.pipeline_id);
}

/** The execution that a request token or an event started before, for answering the same once more. */
export async function findExecutionByToken(
  tx: Tx,
  pipelineId: string,
  token: string,
): Promise<string | undefined> {
  const row = await on(tx)
    .selectFrom('codepipeline_execution')
    .select('execution_id')
    .where('pipeline_id', '=', pipelineId)
    .where('request_token', '=', token)
    .executeTakeFirst();
  return row?.execution_id;
}
