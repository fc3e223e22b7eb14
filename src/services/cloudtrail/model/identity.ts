import type { Principal } from '../../../aws/principal.ts';
import type { CallRecord } from '../../../aws/record.ts';

type Caller = Pick<CallRecord, 'principal' | 'accessKeyId' | 'invokedBy'>;

/** https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-event-reference-user-identity.html */
export function userIdentity({ principal, accessKeyId, invokedBy }: Caller) {
  if (!principal) return { type: 'Unknown' };
  if (principal.type === 'service') return { type: 'AWSService', invokedBy: principal.service };
  const session = sessionOf(principal);
  return {
    type: TYPES[principal.type],
    principalId: principal.userId,
    arn: principal.arn,
    accountId: principal.accountId,
    ...(accessKeyId && { accessKeyId }),
    ...(principal.type === 'user' && { userName: principal.userName }),
    ...(session && { sessionContext: session }),
    ...(invokedBy !== undefined && { invokedBy }),
  };
}

const TYPES: Record<Exclude<Principal['type'], 'service'>, string> = {
  root: 'Root',
  user: 'IAMUser',
  'assumed-role': 'AssumedRole',
  'federated-user': 'FederatedUser',
};

function sessionOf(principal: Principal) {
  const { accountId } = principal;
  if (principal.type === 'assumed-role') {
    const { roleArn: arn, roleName: userName, userId, issuedAt, terms } = principal;
    const principalId = userId.split(':')[0];
    return {
      sessionIssuer: { type: 'Role', principalId, arn, accountId, userName },
      attributes: attributesOf(issuedAt),
      ...(terms?.sourceIdentity !== undefined && { sourceIdentity: terms.sourceIdentity }),
    };
  }
  if (principal.type === 'federated-user') {
    const { type, arn, userId: principalId } = principal.issuer;
    const issuer = { type: type === 'root' ? 'Root' : 'IAMUser', principalId, arn, accountId };
    return { sessionIssuer: issuer, attributes: attributesOf(undefined) };
  }
  if (principal.type !== 'service' && principal.session)
    return { attributes: attributesOf(undefined) };
  return undefined;
}

function attributesOf(issuedAt: number | undefined) {
  return {
    ...(issuedAt !== undefined && { creationDate: secondsOf(new Date(issuedAt)) }),
    mfaAuthenticated: 'false',
  };
}

/** AWS's times in events have no fractions of seconds. */
export function secondsOf(time: Date): string {
  return `${time.toISOString().slice(0, 19)}Z`;
}

/** The name by which events of a caller are looked up; nothing of a service that acts for itself. */
export function userName(principal: Principal | undefined): string | undefined {
  switch (principal?.type) {
    case 'root':
      return 'root';
    case 'user':
      return principal.userName;
    case 'assumed-role':
      return principal.sessionName;
    case 'federated-user':
      return principal.name;
    default:
      return undefined;
  }
}
