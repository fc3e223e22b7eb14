import {
  DescribeTargetHealthCommand,
  ElasticLoadBalancingV2Client,
  paginateDescribeTargetGroups,
} from '@aws-sdk/client-elastic-load-balancing-v2';
import { clientConfig, type Server } from '../server.ts';
import type { ShownInstance } from './instance.ts';

/** The ports at which load balancers reach instances, by their ids. */
export async function portsOf(server: Server): Promise<Map<string, ShownInstance['ports']>> {
  const client = new ElasticLoadBalancingV2Client(clientConfig(server));
  const found = new Map<string, ShownInstance['ports']>();
  for await (const { TargetGroups = [] } of paginateDescribeTargetGroups({ client }, {})) {
    for (const { TargetGroupArn, TargetGroupName: targetGroup = '', TargetType } of TargetGroups) {
      if (TargetType !== 'instance') continue;
      const command = new DescribeTargetHealthCommand({ TargetGroupArn });
      const { TargetHealthDescriptions = [] } = await client.send(command);
      for (const { Target, TargetHealth } of TargetHealthDescriptions) {
        const { Id: id = '', Port: port = 0 } = Target ?? {};
        const its = { port, targetGroup, health: TargetHealth?.State ?? 'unknown' };
        found.set(id, [...(found.get(id) ?? []), its]);
      }
    }
  }
  return found;
}
