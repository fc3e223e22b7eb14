/** A text of others' for a terminal: none of it moves the cursor, changes colours or ends the line. */
export const printable = (text: string): string =>
  text
    .replaceAll(/\p{Cc}\[[0-9;?]*[ -/]*[@-~]/gu, '')
    .replaceAll(/[\p{Cc}\p{Cf}\u2028\u2029]/gu, ' ');

/** `1.2 s`, `3 min 4 s`, `2 h 5 min`. */
export function spanText(ms: number): string {
  const seconds = Math.max(0, ms) / 1000;
  if (seconds < 60) return `${seconds.toFixed(1)} s`;
  const whole = Math.round(seconds);
  if (whole < 3600) return `${Math.floor(whole / 60)} min ${whole % 60} s`;
  return `${Math.floor(whole / 3600)} h ${Math.floor((whole % 3600) / 60)} min`;
}
