import type { Clock } from './clock.ts';

/**
 * Looks at something again and again while other work goes on.
 * @param look says whether to look once more; one that fails is looked at again, since the work itself is told of that
 * @returns what ends it
 */
export function lookEvery(
  clock: Clock,
  milliseconds: number,
  look: () => Promise<boolean>,
): () => void {
  let ended = false;
  let cancel = () => {};
  const next = () => {
    if (ended) return;
    const at = new Date(clock.now().getTime() + milliseconds);
    cancel = clock.at(at, () => {
      look().then((more) => more && next(), next);
    });
  };
  next();
  return () => {
    ended = true;
    cancel();
  };
}
