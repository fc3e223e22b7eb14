import { formatArn } from '../../../aws/arn.ts';
import { behind } from '../../../db/behind.ts';
import type { Tx } from '../../../db/database.ts';
import { decodeJson, encodeJson } from '../../../lib/json.ts';
import type { CodeCommitTables } from './tables.ts';

/** SQL about repositories. References are in references.ts, uploads in uploads.ts. */

export const on = (tx: Tx) => tx.withTables<CodeCommitTables>();

export interface RepositoryKey {
  accountId: string;
  region: string;
  name: string;
}

export interface RepositoryRecord extends RepositoryKey {
  repositoryId: string;
  arn: string;
  description: string | undefined;
  defaultBranch: string | undefined;
  tags: Record<string, string>;
  created: Date;
  modified: Date;
  generation: number;
  /** Undefined of one of an earlier version that is not sealed yet. */
  key: RepositoryKmsKey | undefined;
}

/** What a repository is sealed with. */
export interface RepositoryKmsKey {
  /** Of the KMS key. */
  keyArn: string;
  /** The data key, as KMS opens it, base64. */
  sealed: string;
}

export function repositoryArn({ accountId, region, name }: RepositoryKey): string {
  return formatArn({ service: 'codecommit', region, accountId, resource: name });
}

type Row = CodeCommitTables['codecommit_repository'];

function repositoryRecord(row: Row): RepositoryRecord {
  const key = { accountId: row.account_id, region: row.region, name: row.name };
  return {
    ...key,
    repositoryId: row.repository_id,
    arn: repositoryArn(key),
    description: row.description ?? undefined,
    defaultBranch: row.default_branch ?? undefined,
    tags: decodeJson(row.tags),
    created: new Date(row.created),
    modified: new Date(row.modified),
    generation: row.generation,
    key:
      row.kms_key_arn !== null && row.data_key !== null
        ? { keyArn: row.kms_key_arn, sealed: row.data_key }
        : undefined,
  };
}

function selectByKey(tx: Tx, key: RepositoryKey) {
  return on(tx)
    .selectFrom('codecommit_repository')
    .selectAll()
    .where('account_id', '=', key.accountId)
    .where('region', '=', key.region)
    .where('name', '=', key.name);
}

export async function findRepository(
  tx: Tx,
  key: RepositoryKey,
): Promise<RepositoryRecord | undefined> {
  const row = await selectByKey(tx, key).executeTakeFirst();
  return row && repositoryRecord(row);
}

/** Repositories of an account by their names: those that there are. */
export async function findRepositories(
  tx: Tx,
  { accountId, region }: Omit<RepositoryKey, 'name'>,
  names: readonly string[],
): Promise<Map<string, RepositoryRecord>> {
  const rows = await on(tx)
    .selectFrom('codecommit_repository')
    .selectAll()
    .where('account_id', '=', accountId)
    .where('region', '=', region)
    .where('name', 'in', names)
    .execute();
  return new Map(rows.map((row) => [row.name, repositoryRecord(row)]));
}

export async function findRepositoryById(
  tx: Tx,
  repositoryId: string,
): Promise<RepositoryRecord | undefined> {
  const row = await on(tx)
    .selectFrom('codecommit_repository')
    .selectAll()
    .where('repository_id', '=', repositoryId)
    .executeTakeFirst();
  return row && repositoryRecord(row);
}

/** Repositories of this name in every account and region. */
export async function findByName(tx: Tx, name: string): Promise<RepositoryRecord[]> {
  const rows = await on(tx)
    .selectFrom('codecommit_repository')
    .selectAll()
    .where('name', '=', name)
    .execute();
  return rows.map(repositoryRecord);
}

export async function countRepositories(
  tx: Tx,
  accountId: string,
  region: string,
): Promise<number> {
  const { count } = await on(tx)
    .selectFrom('codecommit_repository')
    .select((e) => e.fn.countAll<number | string>().as('count'))
    .where('account_id', '=', accountId)
    .where('region', '=', region)
    .executeTakeFirstOrThrow();
  return Number(count);
}

export interface NewRepository extends RepositoryKey {
  repositoryId: string;
  description: string | undefined;
  tags: Record<string, string>;
  /** Left out: made when it is first used, under the default key. */
  key?: RepositoryKmsKey;
  now: Date;
}

