/** Texts beyond this many, and the oldest is forgotten. */
const MAX_TEXTS = 5000;

/**
 * `parse`, remembering what it made of each text: for documents that are read many times and seldom change.
 * All callers share what it returns, so it is frozen, to the bottom.
 */
export function parseOnce<T>(parse: (text: string) => T): (text: string) => T {
  const parsed = new Map<string, T>();
  return (text) => {
    let known = parsed.get(text);
    if (known === undefined) {
      known = freeze(parse(text));
      if (parsed.size >= MAX_TEXTS) parsed.delete(parsed.keys().next().value as string);
      parsed.set(text, known);
    }
    return known;
  };
}

function freeze<T>(value: T): T {
  if (typeof value !== 'object' || value === null || Object.isFrozen(value)) return value;
  // Bytes cannot be frozen, and a Date can be set all the same: neither belongs in such a document.
  for (const member of Object.values(Object.freeze(value))) freeze(member);
  return value;
}
