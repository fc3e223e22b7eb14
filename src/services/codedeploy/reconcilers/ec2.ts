import type { TargetInstances } from '@aws-sdk/client-codedeploy';
import { EC2Client, type Filter, paginateDescribeInstances } from '@aws-sdk/client-ec2';
import type { Subscription } from '../../../engine/events.ts';
import { failureOf } from '../../../kit/delivery/failure.ts';
import type { Platform } from '../../../kit/service.ts';
import * as messages from '../model/messages.ts';
import { type InstanceTag, isChosen } from '../model/tag-filters.ts';
import type { Group } from '../store/applications.ts';
import { type DeploymentBody, isBlueGreen, type PlacedDeployment } from '../store/deployments.ts';
import { deploymentsTo } from '../store/targets.ts';
import { asRoleOf } from './as-role.ts';
import { settle } from './deployment.ts';

/** What a deployment to EC2 instances begins with: their ids, or why there are none. */
type Found = Pick<DeploymentBody, 'ec2Instances' | 'greenInstances' | 'zones' | 'ec2Refusal'>;

/** The instances that a group chooses by EC2 tags (CD-DGF-01), as its service role sees them; or why it sees none. */
export async function chosenInstances(
  ctx: Platform,
  deployment: PlacedDeployment,
  { info }: Group,
): Promise<Found> {
  const { takesBack, targetInstances } = deployment;
  const blue = choiceOf({ tagFilters: info.ec2TagFilters, ec2TagSet: info.ec2TagSet });
  const green = isBlueGreen(deployment) ? choiceOf(targetInstances ?? {}) : NOBODY;
  if (!takesBack && isNobody(blue) && isNobody(green)) return { ec2Instances: [] };
  try {
    const running = await runningInstances(ctx, deployment);
    const ids = (chosen: (instance: Running) => boolean) =>
      running.filter(chosen).map(({ id }) => id);
    if (takesBack)
      return {
        ec2Instances: ids(({ id }) => takesBack.blue.includes(id)),
        greenInstances: ids(({ id }) => takesBack.green.includes(id)),
      };
    const found = ids(({ tags }) => isChosen(tags, blue));
    return {
      ec2Instances: found,
      greenInstances: ids(({ tags }) => isChosen(tags, green)),
      ...(deployment.zonalConfig && { zones: zonesOf(running, found) }),
    };
  } catch (error) {
    const { message, again } = failureOf(error);
    // Who is away for a moment is asked again, with the engine's patience.
    if (again) throw error;
    return { ec2Refusal: message };
  }
}

type Choice = Parameters<typeof isChosen>[1];
const NOBODY: Choice = {};
const isNobody = ({ filters, sets }: Choice) => !filters?.length && !sets?.length;

const choiceOf = ({ tagFilters, ec2TagSet }: TargetInstances): Choice => ({
  ...(tagFilters && { filters: tagFilters }),
  ...(ec2TagSet?.ec2TagSetList && { sets: ec2TagSet.ec2TagSetList }),
});

const zonesOf = (running: readonly Running[], ids: readonly string[]) =>
  Object.fromEntries(
    running.filter(({ id }) => ids.includes(id)).map(({ id, zone }) => [id, zone]),
  );

interface Running {
  id: string;
  tags: InstanceTag[];
  zone: string;
}

async function runningInstances(ctx: Platform, deployment: PlacedDeployment): Promise<Running[]> {
  const client = ctx.client(EC2Client, asRoleOf(deployment));
  const Filters: Filter[] = [{ Name: 'instance-state-name', Values: ['running'] }];
  const found: Running[] = [];
  for await (const { Reservations = [] } of paginateDescribeInstances({ client }, { Filters }))
    for (const { Instances = [] } of Reservations)
      for (const { InstanceId: id = '', Tags = [], Placement } of Instances) {
        const tags = Tags.map(({ Key = '', Value = '' }) => ({ key: Key, value: Value }));
        found.push({ id, tags, zone: Placement?.AvailabilityZone ?? '' });
      }
  return found;
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
