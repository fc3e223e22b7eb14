import type { Tx } from '../../../db/database.ts';
import { statement } from '../../../db/statement.ts';
import { decodeJson, encodeJson } from '../../../lib/json.ts';
import { parseOnce } from '../../../lib/parse-once.ts';
import type { PipelineSource } from '../model/action-type.ts';
import type { Pipeline } from '../model/declaration.ts';
import type { PipelineState } from '../model/state.ts';
import type { CodePipelineTables } from './tables.ts';

/** SQL about pipelines and their versions. Executions are in executions.ts. */

export const on = (tx: Tx) => tx.withTables<CodePipelineTables>();

export interface PipelineKey {
  accountId: string;
  region: string;
  name: string;
}

export interface PipelineRecord extends PipelineState {
  created: Date;
  /** When the version at hand was made. */
  updated: Date;
  tags: { key: string; value: string }[];
}

/** A pipeline with its current structure, or that of `version`. */
export async function findPipeline(
  tx: Tx,
  key: PipelineKey,
  version?: number,
): Promise<PipelineRecord | undefined> {
  const [row] =
    version === undefined ? await currentByName(tx, key) : await byNameAt(tx, { ...key, version });
  return row && pipelineRecord(row);
}

const currentByName = statement<PipelineKey, PipelineRow>((tx, parameter) =>
  selectByName(tx, parameter).whereRef('v.version', '=', 'p.version'),
);

const byNameAt = statement<PipelineKey & { version: number }, PipelineRow>((tx, parameter) =>
  selectByName(tx, parameter).where('v.version', '=', parameter('version')),
);

function selectByName(tx: Tx, parameter: (name: keyof PipelineKey) => string) {
  return selectPipeline(tx)
    .where('p.account_id', '=', parameter('accountId'))
    .where('p.region', '=', parameter('region'))
    .where('p.name', '=', parameter('name'));
}

/** A pipeline with its current structure, or that of `version`. */
export async function findPipelineById(
  tx: Tx,
  pipelineId: string,
  version?: number,
): Promise<PipelineRecord | undefined> {
  const row = await selectPipeline(tx)
    .where('p.pipeline_id', '=', pipelineId)
    .$if(version === undefined, (q) => q.whereRef('v.version', '=', 'p.version'))
    .$if(version !== undefined, (q) => q.where('v.version', '=', version ?? 0))
    .executeTakeFirst();
  return row && pipelineRecord(row);
}

function selectPipeline(tx: Tx) {
  return on(tx)
    .selectFrom('codepipeline_pipeline as p')
    .innerJoin('codepipeline_version as v', 'v.pipeline_id', 'p.pipeline_id')
    .select([
      'p.pipeline_id',
      'p.account_id',
      'p.region',
      'p.arn',
      'p.name',
      'p.created',
      'p.next_ordinal',
      'p.tags',
      'v.version',
      'v.updated',
      'v.declaration',
    ]);
}

type PipelineRow = NonNullable<
  Awaited<ReturnType<ReturnType<typeof selectPipeline>['executeTakeFirst']>>
>;

const readDeclaration = parseOnce((text) => decodeJson<Pipeline>(text));

function pipelineRecord(row: PipelineRow): PipelineRecord {
  return {
    pipelineId: row.pipeline_id,
    accountId: row.account_id,
    region: row.region,
    arn: row.arn,
    name: row.name,
    version: row.version,
    nextOrdinal: row.next_ordinal,
    declaration: readDeclaration(row.declaration),
    created: new Date(row.created),
    updated: new Date(row.updated),
    tags: decodeJson(row.tags),
  };
}

/** @param sources whose changes start it */
export async function insertPipeline(
  tx: Tx,
  record: PipelineRecord,
  sources: PipelineSource[],
): Promise<void> {
  await on(tx)
    .insertInto('codepipeline_pipeline')
    .values({
      account_id: record.accountId,
      region: record.region,
      name: record.name,
      pipeline_id: record.pipelineId,
      arn: record.arn,
      version: record.version,
      created: record.created.getTime(),
      updated: record.updated.getTime(),
      next_ordinal: record.nextOrdinal,
      pipeline_type: record.declaration.pipelineType,
      execution_mode: record.declaration.executionMode,
      tags: encodeJson(record.tags),
    })
    .execute();
  await insertVersion(tx, record);
  await replaceSources(tx, record, sources);
}

