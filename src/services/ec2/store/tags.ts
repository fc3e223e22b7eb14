import type { Db, Tx } from '../../../db/database.ts';
import type { Tags } from '../../../kit/tags.ts';
import { type Owner, tables } from './tables.ts';

/** Tags by the id of what has them; of one or of all of an account in a region. */
export async function tagsById(
  db: Db | Tx,
  { accountId, region }: Owner,
  ids?: readonly string[],
): Promise<Map<string, Map<string, string>>> {
  const found = new Map<string, Map<string, string>>();
  if (ids?.length === 0) return found;
  let query = tables(db)
    .selectFrom('ec2_tag')
    .selectAll()
    .where('account_id', '=', accountId)
    .where('region', '=', region)
    .orderBy('tag_key');
  if (ids) query = query.where('resource_id', 'in', ids);
  for (const row of await query.execute()) {
    const tags = found.get(row.resource_id) ?? new Map<string, string>();
    found.set(row.resource_id, tags.set(row.tag_key, row.tag_value));
  }
  return found;
}

export const tagsOfOne = async (db: Db | Tx, owner: Owner, id: string): Promise<Tags> =>
  (await tagsById(db, owner, [id])).get(id) ?? new Map();

/** All tags of one resource, in place of those that it has. */
export async function saveTags(tx: Tx, owner: Owner, id: string, tags: Tags): Promise<void> {
  await deleteTags(tx, owner, id);
  const { accountId: account_id, region } = owner;
  const rows = [...tags].map(([tag_key, tag_value]) => ({
    ...{ account_id, region, resource_id: id, tag_key, tag_value },
  }));
  if (rows.length > 0) await tables(tx).insertInto('ec2_tag').values(rows).execute();
}

export async function deleteTags(tx: Tx, { accountId, region }: Owner, id: string): Promise<void> {
  await tables(tx)
    .deleteFrom('ec2_tag')
    .where('account_id', '=', accountId)
    .where('region', '=', region)
    .where('resource_id', '=', id)
    .execute();
}
