import { toNumber, toText, type Value } from './values.ts';

/**
 * The order of `sort`: what is missing first, then texts, then numbers. Texts are compared part by part: runs of digits by
 * their length and then their value, all else by its characters.
 * https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/CWL_QuerySyntax-Sort.html
 */
export function compareInOrder(a: Value, b: Value): number {
  if (a === b) return 0;
  if (a === undefined || b === undefined) return a === undefined ? -1 : 1;
  const [x, y] = [toNumber(a), toNumber(b)];
  if (x !== undefined && y !== undefined) return x - y;
  if (x !== undefined || y !== undefined) return x === undefined ? -1 : 1;
  return compareTexts(toText(a) as string, toText(b) as string);
}

const isDigit = (code: number) => code >= 48 && code <= 57;

function compareTexts(a: string, b: string): number {
  let i = 0;
  let j = 0;
  while (i < a.length && j < b.length) {
    const [x, y] = [a.charCodeAt(i), b.charCodeAt(j)];
    if (isDigit(x) && isDigit(y)) {
      const [m, n] = [digitsFrom(a, i), digitsFrom(b, j)];
      const order = compareDigits(m, n);
      if (order !== 0) return order;
      i += m.length;
      j += n.length;
    } else {
      if (x !== y) return x - y;
      i++;
      j++;
    }
  }
  return a.length - i - (b.length - j);
}

function digitsFrom(text: string, start: number): string {
  let end = start;
  while (end < text.length && isDigit(text.charCodeAt(end))) end++;
  return text.slice(start, end);
}

function compareDigits(a: string, b: string): number {
  if (a.length !== b.length) return a.length - b.length;
  return a < b ? -1 : a > b ? 1 : 0;
}
