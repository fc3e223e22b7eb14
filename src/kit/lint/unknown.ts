import type { Located } from '../../lib/located.ts';

// What a template leaves open: a text that stands for one that is known at deployment. The two characters are none that
// a file may have (Unicode's noncharacters), so no text is taken for one of these by mistake.

const BEGIN = '\uFDD0';
const END = '\uFDD1';

/** Stands for what an expression will give; the same expression is the same text. */
export const unknown = (expression: string): string => `${BEGIN}${expression}${END}`;

/** Is any of it not known yet? */
export const isUnknown = (text: string): boolean => text.includes(BEGIN);

/** What is missing. */
export const MISSING = unknown('?');

/** As the file has it: `${Name}`. */
export const legible = (text: string): string =>
  text.replaceAll(MISSING, '?').replaceAll(BEGIN, '${').replaceAll(END, '}');

/** A file without the two characters, which are somebody's who would have his texts taken for unknown. */
export function withoutMarks(node: Located): Located {
  const clean = (text: string) => text.replaceAll(BEGIN, '\uFFFD').replaceAll(END, '\uFFFD');
  if (node.kind === 'scalar') return { ...node, text: clean(node.text) };
  if (node.kind === 'list') return { ...node, items: node.items.map(withoutMarks) };
  const entries = node.entries.map(({ key, at, value }) => ({
    ...{ key: clean(key), at, value: withoutMarks(value) },
  }));
  return { ...node, entries };
}
