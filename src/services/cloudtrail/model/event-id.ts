/** Identifies one event, and begins with its time: in the order of ids events are in the order of their times. */
export type EventId = string;

/**
 * Makes ids of events: UUIDs of version 7 (RFC 9562), whose time stands before what is random. Those of one maker rise,
 * also within a millisecond.
 * @param random 8 bytes
 */
export function makeEventIds(random: () => Uint8Array): (at: Date) => EventId {
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
    const tail = Buffer.from(random());
    tail[0] = 0x80 | ((tail[0] ?? 0) & 0x3f);
    const rest = tail.toString('hex');
    return `${hex.slice(0, 8)}-${hex.slice(8)}-${order}-${rest.slice(0, 4)}-${rest.slice(4)}`;
  };
}

const MOST_IN_SEQUENCE = 0xfff;

/** When the event with this id was noted, in epoch milliseconds; undefined for what is no id. */
export function timeOf(id: string): number | undefined {
  if (!/^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[0-9a-f]{4}-[0-9a-f]{12}$/.test(id)) return undefined;
  return Number.parseInt(id.slice(0, 8) + id.slice(9, 13), 16);
}
