import type { Tx } from '../../../db/database.ts';
import { type Tables, tables } from './tables.ts';

export interface SshKey {
  /** `APKA…` */
  id: string;
  userId: string;
  /** `ssh-rsa AAAA…` */
  publicKey: string;
  fingerprint: string;
  status: 'Active' | 'Inactive';
  uploadedAt: Date;
}

const fromRow = (row: Tables['iam_ssh_public_key']): SshKey => ({
  id: row.id,
  userId: row.user_id,
  publicKey: row.public_key,
  fingerprint: row.fingerprint,
  status: row.status as SshKey['status'],
  uploadedAt: new Date(row.uploaded_at),
});

export async function insertSshKey(tx: Tx, key: SshKey): Promise<void> {
  await tables(tx)
    .insertInto('iam_ssh_public_key')
    .values({
      id: key.id,
      user_id: key.userId,
      public_key: key.publicKey,
      fingerprint: key.fingerprint,
      status: key.status,
      uploaded_at: key.uploadedAt.getTime(),
    })
    .execute();
}

export async function findSshKey(tx: Tx, id: string): Promise<SshKey | undefined> {
  const row = await tables(tx)
    .selectFrom('iam_ssh_public_key')
    .selectAll()
    .where('id', '=', id)
    .executeTakeFirst();
  return row && fromRow(row);
}

/** The oldest first. */
export async function listSshKeys(tx: Tx, userId: string): Promise<SshKey[]> {
  const rows = await tables(tx)
    .selectFrom('iam_ssh_public_key')
    .selectAll()
    .where('user_id', '=', userId)
    .orderBy('uploaded_at')
    .orderBy('id')
    .execute();
  return rows.map(fromRow);
}

export async function setSshKeyStatus(tx: Tx, id: string, status: SshKey['status']): Promise<void> {
  await tables(tx).updateTable('iam_ssh_public_key').set({ status }).where('id', '=', id).execute();
}

export async function deleteSshKey(tx: Tx, id: string): Promise<void> {
  await tables(tx).deleteFrom('iam_ssh_public_key').where('id', '=', id).execute();
}
