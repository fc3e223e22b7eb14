import type { Tx } from '../../db/database.ts';
import type { AwsEvent, EventKind } from '../../engine/events.ts';
import type { Wants } from '../../kit/manifest.ts';
import { rulesWanting } from './delivery/matching.ts';

/** Most events are wanted by no rule: these cost a look into memory. */
export const wants: Wants = {
  'codestar-notifications/events': Object.assign(
    async (tx: Tx, event: AwsEvent) => (await rulesWanting(tx, event)).length > 0,
    // No rule is on calls of APIs.
    { may: async (_: Tx, kind: EventKind) => !kind['detail-type'].endsWith('via CloudTrail') },
  ),
};
