import type { AssumeRoleCommandInput } from '@aws-sdk/client-sts';
import { globalConditions, touch } from '../../../aws/authorize.ts';
import { AwsError, unsupported } from '../../../aws/errors.ts';
import type { Conditions, Principal } from '../../../aws/principal.ts';
import type { ServiceContext } from '../../../kit/service.ts';
import { CHAINED_ROLE_SECONDS, DEFAULT_ROLE_SECONDS } from '../limits.ts';
import { assumeRole as assume } from '../roles/assume-role.ts';
import { checkPolicy, issue, lastingCaller, packed, userSeconds } from './credentials.ts';
import { sts } from './declare.ts';

/** Needs no permission, and tells everyone who they are. */
export const getCallerIdentity = sts(
  'getCallerIdentity',
  'none',
  async ({ principal: { accountId, arn, userId } }) => ({
    Account: accountId,
    Arn: arn,
    UserId: userId,
  }),
);

export const assumeRole = sts(
  'assumeRole', // The role's trust policy has a say, so the question is asked below with it.
  'self',
  async (ctx, input) => {
    refuseUnsupported(input);
    checkPolicy(ctx, input.Policy);
    const { principal: caller } = ctx;
    if (caller.type === 'root' && ctx.config.auth === 'strict')
      throw new AwsError('AccessDenied', 'Roles may not be assumed by root accounts.', 403);
    const roleArn = input.RoleArn ?? '';
    const sessionName = input.RoleSessionName ?? '';
    touch(ctx.touched, { arn: roleArn, type: 'AWS::IAM::Role' });
    const { principal, maxSessionDuration } = await assume(ctx, {
      caller,
      roleArn,
      sessionName,
      given: input,
      conditions: conditionsOf(ctx, input),
    });
    const seconds = durationOf(input.DurationSeconds, caller, maxSessionDuration);
    return {
      Credentials: issue(ctx, principal, seconds),
      AssumedRoleUser: { AssumedRoleId: principal.userId, Arn: principal.arn },
      ...packed(principal.terms),
      ...(principal.terms?.sourceIdentity !== undefined && {
        SourceIdentity: principal.terms.sourceIdentity,
      }),
    };
  },
);

/** Parameters that would make the session weaker or mean something: ignoring them would give away more than was asked. */
const UNSUPPORTED = [
  'SerialNumber',
  'TokenCode',
  'ProvidedContexts',
  'MinimumSessionTokenSize',
] as const;

function refuseUnsupported(input: AssumeRoleCommandInput): void {
  for (const name of UNSUPPORTED) {
    const value = input[name];
    if (value === undefined || (Array.isArray(value) && value.length === 0)) continue;
    throw unsupported(`the parameter ${name} of AssumeRole`);
  }
}

function conditionsOf(ctx: ServiceContext, input: AssumeRoleCommandInput): Conditions {
  const conditions = globalConditions(ctx);
  if (input.ExternalId !== undefined) conditions['sts:externalid'] = input.ExternalId;
  return conditions;
}

function durationOf(asked: number | undefined, caller: Principal, maximum: number): number {
  const seconds = asked ?? Math.min(DEFAULT_ROLE_SECONDS, maximum);
  if (caller.type === 'assumed-role' && seconds > CHAINED_ROLE_SECONDS)
    throw new AwsError(
      'ValidationError',
      'The requested DurationSeconds exceeds the 1 hour session limit for roles assumed by role chaining.',
    );
  // A service's work may take longer than a role lets its sessions last: AWS's services renew them meanwhile.
  if (seconds > maximum && caller.type !== 'service')
    throw new AwsError(
      'ValidationError',
      'The requested DurationSeconds exceeds the MaxSessionDuration set for this role.',
    );
  return seconds;
}

export const getSessionToken = sts('getSessionToken', 'none', async (ctx, input) => {
  const principal = lastingCaller(ctx, 'GetSessionToken');
  if (input.SerialNumber !== undefined || input.TokenCode !== undefined)
    throw unsupported('MFA devices');
  if (input.MinimumSessionTokenSize !== undefined)
    throw unsupported('the parameter MinimumSessionTokenSize of GetSessionToken');
  const seconds = userSeconds(principal, input.DurationSeconds);
  // Without MFA, since there is none yet. Emulator users are not held to what their sessions may not.
  const session = ctx.config.auth === 'strict' && { session: 'GetSessionToken' as const };
  return { Credentials: issue(ctx, { ...principal, ...session }, seconds) };
});
