/** Texts beyond this many, or longer together than this many characters, and the oldest are forgotten. */
const MAX_TEXTS = 5000;
const MAX_CHARACTERS = 32 * 1024 * 1024;

/**
 * `parse`, remembering what it made of each text: for documents that are read many times and seldom change.
 * All callers share what it returns, so it is frozen, to the bottom.
 */
export function parseOnce<T>(parse: (text: string) => T): (text: string) => T {
  const parsed = new Map<string, T>();
  let characters = 0;
  return (text) => {
    const known = parsed.get(text);
    if (known !== undefined) return known;
    const made = freeze(parse(text));
    parsed.set(text, made);
    characters += text.length;
    for (const oldest of parsed.keys()) {
      if (parsed.size <= MAX_TEXTS && characters <= MAX_CHARACTERS) break;
      parsed.delete(oldest);
      characters -= oldest.length;
    }
    return made;
  };
}

function freeze<T>(value: T): T {
  if (typeof value !== 'object' || value === null || Object.isFrozen(value)) return value;
  // Bytes cannot be frozen, and a Date can be set all the same: neither belongs in such a document.
  for (const member of Object.values(Object.freeze(value))) freeze(member);
  return value;
}
