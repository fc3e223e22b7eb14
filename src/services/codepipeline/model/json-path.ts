import { append } from '../../../lib/append.ts';
import { ownValue } from '../../../lib/own.ts';

// JSONPath as webhooks' filters have it: `$.ref`, `$['ref']`, `$.commits[0].id`, `$.commits[*].id`, `$..id`. Each step looks
// at each value once, and all steps together at a bounded number of them.

type Step =
  | { kind: 'child'; name: string }
  | { kind: 'index'; index: number }
  | { kind: 'every' }
  | { kind: 'deep' };

export type JsonPath = readonly Step[];

/** How many values a path may look at, all steps together: those of a push of a thousand commits several times over. */
const MOST_VALUES = 200_000;

/** Parts of the language that Java's JsonPath has and that are not built: filters, functions, unions, slices. */
const NOT_BUILT = /^\[\s*(?:\?|\(|-?\d*\s*[:,]|'[^']*'\s*,|"[^"]*"\s*,)|^\.[A-Za-z]+\(/;

const STEPS: [RegExp, (match: RegExpExecArray) => Step[]][] = [
  [/^\.\.(?=[^.]|$)/y, () => [{ kind: 'deep' }]],
  [/^\.?\[\s*\*\s*\]/y, () => [{ kind: 'every' }]],
  [/^\.?\[\s*(-?\d{1,9})\s*\]/y, ([, index]) => [{ kind: 'index', index: Number(index) }]],
  [/^\.?\[\s*'([^'\\]+)'\s*\]/y, ([, name = '']) => [{ kind: 'child', name }]],
  [/^\.?\[\s*"([^"\\]+)"\s*\]/y, ([, name = '']) => [{ kind: 'child', name }]],
  [/^\.?\*/y, () => [{ kind: 'every' }]],
  [/^\.?([^\s.[\]()'"*?@,:{}]+)/y, ([, name = '']) => [{ kind: 'child', name }]],
];

/**
 * Reads a path; one that does not begin with `$` is meant from there.
 * @returns undefined for what is none, and the text where something begins that is not built
 */
export function parseJsonPath(text: string): JsonPath | { notBuilt: string } | undefined {
  let rest = text.startsWith('$') ? text.slice(1) : `.${text}`;
  const steps: Step[] = [];
  while (rest !== '') {
    if (NOT_BUILT.test(rest)) return { notBuilt: rest };
    const afterDeep = steps.at(-1)?.kind === 'deep';
    const step = nextStep(rest, afterDeep);
    if (!step) return undefined;
    append(steps, step.steps);
    rest = rest.slice(step.length);
  }
  return steps.at(-1)?.kind === 'deep' ? undefined : steps;
}

/** @param afterDeep where a name needs no dot before it */
function nextStep(rest: string, afterDeep: boolean): { steps: Step[]; length: number } | undefined {
  for (const [pattern, make] of STEPS) {
    pattern.lastIndex = 0;
    const match = pattern.exec(rest);
    if (!match || (!afterDeep && !/^[.[]/.test(rest))) continue;
    return { steps: make(match), length: match[0].length };
  }
  return undefined;
}

/** What a path selects, each value once. Nothing where there is more to look at than is looked at. */
export function select(path: JsonPath, root: unknown): unknown[] {
  let left = MOST_VALUES;
  let values: Set<unknown> = new Set([root]);
  for (const step of path) {
    const next = new Set<unknown>();
    for (const value of step.kind === 'deep' ? withDescendants(values, left) : values) {
      if (--left < 0) return [];
      if (step.kind === 'deep') next.add(value);
      else for (const found of taken(step, value)) next.add(found);
      if (next.size > left) return [];
    }
    values = next;
  }
  return [...values];
}

function taken(step: Exclude<Step, { kind: 'deep' }>, value: unknown): readonly unknown[] {
  if (value === null || typeof value !== 'object') return [];
  if (step.kind === 'every') return Object.values(value);
  if (step.kind === 'index') {
    const found = Array.isArray(value) ? value.at(step.index) : undefined;
    return found === undefined ? [] : [found];
  }
  if (Array.isArray(value)) return [];
  const found = ownValue(value as Record<string, unknown>, step.name);
  return found === undefined ? [] : [found];
}

/** The values with all that is in them, each object once. */
function withDescendants(values: Set<unknown>, most: number): Set<unknown> {
  // What is added while it is walked over is walked over too.
  const all = new Set(values);
  for (const value of all) {
    if (value === null || typeof value !== 'object') continue;
    for (const inner of Object.values(value)) all.add(inner);
    if (all.size > most) break;
  }
  return all;
}
