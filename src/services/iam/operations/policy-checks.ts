import { MalformedPolicyDocumentException } from '@aws-sdk/client-iam';
import { parseArn } from '../../../aws/arn.ts';
import { exception } from '../../../aws/errors.ts';
import type { Tx } from '../../../db/database.ts';
import { quota } from '../errors.ts';
import { TRUST_POLICY_SIZE } from '../limits.ts';
import { identityArn } from '../model/names.ts';
import type { Policy } from '../model/policy.ts';
import { findIdentity } from '../store/identities.ts';
import type { IdentityKind } from '../store/tables.ts';

/** Characters that count against a quota: all but white space. */
export function policySize(document: string): number {
  return document.replace(/\s/g, '').length;
}

/** @throws LimitExceededException */
export function checkTrustSize(document: string): void {
  if (policySize(document) > TRUST_POLICY_SIZE) throw quota('ACLSizePerRole', TRUST_POLICY_SIZE);
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
