/**
 * Finds by halves which id it is for whose sake a question about all was refused: of a thousand with ten questions.
 * @param ids among which there is one
 * @param areKnown are all of these?
 */
export async function firstUnknown(
  ids: readonly string[],
  areKnown: (ids: string[]) => Promise<boolean>,
): Promise<string> {
  const [first = '', ...more] = ids;
  if (more.length === 0) return first;
  const half = ids.slice(0, Math.ceil(ids.length / 2));
  return firstUnknown((await areKnown(half)) ? ids.slice(half.length) : half, areKnown);
}
