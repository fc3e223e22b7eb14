import type { Db, Tx } from '../../../db/database.ts';
import { decodeJson, encodeJson } from '../../../lib/json.ts';
import type { Image } from '../model/images.ts';
import { type Owner, tables } from './tables.ts';

/** The account's own, in the order of their ids. */
export async function listImages(db: Db | Tx, owner: Owner): Promise<Image[]> {
  const rows = await tables(db)
    .selectFrom('ec2_image')
    .selectAll()
    .where('account_id', '=', owner.accountId)
    .where('region', '=', owner.region)
    .orderBy('id')
    .execute();
  return rows.map((row) => decodeJson<Image>(row.body));
}

export async function insertImage(tx: Tx, owner: Owner, image: Image): Promise<void> {
  const { accountId: account_id, region } = owner;
  await tables(tx)
    .insertInto('ec2_image')
    .values({ account_id, region, id: image.id, body: encodeJson(image) })
    .execute();
}

export async function deleteImage(tx: Tx, owner: Owner, id: string): Promise<void> {
  await tables(tx)
    .deleteFrom('ec2_image')
    .where('account_id', '=', owner.accountId)
    .where('region', '=', owner.region)
    .where('id', '=', id)
    .execute();
}
