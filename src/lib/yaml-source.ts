import {
  Composer,
  type CST,
  type Document,
  isAlias,
  isNode,
  Lexer,
  LineCounter,
  type Node,
  Parser,
  type Scalar,
  visit,
} from 'yaml';

/** A text that is no YAML. The message says why, in libyaml's words where it has some; lines and columns start at 1. */
export class YamlError extends Error {
  override readonly name = 'YamlError';
  readonly line: number;
  readonly column: number;

  constructor(message: string, { line, col }: { line: number; col: number }) {
    super(message);
    this.line = line;
    this.column = col;
  }
}

/** Lists of aliases of lists of aliases … grow without end; a file means each of its aliases only a few times. */
const MOST_ALIASES = 2_000;
/** Whoever reads such a file recurses; no file of people's is nested like this. */
const DEEPEST = 100;
/** What a file may cost to read, in words, blanks and line ends: a few tenths of a second. */
const MOST_WORK = 100_000;
/** Brackets, commas, tags, anchors, aliases and directives cost several times what words do, and most when they stand wrong. */
const DEAR = /^[[\]{},!&*%]/;
const DEAR_WORK = 5;
/** What libyaml, and with it Go and Ruby, take for the name of an anchor. */
const ANCHOR = /^[0-9A-Za-z_-]+$/;

/**
 * The first document of a YAML (or JSON) text, as it is written: every scalar is its text, and what `010`, `yes` or
 * `1.10` mean is for the reader to say. Aliases without an anchor before them are errors.
 */
export class YamlSource {
  readonly text: string;
  readonly root: Node | null;
  readonly #lines = new LineCounter();
  /** Whatever stands for something else, and for what. */
  readonly #targets = new Map<Node, Node>();
  /** How many aliases have been followed so far. */
  #followed = 0;
  readonly #mostWork: number;

  /**
   * @param aliases false: they stay as they are, for a reader that refuses them
   * @param mostWork what the file may cost to read, for those whose files are large and their own
   * @throws YamlError when the text is no YAML
   */
  constructor(text: string, { aliases = true, mostWork = MOST_WORK } = {}) {
    this.text = text.replace(/^\uFEFF/, '');
    this.#mostWork = mostWork;
    const document = this.#compose();
    const [error] = document.errors;
    if (error) throw this.#error(reason(error.message), error.pos[0]);
    this.root = document.contents;
    this.#findTargets(document, aliases);
  }

  /** What an alias stands for; any other node is itself. @throws YamlError when they are followed without end */
  resolve(node: Node | null): Node | null {
    if (!isAlias(node)) return node;
    this.#followed += 1;
    if (this.#followed > MOST_ALIASES) {
      throw this.#error('the file uses too many aliases', node.range?.[0] ?? 0);
    }
    return this.#targets.get(node) ?? null;
  }

  /** The line on which a node begins, from 1. */
  line(node: Node | null): number | undefined {
    return this.place(node)?.line;
  }

  /** Where a node begins, from 1. */
  place(node: Node | null): { line: number; column: number } | undefined {
    const offset = node?.range?.[0];
    if (offset === undefined) return undefined;
    const { line, col } = this.#lines.linePos(offset);
    return { line, column: col };
  }

  /** The text of a node as it stands in the file, quotes and all. */
  source(node: Node | null): string {
    const range = node?.range;
    return range ? this.text.slice(range[0], range[1]).trimEnd() : '';
  }

  #compose(): Document {
    const control = this.text.search(CONTROL);
    if (control >= 0) {
      const before = this.text.slice(0, control).split('\n');
      const place = { line: before.length, col: (before.at(-1) ?? '').length + 1 };
      throw new YamlError('control characters are not allowed', place);
    }
    const parser = new Parser(this.#lines.addNewLine);
    const composer = new Composer({
      schema: 'failsafe',
      resolveKnownTags: false,
      strict: false,
      uniqueKeys: false,
      logLevel: 'silent',
    });
    // What follows the first document is not even looked at.
    const [document] = composer.compose(this.#tokens(parser), true, this.text.length);
    return document as Document;
  }

  /** The parser's tokens, as far as they are affordable: who composes them recurses, and cannot be stopped. */
  *#tokens(parser: Parser): Generator<CST.Token, void> {
    let work = 0;
    this.#lines.addNewLine(0);
    for (const lexeme of new Lexer().lex(this.text)) {
      work += DEAR.test(lexeme) ? DEAR_WORK : 1;
      if (work > this.#mostWork) throw this.#error('the file has too many parts', parser.offset);
      for (const token of parser.next(lexeme)) {
        yield token;
        // The first error is the one that is told.
        if (token.type === 'error') return;
      }
      if (parser.stack.length > DEEPEST) throw this.#error('exceeded max depth', parser.offset);
    }
    yield* parser.end();
  }

  /** An alias means the last node before it that carries its anchor. @throws YamlError when there is none */
  #findTargets(document: Document, aliases: boolean): void {
    const anchors = new Map<string, Node>();
    visit(document, (_key, node) => {
      if (!isNode(node)) return;
      const name = isAlias(node) ? node.source : node.anchor;
      const at = node.range?.[0] ?? 0;
      if (name !== undefined && !ANCHOR.test(name)) {
        throw this.#error('did not find expected alphabetic or numeric character', at);
      }
      if (!isAlias(node)) {
        if (name !== undefined) anchors.set(name, node);
        return;
      }
      if (!aliases) return;
      const target = anchors.get(node.source);
      if (!target) throw this.#error(`unknown anchor '${node.source}' referenced`, at);
      if (at < (target.range?.[1] ?? 0)) {
        throw this.#error(`anchor '${node.source}' value contains itself`, at);
      }
      this.#targets.set(node, target);
    });
  }

  #error(message: string, offset: number): YamlError {
    return new YamlError(message, this.#lines.linePos(offset));
  }
}

/** What the reader of libyaml does not let through. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what it looks for
const CONTROL = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f]/;

/** Was the scalar written without quotes? Only then can its text mean something else than itself. */
export function isPlain(scalar: Scalar): boolean {
  return scalar.type === undefined || scalar.type === 'PLAIN';
}

/** The text of a scalar: without quotes and escapes, with its lines folded, otherwise as it is written. */
export function scalarText(scalar: Scalar): string {
  return scalar.source ?? String(scalar.value ?? '');
}

/** The library's messages go on with the place and a picture of it; of lists in lists without end it says what ran out. */
function reason(message: string): string {
  if (message.startsWith('Maximum call stack')) return 'exceeded max depth';
  return message.split(/ at line |:?\n/)[0] ?? message;
}
