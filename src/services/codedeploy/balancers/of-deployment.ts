import { failureOf } from '../../../kit/delivery/failure.ts';
import type { Platform } from '../../../kit/service.ts';
import type { Trouble } from '../model/deployment-state.ts';
import * as messages from '../model/messages.ts';
import { asRoleOf } from '../reconcilers/as-role.ts';
import type { PlacedDeployment } from '../store/deployments.ts';
import type { Balancer } from './balancer.ts';
import { classic } from './classic.ts';
import { targetGroup } from './target-group.ts';

/** What sends requests to the instances of a deployment, as its service role reaches it. */
export async function balancersOf(
  ctx: Platform,
  deployment: PlacedDeployment,
): Promise<Balancer[]> {
  const { elbInfoList = [], targetGroupInfoList = [] } = deployment.loadBalancerInfo ?? {};
  const as = asRoleOf(deployment);
  const found: Balancer[] = [];
  // The client packages are large, and most deployments want neither.
  if (targetGroupInfoList.length > 0) {
    const sdk = await import('@aws-sdk/client-elastic-load-balancing-v2');
    const elb = ctx.client(sdk.ElasticLoadBalancingV2Client, as);
    for (const { name = '' } of targetGroupInfoList) found.push(targetGroup(elb, name));
  }
  if (elbInfoList.length > 0) {
    const sdk = await import('@aws-sdk/client-elastic-load-balancing');
    const elb = ctx.client(sdk.ElasticLoadBalancingClient, as);
    for (const { name = '' } of elbInfoList) found.push(classic(elb, name));
  }
  return found;
}

/** Why the load balancers cannot be used, as far as that can be known before. */
export async function balancerTrouble(
  ctx: Platform,
  deployment: PlacedDeployment,
): Promise<Trouble | undefined> {
  for (const balancer of await balancersOf(ctx, deployment)) {
    try {
      await balancer.check();
    } catch (error) {
      const { code, message, again } = failureOf(error);
      // Who is away for a moment is asked again, with the engine's patience.
      if (again) throw error;
      if (code === 'NO_PERMISSIONS')
        return {
          code: 'IAM_ROLE_PERMISSIONS',
          message: messages.noElbPermission(deployment.serviceRoleArn, message),
        };
      const why = messages.invalidBalancer(balancer.label, message);
      return { code: 'ELASTIC_LOAD_BALANCING_INVALID', message: why };
    }
  }
  return undefined;
}
