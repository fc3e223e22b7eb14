import { AwsError } from '../../../aws/errors.ts';
import type { Tx } from '../../../db/database.ts';
import type { ServiceContext } from '../../../kit/service.ts';
import { findRegistered, type Instance } from '../store/instances.ts';

/** What agents get that are not, or not any more, who they say they are. */
function denied(ctx: ServiceContext, what: string): AwsError {
  return new AwsError('AccessDeniedException', `${ctx.principal.arn} is not ${what}.`);
}

/**
 * The instance that the caller is. A host's identifier is the ARN that it was registered with, and the
 * caller must have signed as exactly that.
 */
export async function requireHost(
  tx: Tx,
  ctx: ServiceContext,
  hostIdentifier: string | undefined,
): Promise<Instance> {
  if (hostIdentifier === undefined || hostIdentifier === '') {
    throw new AwsError('ClientException', 'HostIdentifier is required.');
  }
  if (ctx.principal.arn !== hostIdentifier) throw denied(ctx, `the host ${hostIdentifier}`);
  return requireCaller(tx, ctx);
}

/** The registered instance whose credentials the call is signed with. */
export async function requireCaller(tx: Tx, ctx: ServiceContext): Promise<Instance> {
  const instance = await findRegistered(tx, ctx, ctx.principal.arn);
  if (!instance) throw denied(ctx, 'a registered on-premises instance');
  return instance;
}
