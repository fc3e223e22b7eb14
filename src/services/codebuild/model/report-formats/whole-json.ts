import type { FormatReader } from './format.ts';

/** JSON is read at once: a larger file would hold up everything else. */
const LARGEST = 8 * 1024 * 1024;

/** Reads a file that is one JSON text. */
export function jsonReader(read: (document: unknown) => void): FormatReader {
  const pieces: string[] = [];
  let length = 0;
  return {
    write(piece) {
      length += piece.length;
      if (length > LARGEST) throw new Error(`a JSON file has more than ${LARGEST} characters`);
      pieces.push(piece);
    },
    end() {
      // Some tools begin a file with a byte order mark.
      read(JSON.parse(pieces.join('').replace(/^\uFEFF/, '')));
    },
  };
}

export const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
export const listOf = (value: unknown): unknown[] => (Array.isArray(value) ? value : []);
export const textOf = (value: unknown): string => (typeof value === 'string' ? value : '');
