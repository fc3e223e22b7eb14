/** Runs at most `most` at once and lets at most `waiting` wait. @returns undefined where there is no room any more */
export type Queue = <T>(work: () => Promise<T>) => Promise<T> | undefined;

export function makeQueue(most: number, waiting: number): Queue {
  let running = 0;
  const line: (() => void)[] = [];
  return (work) => {
    if (running >= most && line.length >= waiting) return undefined;
    return (async () => {
      if (running >= most) await new Promise<void>((resolve) => line.push(resolve));
      else running += 1;
      try {
        return await work();
      } finally {
        // Whoever waits takes the place over.
        const next = line.shift();
        if (next) next();
        else running -= 1;
      }
    })();
  };
}
