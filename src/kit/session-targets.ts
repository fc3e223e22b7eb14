import { ownValue } from '../lib/own.ts';
import type { Platform } from './platform.ts';
import type { Provides } from './provides.ts';

/** Makes `platform.sessionTarget`: targets are named `PREFIX:ID`, and who has the prefix finds them. */
export function makeSessionTargets(
  services: readonly { provides: Partial<Provides> }[],
): (platform: Platform) => Platform['sessionTarget'] {
  const finders: Provides['sessionTargets'] = Object.assign(
    {},
    ...services.map(({ provides }) => provides.sessionTargets),
  );
  return (platform) => async (owner, target) => {
    const colon = target.indexOf(':');
    const load = ownValue(finders, target.slice(0, Math.max(0, colon)));
    return load && (await load())(platform, owner, target.slice(colon + 1));
  };
}
