import {
  type Document,
  isAlias,
  isMap,
  isNode,
  isScalar,
  isSeq,
  LineCounter,
  type Node,
  parseDocument,
  visit,
  type YAMLMap,
} from 'yaml';

/** A specification file that cannot be used. The message names the place. */
export class SpecError extends Error {
  override readonly name = 'SpecError';
}

/** Lists of aliases of lists of aliases … grow without end; a file means each of its aliases only a few times. */
const MOST_ALIASES = 2_000;

/** One value of the file, with the way to it: `phases.build.commands`. */
export interface Place {
  node: Node | null;
  path: string;
  line: number;
}

/**
 * Reads a YAML (or JSON) file the way its authors meant it, which is not always what YAML says: numbers and
 * booleans keep their text (`3.10`), a command that happens to look like a map (`- echo "x: y"`) is that
 * text, one string stands for a list of one, and an empty block is no block.
 */
export class YamlReader {
  readonly #text: string;
  readonly #document: Document;
  readonly #lines = new LineCounter();
  /** How many have been followed so far. */
  #aliases = 0;
  #targets: Map<Node, Node> | undefined;

  /** @throws SpecError when the text is no YAML */
  constructor(text: string) {
    this.#text = text.replace(/^\uFEFF/, '');
    this.#document = parseDocument(this.#text, {
      lineCounter: this.#lines,
      strict: false,
      uniqueKeys: false,
      logLevel: 'silent',
    });
    const [error] = this.#document.errors;
    if (error) {
      const tab = this.#text.split(/\r?\n/).findIndex((line) => /^ *\t/.test(line));
      if (tab >= 0) throw new SpecError(`Tabs cannot be used as indentation at line ${tab + 1}`);
      const line = this.#lines.linePos(error.pos[0]).line;
      throw new SpecError(`${error.message.split(/ at line |:?\n/)[0]} at line ${line}`);
    }
  }

  root(): Place {
    return { node: this.#document.contents as Node | null, path: '', line: 1 };
  }

  /** True for nothing, `null`, `~`. */
  isNull(place: Place): boolean {
    const node = this.#resolve(place.node);
    return node === null || (isScalar(node) && node.value === null);
  }

  /** The members of a map; none for an empty block. @throws SpecError when it is something else */
  members(place: Place): Map<string, Place> {
    const found = new Map<string, Place>();
    if (this.isNull(place)) return found;
    const node = this.#resolve(place.node);
    if (!isMap(node)) this.fail(place, 'must be a map of keys');
    this.#collect(node, place.path, found);
    return found;
  }

  /** The members of a map of which only `keys` are allowed. @throws SpecError that names key and line */
  known(place: Place, keys: readonly string[]): Map<string, Place> {
    const members = this.members(place);
    for (const [key, { line }] of members) {
      if (keys.includes(key)) continue;
      const where = place.path ? ` in ${place.path}` : '';
      throw new SpecError(`Unknown key "${key}"${where} at line ${line}`);
    }
    return members;
  }

  /** A value as text: what stands there, for numbers, booleans and accidental maps; empty for null. */
  text(place: Place | undefined): string {
    if (!place || this.isNull(place)) return '';
    const node = this.#resolve(place.node);
    if (isScalar(node)) {
      return typeof node.value === 'string' ? node.value : (node.source ?? String(node.value));
    }
    return this.#sourceOf(place.node);
  }

  /** A scalar as text. @throws SpecError for a list or a map */
  scalar(place: Place): string {
    const node = this.#resolve(place.node);
    if (node !== null && !isScalar(node)) this.fail(place, 'must be a string');
    return this.text(place);
  }

  /** A list of texts; one string is a list of one, empty items are left out, lists in lists laid flat. */
  texts(place: Place | undefined): string[] {
    if (!place || this.isNull(place)) return [];
    const node = this.#resolve(place.node);
    if (!isSeq(node)) return [this.text(place)];
    return node.items.flatMap((item, index) => {
      const at = this.#place(item as Node, `${place.path}[${index}]`, place.line);
      return isSeq(this.#resolve(at.node)) || !this.isNull(at) ? this.texts(at) : [];
    });
  }

  /** `yes`, `no`, `true`, `false`, in any case; null is no. */
  flag(place: Place | undefined): boolean {
    const text = this.text(place).toLowerCase();
    if (['', 'no', 'false', 'off', 'n'].includes(text)) return false;
    if (['yes', 'true', 'on', 'y'].includes(text)) return true;
    return this.fail(place as Place, 'must be yes or no');
  }

  /** @throws SpecError always */
  fail(place: Place, problem: string): never {
    throw new SpecError(`${place.path || 'The file'} ${problem} at line ${place.line}`);
  }

  #collect(map: YAMLMap, path: string, found: Map<string, Place>): void {
    for (const { key, value } of map.items) {
      const at = this.#place(key as Node, path, 1);
      const name = this.text(at);
      const merged = this.#resolve(value as Node | null);
      if (name === '<<' && (isMap(merged) || isSeq(merged))) {
        for (const source of isSeq(merged) ? merged.items : [merged]) {
          const inner = this.#resolve(source as Node);
          if (isMap(inner)) this.#collect(inner, path, found);
        }
        continue;
      }
      const place = this.#place(value as Node | null, path ? `${path}.${name}` : name, at.line);
      found.set(name, { ...place, line: at.line });
    }
  }

  #place(node: Node | null, path: string, fallback: number): Place {
    const offset = node?.range?.[0];
    return { node, path, line: offset === undefined ? fallback : this.#lines.linePos(offset).line };
  }

  #resolve(node: Node | null): Node | null {
    if (!isAlias(node)) return node;
    this.#aliases += 1;
    if (this.#aliases > MOST_ALIASES) throw new SpecError('The file uses too many aliases');
    this.#targets ??= targetsOf(this.#document);
    return this.#targets.get(node) ?? null;
  }

  #sourceOf(node: Node | null): string {
    const range = node?.range;
    return range ? this.#text.slice(range[0], range[1]).trimEnd() : '';
  }
}

/** What each alias stands for: the last node before it that carries its anchor. */
function targetsOf(document: Document): Map<Node, Node> {
  const anchors = new Map<string, Node>();
  const targets = new Map<Node, Node>();
  visit(document, (_key, node) => {
    if (isAlias(node)) {
      const target = anchors.get(node.source);
      if (target) targets.set(node, target);
    } else if (isNode(node) && node.anchor) anchors.set(node.anchor, node);
  });
  return targets;
}
