/** So many different values are kept as they are; of more, values close to each other count as one. */
const EXACT_VALUES = 200;
/** The cells of a grid that may be filled: nine powers of ten take less on the second one. */
const MOST_CELLS = 1000;
/** The first grid: neighbours are 1 % apart, so that a value is off by half a percent at most. Each next one is twice as coarse. */
const GRID = Math.log(1.01);

/** How often a value was measured. */
export type Weighted = readonly [value: number, count: number];

/** What was measured in a stretch of time. */
export interface Summary {
  count: number;
  sum: number;
  min: number;
  max: number;
  /** In ascending order; absent where a statistic set tells no single values. */
  values?: readonly Weighted[];
}

/** One value, measured `count` times. */
export const measured = (value: number, count = 1): Summary => ({
  ...{ count, sum: value * count, min: value, max: value },
  values: [[value, count]],
});

/** What somebody else has summed up: its values are known only where they are all the same. */
export function statisticSet(count: number, sum: number, min: number, max: number): Summary {
  const same = min === max && Math.abs(sum - min * count) <= Math.abs(sum) * 1e-9;
  return { count, sum, min, max, ...(same && { values: [[min, count] as const] }) };
}

/** All of several together. Of one alone it is the same. */
export function merged(parts: readonly Summary[]): Summary {
  const [first] = parts;
  if (!first) throw new Error('There is nothing to merge');
  if (parts.length === 1) return first;
  let { count, sum, min, max } = first;
  for (const part of parts.slice(1)) {
    count += part.count;
    sum += part.sum;
    min = Math.min(min, part.min);
    max = Math.max(max, part.max);
  }
  const values = mergedValues(parts);
  return { count, sum, min, max, ...(values && { values }) };
}

function mergedValues(parts: readonly Summary[]): Weighted[] | undefined {
  const counts = new Map<number, number>();
  for (const { values } of parts) {
    if (!values) return undefined;
    for (const [value, count] of values) counts.set(value, (counts.get(value) ?? 0) + count);
  }
  return fewer(counts);
}

/** Rounds to a coarser grid until few enough are left. Grids lie in each other, so it does not matter what was rounded before. */
function fewer(counts: Map<number, number>): Weighted[] {
  let rounded = counts;
  let most = EXACT_VALUES;
  for (let step = GRID; rounded.size > most; step *= 2) {
    most = MOST_CELLS;
    const next = new Map<number, number>();
    for (const [value, count] of rounded) {
      const near = onGrid(value, step);
      next.set(near, (next.get(near) ?? 0) + count);
    }
    rounded = next;
  }
  return [...rounded].sort(([a], [b]) => a - b);
}

function onGrid(value: number, step: number): number {
  if (value === 0) return 0;
  const cell = Math.floor(Math.log(Math.abs(value)) / step + 1e-9);
  return Math.sign(value) * Math.exp((cell + 0.5) * step);
}
