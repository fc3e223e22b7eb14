import type { Tx } from '../../../db/database.ts';
import { defineReconciler } from '../../../engine/engine.ts';
import { certificatesOf } from '../../../kit/load-balancing/certificates.ts';
import { type BalancerKind, serve } from '../../../kit/load-balancing/serving.ts';
import type { Platform } from '../../../kit/service.ts';
import { planOf, type Snapshot } from '../model/plan.ts';
import { idOfName, targetName } from '../model/things.ts';
import { findBalancer, revisionsOf, setApplied } from '../store/balancers.ts';
import { groupsOfBalancer } from '../store/groups.ts';
import { listListeners, rulesOf, setProblem } from '../store/listeners.ts';
import { deleteTarget, putTarget, targetsById, targetsOf } from '../store/targets.ts';
import { sweeps } from '../sweeps.ts';
import { changed } from './change.ts';
import { appliedTopic, changedTopic, SERVE } from './names.ts';

/** Balancers at a time on one server. */
const CONCURRENCY = 1000;

const kind: BalancerKind<Snapshot> = {
  read,
  plan: planOf,
  revision: async (db, arn) => (await revisionsOf(db, arn))?.revision.toString(),
  revisionOf: ({ balancer }) => balancer.revision.toString(),
  // Its ARN is of one alone.
  creationOf: ({ balancer }) => balancer.arn,
  async applied(platform, tx, { balancer, listeners }, problems) {
    for (const { arn, problem } of listeners)
      if (problems.get(arn) !== problem) await setProblem(tx, arn, problems.get(arn));
    await setApplied(tx, balancer.arn, balancer.revision);
    await platform.engine.ring(tx, appliedTopic(balancer.arn));
  },
  async health(_platform, tx, { health, ...noted }) {
    const found = await targetOf(tx, noted);
    // It may be registered again, drain or be gone.
    if (found && found.drainsUntil === undefined) await putTarget(tx, { ...found, health });
  },
  async drained(platform, tx, noted) {
    const found = await targetOf(tx, noted);
    if (found?.drainsUntil === undefined) return;
    await deleteTarget(tx, found);
    await changed(platform, tx, noted.key);
  },
  changedTopic,
};

const targetOf = async (tx: Tx, { group, target }: { group: string; target: string }) =>
  (await targetsById(tx, group, idOfName(target))).find((one) => targetName(one) === target);

export const serveReconciler = defineReconciler<Platform>({
  name: SERVE,
  concurrency: CONCURRENCY,
  stays: true,
  reconcile: (platform, arn, signal) => serve(kind, platform, arn, signal),
  sweep: sweeps[SERVE],
});

async function read(platform: Platform, arn: string): Promise<Snapshot | undefined> {
  const { db } = platform;
  const balancer = await findBalancer(db, arn);
  if (!balancer) return undefined;
  const listeners = await listListeners(db, arn);
  const groups = await groupsOfBalancer(db, arn);
  const arnsOf = (all: readonly { arn: string }[]) => all.map((one) => one.arn);
  const rules = await rulesOf(db, arnsOf(listeners));
  const targets = await targetsOf(db, arnsOf(groups));
  const used = listeners.flatMap((one) => one.certificates);
  const certificates = await certificatesOf(platform, used);
  return { balancer, listeners, rules, groups, targets, certificates };
}
