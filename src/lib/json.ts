import { setOwn } from './own.ts';

/** A document in which somebody's own key begins with `$`: such keys have one more of it within. */
const ESCAPED = '{"$escaped":';

/**
 * JSON that keeps what AWS shapes are made of: dates and bytes survive, undefined members go, and so do keys of others
 * that look like our marks. Used for the one JSON column of a stored resource.
 */
export function encodeJson(value: unknown): string {
  const marks = new WeakSet<object>();
  let foreign = false;
  const text = JSON.stringify(value, function (this: Record<string, unknown>, key, encoded) {
    const made = markOf(this[key]);
    if (made) marks.add(made);
    foreign ||= key.startsWith('$') && !marks.has(this);
    return made ?? encoded;
  });
  return foreign ? `${ESCAPED}${JSON.stringify(escaped(value))}}` : text;
}

/** The value that encodeJson wrote. The caller names its type; it is data that we wrote ourselves. */
export function decodeJson<T>(text: string): T {
  if (text.startsWith(ESCAPED)) return JSON.parse(text, unescaped).$escaped as T;
  // Most values hold neither dates nor bytes, and looking at each member takes five times as long.
  if (!text.includes('{"$date":') && !text.includes('{"$bytes":')) return JSON.parse(text) as T;
  return JSON.parse(text, (_key, value) => unmarked(value)) as T;
}

/** What stands for a value that JSON has not. */
function markOf(value: unknown): object | undefined {
  if (value instanceof Date) return { $date: value.getTime() };
  if (value instanceof Uint8Array) return { $bytes: Buffer.from(value).toString('base64') };
  return undefined;
}

function escaped(value: unknown): unknown {
  const mark = markOf(value);
  if (mark) return mark;
  if (Array.isArray(value)) return value.map(escaped);
  if (value === null || typeof value !== 'object') return value;
  return renamed(value, (key) => (key.startsWith('$') ? `$${key}` : key), escaped);
}

function unescaped(_key: string, value: unknown): unknown {
  if (value === null || typeof value !== 'object' || Array.isArray(value)) return value;
  const found = unmarked(value);
  if (found !== value) return found;
  const own = Object.keys(value).some((name) => name.startsWith('$$'));
  const plain = (name: string) => (name.startsWith('$$') ? name.slice(1) : name);
  return own ? renamed(value, plain, (member) => member) : value;
}

function unmarked(value: unknown): unknown {
  if (value === null || typeof value !== 'object') return value;
  const { $date, $bytes } = value as { $date?: unknown; $bytes?: unknown };
  if (typeof $date === 'number') return new Date($date);
  if (typeof $bytes === 'string') return Buffer.from($bytes, 'base64');
  return value;
}

function renamed(
  value: object,
  name: (key: string) => string,
  member: (value: unknown) => unknown,
): object {
  const all = {};
  for (const [key, each] of Object.entries(value)) setOwn(all, name(key), member(each));
  return all;
}
