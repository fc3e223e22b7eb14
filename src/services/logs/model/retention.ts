const DAY_MS = 24 * 3_600_000;

/** The time, epoch milliseconds, before which a group's events have expired; 0 when they never do. */
export function retentionStart(now: Date, days: number | null): number {
  return days === null ? 0 : now.getTime() - days * DAY_MS;
}
