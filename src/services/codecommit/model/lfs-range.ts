/** Bytes of an object, both ends inclusive. */
export interface Bytes {
  start: number;
  end: number;
}

/** What a `Range` header asks of `size` bytes: one range, as a download that goes on has it; undefined for all of it. */
export function byteRange(
  header: string | undefined,
  size: number,
): Bytes | undefined | 'unsatisfiable' {
  const [, from, to] = /^bytes=(\d{1,16})-(\d{0,16})$/.exec(header?.trim() ?? '') ?? [];
  if (from === undefined) return undefined;
  const [start, end] = [Number(from), to ? Number(to) : size - 1];
  if (to && end < start) return undefined;
  return start >= size ? 'unsatisfiable' : { start, end: Math.min(end, size - 1) };
}
