import type { Principal } from '../../../aws/principal.ts';
import type { Tx } from '../../../db/database.ts';
import { ABSENT_ROLE_PREFIX } from '../../../lib/access-key.ts';
import { decodeJson, encodeJson } from '../../../lib/json.ts';
import { type IdentityKind, type Page, pathBeginsWith, type Tables, tables } from './tables.ts';

/** What a user, group or role is beyond its name. */
export interface IdentityData {
  tags: { Key: string; Value: string }[];
  /** Roles. */
  description?: string;
  trustPolicy?: string;
  /** Seconds. */
  maxSessionDuration?: number;
}

/** A user, a group or a role. */
export interface Identity {
  accountId: string;
  kind: IdentityKind;
  name: string;
  /** `AIDA…`, `AGPA…` or `AROA…` */
  id: string;
  path: string;
  createdAt: Date;
  /** The ARN of the managed policy that is the permissions boundary of a user or role. */
  boundary?: string | undefined;
  data: IdentityData;
}

type Row = Tables['iam_identity'];

function fromRow(row: Row): Identity {
  return {
    accountId: row.account_id,
    kind: row.kind as IdentityKind,
    name: row.name,
    id: row.id,
    path: row.path,
    createdAt: new Date(row.created_at),
    ...(row.permissions_boundary !== null && { boundary: row.permissions_boundary }),
    data: decodeJson<IdentityData>(row.data),
  };
}

function toRow(identity: Identity): Row {
  return {
    account_id: identity.accountId,
    kind: identity.kind,
    name_key: identity.name.toLowerCase(),
    name: identity.name,
    id: identity.id,
    path: identity.path,
    created_at: identity.createdAt.getTime(),
    permissions_boundary: identity.boundary ?? null,
    data: encodeJson(identity.data),
  };
}

export async function insertIdentity(tx: Tx, identity: Identity): Promise<void> {
  await tables(tx).insertInto('iam_identity').values(toRow(identity)).execute();
}

export async function updateIdentity(tx: Tx, identity: Identity): Promise<void> {
  await tables(tx)
    .updateTable('iam_identity')
    .set(toRow(identity))
    .where('id', '=', identity.id)
    .execute();
}

export async function deleteIdentity(tx: Tx, id: string): Promise<void> {
  await tables(tx).deleteFrom('iam_identity').where('id', '=', id).execute();
}

/** By name, whatever its case. */
export async function findIdentity(
  tx: Tx,
  accountId: string,
  kind: IdentityKind,
  name: string,
): Promise<Identity | undefined> {
  const row = await tables(tx)
    .selectFrom('iam_identity')
    .selectAll()
    .where('account_id', '=', accountId)
    .where('kind', '=', kind)
    .where('name_key', '=', name.toLowerCase())
    .executeTakeFirst();
  return row && fromRow(row);
}

export async function findIdentityById(tx: Tx, id: string): Promise<Identity | undefined> {
  const row = await tables(tx)
    .selectFrom('iam_identity')
    .selectAll()
    .where('id', '=', id)
    .executeTakeFirst();
  return row && fromRow(row);
}

/**
 * Is it a session of a role that never was, which relaxed mode takes as allowed to do everything? One whose role was
 * deleted is not.
 */
export async function isAbsentRole(tx: Tx, principal: Principal): Promise<boolean> {
  if (principal.type !== 'assumed-role' || !principal.userId.startsWith(ABSENT_ROLE_PREFIX))
    return false;
  return (await findIdentity(tx, principal.accountId, 'role', principal.roleName)) === undefined;
}

export async function listIdentities(
  tx: Tx,
  accountId: string,
  kind: IdentityKind,
  pathPrefix: string,
  page: Page,
): Promise<Identity[]> {
  const rows = await tables(tx)
    .selectFrom('iam_identity')
    .selectAll()
    .where('account_id', '=', accountId)
    .where('kind', '=', kind)
    .where(pathBeginsWith(pathPrefix))
    .where('name_key', '>', page.after)
    .orderBy('name_key')
    .limit(page.limit)
    .execute();
  return rows.map(fromRow);
}

export async function addMember(tx: Tx, groupId: string, userId: string): Promise<void> {
  await tables(tx)
    .insertInto('iam_group_member')
    .values({ group_id: groupId, user_id: userId })
    .onConflict((oc) => oc.columns(['group_id', 'user_id']).doNothing())
    .execute();
}

/** @returns false when the user was no member */
export async function removeMember(tx: Tx, groupId: string, userId: string): Promise<boolean> {
  const result = await tables(tx)
    .deleteFrom('iam_group_member')
    .where('group_id', '=', groupId)
    .where('user_id', '=', userId)
    .executeTakeFirst();
  return result.numDeletedRows > 0n;
}

export async function listMembers(tx: Tx, groupId: string, page: Page): Promise<Identity[]> {
  const rows = await tables(tx)
    .selectFrom('iam_group_member')
    .innerJoin('iam_identity', 'iam_identity.id', 'iam_group_member.user_id')
    .selectAll('iam_identity')
    .where('group_id', '=', groupId)
    .where('name_key', '>', page.after)
    .orderBy('name_key')
    .limit(page.limit)
    .execute();
  return rows.map(fromRow);
}

export async function listGroupsOf(tx: Tx, userId: string, page: Page): Promise<Identity[]> {
  const rows = await tables(tx)
    .selectFrom('iam_group_member')
    .innerJoin('iam_identity', 'iam_identity.id', 'iam_group_member.group_id')
    .selectAll('iam_identity')
    .where('user_id', '=', userId)
    .where('name_key', '>', page.after)
    .orderBy('name_key')
    .limit(page.limit)
    .execute();
  return rows.map(fromRow);
}
