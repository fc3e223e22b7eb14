import { measured, merged, type Summary, type Weighted } from './summary.ts';

/** What was measured from `at` on for as long as the chunk's resolution, in one unit. */
export interface Entry {
  /** Epoch milliseconds. */
  at: number;
  /** As AWS calls it; `None` where the caller said none. */
  unit: string;
  summary: Summary;
}

/** Units in the order in which chunks number them: only ever appended to. */
export const UNITS = [
  ...['None', 'Seconds', 'Microseconds', 'Milliseconds', 'Bytes', 'Kilobytes', 'Megabytes'],
  ...['Gigabytes', 'Terabytes', 'Bits', 'Kilobits', 'Megabits', 'Gigabits', 'Terabits', 'Percent'],
  ...['Count', 'Bytes/Second', 'Kilobytes/Second', 'Megabytes/Second', 'Gigabytes/Second'],
  ...['Terabytes/Second', 'Bits/Second', 'Kilobits/Second', 'Megabits/Second', 'Gigabits/Second'],
  ...['Terabits/Second', 'Count/Second'],
];

/**
 * Seconds since the entry before, unit, and then: one value; a value and its count; or count, sum, least, greatest, and
 * values with their counts where they are known.
 */
type Packed = number[];

/** Entries as a chunk's text, in order of time. @param start of the chunk, epoch milliseconds */
export function packEntries(entries: readonly Entry[], start: number): string {
  let before = start;
  const packed = entries.map(({ at, unit, summary }) => {
    const after = Math.round((at - before) / 1000);
    before = at;
    return pack(after, Math.max(0, UNITS.indexOf(unit)), summary);
  });
  return JSON.stringify(packed);
}

function pack(after: number, unit: number, { count, sum, min, max, values }: Summary): Packed {
  const [only] = values?.length === 1 ? values : [];
  if (only && count === only[1])
    return count === 1 ? [after, unit, only[0]] : [after, unit, only[0], count];
  return [after, unit, count, sum, min, max, ...(values ?? []).flat()];
}

/** The entries that `packEntries` wrote. */
export function unpackEntries(text: string, start: number): Entry[] {
  let at = start;
  return (JSON.parse(text) as Packed[]).map(([after = 0, unit = 0, ...packed]) => {
    at += after * 1000;
    return { at, unit: UNITS[unit] ?? 'None', summary: unpack(packed) };
  });
}

function unpack([first = 0, second = 0, min, max = 0, ...flat]: Packed): Summary {
  if (min === undefined) return measured(first, second || 1);
  const values: Weighted[] = [];
  for (let i = 0; i < flat.length; i += 2) values.push([flat[i] ?? 0, flat[i + 1] ?? 0]);
  return { count: first, sum: second, min, max, ...(flat.length > 0 && { values }) };
}

/** Entries of the same time and unit become one, at a resolution that may be coarser than theirs. @param resolution milliseconds */
export function rollUp(entries: readonly Entry[], resolution: number): Entry[] {
  const groups = new Map<string, { at: number; unit: string; parts: Summary[] }>();
  for (const { at: exact, unit, summary } of entries) {
    const at = Math.floor(exact / resolution) * resolution;
    const key = `${at} ${unit}`;
    const group = groups.get(key);
    if (group) group.parts.push(summary);
    else groups.set(key, { at, unit, parts: [summary] });
  }
  return [...groups.values()]
    .map(({ at, unit, parts }) => ({ at, unit, summary: merged(parts) }))
    .sort((a, b) => a.at - b.at);
}
