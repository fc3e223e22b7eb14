import { parseArn } from '../aws/arn.ts';
import { AwsError } from '../aws/errors.ts';
import type { ServiceContext } from './service.ts';

/** A role that a call hands to a service. */
export interface PassedRole {
  roleArn: string;
  /** `codepipeline.amazonaws.com` */
  service: string;
  /** The resource that keeps the role. */
  sourceArn: string;
}

/**
 * The one way for an operation to take a service role: the role is of the caller's account, and the caller may pass it
 * to the service. Whoever may not could else do by way of the service what he may not do himself.
 * @throws AccessDeniedException
 */
export async function passRole(
  ctx: ServiceContext,
  { roleArn, service, sourceArn }: PassedRole,
): Promise<void> {
  // AWS says so to everybody, the account's root included.
  if (parseArn(roleArn)?.accountId !== ctx.accountId)
    throw new AwsError('AccessDeniedException', 'Cross-account pass role is not allowed.');
  await ctx.authorize('iam:PassRole', roleArn, {
    conditions: { 'iam:passedtoservice': service, 'iam:associatedresourcearn': sourceArn },
  });
}
