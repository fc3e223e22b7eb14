import type { ServiceContext } from '../service.ts';

/** How long a call that opens ports waits for them to be open. */
const OPENING_MS = 10_000;

/**
 * Waits until a balancer's listeners do what they were told. What has been deleted meanwhile is waited for no longer.
 * @param revisions what they are told and what they follow; undefined where it is gone
 * @returns why they do not
 */
export async function followed(
  ctx: ServiceContext,
  appliedTopic: string,
  revisions: () => Promise<{ revision: number; applied: number } | undefined>,
): Promise<string | undefined> {
  const wanted = (await revisions())?.revision ?? 0;
  const look = async () => {
    const found = await revisions();
    return !found || found.applied >= wanted ? true : undefined;
  };
  const until = new Date(ctx.clock.now().getTime() + OPENING_MS);
  if (await ctx.engine.heard(appliedTopic, look, { until })) return undefined;
  return `its load balancer has not followed within ${OPENING_MS / 1000} seconds`;
}
