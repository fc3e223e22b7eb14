import type { Tx } from '../../../db/database.ts';
import type { Platform } from '../../../kit/service.ts';
import { countRevision } from '../store/balancers.ts';
import { changedTopic, SERVE } from './names.ts';

/** In the transaction of a change that a balancer's listeners have to know. */
export async function changed(ctx: Platform, tx: Tx, balancerArn: string): Promise<void> {
  await countRevision(tx, balancerArn);
  await ctx.engine.ring(tx, changedTopic(balancerArn));
}

/** Listeners have to be kept open from now on, or no longer. */
export async function serve(ctx: Platform, tx: Tx, balancerArn: string): Promise<void> {
  await ctx.engine.wake(tx, SERVE, balancerArn);
  await ctx.engine.ring(tx, changedTopic(balancerArn));
}
