import type { FormatReader } from './format.ts';
import { MAX_MESSAGE } from './test-case.ts';
import { type XmlHandler, XmlReader } from './xml-reader.ts';

type Attributes = Map<string, string>;

export interface Elements {
  /** The name of the first element. */
  root: string;
  /** Names that the elements in it may have, where that tells the format from another one. */
  within?: readonly string[];
  /** @param path the names of all open elements, this one the last */
  open(path: readonly string[], attributes: Attributes): void;
  /** @param text what stands in it and not in an element of its own, trimmed and cut where no message is longer */
  close?(path: readonly string[], text: string): void;
}

/** Reads XML by the names of elements. */
export function elementReader(format: string, elements: Elements): FormatReader {
  return new XmlReader(new ElementHandler(format, elements));
}

class ElementHandler implements XmlHandler {
  readonly #format: string;
  readonly #elements: Elements;
  readonly #path: string[] = [];
  readonly #texts: string[] = [];

  constructor(format: string, elements: Elements) {
    this.#format = format;
    this.#elements = elements;
  }

  open(name: string, attributes: Attributes): void {
    const { root, within } = this.#elements;
    const depth = this.#path.length;
    if ((depth === 0 && name !== root) || (depth === 1 && within && !within.includes(name)))
      throw new Error(`it is no ${this.#format} file: there is an element ${name.slice(0, 60)}`);
    this.#path.push(name);
    this.#texts.push('');
    this.#elements.open(this.#path, attributes);
  }

  text(text: string): void {
    const before = this.#texts.at(-1) ?? '';
    if (before.length >= MAX_MESSAGE) return;
    const more = before === '' ? text.trimStart() : text;
    this.#texts[this.#texts.length - 1] = before + more.slice(0, MAX_MESSAGE);
  }

  close(): void {
    this.#elements.close?.(this.#path, (this.#texts.pop() ?? '').trimEnd());
    this.#path.pop();
  }
}
