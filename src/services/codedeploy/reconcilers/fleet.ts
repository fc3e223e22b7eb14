import { defineReconciler } from '../../../engine/engine.ts';
import type { Platform } from '../../../kit/service.ts';
import type { Fleet, FleetWork } from '../model/fleet.ts';
import * as messages from '../model/messages.ts';
import type { Trouble } from '../model/strategies/shift-state.ts';
import { groupsNamed, instancesOf, type Scaling, scalingFor } from '../scaling/client.ts';
import { handOver, makeCopy, removeGroup, takeBack } from '../scaling/copy.ts';
import {
  activeDeployments,
  loadDeployment,
  type PlacedDeployment,
  updateDeployment,
} from '../store/deployments.ts';
import { sweeps } from '../sweeps.ts';
import { asRoleOf } from './as-role.ts';
import { settle } from './deployment.ts';
import { missingGroup, scalingTrouble } from './ec2.ts';
import { FLEET } from './names.ts';

/** How often it is looked whether instances have come, or a group is gone. */
const LOOK_MS = 2000;

interface Done {
  trouble?: Trouble;
  /** The instances of both sides, once the copy is made. */
  ec2Instances?: string[];
  greenInstances?: string[];
}
type Outcome = 'later' | Done;

/** Does what a blue/green deployment of the group asks for of Auto Scaling groups. All of it may be done again. */
export const fleetReconciler = defineReconciler<Platform>({
  name: FLEET,
  async reconcile(ctx, groupId) {
    const active = await activeDeployments(ctx.db, groupId);
    const { deploymentId = '' } = active.find(({ fleet }) => fleet?.work) ?? {};
    const deployment = await loadDeployment(ctx.db, deploymentId);
    const { fleet } = deployment ?? {};
    if (!deployment || !fleet?.work) return undefined;
    const { work } = fleet;
    const outcome = await tried(ctx, deployment, fleet, work);
    if (outcome === 'later') return new Date(ctx.clock.now().getTime() + LOOK_MS);
    const { trouble, ...instances } = outcome;
    await ctx.transaction(async (tx) => {
      const now = await loadDeployment(tx, deploymentId);
      if (now?.fleet?.work !== work) return;
      // Before it is looked at again: the hosts that it goes on with are these.
      await updateDeployment(tx, { ...now, ...instances });
      await settle(ctx, tx, deploymentId, (draft) => draft.answerFleet(work, trouble));
    });
    return undefined;
  },
  sweep: sweeps[FLEET],
});

async function tried(
  ctx: Platform,
  deployment: PlacedDeployment,
  fleet: Fleet,
  work: FleetWork,
): Promise<Outcome> {
  try {
    const scaling = await scalingFor(ctx, asRoleOf(deployment));
    return await WORKS[work](scaling, fleet, deployment, ctx.clock.now().getTime());
  } catch (error) {
    return { trouble: scalingTrouble(deployment, fleet.copy, error) };
  }
}

type Work = (
  scaling: Scaling,
  fleet: Fleet,
  deployment: PlacedDeployment,
  now: number,
) => Promise<Outcome>;

const WORKS: Record<FleetWork, Work> = {
  async make(scaling, { original, copy }, { deploymentId }, now) {
    const groups = await groupsNamed(scaling, [original, copy]);
    const [blue, green] = [groups.get(original), groups.get(copy)];
    if (!blue) return { trouble: missingGroup(original) };
    if (!blue.DesiredCapacity)
      return { trouble: { code: 'NO_INSTANCES', message: messages.NO_INSTANCES } };
    if (!green?.DesiredCapacity) {
      await makeCopy(scaling, blue, copy, { deploymentId, now });
      return 'later';
    }
    const there = (green.Instances ?? []).filter(
      ({ LifecycleState }) => LifecycleState === 'InService',
    );
    if (there.length < green.DesiredCapacity) return 'later';
    return { ec2Instances: instancesOf(blue), greenInstances: instancesOf(green) };
  },
  async hand(scaling, { original, copy }) {
    const blue = (await groupsNamed(scaling, [original])).get(original);
    if (!blue) return { trouble: missingGroup(original) };
    await handOver(scaling, blue, copy);
    return {};
  },
  async return(scaling, fleet, deployment, now) {
    await takeBack(scaling, fleet.original);
    return WORKS.remove(scaling, fleet, deployment, now);
  },
  async remove(scaling, { copy }) {
    if (!(await groupsNamed(scaling, [copy])).has(copy)) return {};
    await removeGroup(scaling, copy);
    return 'later';
  },
};