/** Makes `record`'s structure and version the current one. */
export async function updatePipeline(
  tx: Tx,
  record: PipelineRecord,
  sources: PipelineSource[],
): Promise<void> {
  await on(tx)
    .updateTable('codepipeline_pipeline')
    .set({
      version: record.version,
      updated: record.updated.getTime(),
      pipeline_type: record.declaration.pipelineType,
      execution_mode: record.declaration.executionMode,
    })
    .where('pipeline_id', '=', record.pipelineId)
    .execute();
  await insertVersion(tx, record);
  await replaceSources(tx, record, sources);
}

async function insertVersion(tx: Tx, record: PipelineRecord): Promise<void> {
  await on(tx)
    .insertInto('codepipeline_version')
    .values({
      pipeline_id: record.pipelineId,
      version: record.version,
      updated: record.updated.getTime(),
      declaration: encodeJson(record.declaration),
    })
    .execute();
}

async function replaceSources(
  tx: Tx,
  record: PipelineRecord,
  sources: PipelineSource[],
): Promise<void> {
  await on(tx)
    .deleteFrom('codepipeline_source')
    .where('pipeline_id', '=', record.pipelineId)
    .execute();
  for (const { actionName, ...source } of sources) {
    await on(tx)
      .insertInto('codepipeline_source')
      .values({
        pipeline_id: record.pipelineId,
        action_name: actionName,
        account_id: record.accountId,
        region: record.region,
        ...source,
      })
      .execute();
  }
}

export interface WatchedSource {
  pipelineId: string;
  actionName: string;
  /** What of the resource, or that a trigger decides. */
  item: string;
}

/** Pipelines that a change of this source starts. */
export async function findWatchers(
  tx: Tx,
  source: {
    accountId: string;
    region: string;
    provider: string;
    resource: string;
    items: readonly string[];
  },
): Promise<WatchedSource[]> {
  const rows = await on(tx)
    .selectFrom('codepipeline_source')
    .select(['pipeline_id', 'action_name', 'item'])
    .where('account_id', '=', source.accountId)
    .where('region', '=', source.region)
    .where('provider', '=', source.provider)
    .where('resource', '=', source.resource)
    .where('item', 'in', source.items)
    .orderBy('pipeline_id')
    .execute();
  return rows.map((row) => ({
    pipelineId: row.pipeline_id,
    actionName: row.action_name,
    item: row.item,
  }));
}

/** Does any pipeline watch something of this provider's? @param source.about the resource, where it is one */
export async function isWatched(
  tx: Tx,
  source: { accountId: string; region: string; provider: string; about: string | undefined },
): Promise<boolean> {
  const its = on(tx)
    .selectFrom('codepipeline_source')
    .select('pipeline_id')
    .where('account_id', '=', source.accountId)
    .where('region', '=', source.region)
    .where('provider', '=', source.provider);
  const row = await (source.about === undefined ? its : its.where('resource', '=', source.about))
    .limit(1)
    .executeTakeFirst();
  return row !== undefined;
}

/** Forgets a pipeline with all that belongs to it. */
export async function deletePipeline(tx: Tx, key: PipelineKey): Promise<void> {
  await on(tx)
    .deleteFrom('codepipeline_pipeline')
    .where('account_id', '=', key.accountId)
    .where('region', '=', key.region)
    .where('name', '=', key.name)
    .execute();
}

export async function countPipelines(tx: Tx, accountId: string, region: string): Promise<number> {
  const row = await on(tx)
    .selectFrom('codepipeline_pipeline')
    .select((e) => e.fn.countAll<number>().as('count'))
    .where('account_id', '=', accountId)
    .where('region', '=', region)
    .executeTakeFirstOrThrow();
  return Number(row.count);
}

/** Pipelines by name, after `after`. */
export async function listPipelines(
  tx: Tx,
  place: { accountId: string; region: string },
  page: { after?: string | undefined; limit: number },
) {
  return on(tx)
    .selectFrom('codepipeline_pipeline')
    .select(['name', 'version', 'pipeline_type', 'execution_mode', 'created', 'updated'])
    .where('account_id', '=', place.accountId)
    .where('region', '=', place.region)
    .$if(page.after !== undefined, (q) => q.where('name', '>', page.after ?? ''))
    .orderBy('name')
    .limit(page.limit)
    .execute();
}

export async function setTags(
  tx: Tx,
  pipelineId: string,
  tags: PipelineRecord['tags'],
): Promise<void> {
  await on(tx)
    .updateTable('codepipeline_pipeline')
    .set({ tags: encodeJson(tags) })
    .where('pipeline_id', '=', pipelineId)
    .execute();
}
