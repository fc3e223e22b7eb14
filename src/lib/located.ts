import { isMap, isScalar, isSeq, type Node, type Pair, type Scalar } from 'yaml';
import { isPlain, scalarText, YamlError, YamlSource } from './yaml-source.ts';

/** A place in a file; both from 1. */
export interface FilePlace {
  line: number;
  column: number;
}

/** Where every file begins: the place of what has no other. */
export const START: FilePlace = { line: 1, column: 1 };

interface Common {
  at: FilePlace;
  /** `!Sub`, where there is one. */
  tag?: string | undefined;
}

export interface LocatedEntry {
  key: string;
  at: FilePlace;
  value: Located;
}

export interface LocatedMap extends Common {
  kind: 'map';
  entries: LocatedEntry[];
}

export interface LocatedList extends Common {
  kind: 'list';
  items: Located[];
}

export interface LocatedScalar extends Common {
  kind: 'scalar';
  text: string;
  /** Without quotes: a number, a boolean or null where it reads like one. */
  plain: boolean;
}

/** What a JSON or YAML file says, each part with its place. */
export type Located = LocatedMap | LocatedList | LocatedScalar;

/** A text that is no JSON and no YAML. */
export class NotReadable extends Error {
  readonly at: FilePlace;

  constructor(message: string, at: FilePlace) {
    super(message);
    this.at = at;
  }
}

/** A template of AWS's largest size (1 MB) has some hundred thousand words. */
const MOST_WORK = 3_000_000;

/** Reads a file. JSON is what begins like it, unless its name says otherwise. @throws NotReadable */
export function readLocated(text: string, name = ''): Located {
  const isJson = /^\uFEFF?\s*[[{]/.test(text) && !/\.ya?ml$/i.test(name);
  if (isJson) checkJson(text.replace(/^\uFEFF/, ''));
  try {
    const source = new YamlSource(text, { mostWork: MOST_WORK });
    return located(source, source.root);
  } catch (error) {
    if (!(error instanceof YamlError)) throw error;
    throw new NotReadable(error.message, { line: error.line, column: error.column });
  }
}

/** YAML takes a comma too many, and comments; readers of JSON do not. */
function checkJson(text: string): void {
  try {
    JSON.parse(text);
  } catch (error) {
    const { message } = error as Error;
    const position = Number(/at position (\d+)/.exec(message)?.[1] ?? text.length);
    const before = text.slice(0, position).split('\n');
    const at = { line: before.length, column: (before.at(-1) ?? '').length + 1 };
    throw new NotReadable(
      `This is no JSON: ${message.replace(/ (?:in JSON )?at position.*$/s, '')}`,
      at,
    );
  }
}

function located(source: YamlSource, given: Node | null): Located {
  const node = source.resolve(given);
  const at = source.place(given) ?? START;
  const { tag } = node ?? {};
  if (isMap(node))
    return {
      kind: 'map',
      at,
      tag,
      entries: node.items.flatMap((pair) => entries(source, pair as Pair<Node, Node | null>)),
    };
  if (isSeq(node))
    return {
      kind: 'list',
      at,
      tag,
      items: node.items.map((item) => located(source, item as Node)),
    };
  if (!isScalar(node)) return { kind: 'scalar', at, tag, text: '', plain: true };
  const scalar = node as Scalar;
  return { kind: 'scalar', at, tag, text: scalarText(scalar), plain: isPlain(scalar) };
}

/** One entry of a map, or those that `<<` merges into it. */
function entries(source: YamlSource, pair: Pair<Node, Node | null>): LocatedEntry[] {
  const at = source.place(pair.key) ?? START;
  const key = isScalar(pair.key) ? scalarText(pair.key as Scalar) : source.source(pair.key);
  const value = located(source, pair.value);
  return key === '<<' && value.kind === 'map' ? value.entries : [{ key, at, value }];
}

/** The entry of a key: of several, the last one counts. */
export function entryOf(node: Located | undefined, key: string): LocatedEntry | undefined {
  return node?.kind === 'map' ? node.entries.findLast((entry) => entry.key === key) : undefined;
}

/** What a scalar means by YAML 1.1, which AWS's readers speak; JSON means the same. */
export function scalarValue({ text, plain }: LocatedScalar): string | number | boolean | null {
  if (!plain) return text;
  if (/^(?:~|null|Null|NULL|)$/.test(text)) return null;
  if (/^(?:true|True|TRUE|yes|Yes|YES|on|On|ON)$/.test(text)) return true;
  if (/^(?:false|False|FALSE|no|No|NO|off|Off|OFF)$/.test(text)) return false;
  return /^[-+]?(?:\d+|\d*\.\d+|\d+\.\d*)(?:[eE][-+]?\d+)?$/.test(text) ? Number(text) : text;
}

/** The place of the innermost part of a path that is there; of a member, that of its key. */
export function placeOf(root: Located, path: readonly (string | number)[]): FilePlace {
  let at = root.at;
  let node: Located = root;
  for (const step of path) {
    const entry = entryOf(node, String(step));
    const next: Located | undefined =
      entry?.value ?? (node.kind === 'list' ? node.items[Number(step)] : undefined);
    if (!next) return at;
    at = entry?.at ?? next.at;
    node = next;
  }
  return at;
}

/** A path as a JSON pointer. */
export const pointerOf = (path: readonly (string | number)[]): string =>
  path.map((step) => `/${String(step).replaceAll('~', '~0').replaceAll('/', '~1')}`).join('');