export async function insertRepository(tx: Tx, repository: NewRepository): Promise<void> {
  await on(tx)
    .insertInto('codecommit_repository')
    .values({
      account_id: repository.accountId,
      region: repository.region,
      name: repository.name,
      repository_id: repository.repositoryId,
      description: repository.description ?? null,
      default_branch: null,
      tags: encodeJson(repository.tags),
      created: repository.now.getTime(),
      modified: repository.now.getTime(),
      generation: 0,
      kms_key_arn: repository.key?.keyArn ?? null,
      data_key: repository.key?.sealed ?? null,
    })
    .execute();
}

/** Members of a repository that can change; those left out stay. `null` clears one. */
export interface RepositoryChange {
  name?: string;
  description?: string | null;
  defaultBranch?: string | null;
  tags?: Record<string, string>;
  generation?: number;
  /** Left out where the change is none of the repository itself (tags). */
  modified?: Date;
}

export async function changeRepository(
  tx: Tx,
  repositoryId: string,
  change: RepositoryChange,
): Promise<void> {
  await on(tx)
    .updateTable('codecommit_repository')
    .set({
      ...(change.name !== undefined && { name: change.name }),
      ...(change.description !== undefined && { description: change.description }),
      ...(change.defaultBranch !== undefined && { default_branch: change.defaultBranch }),
      ...(change.tags !== undefined && { tags: encodeJson(change.tags) }),
      ...(change.generation !== undefined && { generation: change.generation }),
      ...(change.modified !== undefined && { modified: change.modified.getTime() }),
    })
    .where('repository_id', '=', repositoryId)
    .execute();
}

/** Keeps the data key of a repository, unless another one has come before. @param before the one that it replaces */
export async function keepDataKey(
  tx: Tx,
  repositoryId: string,
  { key, before, modified }: { key: RepositoryKmsKey; before?: RepositoryKmsKey; modified?: Date },
): Promise<boolean> {
  const { numUpdatedRows } = await on(tx)
    .updateTable('codecommit_repository')
    .set({
      kms_key_arn: key.keyArn,
      data_key: key.sealed,
      ...(modified && { modified: modified.getTime() }),
    })
    .where('repository_id', '=', repositoryId)
    .where('data_key', before ? '=' : 'is', before?.sealed ?? null)
    .executeTakeFirst();
  return numUpdatedRows > 0n;
}

const ASKED_AT_ONCE = 500;

/** Those of these ids that are repositories' here, so many at most. */
export async function thoseThatExist(
  tx: Tx,
  ids: readonly string[],
  most: number,
): Promise<string[]> {
  const found: string[] = [];
  for (let at = 0; at < ids.length && found.length < most; at += ASKED_AT_ONCE) {
    const rows = await on(tx)
      .selectFrom('codecommit_repository')
      .select('repository_id')
      .where('repository_id', 'in', ids.slice(at, at + ASKED_AT_ONCE))
      .execute();
    for (const row of rows) found.push(row.repository_id);
  }
  return found.slice(0, most);
}

export async function deleteRepository(tx: Tx, repositoryId: string): Promise<void> {
  await on(tx)
    .deleteFrom('codecommit_repository')
    .where('repository_id', '=', repositoryId)
    .execute();
}

/** A place in the list of repositories: the last one of the page before. */
export type ListPosition = readonly [modified: number, name: string];

export interface ListQuery {
  accountId: string;
  region: string;
  sortBy: 'repositoryName' | 'lastModifiedDate';
  descending: boolean;
  after: ListPosition | undefined;
  limit: number;
}

export async function listRepositories(tx: Tx, query: ListQuery): Promise<RepositoryRecord[]> {
  const { after } = query;
  const direction = query.descending ? 'desc' : 'asc';
  const byDate = query.sortBy === 'lastModifiedDate';
  let select = on(tx)
    .selectFrom('codecommit_repository')
    .selectAll()
    .where('account_id', '=', query.accountId)
    .where('region', '=', query.region)
    .where(
      byDate
        ? behind(['modified', 'name'], direction, after)
        : behind(['name'], direction, after && [after[1]]),
    );
  if (byDate) select = select.orderBy('modified', direction);
  const rows = await select.orderBy('name', direction).limit(query.limit).execute();
  return rows.map(repositoryRecord);
}
