import { isReferenceName, zeroObjectId } from '../names.ts';

/**
 * What a sealed repository is made of, and how its records change that. Pure. Names of references are git's bytes, each a
 * character (latin1): they need not be UTF-8.
 */

/** A pack with its index, in one sealed file: its parts behind one another. */
export interface SealedPack {
  /** Git's name: `pack-…`. */
  name: string;
  /** The sealed file's name. */
  file: string;
  parts: { kind: string; bytes: number }[];
}

/** What one record says. */
export interface Entry {
  /** All there is, and not what has changed: reading may begin here. */
  base?: true;
  /** Full name of the branch that HEAD is at from now on. */
  head?: string;
  /** Each with the object that it points at from now on; null: it is gone. */
  references: [name: string, id: string | null][];
  added: SealedPack[];
}

export interface SealedState {
  /** Number of the record that made it so. */
  generation: number;
  head: string;
  references: ReadonlyMap<string, string>;
  packs: ReadonlyMap<string, SealedPack>;
}

export const FIRST_HEAD = 'refs/heads/main';

export const NOTHING: SealedState = {
  generation: 0,
  head: FIRST_HEAD,
  references: new Map(),
  packs: new Map(),
};

/** The state after the next record. */
export function afterEntry(state: SealedState, entry: Entry): SealedState {
  const from = entry.base ? NOTHING : state;
  // The same one where nothing moves: who shows it need not do so again.
  const references =
    entry.references.length > 0 ? moved(from.references, entry.references) : from.references;
  const packs = new Map(from.packs);
  for (const pack of entry.added) packs.set(pack.name, pack);
  const generation = state.generation + 1;
  return { generation, head: entry.head ?? from.head, references, packs };
}

function moved(references: ReadonlyMap<string, string>, by: Entry['references']) {
  const after = new Map(references);
  for (const [name, id] of by) {
    if (id === null) after.delete(name);
    else after.set(name, id);
  }
  return after;
}

/** A record that says all of a state. */
export function baseEntry({ head, references, packs }: Omit<SealedState, 'generation'>): Entry {
  return {
    base: true,
    head,
    references: [...references],
    added: [...packs.values()],
  };
}

/** What leads from the references of one state to those of another. */
export function movedReferences(
  before: ReadonlyMap<string, string>,
  after: ReadonlyMap<string, string>,
): Entry['references'] {
  const moved: Entry['references'] = [];
  for (const [name, id] of after) if (before.get(name) !== id) moved.push([name, id]);
  for (const name of before.keys()) if (!after.has(name)) moved.push([name, null]);
  return moved;
}

/** Commands for `git update-ref --stdin`, whatever the references are now: deletions first, since `a` may make room for `a/b`. */
export function updateCommands(moved: Entry['references']): Buffer[] {
  const gone = moved.filter(([, id]) => id === null).map(([name]) => `delete ${name}\n`);
  const there = moved.flatMap(([name, id]) => (id === null ? [] : [`update ${name} ${id}\n`]));
  return [gone, there]
    .filter((commands) => commands.length > 0)
    .map((commands) => Buffer.from(commands.join(''), 'latin1'));
}

/** The references of `git for-each-ref` in this format. */
export const REFERENCE_FORMAT = '%(objectname) %(refname)';

export function parseReferences(output: Buffer): Map<string, string> {
  const lines = output
    .toString('latin1')
    .split('\n')
    .filter((line) => line !== '');
  return new Map(lines.map((line) => [line.slice(zeroObjectId.length + 1), line.slice(0, 40)]));
}

/** A file of references as git packs them, in git's order of names. */
export function packedReferences(references: ReadonlyMap<string, string>): Buffer {
  const names = [...references.keys()].sort((a, b) => (a < b ? -1 : 1));
  const lines = names.map((name) => `${references.get(name)} ${name}\n`);
  return Buffer.from(`# pack-refs with: sorted \n${lines.join('')}`, 'latin1');
}

/** A name as it stands in a state. */
export const nameInState = (name: string): string => Buffer.from(name).toString('latin1');

/** Whether git finds a reference by this name as it is given to it: elsewhere a name is bytes. */
export const isPlainName = (name: string): boolean =>
  isReferenceName(name) && /^[\x21-\x7e]+$/.test(name);
