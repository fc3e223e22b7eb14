import type { Db, Tx } from '../../../db/database.ts';
import { decodeJson, encodeJson } from '../../../lib/json.ts';
import { type Page, pathBeginsWith, type Tables, tables } from './tables.ts';

export interface ServerCertificate {
  accountId: string;
  name: string;
  /** `ASCA…` */
  id: string;
  path: string;
  uploadedAt: Date;
  /** The private key, by the vault under the id. */
  sealedKey: string;
  data: {
    /** PEM. */
    body: string;
    /** PEM: the certificates above it. */
    chain: string | undefined;
    expiresAt: Date;
    tags: { Key: string; Value: string }[];
  };
}

type Row = Tables['iam_server_certificate'];

export const certificateKey = (name: string): string => name.toLowerCase();

export const certificateArn = ({
  accountId,
  path,
  name,
}: Pick<ServerCertificate, 'accountId' | 'path' | 'name'>): string =>
  `arn:aws:iam::${accountId}:server-certificate${path}${name}`;

const fromRow = (row: Row): ServerCertificate => ({
  accountId: row.account_id,
  ...{ name: row.name, id: row.id, path: row.path, sealedKey: row.sealed_key },
  uploadedAt: new Date(row.uploaded_at),
  data: decodeJson<ServerCertificate['data']>(row.data),
});

const toRow = (certificate: ServerCertificate): Row => ({
  account_id: certificate.accountId,
  name_key: certificateKey(certificate.name),
  ...{ name: certificate.name, id: certificate.id, path: certificate.path },
  uploaded_at: certificate.uploadedAt.getTime(),
  sealed_key: certificate.sealedKey,
  data: encodeJson(certificate.data),
});

const all = (db: Db | Tx) => tables(db).selectFrom('iam_server_certificate').selectAll();

export async function insertCertificate(tx: Tx, certificate: ServerCertificate): Promise<void> {
  await tables(tx).insertInto('iam_server_certificate').values(toRow(certificate)).execute();
}

export async function updateCertificate(tx: Tx, certificate: ServerCertificate): Promise<void> {
  await tables(tx)
    .updateTable('iam_server_certificate')
    .set(toRow(certificate))
    .where('id', '=', certificate.id)
    .execute();
}

export async function deleteCertificate(tx: Tx, id: string): Promise<void> {
  await tables(tx).deleteFrom('iam_server_certificate').where('id', '=', id).execute();
}

/** By name, whatever its case. */
export async function findCertificate(
  db: Db | Tx,
  accountId: string,
  name: string,
): Promise<ServerCertificate | undefined> {
  const row = await all(db)
    .where('account_id', '=', accountId)
    .where('name_key', '=', certificateKey(name))
    .executeTakeFirst();
  return row && fromRow(row);
}

export async function listCertificates(
  db: Db | Tx,
  accountId: string,
  pathPrefix: string,
  page: Page,
): Promise<ServerCertificate[]> {
  const rows = await all(db)
    .where('account_id', '=', accountId)
    .where(pathBeginsWith(pathPrefix))
    .where('name_key', '>', page.after)
    .orderBy('name_key')
    .limit(page.limit)
    .execute();
  return rows.map(fromRow);
}

export async function countCertificates(tx: Tx, accountId: string): Promise<number> {
  const { count } = await tables(tx)
    .selectFrom('iam_server_certificate')
    .select((e) => e.fn.countAll<number>().as('count'))
    .where('account_id', '=', accountId)
    .executeTakeFirstOrThrow();
  return Number(count);
}
