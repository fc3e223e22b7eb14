import type { Db, Tx } from '../../../db/database.ts';
import { decodeJson, encodeJson } from '../../../lib/json.ts';
import type { Setting } from '../model/environment.ts';
import { type Owner, type PartKind, tables } from './tables.ts';

interface Body {
  description?: string;
  tags: Record<string, string>;
  createdAt: Date;
  updatedAt: Date;
}

/** Rules for versions, as they were given: none that is enabled. */
export interface Lifecycle {
  serviceRole?: string;
  rules?: { MaxCountRule?: object; MaxAgeRule?: object };
}

export interface Application extends Owner, Body {
  name: string;
  lifecycle?: Lifecycle;
}

/** A version: where its bundle is. */
export interface Version extends Owner, Body {
  application: string;
  name: string;
  bundle: { bucket: string; key: string };
  status: 'Processed' | 'Unprocessed';
}

/** Settings under a name. */
export interface Template extends Owner, Body {
  application: string;
  name: string;
  stack: string;
  settings: Setting[];
}

type PartOf<K extends PartKind> = K extends 'version' ? Version : Template;

const applications = (db: Db | Tx, { accountId, region }: Owner) =>
  tables(db)
    .selectFrom('elasticbeanstalk_application')
    .selectAll()
    .where('account_id', '=', accountId)
    .where('region', '=', region);

export async function listApplications(db: Db | Tx, owner: Owner): Promise<Application[]> {
  const { accountId, region } = owner;
  const rows = await applications(db, owner).orderBy('name').execute();
  return rows.map(({ name, body }) => ({ accountId, region, name, ...decodeBody(body) }));
}

export async function findApplication(
  db: Db | Tx,
  owner: Owner,
  name: string,
): Promise<Application | undefined> {
  const { accountId, region } = owner;
  const row = await applications(db, owner).where('name', '=', name).executeTakeFirst();
  return row && { accountId, region, name, ...decodeBody(row.body) };
}

const decodeBody = (body: string) => decodeJson<Body & Pick<Application, 'lifecycle'>>(body);

export async function putApplication(tx: Tx, application: Application): Promise<void> {
  const { accountId, region, name, ...rest } = application;
  const body = encodeJson(rest);
  await tables(tx)
    .insertInto('elasticbeanstalk_application')
    .values({ account_id: accountId, region, name, body })
    .onConflict((c) => c.columns(['account_id', 'region', 'name']).doUpdateSet({ body }))
    .execute();
}

/** With its versions and templates. */
export async function deleteApplication(tx: Tx, { accountId, region, name }: Application) {
  await tables(tx)
    .deleteFrom('elasticbeanstalk_part')
    .where('account_id', '=', accountId)
    .where('region', '=', region)
    .where('application', '=', name)
    .execute();
  await tables(tx)
    .deleteFrom('elasticbeanstalk_application')
    .where('account_id', '=', accountId)
    .where('region', '=', region)
    .where('name', '=', name)
    .execute();
}

const parts = (db: Db | Tx, { accountId, region }: Owner, kind: PartKind) =>
  tables(db)
    .selectFrom('elasticbeanstalk_part')
    .selectAll()
    .where('account_id', '=', accountId)
    .where('region', '=', region)
    .where('kind', '=', kind);

/** Those of one application or of all, the newest first. */
export async function listParts<K extends PartKind>(
  db: Db | Tx,
  owner: Owner,
  kind: K,
  application?: string,
): Promise<PartOf<K>[]> {
  const { accountId, region } = owner;
  let query = parts(db, owner, kind);
  if (application !== undefined) query = query.where('application', '=', application);
  const rows = await query.orderBy('created_at', 'desc').orderBy('name').execute();
  return rows.map(
    (row) =>
      ({
        ...{ accountId, region, application: row.application, name: row.name },
        ...decodeJson<object>(row.body),
      }) as PartOf<K>,
  );
}

export async function findPart<K extends PartKind>(
  db: Db | Tx,
  owner: Owner,
  kind: K,
  { application, name }: { application: string; name: string },
): Promise<PartOf<K> | undefined> {
  const { accountId, region } = owner;
  const row = await parts(db, owner, kind)
    .where('application', '=', application)
    .where('name', '=', name)
    .executeTakeFirst();
  if (!row) return undefined;
  return { accountId, region, application, name, ...decodeJson<object>(row.body) } as PartOf<K>;
}

export async function putPart<K extends PartKind>(tx: Tx, kind: K, part: PartOf<K>): Promise<void> {
  const { accountId, region, application, name, ...rest } = part;
  const body = encodeJson(rest);
  const row = { account_id: accountId, region, application, kind, name, body };
  await tables(tx)
    .insertInto('elasticbeanstalk_part')
    .values({ ...row, created_at: part.createdAt.getTime() })
    .onConflict((c) =>
      c.columns(['account_id', 'region', 'kind', 'application', 'name']).doUpdateSet({ body }),
    )
    .execute();
}

export async function deletePart(
  tx: Tx,
  kind: PartKind,
  { accountId, region, application, name }: Owner & { application: string; name: string },
): Promise<void> {
  await tables(tx)
    .deleteFrom('elasticbeanstalk_part')
    .where('account_id', '=', accountId)
    .where('region', '=', region)
    .where('kind', '=', kind)
    .where('application', '=', application)
    .where('name', '=', name)
    .execute();
}
