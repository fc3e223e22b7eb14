import { isMap, isScalar, isSeq, type Node, type YAMLMap } from 'yaml';
import { type FilePlace, START } from '../../../lib/located.ts';
import { isPlain, scalarText, YamlError, YamlSource } from '../../../lib/yaml-source.ts';

type Path = readonly (string | number)[];

/** A specification file that cannot be used. The message is AWS's: it ends with the line, which {@link at} has too. */
export class SpecError extends Error {
  override readonly name = 'SpecError';
  readonly at: FilePlace;
  /** The way to what is wrong. */
  readonly path: Path;

  constructor(problem: string, at: FilePlace, path: Path = [], more = '') {
    super(`${problem} at line ${at.line}${more}`);
    this.at = at;
    this.path = path;
  }
}

/** As they stand in the file. */
export const inOrder = (problems: SpecError[]): SpecError[] =>
  problems.toSorted(({ at: a }, { at: b }) => a.line - b.line || a.column - b.column);

/** What works here and is not what AWS makes of it. */
export interface SpecRemark {
  code: 'AwsRefuses' | 'DuplicateKey';
  message: string;
  at: FilePlace;
  path: Path;
}

/** What a plain scalar says for nothing at all. */
const NULL = /^(?:~|null|Null|NULL)?$/;

/** What texts and lists a file may stand for, in characters: without aliases it is no more than the file. */
const MOST_TEXT = 4 * 1024 * 1024;
/** What an item takes besides its characters. */
const ITEM = 16;

/** One value of the file, with the way to it. */
export interface Place {
  node: Node | null;
  path: Path;
  /** Of a member of a map, where its key is. */
  at: FilePlace;
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
  /** What is wrong, so far: reading goes on behind it. */
  readonly problems: SpecError[] = [];
  readonly remarks: SpecRemark[] = [];

  /** @throws SpecError when the text is no YAML */
  constructor(text: string) {
    this.#source = explained(text, () => new YamlSource(text));
  }

