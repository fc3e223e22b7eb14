import type { Tx } from '../../../db/database.ts';
import { defineReconciler } from '../../../engine/engine.ts';
import { certificatesOf } from '../../../kit/load-balancing/certificates.ts';
import { type BalancerKind, serve } from '../../../kit/load-balancing/serving.ts';
import type { Platform } from '../../../kit/service.ts';
import { isDrained, planOf, type Snapshot } from '../model/plan.ts';
import { certificateArns, type LoadBalancer } from '../model/things.ts';
import { findBalancer, revisionsOf, setApplied, updateBalancer } from '../store/balancers.ts';
import {
  deleteInstance,
  drainingInstances,
  findInstance,
  listInstances,
  putInstance,
} from '../store/instances.ts';
import { sweeps } from '../sweeps.ts';
import { changed } from './change.ts';
import { appliedTopic, changedTopic, SERVE } from './names.ts';

/** Balancers at a time on one server. */
const CONCURRENCY = 1000;

const kind: BalancerKind<Snapshot> = {
  read,
  plan: planOf,
  async revision(db, arn) {
    const found = await revisionsOf(db, arn);
    return found && revisionOf(found);
  },
  revisionOf: ({ balancer }) => revisionOf(balancer),
  creationOf: ({ balancer }) => balancer.creation,
  async applied(platform, tx, { balancer }, problems) {
    const found = await findBalancer(tx, balancer.arn);
    // One of its name that was made since hears of its own.
    if (found?.creation !== balancer.creation) return;
    const now = Object.fromEntries(problems);
    if (JSON.stringify(found.problems) !== JSON.stringify(now))
      await updateBalancer(tx, { ...found, problems: now });
    await setApplied(tx, balancer);
    await forgetDrained(platform, tx, found);
    await platform.engine.ring(tx, appliedTopic(balancer.arn));
  },
  async health(_platform, tx, { key, target, health }) {
    const found = await findInstance(tx, key, target);
    // It may be registered again, drain or be gone. Each listener checks alike.
    if (found && found.drainsUntil === undefined) await putInstance(tx, { ...found, health });
  },
  async drained(platform, tx, { key, group, target }) {
    const found = await findInstance(tx, key, target);
    if (found?.drainsUntil === undefined) return;
    const drained = [...new Set([...found.drained, group])];
    const balancer = await findBalancer(tx, key);
    await putInstance(tx, { ...found, drained });
    if (balancer) await forgetDrained(platform, tx, balancer);
  },
  changedTopic,
};

const revisionOf = ({ creation, revision }: Pick<LoadBalancer, 'creation' | 'revision'>) =>
  `${creation} ${revision}`;

/** Instances at which nothing goes on for any listener that there still is. */
async function forgetDrained(platform: Platform, tx: Tx, balancer: LoadBalancer): Promise<void> {
  const all = await drainingInstances(tx, balancer.arn);
  const gone = all.filter((one) => isDrained(one, balancer.listeners));
  for (const one of gone) await deleteInstance(tx, one);
  if (gone.length > 0) await changed(platform, tx, balancer.arn);
}

export const serveReconciler = defineReconciler<Platform>({
  name: SERVE,
  concurrency: CONCURRENCY,
  stays: true,
  reconcile: (platform, arn, signal) => serve(kind, platform, arn, signal),
  sweep: sweeps[SERVE],
});

async function read(platform: Platform, arn: string): Promise<Snapshot | undefined> {
  const balancer = await findBalancer(platform.db, arn);
  if (!balancer) return undefined;
  const instances = await listInstances(platform.db, arn);
  const certificates = await certificatesOf(platform, certificateArns(balancer.listeners));
  return { balancer, instances, certificates };
}
