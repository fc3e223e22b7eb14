import type { Wants } from '../../kit/manifest.ts';
import { isWanted } from './delivery/matching.ts';
import { DEFAULT_BUS } from './model/names.ts';

/** Most events are wanted by no rule: these cost a look into memory. */
export const wants: Wants = {
  'events/default-bus': (tx, event) =>
    isWanted(tx, { accountId: event.account, region: event.region, bus: DEFAULT_BUS }, event),
};
