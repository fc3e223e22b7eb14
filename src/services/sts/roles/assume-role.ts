import { createHash } from 'node:crypto';
import { GetRoleCommand, IAMClient } from '@aws-sdk/client-iam';
import { parseArn } from '../../../aws/arn.ts';
import { isAwsError } from '../../../aws/errors.ts';
import type { Conditions, Principal, SessionTerms } from '../../../aws/principal.ts';
import type { Platform } from '../../../kit/service.ts';
import { ABSENT_ROLE_PREFIX } from '../../../lib/access-key.ts';
import { denied } from '../errors.ts';
import { ABSENT_ROLE_SECONDS } from '../limits.ts';
import { type GivenTerms, sessionTerms, termsConditions } from '../model/terms.ts';

type RolePrincipal = Principal & { type: 'assumed-role' };

/** A role as IAM tells of it. */
interface Role {
  arn: string;
  accountId: string;
  roleId: string;
  roleName: string;
  /** Nothing where the role does not exist, in relaxed mode. */
  trustPolicy: string | undefined;
  /** Seconds. */
  maxSessionDuration: number;
}

export interface AssumeRoleRequest {
  caller: Principal;
  roleArn: string;
  sessionName: string;
  /** Session policies, tags and source identity that the session shall have. */
  given?: GivenTerms;
  conditions: Conditions;
}

async function findRole(platform: Platform, roleArn: string): Promise<Role | undefined> {
  const arn = parseArn(roleArn);
  if (arn?.service !== 'iam' || !arn.resource.startsWith('role/')) return undefined;
  const name = arn.resource.slice(arn.resource.lastIndexOf('/') + 1);
  const relaxed = platform.config.auth === 'relaxed' && name !== '';
  const absent = relaxed ? absentRole(roleArn, arn.accountId, name) : undefined;
  // STS reads the role for itself: that the caller may not read it does not matter.
  const iam = platform.client(IAMClient, {
    ...{ service: 'sts.amazonaws.com', sourceArn: roleArn, region: 'us-east-1' },
    may: ['iam:GetRole'],
  });
  try {
    const { Role: role } = await iam.send(new GetRoleCommand({ RoleName: name }));
    if (role?.Arn !== roleArn || !role.RoleId || !role.RoleName) return undefined;
    return {
      arn: roleArn,
      accountId: arn.accountId,
      roleId: role.RoleId,
      roleName: role.RoleName,
      trustPolicy: decodeURIComponent(role.AssumeRolePolicyDocument ?? ''),
      maxSessionDuration: role.MaxSessionDuration ?? 3600,
    };
  } catch (error) {
    if (isAwsError(error, 'NoSuchEntityException', 'NoSuchEntity')) return absent;
    if (isAwsError(error, 'ValidationError')) return undefined;
    throw error;
  }
}

/** Relaxed mode: a role that does not exist trusts everybody. Its id is one that no role is given. */
function absentRole(arn: string, accountId: string, roleName: string): Role {
  const digits = createHash('sha256').update(arn).digest('hex').slice(0, 16).toUpperCase();
  return {
    ...{
      arn,
      accountId,
      roleName,
      roleId: `${ABSENT_ROLE_PREFIX}${digits}`,
      trustPolicy: undefined,
    },
    maxSessionDuration: ABSENT_ROLE_SECONDS,
  };
}

/**
 * Who `caller` becomes when it assumes the role: asked of the role's trust policy and, where that only names the
 * account, of the caller's own policies.
 * @throws AwsError AccessDenied when they do not allow it or there is no such role; those of `sessionTerms`
 */
export async function assumeRole(
  platform: Platform,
  request: AssumeRoleRequest,
): Promise<{ principal: RolePrincipal; maxSessionDuration: number }> {
  const { caller, roleArn, sessionName, given = {} } = request;
  const role = await findRole(platform, roleArn);
  // A service becomes roles of the account that it acts for, whomever another account's role trusts.
  const foreign = caller.type === 'service' && role?.accountId !== caller.accountId;
  if (!role || foreign) throw denied(caller, 'sts:AssumeRole', roleArn);
  const terms = sessionTerms(given, caller, role.accountId);
  const conditions = { ...request.conditions, ...termsConditions(given, terms) };
  for (const action of actionsOf(terms)) {
    if (!(await isTrusted(platform, role, action, { ...request, conditions })))
      throw denied(caller, action, roleArn);
  }
  const { accountId, roleName, roleId } = role;
  const principal: RolePrincipal = {
    type: 'assumed-role',
    accountId,
    arn: `arn:aws:sts::${accountId}:assumed-role/${roleName}/${sessionName}`,
    userId: `${roleId}:${sessionName}`,
    roleArn,
    roleName,
    sessionName,
    issuedAt: platform.clock.now().getTime(),
    ...(caller.type === 'service' && {
      issuedTo: { service: caller.service, sourceArn: caller.sourceArn },
    }),
    ...(terms && { terms }),
  };
  return { principal, maxSessionDuration: role.maxSessionDuration };
}

/** What a role must trust its caller with, who hands tags or a source identity on. */
function actionsOf(terms: SessionTerms | undefined): string[] {
  return [
    'sts:AssumeRole',
    ...(terms?.tags ? ['sts:TagSession'] : []),
    ...(terms?.sourceIdentity === undefined ? [] : ['sts:SetSourceIdentity']),
  ];
}

async function isTrusted(
  { authorizer }: Platform,
  { arn, accountId, trustPolicy }: Role,
  action: string,
  { caller, conditions, sessionName }: AssumeRoleRequest,
): Promise<boolean> {
  if (trustPolicy === undefined) return true;
  const { allowed } = await authorizer.decide({
    principal: caller,
    action,
    resources: [arn],
    conditions: {
      ...conditions,
      'sts:rolesessionname': sessionName,
    },
    owner: accountId,
    resourcePolicy: { document: trustPolicy, kind: 'trust', required: true },
  });
  return allowed;
}
