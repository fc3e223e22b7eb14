/** What a consumer may see of groups of numbered messages, `GROUP NUMBER`: each in its turn, and again only as long as it was not deleted. */
export function makeInOrder() {
  const next = new Map<string, number>();
  const deleted = new Set<string>();
  const found: string[] = [];
  let again = 0;
  let count = 0;
  return {
    received(body: string): void {
      const [group = '', text] = body.split(' ');
      const number = Number(text);
      const expected = next.get(group) ?? 0;
      if (deleted.has(body)) found.push(`${body} came again after it was deleted`);
      else if (number > expected) found.push(`${body} came before ${group} ${expected}`);
      else if (number < expected) again += 1;
      if (number < expected) return;
      next.set(group, number + 1);
      count += 1;
    },
    deleted(body: string): void {
      deleted.add(body);
    },
    /** How many different ones have come. */
    count: () => count,
    /** How often one came again that was not deleted. */
    again: () => again,
    /** What does not hold. */
    found: () => found,
  };
}
