import type { CheckFailure, CheckPlan, Health } from './plan.ts';

export const NEW: Health = { state: 'initial', count: 0 };
/** Of targets that nobody checks. */
export const UNCHECKED: Health = { state: 'unavailable', count: 0 };

/**
 * What a target is after one more check. A new one is well at its first good answer, as ELB's are.
 * https://docs.aws.amazon.com/elasticloadbalancing/latest/application/target-group-health-checks.html
 * @param failure undefined where the check went well
 */
export function afterCheck(
  health: Health,
  failure: CheckFailure | undefined,
  { healthyAfter, unhealthyAfter }: Pick<CheckPlan, 'healthyAfter' | 'unhealthyAfter'>,
): Health {
  const { state, count } = health;
  if (!failure) {
    if (state === 'healthy') return { state, count: 0 };
    const needed = state === 'unhealthy' ? healthyAfter : 1;
    // A failure before it breaks the row: what counts then is the other way.
    const good = state === 'unhealthy' ? count + 1 : 1;
    if (good >= needed) return { state: 'healthy', count: 0 };
    return { ...health, count: good };
  }
  if (state === 'unhealthy') return { state, count: 0, failure };
  const bad = count + 1;
  if (bad >= unhealthyAfter) return { state: 'unhealthy', count: 0, failure };
  return { state: state === 'unavailable' ? 'initial' : state, count: bad, failure };
}

/** Is this status one that the matcher takes? `200`, `200,202`, `200-299`. */
export function matchesStatus(matcher: string, status: number): boolean {
  return matcher.split(',').some((part) => {
    const [from, to = from] = part.split('-').map(Number);
    return from !== undefined && to !== undefined && status >= from && status <= to;
  });
}

/** Is it a matcher, of statuses between these? */
export function isMatcher(text: string, lowest: number, highest: number): boolean {
  return text.split(',').every((part) => {
    if (!/^\d{3}(-\d{3})?$/.test(part)) return false;
    const [from = 0, to = from] = part.split('-').map(Number);
    return from >= lowest && to <= highest && from <= to;
  });
}
