import type { ByteRange } from '../../../blobs/blobs.ts';

/**
 * What a `Range` header asks of `size` bytes: undefined for all of it (also when the header makes no sense
 * or names several ranges, which S3 ignores), `unsatisfiable` when there is nothing there.
 */
export function parseRange(
  header: string | undefined,
  size: number,
): ByteRange | undefined | 'unsatisfiable' {
  const match = /^bytes=(\d*)-(\d*)$/.exec(header?.trim() ?? '');
  const [, from = '', to = ''] = match ?? [];
  if (!match || (from === '' && to === '')) return undefined;
  if (from === '') {
    const length = Math.min(Number(to), size);
    return length === 0 ? 'unsatisfiable' : { start: size - length, end: size - 1 };
  }
  const start = Number(from);
  const end = to === '' ? size - 1 : Number(to);
  if (to !== '' && end < start) return undefined;
  return start >= size ? 'unsatisfiable' : { start, end: Math.min(end, size - 1) };
}

/** `bytes=0-9` as UploadPartCopy takes it: both ends given and within the source, or undefined. */
export function parseCopyRange(text: string, size: number): ByteRange | undefined {
  const [, from, to] = /^bytes=(\d+)-(\d+)$/.exec(text) ?? [];
  if (from === undefined || to === undefined) return undefined;
  const range = { start: Number(from), end: Number(to) };
  return range.start <= range.end && range.end < size ? range : undefined;
}
