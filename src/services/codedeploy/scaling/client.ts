import type { AutoScalingClient, AutoScalingGroup } from '@aws-sdk/client-auto-scaling';
import type { ActAs, Platform } from '../../../kit/platform.ts';
import { isRefusal } from '../../../lib/refusal.ts';

/** Auto Scaling, as one who acts reaches it. The client package is large, and most groups have no Auto Scaling groups. */
export interface Scaling {
  client: AutoScalingClient;
  sdk: typeof import('@aws-sdk/client-auto-scaling');
}

export async function scalingFor(ctx: Pick<Platform, 'client'>, as: ActAs): Promise<Scaling> {
  const sdk = await import('@aws-sdk/client-auto-scaling');
  return { sdk, client: ctx.client(sdk.AutoScalingClient, as) };
}

/** Groups by their names: those that there are. */
export async function groupsNamed(
  { client, sdk }: Scaling,
  names: readonly string[],
): Promise<Map<string, AutoScalingGroup>> {
  const found = new Map<string, AutoScalingGroup>();
  if (names.length === 0) return found;
  const pages = sdk.paginateDescribeAutoScalingGroups(
    { client },
    { AutoScalingGroupNames: [...names] },
  );
  for await (const { AutoScalingGroups = [] } of pages) {
    for (const group of AutoScalingGroups) found.set(group.AutoScalingGroupName ?? '', group);
    // Nobody has more of that name, whatever is answered.
    if (found.size >= names.length) break;
  }
  return found;
}

/** Auto Scaling has one code for all that is wrong, and says in words that something is not there. */
export const isGone = (error: unknown): boolean =>
  isRefusal(error) && /not found|does not exist|No .*found with/i.test(error.message);

/** Is it in the group, and stays? What is held while it comes has a deployment of its own, and what goes has none. */
const isHere = (state: string | undefined): boolean =>
  ['InService', 'Standby', 'EnteringStandby', 'Pending:Proceed'].includes(state ?? '');

export const instancesOf = (group: AutoScalingGroup | undefined): string[] =>
  (group?.Instances ?? [])
    .filter(({ LifecycleState }) => isHere(LifecycleState))
    .map(({ InstanceId = '' }) => InstanceId);
