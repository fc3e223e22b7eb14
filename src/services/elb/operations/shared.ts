import type { Tx } from '../../../db/database.ts';
import { need } from '../../../kit/resource.ts';
import type { ServiceContext } from '../../../kit/service.ts';
import { certificateNotFound, configuration } from '../errors.ts';
import { OPENING_MS } from '../limits.ts';
import { listenerId } from '../model/plan.ts';
import type { Listener, LoadBalancer } from '../model/things.ts';
import { changed } from '../reconcilers/change.ts';
import { appliedTopic } from '../reconcilers/names.ts';
import { balancer } from '../resources/balancer.ts';
import { findBalancer, revisionsOf, updateBalancer } from '../store/balancers.ts';

/** The balancer as it is in this transaction. @throws LoadBalancerNotFound */
export const current = (
  ctx: ServiceContext,
  tx: Tx,
  { name }: LoadBalancer,
): Promise<LoadBalancer> => need(tx, balancer, balancer.locate(ctx, name));

/** Changes a balancer, and lets its listeners know. @returns it as it is then */
export function change(
  ctx: ServiceContext,
  of: LoadBalancer,
  edit: (found: LoadBalancer) => LoadBalancer,
): Promise<LoadBalancer> {
  return ctx.transaction(async (tx) => {
    const now = edit(await current(ctx, tx, of));
    await updateBalancer(tx, now);
    await changed(ctx, tx, now.arn);
    return now;
  });
}

/** Certificates are of the caller's account. @throws CertificateNotFound */
export async function needCertificates(
  ctx: ServiceContext,
  listeners: readonly Pick<Listener, 'certificate'>[],
): Promise<void> {
  for (const { certificate: arn } of listeners) {
    if (arn === undefined) continue;
    const own = arn.split(':')[4] === ctx.accountId;
    if (!own || !(await ctx.certificates.find(ctx.db, arn))) throw certificateNotFound(arn);
  }
}

/** Waits until the listeners' ports are open. @returns why one is not */
export async function opened(
  ctx: ServiceContext,
  arn: string,
  listeners: readonly Listener[],
): Promise<string | undefined> {
  const wanted = (await revisionsOf(ctx.db, arn))?.revision ?? 0;
  const look = async () => {
    const { applied = 0 } = (await revisionsOf(ctx.db, arn)) ?? { applied: wanted };
    return applied >= wanted ? true : undefined;
  };
  const until = new Date(ctx.clock.now().getTime() + OPENING_MS);
  await ctx.engine.heard(appliedTopic(arn), look, { until });
  const { problems = {} } = (await findBalancer(ctx.db, arn)) ?? {};
  return listeners.map((one) => problems[listenerId(one)]).find((one) => one !== undefined);
}

export const notOpened = (problem: string) =>
  configuration(`The listener cannot be created: ${problem}`);
