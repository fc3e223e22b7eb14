import { failureOf } from '../../../kit/delivery/failure.ts';
import * as messages from '../model/messages.ts';
import type { Balancer } from './balancer.ts';

/** `later`: it is under way, and is to be asked for again. */
export type Outcome = 'done' | 'later' | { failed: string };

/**
 * Does BlockTraffic or AllowTraffic of an instance as far as it goes now, at all load balancers: out, once what is under way has
 * ended; or in, once they find it healthy. A failure is known when one has failed.
 * @throws the error of a load balancer that is away for a moment
 */
export async function moveTraffic(
  balancers: readonly Balancer[],
  event: string,
  instance: string,
): Promise<Outcome> {
  const move = event === 'BlockTraffic' ? leave : enter;
  const outcomes = await Promise.all(
    balancers.map((balancer) => tried(balancer, () => move(balancer, instance))),
  );
  const failed = outcomes.find((outcome) => typeof outcome === 'object');
  return failed ?? (outcomes.includes('later') ? 'later' : 'done');
}

async function leave(balancer: Balancer, instance: string): Promise<Outcome> {
  const { state } = await balancer.standing(instance);
  if (state === 'out') return 'done';
  if (state === 'leaving') return 'later';
  await balancer.takeOut(instance);
  // Where nothing is under way it is out at once.
  return (await balancer.standing(instance)).state === 'out' ? 'done' : 'later';
}

async function enter(balancer: Balancer, instance: string): Promise<Outcome> {
  const { state, reason = '' } = await balancer.standing(instance);
  if (state === 'in') return 'done';
  if (state === 'never') return { failed: messages.notHealthy(balancer.label, reason) };
  if (state !== 'entering') await balancer.putIn(instance);
  return 'later';
}

/** Who is away for a moment is asked again, with the engine's patience; what says no has failed. */
async function tried(balancer: Balancer, move: () => Promise<Outcome>): Promise<Outcome> {
  try {
    return await move();
  } catch (error) {
    const { message, again } = failureOf(error);
    if (again) throw error;
    return { failed: `${balancer.label}: ${message}` };
  }
}
