import type { Evaluate } from './evaluate.ts';
import type { Held } from './held.ts';
import { compareInOrder } from './order.ts';
import type { Row } from './row.ts';
import { toText, type Value } from './values.ts';

export interface CompiledKey {
  value: Evaluate;
  descending: boolean;
}

interface Kept {
  row: Row;
  keys: Value[];
  /** In which order it came. */
  place: number;
  size: number;
}

/** Keeps the first `limit` rows by some order, and one of each that `dedup` calls the same. */
export class Collector {
  readonly #keys: CompiledKey[];
  readonly #dedup: Evaluate[] | undefined;
  readonly #limit: number;
  readonly #held: Held;
  #kept: Kept[] = [];
  readonly #best = new Map<string, Kept>();
  #count = 0;
  #settled = false;
  #settleAt: number;

  /** @param order none: newest first, where rows are events, else as they come */
  constructor(
    {
      order,
      dedup,
      limit,
    }: { order: CompiledKey[]; dedup?: Evaluate[] | undefined; limit: number },
    held: Held,
  ) {
    this.#keys = order;
    this.#dedup = dedup;
    this.#limit = limit;
    this.#held = held;
    this.#settleAt = roomFor(limit);
  }

  add(row: Row): void {
    const kept: Kept = {
      row,
      keys: this.#keys.map(({ value }) => value(row)),
      place: this.#count++,
      size: 2 * (row.event?.message.length ?? 0),
    };
    if (this.#dedup && !this.#isFirst(kept, this.#dedup)) return;
    // Most of those that come to a full list are behind its last.
    const last = this.#settled && this.#kept.length >= this.#limit && this.#kept[this.#limit - 1];
    if (!this.#dedup && last && this.#compare(kept, last) > 0) return;
    this.#held.add(kept.size);
    this.#kept.push(kept);
    if (this.#kept.length >= this.#settleAt) this.#settle();
  }

  /** Whether it is the first of its kind so far; then it takes the place of the one that was. */
  #isFirst(kept: Kept, fields: Evaluate[]): boolean {
    const values = fields.map((field) => toText(field(kept.row)));
    // What is missing is the same as nothing.
    if (values.includes(undefined)) return true;
    const id = JSON.stringify(values);
    const best = this.#best.get(id);
    if (best && this.#compare(best, kept) <= 0) return false;
    if (!best) this.#held.add(2 * id.length);
    this.#best.set(id, kept);
    if (best) best.place = -1;
    return true;
  }

  /** The key behind which no row is wanted any more; undefined while there is none. */
  threshold(): Value[] | undefined {
    if (this.#dedup || this.#kept.length < this.#limit) return undefined;
    this.#settle();
    return this.#kept[this.#limit - 1]?.keys;
  }

  rows(): Row[] {
    this.#settle();
    return this.#kept.slice(0, this.#limit).map(({ row }) => row);
  }

  #settle(): void {
    const all = this.#kept.filter(({ place }) => place >= 0).sort((a, b) => this.#compare(a, b));
    // Of kinds that are behind the limit a better one may still come, but they need the room no less.
    const keep = this.#dedup ? all : all.slice(0, this.#limit);
    if (keep.length < this.#kept.length) {
      const kept = new Set(keep);
      for (const each of this.#kept) if (!kept.has(each)) this.#held.drop(each.size);
    }
    this.#kept = keep;
    this.#settled = true;
    this.#settleAt = Math.max(roomFor(this.#limit), 2 * keep.length);
  }

  #compare(a: Kept, b: Kept): number {
    for (const [index, { descending }] of this.#keys.entries()) {
      const order = compareInOrder(a.keys[index], b.keys[index]);
      if (order !== 0) return descending ? -order : order;
    }
    return a.place - b.place;
  }
}

/** Sorted again after so many, so that each costs little. */
const roomFor = (limit: number) => 2 * limit + 16;
