import type { Tx } from '../../../db/database.ts';
import { defineReconciler } from '../../../engine/engine.ts';
import { type BalancerKind, serve } from '../../../kit/load-balancing/serving.ts';
import type { Platform } from '../../../kit/service.ts';
import { listenerId, planOf, type Snapshot } from '../model/plan.ts';
import { findBalancer, revisionsOf, setApplied, updateBalancer } from '../store/balancers.ts';
import { deleteInstance, listInstances, putInstance } from '../store/instances.ts';
import { sweeps } from '../sweeps.ts';
import { changed } from './change.ts';
import { appliedTopic, changedTopic, SERVE } from './names.ts';

/** Balancers at a time on one server. */
const CONCURRENCY = 1000;

const kind: BalancerKind<Snapshot> = {
  read,
  plan: planOf,
  revision: async (db, arn) => (await revisionsOf(db, arn))?.revision,
  revisionOf: ({ balancer }) => balancer.revision,
  async applied(platform, tx, { balancer }, problems) {
    const found = await findBalancer(tx, balancer.arn);
    const now = Object.fromEntries(problems);
    if (found && JSON.stringify(found.problems) !== JSON.stringify(now))
      await updateBalancer(tx, { ...found, problems: now });
    await setApplied(tx, balancer.arn, balancer.revision);
    await platform.engine.ring(tx, appliedTopic(balancer.arn));
  },
  async health(_platform, tx, { key, target, health }) {
    const found = await instanceOf(tx, key, target);
    // It may be registered again, drain or be gone. Each listener checks alike.
    if (found && found.drainsUntil === undefined) await putInstance(tx, { ...found, health });
  },
  async drained(platform, tx, { key, group, target }) {
    const found = await instanceOf(tx, key, target);
    if (found?.drainsUntil === undefined) return;
    const drained = [...new Set([...found.drained, group])];
    const { listeners = [] } = (await findBalancer(tx, key)) ?? {};
    if (listeners.some((one) => !drained.includes(listenerId(one))))
      return putInstance(tx, { ...found, drained });
    await deleteInstance(tx, found);
    await changed(platform, tx, key);
  },
  changedTopic,
};

const instanceOf = async (tx: Tx, arn: string, id: string) =>
  (await listInstances(tx, arn)).find((one) => one.id === id);

export const serveReconciler = defineReconciler<Platform>({
  name: SERVE,
  concurrency: CONCURRENCY,
  stays: true,
  reconcile: (platform, arn, signal) => serve(kind, platform, arn, signal),
  sweep: sweeps[SERVE],
});

async function read(
  { db, certificates: known }: Platform,
  arn: string,
): Promise<Snapshot | undefined> {
  const balancer = await findBalancer(db, arn);
  if (!balancer) return undefined;
  const instances = await listInstances(db, arn);
  const certificates: Snapshot['certificates'] = new Map();
  for (const { certificate } of balancer.listeners) {
    const found = certificate && (await known.find(db, certificate));
    if (found) certificates.set(found.arn, found);
  }
  return { balancer, instances, certificates };
}
