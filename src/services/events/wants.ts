import type { Tx } from '../../db/database.ts';
import type { AwsEvent, EventKind } from '../../engine/events.ts';
import type { Wants } from '../../kit/manifest.ts';
import { isWanted, mayBeWanted } from './delivery/matching.ts';
import { DEFAULT_BUS } from './model/names.ts';

const defaultBusOf = ({ account: accountId, region }: EventKind) => ({
  ...{ accountId, region, bus: DEFAULT_BUS },
});

/** Most events are wanted by no rule: these cost a look into memory. */
export const wants: Wants = {
  'events/default-bus': Object.assign(
    (tx: Tx, event: AwsEvent) => isWanted(tx, defaultBusOf(event), event),
    { may: (tx: Tx, kind: EventKind) => mayBeWanted(tx, defaultBusOf(kind), kind) },
  ),
};
