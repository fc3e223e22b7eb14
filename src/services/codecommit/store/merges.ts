import { randomUUID } from 'node:crypto';
import type {
  ConflictDetailLevelTypeEnum,
  ConflictResolutionStrategyTypeEnum,
  MergeOptionTypeEnum,
} from '@aws-sdk/client-codecommit';
import type { Db, Tx } from '../../../db/database.ts';
import type { ReferenceChange } from '../model/references.ts';
import { on } from './repositories.ts';
import type { CodeCommitTables } from './tables.ts';

/** SQL about merges that were made here. */

export interface MergeRecord {
  mergeId: string;
  repositoryId: string;
  /** Commit ids. */
  source: string;
  destination: string;
  /** What came of it: of a fast-forward, the source. */
  commitId: string;
  /** Undefined: the two have no history in common. */
  base: string | undefined;
  /** The reference that moved (full name); undefined: none did. */
  reference: string | undefined;
  option: MergeOptionTypeEnum;
  detailLevel: ConflictDetailLevelTypeEnum | undefined;
  strategy: ConflictResolutionStrategyTypeEnum | undefined;
  created: Date;
}

type Row = CodeCommitTables['codecommit_merge'];

const recordOf = (row: Row): MergeRecord => ({
  ...{ mergeId: row.merge_id, repositoryId: row.repository_id },
  ...{ source: row.source_id, destination: row.destination_id, commitId: row.commit_id },
  base: row.base_id ?? undefined,
  reference: row.reference ?? undefined,
  option: row.merge_option as MergeOptionTypeEnum,
  detailLevel: (row.detail_level ?? undefined) as MergeRecord['detailLevel'],
  strategy: (row.strategy ?? undefined) as MergeRecord['strategy'],
  created: new Date(row.created),
});

/** @returns its id */
export async function insertMerge(tx: Tx, merge: Omit<MergeRecord, 'mergeId'>): Promise<string> {
  const mergeId = randomUUID();
  await on(tx)
    .insertInto('codecommit_merge')
    .values({
      merge_id: mergeId,
      repository_id: merge.repositoryId,
      source_id: merge.source,
      destination_id: merge.destination,
      commit_id: merge.commitId,
      base_id: merge.base ?? null,
      reference: merge.reference ?? null,
      merge_option: merge.option,
      detail_level: merge.detailLevel ?? null,
      strategy: merge.strategy ?? null,
      created: merge.created.getTime(),
    })
    .execute();
  return mergeId;
}

export async function deleteMerge(tx: Tx, mergeId: string): Promise<void> {
  await on(tx).deleteFrom('codecommit_merge').where('merge_id', '=', mergeId).execute();
}

/** References that are looked for at once: statements have a limit of parameters. */
const AT_ONCE = 1000;

/** The merges by which references came from one commit to another one, by the names of these. */
export async function findMergesInto(
  tx: Tx,
  repositoryId: string,
  changes: readonly ReferenceChange[],
): Promise<Map<string, MergeRecord>> {
  const updated = changes.filter(({ event }) => event === 'referenceUpdated');
  const found = new Map<string, MergeRecord>();
  for (let start = 0; start < updated.length; start += AT_ONCE) {
    const some = new Map(updated.slice(start, start + AT_ONCE).map((each) => [each.name, each]));
    const rows = await on(tx)
      .selectFrom('codecommit_merge')
      .selectAll()
      .where('repository_id', '=', repositoryId)
      .where('commit_id', 'in', [...new Set([...some.values()].map((each) => each.commitId ?? ''))])
      .orderBy('created')
      .execute();
    for (const merge of rows.map(recordOf)) {
      const { name = '', oldCommitId, commitId } = some.get(merge.reference ?? '') ?? {};
      const isOne = merge.destination === oldCommitId && merge.commitId === commitId;
      // The youngest of those that are alike.
      if (isOne) found.set(name, merge);
    }
  }
  return found;
}

/** The youngest merge commit of a source with a destination, or that the destination is now. */
export async function findMergeCommit(
  db: Db | Tx,
  repositoryId: string,
  {
    source,
    destination,
    detailLevel,
    strategy,
  }: {
    source: string;
    destination: string;
    detailLevel: string | undefined;
    strategy: string | undefined;
  },
): Promise<MergeRecord | undefined> {
  let select = on(db)
    .selectFrom('codecommit_merge')
    .selectAll()
    .where('repository_id', '=', repositoryId)
    .where('source_id', '=', source)
    .where('merge_option', '<>', 'FAST_FORWARD_MERGE')
    .where((e) => e.or([e('destination_id', '=', destination), e('commit_id', '=', destination)]));
  if (detailLevel !== undefined) select = select.where('detail_level', '=', detailLevel);
  if (strategy !== undefined) select = select.where('strategy', '=', strategy);
  const row = await select.orderBy('created', 'desc').limit(1).executeTakeFirst();
  return row && recordOf(row);
}
