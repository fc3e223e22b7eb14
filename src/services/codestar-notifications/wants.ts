import type { Wants } from '../../kit/manifest.ts';
import { rulesWanting } from './delivery/matching.ts';

/** Most events are wanted by no rule: these cost a look into memory. */
export const wants: Wants = {
  'codestar-notifications/events': async (tx, event) => (await rulesWanting(tx, event)).length > 0,
};
