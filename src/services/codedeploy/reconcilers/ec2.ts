import { EC2Client, paginateDescribeInstances } from '@aws-sdk/client-ec2';
import type { Subscription } from '../../../engine/events.ts';
import { failureOf } from '../../../kit/delivery/failure.ts';
import type { Platform } from '../../../kit/service.ts';
import * as messages from '../model/messages.ts';
import { isChosen } from '../model/tag-filters.ts';
import { groupArn } from '../resources/deployment-group.ts';
import type { Group } from '../store/applications.ts';
import type { PlacedDeployment } from '../store/deployments.ts';
import { deploymentsTo } from '../store/targets.ts';
import { settle } from './deployment.ts';
import { SERVICE_PRINCIPAL } from './names.ts';

/** The instances that a group chooses by EC2 tags (CD-DGF-01), as its service role sees them; or why it sees none. */
export async function chosenInstances(
  ctx: Platform,
  deployment: PlacedDeployment,
  { info }: Group,
): Promise<string[] | { refused: string }> {
  const choice = {
    filters: info.ec2TagFilters,
    sets: info.ec2TagSet?.ec2TagSetList,
  };
  if (!choice.filters?.length && !choice.sets?.length) return [];
  const { serviceRoleArn: roleArn, accountId, region, applicationName, groupName } = deployment;
  const client = ctx.client(EC2Client, {
    ...{ service: SERVICE_PRINCIPAL, roleArn, region, sessionName: deployment.deploymentId },
    sourceArn: groupArn({ partition: 'aws', accountId, region }, applicationName, groupName),
  });
  const Filters = [{ Name: 'instance-state-name', Values: ['running'] }];
  const found: string[] = [];
  try {
    for await (const { Reservations = [] } of paginateDescribeInstances({ client }, { Filters }))
      for (const { Instances = [] } of Reservations)
        for (const { InstanceId = '', Tags = [] } of Instances) {
          const tags = Tags.map(({ Key = '', Value = '' }) => ({ key: Key, value: Value }));
          if (isChosen(tags, choice)) found.push(InstanceId);
        }
    return found;
  } catch (error) {
    const { message, again } = failureOf(error);
    // Who is away for a moment is asked again, with the engine's patience.
    if (again) throw error;
    return { refused: message };
  }
}

/** An instance that is terminated in the middle of a deployment has failed it. */
export const instanceGone: Subscription<Platform> = {
  name: 'codedeploy/instance-gone',
  pattern: {
    source: ['aws.ec2'],
    'detail-type': ['EC2 Instance State-change Notification'],
    detail: { state: ['terminated'] },
  },
  async deliver(ctx, { account, region, detail }) {
    const id = String(detail['instance-id']);
    await ctx.transaction(async (tx) => {
      for (const deploymentId of await deploymentsTo(tx, { accountId: account, region }, id))
        await settle(ctx, tx, deploymentId, (draft, now) =>
          draft.lose(id, messages.instanceGone(id), now),
        );
    });
  },
};
