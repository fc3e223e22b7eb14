import type { Tx } from '../../../db/database.ts';
import { type Tables, tables } from './tables.ts';

export interface AccessKeyRow {
  accessKeyId: string;
  userId: string;
  status: 'Active' | 'Inactive';
  /** Sealed with the key id as context. */
  sealedSecret: string;
  createdAt: Date;
}

export interface ServiceCredential {
  /** `ACCA…` */
  id: string;
  userId: string;
  serviceName: string;
  /** `alice-at-123456789012` */
  serviceUserName: string;
  passwordHash: string;
  status: 'Active' | 'Inactive';
  createdAt: Date;
}

function keyFromRow(row: Tables['iam_access_key']): AccessKeyRow {
  return {
    accessKeyId: row.access_key_id,
    userId: row.user_id,
    status: row.status as AccessKeyRow['status'],
    sealedSecret: row.sealed_secret,
    createdAt: new Date(row.created_at),
  };
}

export async function insertAccessKey(tx: Tx, key: AccessKeyRow): Promise<void> {
  await tables(tx)
    .insertInto('iam_access_key')
    .values({
      access_key_id: key.accessKeyId,
      user_id: key.userId,
      status: key.status,
      sealed_secret: key.sealedSecret,
      created_at: key.createdAt.getTime(),
    })
    .execute();
}

export async function findAccessKeyRow(
  tx: Tx,
  accessKeyId: string,
): Promise<AccessKeyRow | undefined> {
  const row = await tables(tx)
    .selectFrom('iam_access_key')
    .selectAll()
    .where('access_key_id', '=', accessKeyId)
    .executeTakeFirst();
  return row && keyFromRow(row);
}

export async function listAccessKeyRows(tx: Tx, userId: string): Promise<AccessKeyRow[]> {
  const rows = await tables(tx)
    .selectFrom('iam_access_key')
    .selectAll()
    .where('user_id', '=', userId)
    .orderBy('created_at')
    .orderBy('access_key_id')
    .execute();
  return rows.map(keyFromRow);
}

export async function setAccessKeyStatus(
  tx: Tx,
  accessKeyId: string,
  status: 'Active' | 'Inactive',
): Promise<void> {
  await tables(tx)
    .updateTable('iam_access_key')
    .set({ status })
    .where('access_key_id', '=', accessKeyId)
    .execute();
}

export async function deleteAccessKeyRow(tx: Tx, accessKeyId: string): Promise<void> {
  await tables(tx).deleteFrom('iam_access_key').where('access_key_id', '=', accessKeyId).execute();
}

function toRow(credential: ServiceCredential): Tables['iam_service_credential'] {
  return {
    id: credential.id,
    user_id: credential.userId,
    service_name: credential.serviceName,
    service_user_name: credential.serviceUserName,
    password_hash: credential.passwordHash,
    status: credential.status,
    created_at: credential.createdAt.getTime(),
  };
}

function fromRow(row: Tables['iam_service_credential']): ServiceCredential {
  return {
    id: row.id,
    userId: row.user_id,
    serviceName: row.service_name,
    serviceUserName: row.service_user_name,
    passwordHash: row.password_hash,
    status: row.status as ServiceCredential['status'],
    createdAt: new Date(row.created_at),
  };
}

export async function insertServiceCredential(
  tx: Tx,
  credential: ServiceCredential,
): Promise<void> {
  await tables(tx).insertInto('iam_service_credential').values(toRow(credential)).execute();
}

export async function updateServiceCredential(
  tx: Tx,
  credential: ServiceCredential,
): Promise<void> {
  await tables(tx)
    .updateTable('iam_service_credential')
    .set(toRow(credential))
    .where('id', '=', credential.id)
    .execute();
}

export async function deleteServiceCredentialRow(tx: Tx, id: string): Promise<void> {
  await tables(tx).deleteFrom('iam_service_credential').where('id', '=', id).execute();
}

export async function findServiceCredential(
  tx: Tx,
  serviceName: string,
  serviceUserName: string,
): Promise<ServiceCredential | undefined> {
  const row = await tables(tx)
    .selectFrom('iam_service_credential')
    .selectAll()
    .where('service_name', '=', serviceName)
    .where('service_user_name', '=', serviceUserName)
    .executeTakeFirst();
  return row && fromRow(row);
}

export async function listServiceCredentials(tx: Tx, userId: string): Promise<ServiceCredential[]> {
  const rows = await tables(tx)
    .selectFrom('iam_service_credential')
    .selectAll()
    .where('user_id', '=', userId)
    .orderBy('created_at')
    .orderBy('id')
    .execute();
  return rows.map(fromRow);
}
