import { append } from '../../lib/append.ts';
import { Members } from './members.ts';

/** The keyword of alternatives. */
export const OR = '$or';

/** What a pattern asks of what one name leads to: of a value, of an object, or both. */
interface Asked<T> {
  leaf?: T;
  object?: Branch<T>;
}

/**
 * What a pattern asks of an object. No name is asked about in two places, members and branches, so that each part is
 * judged by itself.
 */
export interface Branch<T> {
  members: Map<string, Asked<T>>;
  /** Of each of these one has to hold. */
  ors: Branch<T>[][];
}

export const nothing = <T>(): Branch<T> => ({ members: new Map(), ors: [] });

/** One more name: of two values at one path, the last is asked for. */
export function ask<T>(branch: Branch<T>, name: string, of: (asked: Asked<T>) => void): void {
  const or = branch.ors.find((branches) => branches.some((each) => asksFor(each, name)));
  // Whichever branch of it holds, this has to hold with it.
  if (or) {
    for (const each of or) ask(each, name, of);
    return;
  }
  const asked = branch.members.get(name) ?? {};
  branch.members.set(name, asked);
  of(asked);
}

/**
 * One more `$or`. What was asked before about names that its branches ask about, too, goes into each of them: it may be
 * replaced there, and is judged by the same element of an array.
 */
export function askOneOf<T>(
  branch: Branch<T>,
  written: readonly Members[],
  add: (branch: Branch<T>, members: Members) => void,
): void {
  const before = nothing<T>();
  for (const name of new Set(written.flatMap((each) => [...namesIn(each)]))) {
    const asked = branch.members.get(name);
    if (asked) before.members.set(name, asked);
    branch.members.delete(name);
    const [its, others] = partition(branch.ors, (or) => or.some((each) => asksFor(each, name)));
    append(before.ors, its);
    branch.ors = others;
  }
  branch.ors.push(
    written.map((members) => {
      const one = copy(before);
      add(one, members);
      return one;
    }),
  );
}

/** The names that are asked about, `$or` looked through. */
export function* namesIn({ entries }: Members): Generator<string> {
  for (const [name, value] of entries) {
    if (name !== OR) yield name;
    else if (Array.isArray(value))
      for (const each of value) if (each instanceof Members) yield* namesIn(each);
  }
}

const asksFor = <T>({ members, ors }: Branch<T>, name: string): boolean =>
  members.has(name) || ors.some((or) => or.some((each) => asksFor(each, name)));

const copy = <T>({ members, ors }: Branch<T>): Branch<T> => ({
  members: new Map([...members].map(([name, asked]) => [name, copyAsked(asked)])),
  ors: ors.map((branches) => branches.map(copy)),
});

const copyAsked = <T>({ object, ...leaf }: Asked<T>): Asked<T> =>
  object ? { ...leaf, object: copy(object) } : leaf;

function partition<T>(list: readonly T[], is: (each: T) => boolean): [T[], T[]] {
  return [list.filter(is), list.filter((each) => !is(each))];
}
