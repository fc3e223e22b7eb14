import { refuse } from './errors.ts';

/** An object of a pattern as it is written: AWS's matcher reads a name that comes twice twice. */
export class Members {
  readonly entries: [name: string, value: unknown][];

  constructor(entries: [name: string, value: unknown][]) {
    this.entries = entries;
  }

  /** As an object, where a name that comes twice is the last. */
  get plain(): Record<string, unknown> {
    return Object.fromEntries(this.entries.map(([name, value]) => [name, plainOf(value)]));
  }
}

/** Of objects and arrays; deeper ones are none that a person or a program writes. */
const MAX_DEPTH = 200;

/** A pattern with every object in it as its members. @throws PatternError for what is no JSON */
export function readMembers(pattern: unknown): unknown {
  return typeof pattern === 'string' ? parse(pattern) : membersOf(pattern);
}

/** What a value of a pattern says, with plain objects in the place of members. */
export function plainOf(value: unknown): unknown {
  if (value instanceof Members) return value.plain;
  return Array.isArray(value) ? value.map(plainOf) : value;
}

function membersOf(value: unknown, depth = 0): unknown {
  if (typeof value !== 'object' || value === null) return value;
  checkDepth(depth);
  const inner = (each: unknown) => membersOf(each, depth + 1);
  if (Array.isArray(value)) return value.map(inner);
  return new Members(Object.entries(value).map(([name, each]) => [name, inner(each)]));
}

function checkDepth(depth: number): void {
  if (depth > MAX_DEPTH) refuse(`Objects deeper than ${MAX_DEPTH} are not allowed`);
}

/** Of what is known to be JSON: a string, a mark, or anything else without spaces. */
const TOKEN = /"(?:[^"\\]|\\.)*"|[[\]{}:,]|[^\s[\]{}:,"]+/g;

/** An object or an array that is not over yet. */
interface Open {
  members?: Members['entries'];
  elements?: unknown[];
  name?: string;
}

function parse(text: string): unknown {
  try {
    JSON.parse(text);
  } catch (error) {
    return refuse((error as Error).message);
  }
  const open: Open[] = [];
  let whole: unknown;
  const put = (value: unknown) => {
    const into = open.at(-1);
    if (!into) whole = value;
    else if (into.elements) into.elements.push(value);
    else if (into.name === undefined) into.name = String(value);
    else {
      into.members?.push([into.name, value]);
      delete into.name;
    }
  };
  for (const [token] of text.matchAll(TOKEN)) {
    checkDepth(open.length);
    if (token === '{') open.push({ members: [] });
    else if (token === '[') open.push({ elements: [] });
    else if (token === '}' || token === ']') {
      const { members, elements } = open.pop() ?? {};
      put(members ? new Members(members) : elements);
    } else if (token !== ':' && token !== ',') put(JSON.parse(token));
  }
  return whole;
}
