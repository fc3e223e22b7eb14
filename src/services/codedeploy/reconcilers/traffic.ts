import { defineReconciler } from '../../../engine/engine.ts';
import type { Platform } from '../../../kit/service.ts';
import { moveTraffic } from '../balancers/move.ts';
import { balancersOf } from '../balancers/of-deployment.ts';
import { isTrafficEvent } from '../model/lifecycle.ts';
import { activeDeployments, loadDeployment } from '../store/deployments.ts';
import { loadTargets } from '../store/targets.ts';
import { settle } from './deployment.ts';
import { readTrafficKey, TRAFFIC } from './names.ts';

/** How often an instance's standing is asked for: less often the longer it takes. */
const SOONEST_MS = 1000;
const LATEST_MS = 10_000;

/**
 * Does BlockTraffic and AllowTraffic of an instance (CD-LCS-09): out of all load balancers, once what is under way has ended; or
 * into them, once they find it healthy. What it does it does again without harm; the machine ends what takes too long.
 */
export const trafficReconciler = defineReconciler<Platform>({
  name: TRAFFIC,
  async reconcile(ctx, key) {
    const { groupId, instance } = readTrafficKey(key);
    const asked = await askedOf(ctx, groupId, instance);
    if (!asked) return undefined;
    const { deployment, event } = asked;
    const balancers = await balancersOf(ctx, deployment);
    const outcome = await moveTraffic(balancers, event.name, instance);
    const now = ctx.clock.now().getTime();
    if (outcome === 'later') {
      const passed = now - (event.startedAt ?? now);
      return new Date(now + Math.min(LATEST_MS, Math.max(SOONEST_MS, passed / 10)));
    }
    const failure = outcome === 'done' ? undefined : outcome.failed;
    await ctx.transaction((tx) =>
      settle(ctx, tx, deployment.deploymentId, (draft, at) =>
        draft.answerTraffic(instance, event.name, failure, at),
      ),
    );
    // One that goes may be in two deployments at once: the other's event comes next.
    return (await askedOf(ctx, groupId, instance)) && new Date(now);
  },
});

/** What a deployment of the group that has not ended has asked for. */
async function askedOf(ctx: Platform, groupId: string, instance: string) {
  for (const { deploymentId } of await activeDeployments(ctx.db, groupId)) {
    const [target] = await loadTargets(ctx.db, deploymentId, [instance]);
    const event = target?.events.find(
      ({ name, status }) => status === 'InProgress' && isTrafficEvent(name),
    );
    const deployment = event && (await loadDeployment(ctx.db, deploymentId));
    if (deployment) return { deployment, event };
  }
  return undefined;
}
