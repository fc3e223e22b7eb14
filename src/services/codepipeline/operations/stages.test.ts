import type { PipelineDeclaration } from '@aws-sdk/client-codepipeline';
import { beforeEach, expect, it } from 'vitest';
import { eachDialect } from '../../../db/testing.ts';
import { databaseOf, perform } from '../../../testing.ts';
import service from '../index.ts';
import type { Outcome } from '../model/outcome.ts';
import type { ActionRun } from '../model/state.ts';
import { approval, build, conditions, pipelineOf, rule, source, stage } from '../model/testing.ts';
import { findAction } from '../store/executions.ts';
import { type PipelineServer, startPipelineServer } from '../testing.ts';
import { operations } from './index.ts';

const pipelineName = 'web';
const failed: Outcome = { state: 'failed', code: 'JobFailed', message: 'no' };

function declaration(prod: object, more: Record<string, unknown> = {}): PipelineDeclaration {
  const stages = [
    stage('Source', source()),
    { ...stage('Prod', build()), ...prod },
    stage('Go', approval()),
  ];
  const { version: _, ...given } = pipelineOf(stages, more);
  return given as unknown as PipelineDeclaration;
}

const turn = () => new Promise((resolve) => setImmediate(resolve));

eachDialect('CodePipeline stages', (makeDatabase) => {
  let server: PipelineServer;
  let ctx: PipelineServer['ctx'];
  let ended: Set<string>;

  beforeEach(async () => {
    server = await startPipelineServer(await databaseOf(makeDatabase, [service]));
    ctx = server.ctx;
    ended = new Set();
  });

  const create = (prod: object, more: Record<string, unknown> = {}) =>
    perform(operations.createPipeline, ctx, { pipeline: declaration(prod, more) });
  const startOne = async () =>
    (await perform(operations.startPipelineExecution, ctx, { name: pipelineName }))
      .pipelineExecutionId ?? '';
  const list = async () =>
    (await perform(operations.listPipelineExecutions, ctx, { pipelineName }))
      .pipelineExecutionSummaries ?? [];
  const stateOf = async (name: string) => {
    const { stageStates } = await perform(operations.getPipelineState, ctx, { name: pipelineName });
    return stageStates?.find((state) => state.stageName === name) ?? {};
  };
  const rules = async (filter = {}) =>
    (await perform(operations.listRuleExecutions, ctx, { pipelineName, filter }))
      .ruleExecutionDetails ?? [];

  /** The oldest work of this action or rule that a provider was asked for and that has not ended. */
  async function asked(name: string): Promise<ActionRun> {
    for (;;) {
      const job = server.providers.jobs.find(
        ({ run }) => run.actionName === name && !ended.has(run.actionExecutionId),
      );
      if (job) return job.run;
      await turn();
    }
  }

  /** Ends it, and waits until the pipeline knows. */
  async function end(name: string, outcome: Outcome = { state: 'succeeded' }): Promise<ActionRun> {
    const { actionExecutionId: id } = await asked(name);
    ended.add(id);
    server.providers.end(id, outcome);
    await ctx.transaction((tx) => ctx.engine.wake(tx, 'codepipeline/action', id));
    for (;;) {
      const found = await findAction(ctx.db, id);
      if (found && found.run.status !== 'InProgress') return found.run;
      await turn();
    }
  }

  it('CP-C23, CP-C27: a condition outlives a restart of the server, and so does what it rolls back to', async () => {
    await create({ onSuccess: conditions('ROLLBACK', rule('One'), rule('Two')) });
    for (const name of ['Source', 'Build', 'One', 'Two']) await end(name);
    expect((await stateOf('Prod')).latestExecution?.status).toBe('Succeeded');
    const [good] = await list();
    const bad = await startOne();
    for (const name of ['Source', 'Build', 'One']) await end(name);
    await asked('Two');
    await server.restart();
    expect((await stateOf('Prod')).onSuccessConditionState?.latestExecution?.status).toBe(
      'InProgress',
    );
    await end('Two', failed);
    const [rolled, second] = await list();
    expect(second).toMatchObject({ pipelineExecutionId: bad, status: 'Failed' });
    expect(rolled).toMatchObject({
      executionType: 'ROLLBACK',
      rollbackMetadata: { rollbackTargetPipelineExecutionId: good?.pipelineExecutionId },
    });
    await end('Build');
    expect((await list())[0]?.status).toBe('Succeeded');
    expect(Math.max(...server.providers.starts.values())).toBe(1);
  });

  it('CP-C27: executions of rules are listed by their execution, and the latest of each', async () => {
    await create({
      beforeEntry: conditions('FAIL', rule('One')),
      onSuccess: conditions('FAIL', rule('One')),
    });
    await end('Source');
    await end('One', failed);
    const [execution] = await list();
    const pipelineExecutionId = execution?.pipelineExecutionId ?? '';
    const again = { pipelineName, stageName: 'Prod', pipelineExecutionId };
    await perform(operations.retryStageExecution, ctx, { ...again, retryMode: 'FAILED_ACTIONS' });
    for (const name of ['One', 'Build', 'One']) await end(name);
    const all = await rules({ pipelineExecutionId });
    expect(all.map(({ ruleName, status }) => [ruleName, status])).toEqual([
      ['One', 'Succeeded'],
      ['One', 'Succeeded'],
      ['One', 'Failed'],
    ]);
    const latest = { pipelineExecutionId, startTimeRange: 'Latest' as const };
    expect(await rules({ latestInPipelineExecution: latest })).toEqual(all.slice(0, 2));
    const actions = await perform(operations.listActionExecutions, ctx, { pipelineName });
    expect(actions.actionExecutionDetails?.map((a) => a.actionName)).not.toContain('One');
    await expect(rules({ pipelineExecutionId: 'none' })).rejects.toMatchObject({
      name: 'PipelineExecutionNotFoundException',
    });
  });

  it('CP-C6, CP-C8: an approval of a PARALLEL execution is answered by its token, by the structure that it began with', async () => {
    await create({}, { executionMode: 'PARALLEL' });
    await end('Source');
    await end('Build');
    const other = declaration({}, { executionMode: 'QUEUED' });
    await perform(operations.updatePipeline, ctx, {
      pipeline: { ...other, stages: other.stages?.slice(0, 2) },
    });
    let token: string | undefined;
    while (!token) {
      const { actionExecutionDetails = [] } = await perform(operations.listActionExecutions, ctx, {
        pipelineName,
      });
      const found = actionExecutionDetails.find((a) => a.actionName === 'Approve');
      token = found?.output?.executionResult?.externalExecutionId;
      await turn();
    }
    const answer = () =>
      perform(operations.putApprovalResult, ctx, {
        ...{ pipelineName, stageName: 'Go', actionName: 'Approve', token },
        result: { status: 'Approved', summary: '' },
      });
    await answer();
    expect((await list())[0]).toMatchObject({ status: 'Succeeded', executionMode: 'PARALLEL' });
    await expect(answer()).rejects.toMatchObject({ name: 'ApprovalAlreadyCompletedException' });
  });

  it('CP-C5: fifty executions wait in their order', async () => {
    await create({}, { executionMode: 'QUEUED' });
    const ids: string[] = [];
    for (let i = 1; i < 50; i++) ids.push(await startOne());
    await expect(startOne()).rejects.toMatchObject({
      name: 'ConcurrentPipelineExecutionsLimitExceededException',
    });
    const { inboundExecution, inboundExecutions } = await stateOf('Source');
    expect(inboundExecutions?.map((e) => e.pipelineExecutionId)).toEqual(ids);
    expect(inboundExecution?.pipelineExecutionId).toBe(ids[0]);
    await end('Source');
    expect((await asked('Source')).executionId).toBe(ids[0]);
  });

  it('CP-C11: PutActionRevision knows what an execution has worked with', async () => {
    await create({});
    await end('Source', { state: 'succeeded', revision: { revisionId: 'abc' } });
    const put = (revisionId: string) =>
      perform(operations.putActionRevision, ctx, {
        ...{ pipelineName, stageName: 'Source', actionName: 'Source' },
        actionRevision: { revisionId, revisionChangeId: '1', created: new Date(0) },
      });
    expect(await put('abc')).toMatchObject({ newRevision: false });
    const first = await put('def');
    expect(first.newRevision).toBe(true);
    expect((await list())[0]).toMatchObject({
      pipelineExecutionId: first.pipelineExecutionId,
      trigger: { triggerType: 'PutActionRevision', triggerDetail: ctx.principal.arn },
    });
    expect(await put('def')).toMatchObject({ newRevision: false });
  });
});
