const DAY_MS = 24 * 3_600_000;

/** How long it is known that an event was heard: the engine's outbox keeps it for a day, after which it cannot come again. */
export const HEARD_MS = 25 * 3_600_000;

/** Since when an archive keeps its events, in epoch milliseconds; undefined for one that keeps all. */
export function keptSince(
  { retentionDays }: { retentionDays?: number },
  now: number,
): number | undefined {
  return retentionDays ? now - retentionDays * DAY_MS : undefined;
}
