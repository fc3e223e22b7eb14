import { isAddress, subnetTest } from './addresses.ts';
import { Instant, toNumber, toText, type Value } from './values.ts';

/** A function of values: how many it takes, and what it makes of them. */
export interface ValueFunction {
  least: number;
  most: number;
  apply(values: readonly Value[]): Value;
}

type Text = string | undefined;

const fixed = (count: number, apply: ValueFunction['apply']): ValueFunction => ({
  least: count,
  most: count,
  apply,
});
const between = (least: number, most: number, apply: ValueFunction['apply']): ValueFunction => ({
  least,
  most,
  apply,
});

/** Undefined where its argument is no number, or there is no answer. */
const numeric = (compute: (x: number) => number) =>
  fixed(1, ([value]) => {
    const number = toNumber(value);
    return number === undefined ? undefined : finite(compute(number));
  });

/** Of numbers, which all have to be some. */
const numbers = (pick: (list: number[]) => number) =>
  between(1, Number.POSITIVE_INFINITY, (values) => {
    const list = values.map(toNumber);
    return list.includes(undefined) ? undefined : pick(list as number[]);
  });

const textual = (compute: (text: string) => Value) =>
  fixed(1, ([value]) => {
    const text = toText(value);
    return text === undefined ? undefined : compute(text);
  });

export const finite = (value: number): number | undefined =>
  Number.isFinite(value) ? value : undefined;

const fold = (list: number[], pick: (a: number, b: number) => number) =>
  list.reduce((a, b) => pick(a, b));

/** Cuts characters off the ends of a text: white space, or those that are given. */
function trimmed(atStart: boolean, atEnd: boolean): ValueFunction {
  return between(1, 2, ([value, characters]) => {
    const text = toText(value);
    if (text === undefined) return undefined;
    const set = toText(characters);
    const cut = (char: string) => (set === undefined ? /\s/.test(char) : set.includes(char));
    let start = 0;
    let end = text.length;
    while (atStart && start < end && cut(text[start] as string)) start++;
    while (atEnd && end > start && cut(text[end - 1] as string)) end--;
    return text.slice(start, end);
  });
}

/** In characters: the second half of one that takes two is none. */
function lengthOf(text: string): number {
  let length = text.length;
  for (let i = 1; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (code >= 0xdc00 && code <= 0xdfff && isHigh(text.charCodeAt(i - 1))) length--;
  }
  return length;
}

const isHigh = (code: number) => code >= 0xd800 && code <= 0xdbff;

function substring([value, from, length]: readonly Value[]): Text {
  const text = toText(value);
  const start = toNumber(from);
  if (text === undefined || start === undefined) return undefined;
  const first = Math.max(0, Math.trunc(start));
  const count = toNumber(length);
  return text.slice(
    first,
    count === undefined ? undefined : first + Math.max(0, Math.trunc(count)),
  );
}

/** What replacing makes of a message is no longer than this, in characters (ours). */
const LONGEST_TEXT = 4 * 1_048_576;

function replaced([value, search, replacement]: readonly Value[]): Text {
  const [text, from, to] = [toText(value), toText(search), toText(replacement)];
  if (text === undefined || from === undefined || to === undefined) return undefined;
  if (from === '') return text;
  const parts = text.split(from);
  if (text.length + (parts.length - 1) * to.length > LONGEST_TEXT) return undefined;
  return parts.join(to);
}

function parsedJson([value]: readonly Value[]): Value {
  const text = toText(value);
  if (text === undefined) return undefined;
  try {
    return (JSON.parse(text) as Value) ?? undefined;
  } catch {
    return undefined;
  }
}

const address = (family: 0 | 4 | 6) =>
  fixed(1, ([value]) => isAddress(toText(value) ?? '', family));

function inSubnet(family: 0 | 4 | 6): ValueFunction {
  // Subnets are mostly constants: the last one is remembered.
  let known = '';
  let test: ReturnType<typeof subnetTest>;
  return fixed(2, ([value, subnet]) => {
    const [text, range] = [toText(value), toText(subnet)];
    if (text === undefined || range === undefined) return false;
    if (range !== known) {
      known = range;
      test = subnetTest(range, family);
    }
    return test?.(text) ?? false;
  });
}

const isBlank = (value: Value) => (toText(value) ?? '').trim() === '';

function concatenated(values: readonly Value[]): string {
  const text = values.map((value) => toText(value) ?? '').join('');
  return text.length > LONGEST_TEXT ? text.slice(0, LONGEST_TEXT) : text;
}

/**
 * By their names in lower case, which is how queries may write them too.
 * https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/CWL_QuerySyntax-operations-functions.html
 */
export const FUNCTIONS: ReadonlyMap<string, ValueFunction> = new Map(
  Object.entries({
    abs: numeric(Math.abs),
    ceil: numeric(Math.ceil),
    floor: numeric(Math.floor),
    log: numeric(Math.log),
    sqrt: numeric(Math.sqrt),
    greatest: numbers((list) => fold(list, Math.max)),
    least: numbers((list) => fold(list, Math.min)),
    frommillis: fixed(1, ([value]) => {
      const ms = toNumber(value);
      return ms === undefined ? undefined : new Instant(ms);
    }),
    tomillis: fixed(1, ([value]) => toNumber(value)),
    ispresent: fixed(1, ([value]) => value !== undefined),
    coalesce: between(1, Number.POSITIVE_INFINITY, (values) => values.find((v) => v !== undefined)),
    jsonparse: fixed(1, parsedJson),
    jsonstringify: fixed(1, ([value]) => (value === undefined ? undefined : JSON.stringify(value))),
    isvalidip: address(0),
    isvalidipv4: address(4),
    isvalidipv6: address(6),
    isipinsubnet: inSubnet(0),
    isipv4insubnet: inSubnet(4),
    isipv6insubnet: inSubnet(6),
    isempty: fixed(1, ([value]) => (toText(value) ?? '') === ''),
    isblank: fixed(1, ([value]) => isBlank(value)),
    concat: between(1, Number.POSITIVE_INFINITY, concatenated),
    trim: trimmed(true, true),
    ltrim: trimmed(true, false),
    rtrim: trimmed(false, true),
    strlen: textual(lengthOf),
    toupper: textual((text) => text.toUpperCase()),
    tolower: textual((text) => text.toLowerCase()),
    substr: between(2, 3, substring),
    replace: fixed(3, replaced),
    strcontains: fixed(2, ([value, search]) => {
      const [text, part] = [toText(value), toText(search)];
      return text !== undefined && part !== undefined && text.includes(part);
    }),
  } satisfies Record<string, ValueFunction>),
);
