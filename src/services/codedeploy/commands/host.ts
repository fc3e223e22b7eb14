import { AwsError } from '../../../aws/errors.ts';
import type { ServiceContext } from '../../../kit/service.ts';
import { ec2InstanceArn } from '../model/ec2-instances.ts';
import { findRegistered } from '../store/instances.ts';
import { callingInstance } from './ec2-host.ts';

/** A host as its commands know it. */
export interface Host {
  name: string;
  /** What it calls itself: the ARN that it was registered with, or that of an EC2 instance. */
  identifier: string;
}

/** What agents get that are not, or not any more, who they say they are. */
function denied(ctx: ServiceContext, what: string): AwsError {
  return new AwsError('AccessDeniedException', `${ctx.principal.arn} is not ${what}.`);
}

/**
 * The instance that the caller is. A host's identifier is the ARN that it was registered with, and the
 * caller must have signed as exactly that; or that of the EC2 instance whose own credentials the caller has.
 */
export async function requireHost(
  ctx: ServiceContext,
  hostIdentifier: string | undefined,
): Promise<Host> {
  if (hostIdentifier === undefined || hostIdentifier === '') {
    throw new AwsError('ClientException', 'HostIdentifier is required.');
  }
  const host = await requireCaller(ctx);
  if (host.identifier !== hostIdentifier) throw denied(ctx, `the host ${hostIdentifier}`);
  return host;
}

/**
 * The registered instance, or the EC2 instance, whose credentials the call is signed with. Not for use in a transaction: EC2
 * and IAM are asked about a session of an instance.
 */
export async function requireCaller(ctx: ServiceContext): Promise<Host> {
  const instance = await findRegistered(ctx.db, ctx, ctx.principal.arn);
  if (instance) return { name: instance.name, identifier: instance.iamArn };
  const id = await callingInstance(ctx);
  if (id === undefined) throw denied(ctx, 'a registered on-premises instance');
  return { name: id, identifier: ec2InstanceArn(ctx, id) };
}
