import type { Db, Tx } from '../../../db/database.ts';
import { decodeJson, encodeJson } from '../../../lib/json.ts';
import type { RepositoryLink } from '../model/connection.ts';
import { type CodeConnectionsTables, type Owner, tables } from './tables.ts';

type Body = Omit<RepositoryLink, 'accountId' | 'region' | 'arn' | 'id'>;

const linkOf = (row: CodeConnectionsTables['codeconnections_link']): RepositoryLink => ({
  ...{ accountId: row.account_id, region: row.region, arn: row.arn, id: row.id },
  ...decodeJson<Body>(row.body),
});

const all = (db: Db | Tx, { accountId, region }: Owner) =>
  tables(db)
    .selectFrom('codeconnections_link')
    .selectAll()
    .where('account_id', '=', accountId)
    .where('region', '=', region);

/** By its id, which is the last part of its ARN. @param arn where the caller said one: it must be the link's */
export async function findLink(
  db: Db | Tx,
  { id, arn, ...owner }: Owner & { id: string; arn?: string | undefined },
): Promise<RepositoryLink | undefined> {
  const row = await all(db, owner).where('id', '=', id).executeTakeFirst();
  return row && (arn === undefined || row.arn === arn) ? linkOf(row) : undefined;
}

export async function listLinks(db: Db | Tx, owner: Owner): Promise<RepositoryLink[]> {
  return (await all(db, owner).execute()).map(linkOf);
}

export async function saveLink(tx: Tx, link: RepositoryLink): Promise<void> {
  const { accountId: account_id, region, arn, id, ...its } = link;
  const body = encodeJson(its);
  const repository = `${link.ownerId}/${link.repositoryName}`;
  await tables(tx)
    .insertInto('codeconnections_link')
    .values({ account_id, region, arn, id, repository, body })
    .onConflict((c) => c.columns(['account_id', 'region', 'arn']).doUpdateSet({ body }))
    .execute();
}

export async function deleteLink(tx: Tx, { accountId, region, id }: RepositoryLink): Promise<void> {
  await tables(tx)
    .deleteFrom('codeconnections_link')
    .where('account_id', '=', accountId)
    .where('region', '=', region)
    .where('id', '=', id)
    .execute();
}
