import type { Tx } from '../../../db/database.ts';
import { decodeJson, encodeJson } from '../../../lib/json.ts';
import type { Identity } from './identities.ts';
import { type IdentityKind, type Page, type Tables, tables } from './tables.ts';

/** A customer managed policy. */
export interface ManagedPolicy {
  accountId: string;
  arn: string;
  /** `ANPA…` */
  id: string;
  name: string;
  path: string;
  /** `1` for `v1`. */
  defaultVersion: number;
  /** The highest number ever given: numbers are not given again. */
  lastVersion: number;
  createdAt: Date;
  updatedAt: Date;
  data: { description?: string; tags: { Key: string; Value: string }[] };
}

export interface PolicyVersion {
  version: number;
  document: string;
  createdAt: Date;
}

type Row = Tables['iam_policy'];

function fromRow(row: Row): ManagedPolicy {
  return {
    accountId: row.account_id,
    arn: row.arn,
    id: row.id,
    name: row.name,
    path: row.path,
    defaultVersion: row.default_version,
    lastVersion: row.last_version,
    createdAt: new Date(row.created_at),
    updatedAt: new Date(row.updated_at),
    data: decodeJson(row.data),
  };
}

function toRow(policy: ManagedPolicy): Row {
  return {
    account_id: policy.accountId,
    name_key: policy.name.toLowerCase(),
    arn: policy.arn,
    id: policy.id,
    name: policy.name,
    path: policy.path,
    default_version: policy.defaultVersion,
    last_version: policy.lastVersion,
    created_at: policy.createdAt.getTime(),
    updated_at: policy.updatedAt.getTime(),
    data: encodeJson(policy.data),
  };
}

export async function insertPolicy(tx: Tx, policy: ManagedPolicy): Promise<void> {
  await tables(tx).insertInto('iam_policy').values(toRow(policy)).execute();
}

export async function updatePolicy(tx: Tx, policy: ManagedPolicy): Promise<void> {
  await tables(tx)
    .updateTable('iam_policy')
    .set(toRow(policy))
    .where('arn', '=', policy.arn)
    .execute();
}

/** With all its versions. */
export async function deletePolicyRow(tx: Tx, arn: string): Promise<void> {
  await tables(tx).deleteFrom('iam_policy_version').where('policy_arn', '=', arn).execute();
  await tables(tx).deleteFrom('iam_policy').where('arn', '=', arn).execute();
}

export async function findPolicy(tx: Tx, arn: string): Promise<ManagedPolicy | undefined> {
  const row = await tables(tx)
    .selectFrom('iam_policy')
    .selectAll()
    .where('arn', '=', arn)
    .executeTakeFirst();
  return row && fromRow(row);
}

export async function findPolicyByName(
  tx: Tx,
  accountId: string,
  name: string,
): Promise<ManagedPolicy | undefined> {
  const row = await tables(tx)
    .selectFrom('iam_policy')
    .selectAll()
    .where('account_id', '=', accountId)
    .where('name_key', '=', name.toLowerCase())
    .executeTakeFirst();
  return row && fromRow(row);
}

export async function listAccountPolicies(tx: Tx, accountId: string): Promise<ManagedPolicy[]> {
  const rows = await tables(tx)
    .selectFrom('iam_policy')
    .selectAll()
    .where('account_id', '=', accountId)
    .orderBy('name_key')
    .execute();
  return rows.map(fromRow);
}

export async function insertVersion(tx: Tx, arn: string, version: PolicyVersion): Promise<void> {
  const { document, createdAt } = version;
  await tables(tx)
    .insertInto('iam_policy_version')
    .values({
      policy_arn: arn,
      version: version.version,
      document,
      created_at: createdAt.getTime(),
    })
    .execute();
}

export async function deleteVersion(tx: Tx, arn: string, version: number): Promise<void> {
  await tables(tx)
    .deleteFrom('iam_policy_version')
    .where('policy_arn', '=', arn)
    .where('version', '=', version)
    .execute();
}

/** Newest first. */
export async function listVersions(tx: Tx, arn: string): Promise<PolicyVersion[]> {
  const rows = await tables(tx)
    .selectFrom('iam_policy_version')
    .selectAll()
    .where('policy_arn', '=', arn)
    .orderBy('version', 'desc')
    .execute();
  return rows.map(({ version, document, created_at }) => ({
    version,
    document,
    createdAt: new Date(created_at),
  }));
}

export async function attach(tx: Tx, identityId: string, policyArn: string): Promise<void> {
  await tables(tx)
    .insertInto('iam_attachment')
    .values({ identity_id: identityId, policy_arn: policyArn })
    .onConflict((oc) => oc.columns(['identity_id', 'policy_arn']).doNothing())
    .execute();
}

/** @returns false when it was not attached */
export async function detach(tx: Tx, identityId: string, policyArn: string): Promise<boolean> {
  const result = await tables(tx)
    .deleteFrom('iam_attachment')
    .where('identity_id', '=', identityId)
    .where('policy_arn', '=', policyArn)
    .executeTakeFirst();
  return result.numDeletedRows > 0n;
}

