import type { Tx } from '../../../db/database.ts';
import { needCertificates as needThem } from '../../../kit/load-balancing/certificates.ts';
import { followed } from '../../../kit/load-balancing/followed.ts';
import { need } from '../../../kit/resource.ts';
import type { ServiceContext } from '../../../kit/service.ts';
import { certificateNotFound, configuration, listenerNotFound } from '../errors.ts';
import { listenerId } from '../model/plan.ts';
import {
  certificateArns,
  type Instance,
  type Listener,
  type LoadBalancer,
} from '../model/things.ts';
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
  edit: (found: LoadBalancer, tx: Tx) => LoadBalancer | Promise<LoadBalancer>,
): Promise<LoadBalancer> {
  return ctx.transaction(async (tx) => {
    const now = await edit(await current(ctx, tx, of), tx);
    await updateBalancer(tx, now);
    await changed(ctx, tx, now.arn);
    return now;
  });
}

/** Those that do not drain, as AWS shows them. */
export const registered = (instances: readonly Instance[]) =>
  instances
    .filter(({ drainsUntil }) => drainsUntil === undefined)
    .map(({ id }) => ({ InstanceId: id }));

/** @throws CertificateNotFound */
export const needCertificates = (
  ctx: ServiceContext,
  tx: Tx,
  listeners: readonly Pick<Listener, 'certificate'>[],
): Promise<void> => needThem(ctx, tx, certificateArns(listeners), certificateNotFound);

/** Waits until the listeners do what they were told. @returns why one does not */
export async function opened(
  ctx: ServiceContext,
  { arn, creation }: Pick<LoadBalancer, 'arn' | 'creation'>,
  listeners: readonly Listener[],
): Promise<string | undefined> {
  const late = await followed(ctx, appliedTopic(arn), async () => {
    const known = await revisionsOf(ctx.db, arn);
    return known?.creation === creation ? known : undefined;
  });
  if (late !== undefined) return late;
  const found = await findBalancer(ctx.db, arn);
  const problems = found?.creation === creation ? found.problems : {};
  return listeners.map((one) => problems[listenerId(one)]).find((one) => one !== undefined);
}

export const notOpened = (problem: string) =>
  configuration(`The listener cannot be created: ${problem}`);

/** Changes a listener, and waits until it follows: where it cannot, it is as it was. @throws why it cannot */
export async function changeListener(
  ctx: ServiceContext,
  of: LoadBalancer,
  port: number,
  edit: (listener: Listener, found: LoadBalancer, tx: Tx) => Listener | Promise<Listener>,
): Promise<void> {
  let before: Listener | undefined;
  let made: Listener | undefined;
  const put = ({ listeners }: LoadBalancer, now: Listener) =>
    listeners.map((one) => (one.port === port ? now : one));
  const now = await change(ctx, of, async (one, tx) => {
    before = one.listeners.find((each) => each.port === port);
    if (!before) throw listenerNotFound(one.name, port);
    made = await edit(before, one, tx);
    return { ...one, listeners: put(one, made) };
  });
  if (!before || !made) return;
  const [was, is] = [before, JSON.stringify(made)];
  const problem = await opened(ctx, now, [was]);
  // One that was not open before is no worse for it.
  if (problem === undefined || now.problems[listenerId(was)] !== undefined) return;
  await change(ctx, now, (one) => {
    const found = one.listeners.find((each) => each.port === port);
    const ours = one.creation === now.creation && JSON.stringify(found) === is;
    return ours ? { ...one, listeners: put(one, was) } : one;
  });
  throw configuration(`The listener cannot be changed: ${problem}`);
}
