/** Name of the reconciler that brings an event to a target (key: the delivery's id). */
export const DELIVER = 'events/deliver';
/** Name of the reconciler that fires a rule's schedule (key: `RuleKey` as JSON). */
export const SCHEDULE = 'events/schedule';
/** Name of the reconciler that forgets what is too old (key: `all`). */
export const COLLECT = 'events/collect';

/** By how many buses an event may come: rules that send events in a circle come to an end. */
export const MAX_HOPS = 8;
/** Name of the reconciler that replays an archive (key: the replay's ARN). */
export const REPLAY = 'events/replay';
/** Name of the reconciler that asks for a connection's first token (key: the connection's ARN). */
export const AUTHORIZE = 'events/authorize';
