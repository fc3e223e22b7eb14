/**
 * What event patterns mean, as slowly as can be: `$or` written out, the event as a list of paths with their values and the
 * elements of arrays that they come by, and every combination tried. For tests alone.
 */
interface Field {
  path: string;
  value: unknown;
  /** By array: which of its elements. */
  elements: Map<number, number>;
}
type Fields = Map<string, unknown[]>;

/** A pattern as it is written, in which a name may come twice. */
export type Written = [name: string, value: Written | { list: unknown[] } | { or: Written[] }][];

export function asWritten(pattern: object): Written {
  return Object.entries(pattern).map(([name, value]) => {
    if (name === '$or') return [name, { or: value.map(asWritten) }];
    return [name, Array.isArray(value) ? { list: value } : asWritten(value)];
  });
}

/** The same as JSON. */
export function textOf(written: Written): string {
  const members = written.map(([name, value]) => {
    if (Array.isArray(value)) return `${JSON.stringify(name)}: ${textOf(value)}`;
    const list =
      'or' in value ? value.or.map(textOf) : value.list.map((one) => JSON.stringify(one));
    return `${JSON.stringify(name)}: [${list.join(', ')}]`;
  });
  return `{${members.join(', ')}}`;
}

export function matchesSlowly(pattern: Written, event: object): boolean {
  const fields: Field[] = [];
  flatten(event, [], new Map(), { fields, arrays: 0 });
  return writtenOut(pattern, []).some((asked) => combine([...asked], fields, new Map()));
}

function flatten(
  node: unknown,
  path: string[],
  elements: Map<number, number>,
  into: { fields: Field[]; arrays: number },
): void {
  if (Array.isArray(node)) {
    const array = into.arrays++;
    for (const [n, each] of node.entries())
      flatten(each, path, new Map([...elements, [array, n]]), into);
  } else if (typeof node === 'object' && node !== null) {
    for (const [name, each] of Object.entries(node)) flatten(each, [...path, name], elements, into);
  } else into.fields.push({ path: path.join('.'), value: node, elements });
}

/** All patterns without `$or` that it stands for: of two lists at one path the last is left. */
function writtenOut(pattern: Written, path: string[]): Fields[] {
  let all: Fields[] = [new Map()];
  for (const [name, value] of pattern) {
    const inner = [...path, name];
    const choices = Array.isArray(value)
      ? writtenOut(value, inner)
      : 'or' in value
        ? value.or.flatMap((each) => writtenOut(each, path))
        : [new Map([[inner.join('.'), value.list]])];
    all = all.flatMap((one) => choices.map((other) => new Map([...one, ...other])));
  }
  return all;
}

function combine(
  asked: [path: string, list: unknown[]][],
  fields: Field[],
  chosen: Map<number, number>,
): boolean {
  const [first, ...rest] = asked;
  if (!first) return true;
  const [path, list] = first;
  const there = fields.filter((field) => field.path === path);
  if (there.length === 0 && list.some((each) => isExists(each, false)))
    return combine(rest, fields, chosen);
  return there.some(
    ({ value, elements }) =>
      [...elements].every(([array, n]) => (chosen.get(array) ?? n) === n) &&
      list.some((each) => holds(each, value)) &&
      combine(rest, fields, new Map([...chosen, ...elements])),
  );
}

const isExists = (each: unknown, is: boolean) => (each as { exists?: unknown })?.exists === is;

function holds(asked: unknown, value: unknown): boolean {
  if (typeof asked !== 'object' || asked === null) return asked === value;
  const [[name = '', given] = []] = Object.entries(asked);
  const is = String(value);
  switch (name) {
    case 'exists':
      return given;
    case 'anything-but':
      if (typeof given === 'object' && !Array.isArray(given)) {
        const [[how = '', list] = []] = Object.entries(given as object);
        return ![list].flat().some((each) => holds({ [how]: each }, value));
      }
      return ![given].flat().includes(value);
    case 'numeric':
      return typeof value === 'number' && compares(given, value);
  }
  return typeof value === 'string' && looksLike(name, given, is);
}

function looksLike(name: string, given: unknown, value: string): boolean {
  if (typeof given === 'object')
    return looksLike(
      name,
      (given as Record<string, string>)['equals-ignore-case']?.toLowerCase(),
      value.toLowerCase(),
    );
  const asked = String(given);
  if (name === 'exactly') return value === asked;
  if (name === 'prefix') return value.slice(0, asked.length) === asked;
  if (name === 'suffix') return asked === '' || value.slice(-asked.length) === asked;
  if (name === 'equals-ignore-case') return value.toLowerCase() === asked.toLowerCase();
  if (name === 'cidr') return value.startsWith(asked.slice(0, asked.lastIndexOf('.')));
  return wild([...asked], [...value]);
}

function wild(asked: string[], value: string[]): boolean {
  const [first, ...rest] = asked;
  if (first === undefined) return value.length === 0;
  if (first === '*') return wild(rest, value) || (value.length > 0 && wild(asked, value.slice(1)));
  if (first === '\\') return rest[0] === value[0] && wild(rest.slice(1), value.slice(1));
  return first === value[0] && wild(rest, value.slice(1));
}

function compares(given: unknown, value: number): boolean {
  const [operator, bound, ...rest] = given as [string, number, ...unknown[]];
  const order = Math.sign(value - bound);
  const holds = { '=': [0], '<': [-1], '<=': [-1, 0], '>': [1], '>=': [0, 1] }[operator] ?? [];
  return holds.includes(order) && (rest.length === 0 || compares(rest, value));
}
