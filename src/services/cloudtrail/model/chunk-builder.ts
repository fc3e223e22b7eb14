import { type Attribute, attributesOf, type StoredEvent } from './event.ts';
import { timeOf } from './event-id.ts';

/** Collects events for one row of the history. */
export class ChunkBuilder {
  readonly lines: string[] = [];
  /** Of the lines, in characters. */
  length = 0;
  firstAt = Number.POSITIVE_INFINITY;
  lastAt = 0;
  readonly #attributes = new Map<Attribute, Set<string>>();

  add(event: StoredEvent): void {
    const line = JSON.stringify(event);
    const at = timeOf(event.id) ?? 0;
    this.lines.push(line);
    this.length += line.length;
    this.firstAt = Math.min(this.firstAt, at);
    this.lastAt = Math.max(this.lastAt, at);
    for (const [name, value] of attributesOf(event)) this.#valuesOf(name).add(value);
  }

  /** What its events are found by, each once. */
  get attributes(): [Attribute, string][] {
    return [...this.#attributes].flatMap(([name, values]) =>
      [...values].map((value): [Attribute, string] => [name, value]),
    );
  }

  #valuesOf(name: Attribute): Set<string> {
    const known = this.#attributes.get(name);
    if (known) return known;
    const values = new Set<string>();
    this.#attributes.set(name, values);
    return values;
  }
}