  root(): Place {
    return { node: this.#source.root, path: [], at: START };
  }

  /** True for nothing, `null`, `~`. */
  isNull(place: Place): boolean {
    const node = this.#resolve(place.node);
    return node === null || (isScalar(node) && isPlain(node) && NULL.test(scalarText(node)));
  }

  /** The members of a map; none for an empty block, and where it is something else, which is a problem. */
  members(place: Place | undefined): Map<string, Place> {
    const found = new Map<string, Place>();
    if (!place || this.isNull(place)) return found;
    const node = this.#resolve(place.node);
    if (isMap(node)) this.#collect(node, place.path, found);
    else this.refuse(place, 'must be a map of keys');
    return found;
  }

  /** The members of a map of which only `keys` are allowed: others are problems. */
  known(place: Place | undefined, keys: readonly string[]): Map<string, Place> {
    const members = this.members(place);
    for (const [key, { at, path }] of members) {
      if (keys.includes(key)) continue;
      const where = place?.path.length ? ` in ${nameOf(place.path)}` : '';
      this.#problem(new SpecError(`Unknown key "${key}"${where}`, at, path));
    }
    return members;
  }

  /** A value as text: what stands there, for numbers, booleans and accidental maps; empty for null. */
  text(place: Place | undefined): string {
    if (!place || this.isNull(place)) return '';
    const node = this.#resolve(place.node);
    const text = isScalar(node) ? scalarText(node) : this.#source.source(place.node);
    this.#spend(place, text.length + ITEM);
    if (!isScalar(node)) this.remark(place, 'to be of string type: found subkeys instead');
    return text;
  }

  /** A list of texts; one string is a list of one, empty items are left out, lists in lists laid flat. */
  texts(place: Place | undefined): string[] {
    if (!place || this.isNull(place)) return [];
    if (!isSeq(this.#resolve(place.node))) this.remark(place, 'to be a list of strings');
    return this.#items(place);
  }

  #items(place: Place): string[] {
    const node = this.#resolve(place.node);
    if (!isSeq(node)) return [this.text(place)];
    this.#spend(place, node.items.length * ITEM);
    return node.items.flatMap((item, index) => {
      const at = this.#place(item as Node, [...place.path, index], place.at);
      const nested = isSeq(this.#resolve(at.node));
      if (nested) this.remark(at, 'to be of string type: found a list instead');
      return nested || !this.isNull(at) ? this.#items(at) : [];
    });
  }

  /** The items of a list, each with its place; none for an empty block. @throws SpecError when it is something else */
  items(place: Place): Place[] {
    if (this.isNull(place)) return [];
    const node = this.#resolve(place.node);
    if (!isSeq(node)) return this.fail(place, 'must be a list');
    this.#spend(place, node.items.length * ITEM);
    return node.items.map((item, index) =>
      this.#place(item as Node, [...place.path, index], place.at),
    );
  }

  /** A scalar as text. @throws SpecError for a list or a map */
  scalar(place: Place): string {
    const node = this.#resolve(place.node);
    if (node !== null && !isScalar(node)) this.fail(place, 'must be a string');
    return this.text(place);
  }

  /** `yes`, `no`, `true`, `false`, in any case; null is no. */
  flag(place: Place | undefined): boolean {
    const text = this.text(place).toLowerCase();
    if (place && !FLAGS.has(text)) this.refuse(place, 'must be yes or no');
    return FLAGS.get(text) ?? false;
  }

  /** Says what is wrong there; what follows is still read. */
  refuse(place: Place, problem: string): void {
    this.#problem(problemAt(place, problem));
  }

  /** Says what is wrong there, without which the rest means nothing. @throws SpecError always */
  fail(place: Place, problem: string): never {
    throw problemAt(place, problem);
  }

  /** Nobody reads more of them. @throws SpecError */
  #problem(problem: SpecError): void {
    if (this.problems.length === MOST_REMARKS) throw problem;
    this.problems.push(problem);
  }

  /** Says what AWS would say of what is taken here. */
  remark({ path, at }: Place, expected: string): void {
    const message = `AWS refuses it: Expected ${nameOf(path)} ${expected}`;
    this.#remark({ code: 'AwsRefuses', message, at, path });
  }

  #remark(remark: SpecRemark): void {
    if (this.remarks.length < MOST_REMARKS) this.remarks.push(remark);
  }

  /** The map's own keys come before those that it merges, and of these the first. */
  #collect(map: YAMLMap, path: Path, found: Map<string, Place>): void {
    const merged: YAMLMap[] = [];
    for (const { key, value } of map.items) {
      const at = this.#place(key as Node, path, START);
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
      const own = { node: value as Node | null, path: [...path, name], at: at.at };
      if (found.has(name)) {
        const message = `The key "${name}" is there twice: the last one counts`;
        this.#remark({ code: 'DuplicateKey', message, at: at.at, path: own.path });
      }
      found.set(name, own);
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
      throw problemAt(place, 'makes the file too large, with what its aliases stand for,');
  }

  #place(node: Node | null, path: Path, fallback: FilePlace): Place {
    return { node, path, at: this.#source.place(node) ?? fallback };
  }

  #resolve(node: Node | null): Node | null {
    return explained(this.#source.text, () => this.#source.resolve(node));
  }
}

const FLAGS = new Map<string, boolean>([
  ...['', 'no', 'false', 'off', 'n'].map((text) => [text, false] as const),
  ...['yes', 'true', 'on', 'y'].map((text) => [text, true] as const),
]);
/** One file of people's has a few. */
const MOST_REMARKS = 1_000;

/** `phases.build.commands[0]` */
export function nameOf(path: Path): string {
  return path
    .map((step, index) =>
      typeof step === 'number' ? `[${step}]` : `${index > 0 ? '.' : ''}${step}`,
    )
    .join('');
}

const problemAt = ({ path, at }: Place, problem: string) =>
  new SpecError(`${nameOf(path) || 'The file'} ${problem}`, at, path);

/** What libyaml, which AWS's reader speaks with, says where our library has words of its own. */
const LIBYAML: readonly [RegExp, string][] = [
  [/^Implicit keys need to be on a single line/, "could not find expected ':'"],
  [/^Implicit map keys need to be followed by/, "could not find expected ':'"],
  [/^All mapping items must start at the same/, 'did not find expected key'],
  [/^All sequence items must start at the same/, "did not find expected '-' indicator"],
  [/^Nested mappings are not allowed/, 'mapping values are not allowed in this context'],
  [/^A block sequence may not/, 'block sequence entries are not allowed in this context'],
  [/^Flow sequence in block collection/, "did not find expected ',' or ']'"],
  [/^Flow map in block collection/, "did not find expected ',' or '}'"],
  [/^Missing closing .quote/, 'found unexpected end of stream'],
  [/^Plain value cannot start with/, 'found character that cannot start any token'],
];

/** YAML's errors in AWS's words, with ours behind them; the usual reason for one, a tab, by its name. */
function explained<T>(text: string, read: () => T): T {
  try {
    return read();
  } catch (error) {
    if (!(error instanceof YamlError)) throw error;
    const { message, line, column } = error;
    const lines = text.split(/\r?\n/);
    for (const near of [line - 1, line]) {
      if (!/^ *\t/.test(lines[near - 1] ?? '')) continue;
      const at = { line: near, column: (lines[near - 1] ?? '').indexOf('\t') + 1 };
      const problem = 'found character that cannot start any token';
      throw new SpecError(problem, at, [], ': tabs cannot be used as indentation');
    }
    const theirs = LIBYAML.find(([ours]) => ours.test(message))?.[1];
    const more = theirs ? `: ${message.charAt(0).toLowerCase()}${message.slice(1)}` : '';
    throw new SpecError(theirs ?? message, { line, column }, [], more);
  }
}
