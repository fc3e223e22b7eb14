import { ownValue } from '../../../../lib/own.ts';

/** What a document is made of, in its order. */
export interface XmlHandler {
  open(name: string, attributes: Map<string, string>): void;
  /** A piece of the text of the innermost open element; a long one comes in several. */
  text(text: string): void;
  close(name: string): void;
}

/** A tag that is longer, with all its attributes, is refused: nothing else is kept until it is whole. */
const LONGEST_TAG = 1024 * 1024;
const MOST_ATTRIBUTES = 1000;
const DEEPEST = 100;
/** No reference to a character is longer: `&#x10FFFF;`. */
const LONGEST_REFERENCE = 10;

const NAME = /[^\s<>/="'&!?]+/y;
const ATTRIBUTE = /\s+([^\s<>/="'&]+)\s*=\s*(?:"([^"]*)"|'([^']*)')/y;
const TAG_END = /\s*(\/?)$/y;
const REFERENCE = /&(?:#(\d{1,7})|#[xX]([0-9a-fA-F]{1,6})|(lt|gt|amp|quot|apos));/g;
const NAMED: Record<string, string> = { lt: '<', gt: '>', amp: '&', quot: '"', apos: "'" };
const SECTION_STARTS = ['<!--', '<![CDATA[', '<?'];

/** A stretch that only its end ends. */
interface Section {
  end: string;
  isText: boolean;
}

/**
 * Reads XML in pieces of any size, in time that is linear in its length and in room that does not depend on it: a build
 * writes what it likes. Names with prefixes are names; entities other than XML's own stay as they are written, and a
 * document type that declares some is refused.
 */
export class XmlReader {
  readonly #handler: XmlHandler;
  readonly #open: string[] = [];
  #rest = '';
  #section: Section | undefined;
  /** How far the end of the tag at the beginning of the rest has been looked for, and in which quotes that is. */
  #looked = 0;
  #quote = '';
  #sawRoot = false;

  constructor(handler: XmlHandler) {
    this.#handler = handler;
  }

  /** @throws Error for what is no XML, or is beyond the limits */
  write(piece: string): void {
    this.#rest += piece;
    let at = 0;
    for (;;) {
      const next = this.#section ? this.#readSection(at) : this.#readOne(at);
      if (next === undefined) break;
      at = next;
    }
    this.#rest = this.#rest.slice(at);
    if (this.#rest.length > LONGEST_TAG) throw new Error('a tag is too long');
  }

  /** @throws Error when the document is not whole */
  end(): void {
    if (this.#section || this.#rest.startsWith('<')) throw new Error('the file ends in a tag');
    this.#text(this.#rest);
    const name = this.#open.at(-1);
    if (name !== undefined) throw new Error(`the element ${shown(name)} has no end`);
    if (!this.#sawRoot) throw new Error('the file has no element');
  }

  /** @returns where to go on, undefined when more is needed */
  #readSection(at: number): number | undefined {
    const { end, isText } = this.#section as Section;
    const found = this.#rest.indexOf(end, at);
    // Its end may have begun.
    const stop = found >= 0 ? found : Math.max(at, this.#rest.length - end.length + 1);
    if (isText && stop > at) this.#handler.text(this.#rest.slice(at, stop));
    if (found >= 0) {
      this.#section = undefined;
      return found + end.length;
    }
    return stop > at ? stop : undefined;
  }

  #readOne(at: number): number | undefined {
    const rest = this.#rest;
    if (at >= rest.length) return undefined;
    if (rest[at] !== '<') return this.#readText(at);
    if (rest.startsWith('<!--', at)) return this.#begin(at + 4, { end: '-->', isText: false });
    if (rest.startsWith('<?', at)) return this.#begin(at + 2, { end: '?>', isText: false });
    if (rest.startsWith('<![CDATA[', at)) {
      if (this.#open.length === 0) throw new Error('there is text outside of the root element');
      return this.#begin(at + 9, { end: ']]>', isText: true });
    }
    const begun = rest.slice(at, at + 9);
    if (SECTION_STARTS.some((start) => start.startsWith(begun))) return undefined;
    const end = this.#tagEnd(at);
    if (end === undefined) return undefined;
    if (end - at > LONGEST_TAG) throw new Error('a tag is too long');
    this.#tag(rest.slice(at + 1, end));
    return end + 1;
  }

  #begin(at: number, section: Section): number {
    this.#section = section;
    return at;
  }

  #readText(at: number): number | undefined {
    const rest = this.#rest;
    const tag = rest.indexOf('<', at);
    let end = tag >= 0 ? tag : rest.length;
    if (tag < 0) {
      // A reference may go on in the next piece.
      const reference = rest.lastIndexOf('&');
      if (reference >= at && rest.length - reference < LONGEST_REFERENCE) end = reference;
    }
    if (end === at) return undefined;
    this.#text(rest.slice(at, end));
    return end;
  }

  #text(text: string): void {
    if (this.#open.length > 0) this.#handler.text(decode(text));
    else if (/[^\s\uFEFF]/.test(text)) throw new Error('there is text outside of the root element');
  }

  /** Where the tag that begins at `at` ends; what was looked through before is not looked through again. */
  #tagEnd(at: number): number | undefined {
    const rest = this.#rest;
    let from = at + Math.max(1, this.#looked);
    for (;;) {
      const found = this.#quote ? rest.indexOf(this.#quote, from) : searchFrom(rest, from);
      if (found < 0) {
        this.#looked = rest.length - at;
        return undefined;
      }
      const character = rest[found] as string;
      if (!this.#quote && character === '>') {
        this.#looked = 0;
        return found;
      }
      this.#quote = this.#quote ? '' : character;
      from = found + 1;
    }
  }

  #tag(tag: string): void {
    if (tag.startsWith('!')) {
      if (!tag.startsWith('!DOCTYPE') || tag.includes('['))
        throw new Error('a document type with declarations of its own is not supported');
      return;
    }
    const closing = tag.startsWith('/');
    const name = matchAt(NAME, tag, closing ? 1 : 0)?.[0];
    if (name === undefined) throw new Error(`there is no name in the tag <${shown(tag)}>`);
    if (closing) {
      this.#close(name, tag.slice(1 + name.length));
      return;
    }
    const { attributes, isEmpty } = attributesOf(tag, name.length);
    if (this.#open.length === 0) {
      if (this.#sawRoot) throw new Error('there is more than one root element');
      this.#sawRoot = true;
    }
    if (this.#open.length >= DEEPEST) throw new Error(`elements are nested deeper than ${DEEPEST}`);
    this.#open.push(name);
    this.#handler.open(name, attributes);
    if (isEmpty) this.#close(name, '');
  }

  #close(name: string, more: string): void {
    const open = this.#open.pop();
    if (open !== name || more.trim() !== '')
      throw new Error(`</${shown(name + more)}> does not end the element ${shown(open ?? '')}`);
    this.#handler.close(name);
  }
}

function attributesOf(tag: string, start: number) {
  const attributes = new Map<string, string>();
  let at = start;
  for (;;) {
    const found = matchAt(ATTRIBUTE, tag, at);
    if (!found) break;
    const [whole, name = '', double, single] = found;
    attributes.set(name, decode(double ?? single ?? ''));
    if (attributes.size > MOST_ATTRIBUTES)
      throw new Error(`an element has more than ${MOST_ATTRIBUTES} attributes`);
    at += whole.length;
  }
  const end = matchAt(TAG_END, tag, at);
  if (!end) throw new Error(`the tag <${shown(tag)}> cannot be read`);
  return { attributes, isEmpty: end[1] === '/' };
}

function matchAt(pattern: RegExp, text: string, at: number): RegExpExecArray | null {
  pattern.lastIndex = at;
  return pattern.exec(text);
}

/** The first quote or end of a tag, or -1. */
function searchFrom(text: string, from: number): number {
  TAG_MARK.lastIndex = from;
  return TAG_MARK.exec(text)?.index ?? -1;
}
const TAG_MARK = /["'>]/g;

function decode(text: string): string {
  if (!text.includes('&')) return text;
  return text.replace(REFERENCE, (whole, decimal, hex, name) => {
    if (name) return ownValue(NAMED, name) ?? '';
    const code = decimal ? Number(decimal) : Number.parseInt(hex, 16);
    return code <= 0x10ffff ? String.fromCodePoint(code) : whole;
  });
}

const LONGEST_SHOWN = 60;
const shown = (text: string) =>
  text.length > LONGEST_SHOWN ? `${text.slice(0, LONGEST_SHOWN)}…` : text;
