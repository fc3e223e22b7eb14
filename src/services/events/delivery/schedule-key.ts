import type { RulePlace } from '../store/targets.ts';

/** Names a rule to the reconciler of schedules. No part has a slash but the bus of partners, which has no schedules. */
export const keyOf = ({ accountId, region, bus, name }: RulePlace) =>
  [accountId, region, bus, name].join('/');

export function ruleOfKey(key: string): RulePlace {
  const [accountId = '', region = '', bus = '', name = ''] = key.split('/');
  return { accountId, region, bus, name };
}
