/** A time as clocks on a wall show it, as if it were UTC: epoch milliseconds. */
export type WallTime = number;

const HOUR_MS = 3_600_000;
/** By name in lower case: names in capitals and without are the same zone, of which there are some hundreds. */
const formats = new Map<string, Intl.DateTimeFormat>();

/** How many zones are kept in memory. */
export const zonesKept = (): number => formats.size;

/** @throws RangeError for what is no time zone of the tz database */
function formatOf(zone: string): Intl.DateTimeFormat {
  const name = zone.toLowerCase();
  let format = formats.get(name);
  if (!format) {
    format = new Intl.DateTimeFormat('en-US', {
      ...{ timeZone: zone, hourCycle: 'h23', era: 'short' },
      ...{ year: 'numeric', month: 'numeric', day: 'numeric' },
      ...{ hour: 'numeric', minute: 'numeric', second: 'numeric' },
    });
    formats.set(name, format);
  }
  return format;
}

/** Is it a time zone of the tz database, such as `Europe/Berlin`? Offsets are none. */
export function isZone(zone: string): boolean {
  // What lower case would make ASCII of is none of their names: the sign of Kelvin.
  if (!/^[A-Za-z][\x20-\x7e]*$/.test(zone)) return false;
  try {
    formatOf(zone);
    return true;
  } catch {
    return false;
  }
}

/** @returns whole seconds: zones' offsets are no finer */
export function wallTimeOf(instant: number, zone: string): WallTime {
  if (zone === 'UTC') return instant;
  const parts = Object.fromEntries(
    formatOf(zone)
      .formatToParts(instant)
      .map(({ type, value }) => [type, Number(value)]),
  );
  const { year = 0, month = 1, day = 1, hour = 0, minute = 0, second = 0 } = parts;
  return Date.UTC(year, month - 1, day, hour, minute, second);
}

/** The instant at which clocks in the zone show `wall`: the first of two in autumn, undefined in the hour that spring skips. */
export function instantOf(wall: WallTime, zone: string): number | undefined {
  if (zone === 'UTC') return wall;
  // No change of a clock lasts longer than a day, so one of these has the offset that is meant.
  const offsets = [wall - 24 * HOUR_MS, wall + 24 * HOUR_MS].map(
    (instant) => wallTimeOf(instant, zone) - instant,
  );
  const instants = offsets.map((offset) => wall - offset).sort((a, b) => a - b);
  return instants.find((instant) => wallTimeOf(instant, zone) === wall);
}
