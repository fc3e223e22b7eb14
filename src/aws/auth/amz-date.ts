/** The time in AWS's basic form: `20260101T000000Z`. */
export function amzDate(date: Date): string {
  return `${date.toISOString().slice(0, 19).replace(/[-:]/g, '')}Z`;
}

const FORM = /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/;

/** The last date that was read: requests of one second all carry the same. */
let last: { text: string; time: number | undefined } = { text: '', time: undefined };

/** Epoch milliseconds of a time in AWS's basic form, or undefined when it is none. */
export function parseAmzDate(text: string): number | undefined {
  if (text !== last.text) last = { text, time: parse(text) };
  return last.time;
}

function parse(text: string): number | undefined {
  const match = FORM.exec(text);
  if (!match) return undefined;
  const [year, month, day, hour, minute, second] = match.slice(1).map(Number) as [
    number,
    number,
    number,
    number,
    number,
    number,
  ];
  const time = Date.UTC(year, month - 1, day, hour, minute, second);
  return amzDate(new Date(time)) === text ? time : undefined;
}
