/** A date as CodeCommit's events have it: `Wed Nov 06 19:10:58 UTC 2019`. Pure. */
export function dateText(date: Date): string {
  const [weekday = '', day, month, year, time] = date.toUTCString().split(' ');
  return `${weekday.slice(0, 3)} ${month} ${day} ${time} UTC ${year}`;
}
