import type { Work } from '../model/draft.ts';
import type { Environment } from '../model/environment.ts';
import type { Hands } from './clients.ts';

type Balance = Extract<Work, { kind: 'balance' }>;

const targets = (ids: readonly string[]) => ids.map((Id) => ({ Id }));

/** Takes instances out of the balancer and puts them in. @returns those that are out, and those that are in */
export async function balance(
  { balancing, elb }: Hands,
  environment: Environment,
  { leave, join, rejoin }: Balance,
): Promise<{ left: string[]; joined: string[] }> {
  const TargetGroupArn = environment.body.resources?.targetGroup;
  if (TargetGroupArn === undefined) return { left: leave, joined: [...join, ...rejoin] };
  const before = await health();
  const isIn = (id: string) => {
    const state = before.get(id);
    return state !== undefined && state !== 'draining';
  };
  const out = leave.filter(isIn);
  if (out.length > 0)
    await balancing.send(
      new elb.DeregisterTargetsCommand({ TargetGroupArn, Targets: targets(out) }),
    );
  const missing = [...join, ...rejoin].filter((id) => !isIn(id));
  if (missing.length > 0)
    await balancing.send(
      new elb.RegisterTargetsCommand({ TargetGroupArn, Targets: targets(missing) }),
    );
  // A question that has just been answered is not asked again.
  const isOther = out.length + missing.length > 0;
  const now = isOther ? await health() : before;
  return {
    left: leave.filter((id) => !now.has(id)),
    joined: [...join.filter((id) => now.get(id) === 'healthy'), ...rejoin],
  };

  async function health() {
    const { TargetHealthDescriptions = [] } = await balancing.send(
      new elb.DescribeTargetHealthCommand({ TargetGroupArn }),
    );
    return new Map(
      TargetHealthDescriptions.map(({ Target, TargetHealth }) => [
        ...([Target?.Id ?? '', TargetHealth?.State ?? ''] as const),
      ]),
    );
  }
}