/** ARNs of the policies attached to an identity, in order. */
export async function attachedTo(tx: Tx, identityId: string): Promise<string[]> {
  const rows = await tables(tx)
    .selectFrom('iam_attachment')
    .select('policy_arn')
    .where('identity_id', '=', identityId)
    .orderBy('policy_arn')
    .execute();
  return rows.map((row) => row.policy_arn);
}

/** To whom in the account a policy is attached. */
export async function attachmentsOf(
  tx: Tx,
  accountId: string,
  policyArn: string,
): Promise<Pick<Identity, 'kind' | 'name' | 'id' | 'path'>[]> {
  const rows = await tables(tx)
    .selectFrom('iam_attachment')
    .innerJoin('iam_identity', 'iam_identity.id', 'iam_attachment.identity_id')
    .select(['kind', 'name', 'id', 'path'])
    .where('policy_arn', '=', policyArn)
    .where('account_id', '=', accountId)
    .orderBy('name_key')
    .execute();
  return rows.map((row) => ({ ...row, kind: row.kind as IdentityKind }));
}

export async function countAttachments(
  tx: Tx,
  accountId: string,
  policyArn: string,
): Promise<number> {
  return (await attachmentsOf(tx, accountId, policyArn)).length;
}

export async function putInline(
  tx: Tx,
  identityId: string,
  policyName: string,
  document: string,
): Promise<void> {
  await tables(tx)
    .insertInto('iam_inline_policy')
    .values({ identity_id: identityId, policy_name: policyName, document })
    .onConflict((oc) => oc.columns(['identity_id', 'policy_name']).doUpdateSet({ document }))
    .execute();
}

/** @returns false when there was none */
export async function deleteInline(
  tx: Tx,
  identityId: string,
  policyName: string,
): Promise<boolean> {
  const result = await tables(tx)
    .deleteFrom('iam_inline_policy')
    .where('identity_id', '=', identityId)
    .where('policy_name', '=', policyName)
    .executeTakeFirst();
  return result.numDeletedRows > 0n;
}

export async function findInline(
  tx: Tx,
  identityId: string,
  policyName: string,
): Promise<string | undefined> {
  const row = await tables(tx)
    .selectFrom('iam_inline_policy')
    .select('document')
    .where('identity_id', '=', identityId)
    .where('policy_name', '=', policyName)
    .executeTakeFirst();
  return row?.document;
}

export async function listInline(
  tx: Tx,
  identityId: string,
  page?: Page,
): Promise<{ name: string; document: string }[]> {
  let query = tables(tx)
    .selectFrom('iam_inline_policy')
    .select(['policy_name as name', 'document'])
    .where('identity_id', '=', identityId)
    .orderBy('policy_name');
  if (page) query = query.where('policy_name', '>', page.after).limit(page.limit);
  return query.execute();
}

/** Whose permissions boundary in the account a policy is. */
export async function boundedBy(
  tx: Tx,
  accountId: string,
  policyArn: string,
): Promise<Pick<Identity, 'kind' | 'name' | 'id' | 'path'>[]> {
  const rows = await tables(tx)
    .selectFrom('iam_identity')
    .select(['kind', 'name', 'id', 'path'])
    .where('permissions_boundary', '=', policyArn)
    .where('account_id', '=', accountId)
    .execute();
  return rows.map((row) => ({ ...row, kind: row.kind as IdentityKind }));
}

export async function countBounded(tx: Tx, accountId: string, policyArn: string): Promise<number> {
  return (await boundedBy(tx, accountId, policyArn)).length;
}

/** The document that a managed policy has by now, by its ARN. */
export async function findManagedDocument(
  tx: Tx,
  arn: string,
  awsManaged: (arn: string) => string | undefined,
): Promise<string | undefined> {
  const row = await tables(tx)
    .selectFrom('iam_policy')
    .innerJoin('iam_policy_version', (join) =>
      join
        .onRef('iam_policy_version.policy_arn', '=', 'iam_policy.arn')
        .onRef('iam_policy_version.version', '=', 'iam_policy.default_version'),
    )
    .select('document')
    .where('arn', '=', arn)
    .executeTakeFirst();
  return row?.document ?? awsManaged(arn);
}

/** Documents of all policies that speak for these identities: inline, and the default versions of the attached. */
export async function documentsOf(
  tx: Tx,
  identityIds: string[],
  awsManaged: (arn: string) => string | undefined,
): Promise<string[]> {
  const inline = await tables(tx)
    .selectFrom('iam_inline_policy')
    .select('document')
    .where('identity_id', 'in', identityIds)
    .execute();
  const attached = await tables(tx)
    .selectFrom('iam_attachment')
    .leftJoin('iam_policy', 'iam_policy.arn', 'iam_attachment.policy_arn')
    .leftJoin('iam_policy_version', (join) =>
      join
        .onRef('iam_policy_version.policy_arn', '=', 'iam_policy.arn')
        .onRef('iam_policy_version.version', '=', 'iam_policy.default_version'),
    )
    .select(['iam_attachment.policy_arn as arn', 'iam_policy_version.document as document'])
    .where('identity_id', 'in', identityIds)
    .execute();
  const managed = attached.map(({ arn, document }) => document ?? awsManaged(arn));
  return [...inline.map((row) => row.document), ...managed].filter((text) => text !== undefined);
}
