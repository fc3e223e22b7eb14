/** Identifies one event, and begins with its time: in the order of ids events are in the order of their times. */
export type EventId = string;

/**
 * Makes ids of events: UUIDs of version 7 (RFC 9562), whose time stands before what is random. Those of one maker rise,
 * also within a millisecond.
 * @param random 8 bytes in hexadecimal digits
 */
export function makeEventIds(random: () => string): (at: Date) => EventId {
  let last = 0;
  let sequence = 0;
  return (at) => {
    // A clock that is put back must not put events before those that were noted earlier.
    const time = Math.max(last, at.getTime());
    sequence = time === last ? sequence + 1 : 0;
    last = sequence > MOST_IN_SEQUENCE ? time + 1 : time;
    if (last !== time) sequence = 0;
    const hex = last.toString(16).padStart(12, '0');
    const order = (0x7000 | sequence).toString(16);
    const tail = random();
    const variant = VARIANTS[Number.parseInt(tail.charAt(0), 16) & 3];
    return `${hex.slice(0, 8)}-${hex.slice(8)}-${order}-${variant}${tail.slice(1, 4)}-${tail.slice(4)}`;
  };
}

const MOST_IN_SEQUENCE = 0xfff;
/** The first digit behind the third dash, of ids of this standard. */
const VARIANTS = '89ab';

const TAIL_DIGITS = 16;
const TAILS_AT_ONCE = 256;

/** Random digits for `makeEventIds`, fetched for many ids at once: each fetch costs as much as an event. */
export function randomTails(randomBytes: (size: number) => Buffer): () => string {
  let digits = '';
  let at = 0;
  return () => {
    if (at >= digits.length) {
      digits = randomBytes((TAILS_AT_ONCE * TAIL_DIGITS) / 2).toString('hex');
      at = 0;
    }
    at += TAIL_DIGITS;
    return digits.slice(at - TAIL_DIGITS, at);
  };
}

/** When the event with this id was noted, in epoch milliseconds; undefined for what is no id. */
export function timeOf(id: string): number | undefined {
  if (id.length !== LENGTH || !VERSION_7.test(id)) return undefined;
  return Number.parseInt(id.slice(0, 8) + id.slice(9, 13), 16);
}

const LENGTH = 36;
const VERSION_7 = /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[0-9a-f]{4}-[0-9a-f]{12}$/;
