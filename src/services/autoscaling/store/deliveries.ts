import type { Db, Tx } from '../../../db/database.ts';
import { defineDocument } from '../../../db/document.ts';
import type { Delivery } from '../model/draft.ts';
import { arnOf, type Group } from '../model/group.ts';
import { type Owner, tables } from './tables.ts';

const BODY = defineDocument<Delivery>();

/** Something that is to be told, and for which group. */
export interface Owed extends Owner {
  groupArn: string;
  madeAt: number;
  delivery: Delivery;
}

export async function saveDelivery(
  tx: Tx,
  group: Group,
  delivery: Delivery,
  made_at: number,
): Promise<void> {
  const { accountId: account_id, region } = group;
  const body = BODY.encode(delivery);
  await tables(tx)
    .insertInto('autoscaling_delivery')
    .values({ account_id, region, id: delivery.id, group_arn: arnOf(group), made_at, body })
    .onConflict((c) => c.column('id').doNothing())
    .execute();
}

export async function findDelivery(db: Db | Tx, id: string): Promise<Owed | undefined> {
  const row = await tables(db)
    .selectFrom('autoscaling_delivery')
    .selectAll()
    .where('id', '=', id)
    .executeTakeFirst();
  return (
    row && {
      ...{ accountId: row.account_id, region: row.region, groupArn: row.group_arn },
      ...{ madeAt: row.made_at, delivery: BODY.decode(row.body) },
    }
  );
}

export async function deleteDelivery(tx: Tx, id: string): Promise<void> {
  await tables(tx).deleteFrom('autoscaling_delivery').where('id', '=', id).execute();
}

export async function deliveryIds(db: Db | Tx): Promise<string[]> {
  const rows = await tables(db).selectFrom('autoscaling_delivery').select('id').execute();
  return rows.map(({ id }) => id);
}
