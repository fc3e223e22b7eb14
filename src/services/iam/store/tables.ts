import type { Tx } from '../../../db/database.ts';
import { sql } from '../../../db/kysely.ts';
import { statement } from '../../../db/statement.ts';

export type IdentityKind = 'user' | 'group' | 'role';

export type Tables = {
  iam_revision: { id: number; revision: number };
  iam_identity: {
    account_id: string;
    kind: string;
    /** The name in lower case: IAM's names are unique whatever their case. */
    name_key: string;
    name: string;
    id: string;
    path: string;
    created_at: number;
    permissions_boundary: string | null;
    data: string;
  };
  iam_instance_profile: {
    account_id: string;
    name_key: string;
    name: string;
    id: string;
    path: string;
    created_at: number;
    role_id: string | null;
    data: string;
  };
  iam_server_certificate: {
    account_id: string;
    name_key: string;
    name: string;
    id: string;
    path: string;
    uploaded_at: number;
    sealed_key: string;
    data: string;
  };
  iam_group_member: { group_id: string; user_id: string };
  iam_inline_policy: { identity_id: string; policy_name: string; document: string };
  iam_policy: {
    account_id: string;
    name_key: string;
    arn: string;
    id: string;
    name: string;
    path: string;
    default_version: number;
    last_version: number;
    created_at: number;
    updated_at: number;
    data: string;
  };
  iam_policy_version: { policy_arn: string; version: number; document: string; created_at: number };
  iam_attachment: { identity_id: string; policy_arn: string };
  iam_role_use: { role_id: string; used_at: number; region: string };
  iam_access_key: {
    access_key_id: string;
    user_id: string;
    status: string;
    sealed_secret: string;
    created_at: number;
  };
  iam_service_credential: {
    id: string;
    user_id: string;
    service_name: string;
    service_user_name: string;
    password_hash: string;
    status: string;
    created_at: number;
  };
  iam_login_profile: {
    user_id: string;
    created_at: number;
    changed_at: number;
    reset_required: number;
    /** JSON: the one that holds first. */
    password_hashes: string;
  };
  iam_password_policy: { account_id: string; policy: string };
  iam_account_alias: { account_id: string; alias: string };
  iam_ssh_public_key: {
    id: string;
    user_id: string;
    public_key: string;
    fingerprint: string;
    status: string;
    uploaded_at: number;
  };
};

export const tables = (tx: Tx) => tx.withTables<Tables>();

/** Of those with a path. Not LIKE: a path may hold its wildcards. */
export const pathBeginsWith = (prefix: string) =>
  sql<boolean>`substr(path, 1, ${prefix.length}) = ${prefix}`;

/** What to read of a list: at most `limit` rows from behind `after` on. */
export interface Page {
  after: string;
  limit: number;
}

/**
 * Says that IAM has changed, in the transaction that changes it: what servers keep in memory is good for one
 * revision only. It also makes IAM's writes queue up, so that no check-then-write of one sees half of another.
 */
export async function bumpRevision(tx: Tx): Promise<void> {
  await tables(tx)
    .updateTable('iam_revision')
    .set((eb) => ({ revision: eb('revision', '+', 1) }))
    .where('id', '=', 1)
    .execute();
}

export async function currentRevision(tx: Tx): Promise<number> {
  const [row] = await readRevision(tx, {});
  if (!row) throw new Error('IAM has no revision');
  return row.revision;
}

const readRevision = statement<object, { revision: number }>((tx) =>
  tables(tx).selectFrom('iam_revision').select('revision').where('id', '=', 1),
);
