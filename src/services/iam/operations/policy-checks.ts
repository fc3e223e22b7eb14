import { MalformedPolicyDocumentException } from '@aws-sdk/client-iam';
import { parseArn } from '../../../aws/arn.ts';
import { exception } from '../../../aws/errors.ts';
import type { Tx } from '../../../db/database.ts';
import { noSuchBoundary, quota } from '../errors.ts';
import { TRUST_POLICY_SIZE } from '../limits.ts';
import { awsManagedPolicy } from '../model/aws-managed.ts';
import { identityArn } from '../model/names.ts';
import type { Policy } from '../model/policy.ts';
import { findIdentity, type Identity } from '../store/identities.ts';
import { findPolicy } from '../store/policies.ts';
import type { IdentityKind } from '../store/tables.ts';

/** Characters that count against a quota: all but white space. */
export function policySize(document: string): number {
  return document.replace(/\s/g, '').length;
}

/** @throws LimitExceededException */
export function checkTrustSize(document: string): void {
  if (policySize(document) > TRUST_POLICY_SIZE) throw quota('ACLSizePerRole', TRUST_POLICY_SIZE);
}

/** A policy that the account may attach: its own, or AWS's. */
export async function isAttachable(tx: Tx, accountId: string, arn: string): Promise<boolean> {
  return (
    awsManagedPolicy(arn) !== undefined || (await findPolicy(tx, arn))?.accountId === accountId
  );
}

/** The permissions boundary of a user or role, as answers show it. */
export function boundaryShape({ boundary }: Identity) {
  if (boundary === undefined) return {};
  // AWS says `Policy`, whatever its own model says.
  const PermissionsBoundaryType = 'Policy' as 'PermissionsBoundaryPolicy';
  return { PermissionsBoundary: { PermissionsBoundaryType, PermissionsBoundaryArn: boundary } };
}

/** A permissions boundary is a policy that the account may attach. @throws NoSuchEntityException */
export async function checkBoundary(tx: Tx, accountId: string, arn?: string): Promise<void> {
  if (arn !== undefined && !(await isAttachable(tx, accountId, arn))) throw noSuchBoundary(arn);
}

/** Users and roles that a trust policy names must exist. @throws MalformedPolicyDocumentException */
export async function checkPrincipalsExist(tx: Tx, policy: Policy): Promise<void> {
  for (const { principals, notPrincipals } of policy.statements)
    for (const name of [...(principals?.aws ?? []), ...(notPrincipals?.aws ?? [])])
      if (!(await exists(tx, name)))
        throw exception(
          MalformedPolicyDocumentException,
          `Invalid principal in policy: "AWS":"${name}"`,
        );
}

async function exists(tx: Tx, name: string): Promise<boolean> {
  const arn = parseArn(name);
  if (arn?.service !== 'iam') return true;
  const [kind, ...rest] = arn.resource.split('/');
  if (kind !== 'user' && kind !== 'role') return true;
  const found = await findIdentity(tx, arn.accountId, kind as IdentityKind, rest.at(-1) ?? '');
  return found !== undefined && identityArn(found) === name;
}
