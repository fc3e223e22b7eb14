import type { Tx } from '../../../db/database.ts';
import { defineDocument } from '../../../db/document.ts';
import { decodeJson, encodeJson } from '../../../lib/json.ts';
import type { ActionFacts } from '../model/action-type.ts';
import type { ActionTypeId } from '../model/declaration.ts';
import { type Definition, factsOf, type MadeType } from '../model/made-type.ts';
import { on, type PipelineRecord } from './pipelines.ts';

/** SQL about the action types that people make. */

const DEFINITION = defineDocument<Definition>();

export interface Place {
  accountId: string;
  region: string;
}

export interface StoredType extends MadeType {
  region: string;
  created: number;
  deleted: boolean;
  tags: PipelineRecord['tags'];
}

/** The scope of types that all accounts may come to see. */
const EVERYBODY = '*';

const scopeOf = (accountId: string, { owner }: ActionTypeId) =>
  owner === 'ThirdParty' ? EVERYBODY : accountId;

function keyOf({ accountId, region }: Place, id: ActionTypeId) {
  const { owner, category, provider, version } = id;
  return { scope: scopeOf(accountId, id), region, owner, category, provider, version };
}

/** The types of these ids that an account sees, the deleted ones too; those of AWS cost no query. */
export async function findMadeTypes(
  tx: Tx,
  place: Place,
  ids: readonly ActionTypeId[],
): Promise<StoredType[]> {
  const made = ids.filter(({ owner }) => owner !== 'AWS');
  if (made.length === 0) return [];
  const keys = new Map(made.map((id) => [JSON.stringify(keyOf(place, id)), keyOf(place, id)]));
  const rows = await select(tx)
    .where((e) => e.or([...keys.values()].map((key) => e.and(key))))
    .execute();
  return rows.map(stored);
}

/** The same, as decisions look at them. */
export async function findMadeFacts(
  tx: Tx,
  place: Place,
  ids: readonly ActionTypeId[],
): Promise<ActionFacts[]> {
  return (await findMadeTypes(tx, place, ids)).map(factsOf);
}

export async function findMadeType(
  tx: Tx,
  place: Place,
  id: ActionTypeId,
): Promise<StoredType | undefined> {
  const [found] = await findMadeTypes(tx, place, [id]);
  return found;
}

/** All that an account sees and that are not deleted. */
export async function listMadeTypes(tx: Tx, { accountId, region }: Place): Promise<StoredType[]> {
  const rows = await select(tx)
    .where('scope', 'in', [accountId, EVERYBODY])
    .where('region', '=', region)
    .where('deleted', 'is', null)
    .orderBy('owner')
    .orderBy('category')
    .orderBy('provider')
    .orderBy('version')
    .execute();
  return rows.map(stored);
}

export async function countCustomTypes(tx: Tx, { accountId, region }: Place): Promise<number> {
  const row = await on(tx)
    .selectFrom('codepipeline_action_type')
    .select((e) => e.fn.countAll<number>().as('count'))
    .where('scope', '=', accountId)
    .where('region', '=', region)
    .where('deleted', 'is', null)
    .executeTakeFirstOrThrow();
  return Number(row.count);
}

/** Makes a type, or makes it another one; one that was deleted is there again. */
export async function putMadeType(tx: Tx, type: StoredType): Promise<void> {
  const data = DEFINITION.encode(type.definition);
  const tags = encodeJson(type.tags);
  const key = keyOf(type, type.id);
  await on(tx)
    .insertInto('codepipeline_action_type')
    .values({
      ...key,
      account_id: type.accountId,
      created: type.created,
      deleted: null,
      data,
      tags,
    })
    .onConflict((c) =>
      c
        .columns(['scope', 'region', 'owner', 'category', 'provider', 'version'])
        .doUpdateSet({ data, tags, deleted: null }),
    )
    .execute();
}

export async function markTypeDeleted(tx: Tx, type: StoredType, deleted: number): Promise<void> {
  await update(tx, type, { deleted });
}

export async function setTypeTags(
  tx: Tx,
  type: StoredType,
  tags: PipelineRecord['tags'],
): Promise<void> {
  await update(tx, type, { tags: encodeJson(tags) });
}

async function update(
  tx: Tx,
  type: StoredType,
  changes: { deleted?: number; tags?: string },
): Promise<void> {
  await on(tx)
    .updateTable('codepipeline_action_type')
    .set(changes)
    .where((e) => e.and(keyOf(type, type.id)))
    .execute();
}

const select = (tx: Tx) => on(tx).selectFrom('codepipeline_action_type').selectAll();

function stored(
  row: Awaited<ReturnType<ReturnType<typeof select>['execute']>>[number],
): StoredType {
  const { owner, category, provider, version } = row;
  return {
    id: { owner, category, provider, version } as ActionTypeId,
    accountId: row.account_id,
    region: row.region,
    created: row.created,
    deleted: row.deleted !== null,
    definition: DEFINITION.decode(row.data),
    tags: decodeJson(row.tags),
  };
}
