import type { Attribute, WrittenEvent } from './event.ts';

/** Collects events for one row of the history. */
export class ChunkBuilder {
  readonly lines: string[] = [];
  /** Of the lines, in characters. */
  length = 0;
  firstAt = Number.POSITIVE_INFINITY;
  lastAt = 0;
  /** Each once: events of one template share theirs. */
  readonly #lists = new Set<WrittenEvent['attributes']>();

  /** @param at when it was noted, in epoch milliseconds */
  add({ line, attributes }: WrittenEvent, at: number): void {
    this.lines.push(line);
    this.length += line.length;
    if (at < this.firstAt) this.firstAt = at;
    if (at > this.lastAt) this.lastAt = at;
    this.#lists.add(attributes);
  }

  /** What its events are found by, each once. */
  get attributes(): [Attribute, string][] {
    const found = new Map<string, [Attribute, string]>();
    for (const list of this.#lists)
      for (const [name, value] of list) found.set(`${name} ${value}`, [name, value]);
    return [...found.values()];
  }
}
