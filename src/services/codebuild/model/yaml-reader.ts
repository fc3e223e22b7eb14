import { isMap, isScalar, isSeq, type Node, type YAMLMap } from 'yaml';
import { isPlain, scalarText, YamlError, YamlSource } from '../../../lib/yaml-source.ts';

/** A specification file that cannot be used. The message names the place. */
export class SpecError extends Error {
  override readonly name = 'SpecError';
}

/** What a plain scalar says for nothing at all. */
const NULL = /^(?:~|null|Null|NULL)?$/;

/** What texts and lists a file may stand for, in characters: without aliases it is no more than the file. */
const MOST_TEXT = 4 * 1024 * 1024;
/** What an item takes besides its characters. */
const ITEM = 16;

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
  readonly #source: YamlSource;
  /** How much has been read so far. */
  #read = 0;

  /** @throws SpecError when the text is no YAML */
  constructor(text: string) {
    this.#source = explained(text, () => new YamlSource(text));
  }

  root(): Place {
    return { node: this.#source.root, path: '', line: 1 };
  }

  /** True for nothing, `null`, `~`. */
  isNull(place: Place): boolean {
    const node = this.#resolve(place.node);
    return node === null || (isScalar(node) && isPlain(node) && NULL.test(scalarText(node)));
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
    const text = isScalar(node) ? scalarText(node) : this.#source.source(place.node);
    this.#spend(place, text.length + ITEM);
    return text;
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
    this.#spend(place, node.items.length * ITEM);
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

  /** The map's own keys come before those that it merges, and of these the first. */
  #collect(map: YAMLMap, path: string, found: Map<string, Place>): void {
    const merged: YAMLMap[] = [];
    for (const { key, value } of map.items) {
      const at = this.#place(key as Node, path, 1);
      this.#spend(at, ITEM);
      const name = this.text(at);
      const meant = this.#resolve(value as Node | null);
      if (name === '<<' && (isMap(meant) || isSeq(meant))) {
        const sources = isSeq(meant)
          ? meant.items.map((item) => this.#resolve(item as Node))
          : [meant];
        for (const source of sources) if (isMap(source)) merged.push(source);
        continue;
      }
      const place = this.#place(value as Node | null, path ? `${path}.${name}` : name, at.line);
      found.set(name, { ...place, line: at.line });
    }
    for (const source of merged) {
      const more = new Map<string, Place>();
      this.#collect(source, path, more);
      for (const [name, place] of more) if (!found.has(name)) found.set(name, place);
    }
  }

  /** A few aliases of something large can stand for more than any memory holds. */
  #spend(place: Place, characters: number): void {
    this.#read += characters;
    if (this.#read > MOST_TEXT)
      this.fail(place, 'makes the file too large, with what its aliases stand for,');
  }

  #place(node: Node | null, path: string, fallback: number): Place {
    return { node, path, line: this.#source.line(node) ?? fallback };
  }

  #resolve(node: Node | null): Node | null {
    return explained(this.#source.text, () => this.#source.resolve(node));
  }
}

/** YAML's errors with their lines; the usual reason for one, a tab, by its name. */
function explained<T>(text: string, read: () => T): T {
  try {
    return read();
  } catch (error) {
    if (!(error instanceof YamlError)) throw error;
    const { message, line } = error;
    const lines = text.split(/\r?\n/);
    for (const near of [line - 1, line]) {
      if (!/^ *\t/.test(lines[near - 1] ?? '')) continue;
      throw new SpecError(`Tabs cannot be used as indentation at line ${near}`);
    }
    throw new SpecError(`${message} at line ${line}`);
  }
}
