import { expect, it } from 'vitest';
import type { Tx } from '../../../db/database.ts';
import { migrate } from '../../../db/migrate.ts';
import { eachDialect } from '../../../db/testing.ts';
import { migrations } from '../migrations/index.ts';
import { start } from '../model/commands.ts';
import { report } from '../model/outcome.ts';
import { Bench, build, pipelineOf, source, stage, trigger } from '../model/testing.ts';
import { ACTION, EXECUTION } from './documents.ts';
import { loadExecutions } from './executions.ts';
import { listActions, listExecutions } from './history.ts';
import { insertPipeline, on } from './pipelines.ts';

const HISTORY = 8_000;
const BATCH = 500;
const ROUNDS = 15;
/** A walk through such a history takes ten times as much and more, and the machine may be busy. */
const TIMES = 4;
const SLACK_MS = 0.4;

/** What an execution that has ended leaves. */
function ended() {
  const bench = new Bench(pipelineOf([stage('Source', source()), stage('Build', build())]));
  bench.do((d) => start(d, { executionId: 'e', trigger }));
  for (const action of ['Source', 'Build'])
    bench.do((d) => report(d, bench.action('e', action).actionExecutionId, { state: 'succeeded' }));
  return { execution: bench.execution('e'), run: bench.action('e', 'Build'), bench };
}

async function makeHistory(tx: Tx, name: string, count: number): Promise<void> {
  const { execution, run, bench } = ended();
  const { pipeline } = bench.snapshot;
  const record = { ...pipeline, pipelineId: name, name, created: new Date(), updated: new Date() };
  await insertPipeline(tx, { ...record, tags: [] }, []);
  const place = { pipeline_id: name, account_id: pipeline.accountId, region: pipeline.region };
  for (let first = 0; first < count; first += BATCH) {
    const numbers = Array.from({ length: Math.min(BATCH, count - first) }, (_, i) => first + i + 1);
    const idOf = (n: number) => `${name}-${n}`;
    await on(tx)
      .insertInto('codepipeline_execution')
      .values(
        numbers.map((n) => ({
          ...{ ...place, execution_id: idOf(n), ordinal: n, status: execution.status },
          ...{ request_token: null, data: EXECUTION.encode({ ...execution, ordinal: n }) },
        })),
      )
      .execute();
    await on(tx)
      .insertInto('codepipeline_stage_run')
      .values(
        numbers.map((n) => ({
          ...{ pipeline_id: name, execution_id: idOf(n), stage_name: 'Build' },
          ...{ status: n === 1 ? 'Succeeded' : 'Failed', ordinal: n },
        })),
      )
      .execute();
    await on(tx)
      .insertInto('codepipeline_action')
      .values(
        numbers.map((n) => ({
          ...place,
          ...{ action_execution_id: idOf(n), execution_id: idOf(n), stage_name: 'Build' },
          ...{ action_name: 'Build', ordinal: n, start_time: 0, status: run.status },
          ...{ kind: 'action', provider: 'CodeBuild', external_id: null },
          data: ACTION.encode({ ...run, ordinal: n }),
        })),
      )
      .execute();
  }
}

/** The quickest of some: what else the machine does cannot make it quicker. */
async function least(look: () => Promise<unknown[]>): Promise<number> {
  let best = Infinity;
  for (let round = 0; round < ROUNDS; round += 1) {
    const began = performance.now();
    await look();
    best = Math.min(best, performance.now() - began);
  }
  return best;
}

const looks: Record<string, (tx: Tx, name: string) => Promise<unknown[]>> = {
  'what a decision looks at': (tx, name) => loadExecutions(tx, name, [`${name}-1`]),
  'the newest executions': (tx, name) => listExecutions(tx, name, { limit: 1 }),
  'the oldest of them': (tx, name) => listExecutions(tx, name, { limit: 1, before: 2 }),
  'those that succeeded in a stage': (tx, name) =>
    listExecutions(tx, name, { limit: 1, succeededInStage: 'Build' }),
  'the newest actions': (tx, name) => listActions(tx, name, { limit: 1, kind: 'action' }),
  'rules, of which there are none': (tx, name) => listActions(tx, name, { limit: 1, kind: 'rule' }),
  'the actions of one execution': (tx, name) =>
    listActions(tx, name, { limit: 9, kind: 'action', executionId: `${name}-1` }),
};

eachDialect('a long history', (makeDatabase) => {
  it('costs no more to look into than a short one', { timeout: 60_000 }, async () => {
    const database = await makeDatabase({ service: 'codepipeline', migrations });
    await database.transaction(async (tx) => {
      await makeHistory(tx, 'short', 1);
      await makeHistory(tx, 'long', HISTORY);
    });
    for (const [what, look] of Object.entries(looks)) {
      const found = await look(database.db, 'long');
      expect(found, what).toHaveLength((await look(database.db, 'short')).length === 0 ? 0 : 1);
      const short = await least(() => look(database.db, 'short'));
      const long = await least(() => look(database.db, 'long'));
      expect(long, `${what}: ${short} ms in a short one`).toBeLessThan(TIMES * short + SLACK_MS);
    }
  });

  it('of earlier releases is in order', async () => {
    const before = { service: 'codepipeline', migrations: migrations.slice(0, -1) };
    const database = await makeDatabase(before);
    const { execution, bench } = ended();
    const { pipeline } = bench.snapshot;
    const record = { ...pipeline, created: new Date(), updated: new Date(), tags: [] };
    const place = { account_id: pipeline.accountId, region: pipeline.region };
    await database.transaction(async (tx) => {
      await insertPipeline(tx, record, []);
      for (const [id, ordinal] of [['a', 2] as const, ['b', 3] as const, ['c', 1] as const]) {
        const ids = { pipeline_id: 'p', execution_id: id };
        const data = EXECUTION.encode({ ...execution, executionId: id, ordinal });
        const row = { ...place, ...ids, ordinal, status: execution.status, request_token: null };
        await on(tx)
          .insertInto('codepipeline_execution')
          .values({ ...row, data })
          .execute();
        // As it was written before there was an order.
        const run = { ...ids, stage_name: 'Build', status: 'Succeeded' } as never;
        await on(tx).insertInto('codepipeline_stage_run').values(run).execute();
      }
    });
    await migrate(database, [{ service: 'codepipeline', migrations }]);
    const found = await listExecutions(database.db, 'p', { limit: 9, succeededInStage: 'Build' });
    expect(found.map(({ executionId }) => executionId)).toEqual(['b', 'a', 'c']);
  });
});
