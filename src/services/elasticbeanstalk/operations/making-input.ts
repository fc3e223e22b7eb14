import { forwarded } from '../../../kit/forwarded.ts';
import { passRole } from '../../../kit/pass-role.ts';
import type { ServiceContext } from '../../../kit/service.ts';
import { isRefusal, statusOf } from '../../../lib/refusal.ts';
import { PROVISIONS } from '../effects/clients.ts';
import { insufficient, invalid } from '../errors.ts';
import type { Setting } from '../model/environment.ts';
import { launchOf } from '../model/launch.ts';
import { isBalanced, listOf, NS, settingOf } from '../model/settings.ts';
import { SERVICE_PRINCIPAL } from '../reconcilers/names.ts';

/** What AWS makes by CloudFormation with the caller's rights: he needs them here too, or hands over a role that has them. */
export async function authorizeMaking(
  ctx: ServiceContext,
  settings: readonly Setting[],
  role: string | undefined,
  arn: string,
): Promise<void> {
  if (role !== undefined)
    return passRole(ctx, { roleArn: role, service: SERVICE_PRINCIPAL, sourceArn: arn });
  const balanced = isBalanced({ settings });
  for (const { action, balancer } of PROVISIONS)
    if (balanced || !balancer) await ctx.authorize(action, '*');
  await tryRun(ctx, settings);
}

/**
 * Policies of `ec2:RunInstances` speak of images, subnets, keys and security groups: EC2 is asked to try it as the caller, since the
 * instances themselves come by the service. Without an image of his own there is Amazon's, and nothing to ask about.
 */
async function tryRun(ctx: ServiceContext, settings: readonly Setting[]): Promise<void> {
  const ImageId = settingOf({ settings }, NS.launch, 'ImageId');
  if (ImageId === '') return;
  const [SubnetId] = listOf({ settings }, NS.vpc, 'Subnets');
  // The largest client package of all: not before it is needed.
  const { EC2Client, RunInstancesCommand } = await import('@aws-sdk/client-ec2');
  const ec2 = ctx.client(EC2Client, forwarded(ctx, 'elasticbeanstalk'));
  try {
    await ec2.send(
      new RunInstancesCommand({
        ...{ ImageId, MinCount: 1, MaxCount: 1, DryRun: true },
        ...launchOf({ settings }),
        ...(SubnetId !== undefined && { SubnetId }),
      }),
    );
  } catch (error) {
    if (!isRefusal(error)) throw error;
    if (error.name === 'DryRunOperation') return;
    if (statusOf(error) === 501) throw error;
    throw statusOf(error) === 403 ? insufficient(error.message) : invalid(error.message);
  }
}
