import { ownValue } from '../../../lib/own.ts';

/** A step of a path: a member, an element, or all elements. */
type Step = string | number | typeof ALL;
const ALL = Symbol('all elements');

const STEP =
  /\.([A-Za-z0-9_-]+)|\[(\d{1,9})\]|\[\*\]|\.\*|\['((?:[^'\\]|\\.)*)'\]|\["((?:[^"\\]|\\.)*)"\]/y;

/** Reads a path such as `$.detail.items[0].name` or `$['detail']`. @returns undefined for what is none */
export function parsePath(path: string): Step[] | undefined {
  if (!path.startsWith('$')) return undefined;
  const steps: Step[] = [];
  STEP.lastIndex = 1;
  while (STEP.lastIndex < path.length) {
    const [, member, element, single, double] = STEP.exec(path) ?? [];
    if (STEP.lastIndex === 0) return undefined;
    if (element !== undefined) steps.push(Number(element));
    else steps.push(member ?? single ?? double ?? ALL);
  }
  return steps;
}

/** What stands at the path, or undefined. */
export function valueAt(event: unknown, path: string): unknown {
  return (parsePath(path) ?? []).reduce(take, event);
}

function take(node: unknown, step: Step): unknown {
  if (step === ALL) return node;
  if (typeof step === 'number') return Array.isArray(node) ? node[step] : undefined;
  if (Array.isArray(node)) {
    const found = node.map((each) => take(each, step)).filter((each) => each !== undefined);
    return found.length > 0 ? found : undefined;
  }
  return typeof node === 'object' && node !== null
    ? ownValue(node as Record<string, unknown>, step)
    : undefined;
}
