/** Of what has this name so many are under way at once. */
export type Limit = readonly [name: string, most: number];

/** Counts what is under way. */
export class Room {
  readonly #underWay = new Map<string, number>();

  /** Counts one more of each name. @returns what counts it off again, once; undefined where one of them has its most already */
  enter(...limits: Limit[]): (() => void) | undefined {
    if (limits.some(([name, most]) => this.#countOf(name) >= most)) return undefined;
    for (const [name] of limits) this.#underWay.set(name, this.#countOf(name) + 1);
    let isInside = true;
    return () => {
      if (!isInside) return;
      isInside = false;
      for (const [name] of limits) {
        const left = this.#countOf(name) - 1;
        if (left > 0) this.#underWay.set(name, left);
        else this.#underWay.delete(name);
      }
    };
  }

  #countOf(name: string): number {
    return this.#underWay.get(name) ?? 0;
  }
}
