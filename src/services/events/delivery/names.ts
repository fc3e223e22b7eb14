import type { Lane } from '../../../kit/delivery/lanes.ts';

/**
 * Names of the reconcilers that bring an event to a target (key: the delivery's id). Who is slow, or never answers, makes
 * nobody wait but his like. All begin in the first one, which hands over.
 */
export const LANES: Record<Lane, string> = {
  inner: 'events/deliver',
  outside: 'events/deliver-outside',
  again: 'events/deliver-again',
};
/** Name of the reconciler that fires a rule's schedule (key: `RuleKey` as JSON). */
export const SCHEDULE = 'events/schedule';
/** Name of the reconciler that forgets what is too old (key: `all`). */
export const COLLECT = 'events/collect';

/**
 * How often an event is sent on to another bus: from there it goes to no third one, and not in a circle, where a rule with
 * five targets would make five of each.
 * https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-bus-to-bus.html
 */
export const MAX_HOPS = 1;
/** Name of the reconciler that replays an archive (key: the replay's ARN). */
export const REPLAY = 'events/replay';
/** Name of the reconciler that asks for a connection's first token (key: the connection's ARN). */
export const AUTHORIZE = 'events/authorize';
