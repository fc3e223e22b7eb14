import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { openDatabase } from '../src/db/open.ts';
import { masterKey } from '../src/lib/master-key.ts';
import { makeVault } from '../src/lib/vault.ts';
import { EXECUTION } from '../src/services/codepipeline/store/documents.ts';
import { on } from '../src/services/codepipeline/store/pipelines.ts';

export interface Filling {
  pipelines: number;
  /** Of all pipelines together. */
  executions: number;
  /** Of those, in the pipeline `bench`. */
  history: number;
}

const COLUMNS = {
  pipeline:
    'account_id, region, pipeline_id, arn, version, created, updated, pipeline_type, execution_mode, tags',
  source: 'action_name, account_id, region, provider, resource',
  execution: 'account_id, region, status, data',
  action:
    'account_id, region, stage_name, action_name, start_time, status, kind, provider, external_id, data',
};
/** Far behind what the engine has counted so far. */
const FIRST_ORDINAL = 1_000_000;
/** What an execution takes of a pipeline's numbers, at most. */
const ORDINALS = 10;

/**
 * Makes the store of a server that has stopped large, by copies of what one pipeline and one execution of it have left. What lies sealed
 * in them stays the first's, but for the executions of `bench`; keys, order and sizes are as of as many real ones.
 */
export async function fillStore(dataDir: string, filling: Filling): Promise<void> {
  const file = join(dataDir, 'slipway.db');
  copyRows(file, filling);
  const vault = makeVault(masterKey(join(dataDir, 'master.key'), undefined));
  const database = await openDatabase({ dialect: 'sqlite', file }, () => vault);
  await database.transaction(async (tx) => {
    const its = on(tx)
      .selectFrom('codepipeline_execution')
      .select(['execution_id', 'ordinal', 'data'])
      .where('execution_id', 'like', 'history-%');
    for (const { execution_id, ordinal, data } of await its.execute()) {
      const own = { ...EXECUTION.decode(data), executionId: execution_id, ordinal };
      await on(tx)
        .updateTable('codepipeline_execution')
        .set({ data: EXECUTION.encode(own) })
        .where('execution_id', '=', execution_id)
        .where('ordinal', '=', ordinal)
        .where('pipeline_id', '=', (e) =>
          e.selectFrom('codepipeline_pipeline').select('pipeline_id').where('name', '=', 'bench'),
        )
        .execute();
    }
  });
  await database.close();
}

function copyRows(file: string, { pipelines, executions, history }: Filling): void {
  const database = new DatabaseSync(file);
  database.exec('pragma synchronous = off; begin');
  const id = "(select pipeline_id from codepipeline_pipeline where name = 'bench')";
  const numbers = (name: string, count: number) =>
    `${name}(i) as (select 1 union all select i + 1 from ${name} where i < ${count})`;
  database.exec(`create temp table template as
    select pipeline_id, execution_id from codepipeline_execution where pipeline_id = ${id} limit 1`);
  const others = pipelines - 2;
  const perOther = Math.floor((executions - history) / others);
  const clone = "'clone-' || printf('%06d', n.i)";
  database.exec(`with recursive ${numbers('n', others)} insert into codepipeline_pipeline
    (name, ${COLUMNS.pipeline}, next_ordinal)
    select ${clone}, ${COLUMNS.pipeline.replace('pipeline_id', clone)}, ${FIRST_ORDINAL * 2}
    from n, codepipeline_pipeline p where p.name = 'bench'`);
  for (const [table, columns] of [
    ['version', 'version, updated, declaration'],
    ['stage', 'stage_name, data'],
  ]) {
    database.exec(`with recursive ${numbers('n', others)} insert into codepipeline_${table}
      (pipeline_id, ${columns}) select ${clone}, ${columns}
      from n, codepipeline_${table} where pipeline_id = ${id}`);
  }
  database.exec(`with recursive ${numbers('n', others)} insert into codepipeline_source
    (pipeline_id, item, ${COLUMNS.source}) select ${clone}, item || n.i, ${COLUMNS.source}
    from n, codepipeline_source where pipeline_id = ${id}`);
  // Whose execution, and the how many-eth of its pipeline.
  database.exec(`create temp table made as with recursive ${numbers('h', history)},
    ${numbers('n', others)}, ${numbers('m', Math.max(1, perOther))}
    select ${id} as pipeline_id, 'history-' || h.i as execution_id, h.i as number from h
    union all select ${clone}, 'clone-' || n.i || '-' || m.i, m.i from n, m`);
  const ordinal = `${FIRST_ORDINAL} + made.number * ${ORDINALS}`;
  const ofTemplate = (alias: string) =>
    `${alias}.pipeline_id = t.pipeline_id and ${alias}.execution_id = t.execution_id`;
  database.exec(`insert into codepipeline_execution
    (pipeline_id, execution_id, ordinal, ${COLUMNS.execution})
    select made.pipeline_id, made.execution_id, ${ordinal}, ${COLUMNS.execution}
    from made, codepipeline_execution e, template t where ${ofTemplate('e')}`);
  database.exec(`insert into codepipeline_stage_run
    (pipeline_id, execution_id, stage_name, status, ordinal)
    select made.pipeline_id, made.execution_id, stage_name, status, ${ordinal}
    from made, codepipeline_stage_run r, template t where ${ofTemplate('r')}`);
  database.exec(`insert into codepipeline_action
    (pipeline_id, execution_id, action_execution_id, ordinal, ${COLUMNS.action})
    select made.pipeline_id, made.execution_id,
      made.pipeline_id || made.execution_id || a.ordinal, ${ordinal} + a.ordinal, ${COLUMNS.action}
    from made, codepipeline_action a, template t where ${ofTemplate('a')}`);
  database.exec(
    `update codepipeline_pipeline set next_ordinal = ${FIRST_ORDINAL * 2} where name = 'bench'`,
  );
  database.exec('commit');
  database.close();
}
