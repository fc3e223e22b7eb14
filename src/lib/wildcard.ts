/** `*`: any text. */
export const ANY = 0;
/** `?`: any one character. */
export const ONE = 1;
/** A literal character (UTF-16 unit), or one of the above. */
export type Token = string | typeof ANY | typeof ONE;

/** A pattern in which `*` stands for any text and nothing else means anything, as a question to whole texts. */
export function compileWildcard(pattern: string): (text: string) => boolean {
  const tokens = pattern.split('').map((char): Token => (char === '*' ? ANY : char));
  return (text) => matchesWildcard(tokens, text);
}

/** What the plain way may take for each character of text and pattern: all but made-up patterns need less than two. */
const STEPS_A_CHARACTER = 4;

/** Does the whole text match? Takes time linear in the text, but for a word of bits for each 32 characters of the pattern. */
export function matchesWildcard(tokens: readonly Token[], text: string): boolean {
  let steps = STEPS_A_CHARACTER * (text.length + tokens.length + 16);
  let t = 0;
  let i = 0;
  let star = -1;
  let mark = 0;
  while (i < text.length) {
    if (--steps < 0) return matchesParts(tokens, text);
    const token = tokens[t];
    if (token === ANY) {
      star = t++;
      mark = i;
    } else if (token === ONE || token === text[i]) {
      t++;
      i++;
    } else if (star >= 0) {
      // Only the last star is ever tried again: an earlier one that reached further could not help.
      t = star + 1;
      i = ++mark;
    } else return false;
  }
  while (tokens[t] === ANY) t++;
  return t === tokens.length;
}

/** The same for patterns with a star, by the parts between stars, each found with one look at the text. */
function matchesParts(tokens: readonly Token[], text: string): boolean {
  const parts: Token[][] = [[]];
  for (const token of tokens) {
    if (token === ANY) parts.push([]);
    else parts.at(-1)?.push(token);
  }
  const [first = [], ...rest] = parts;
  const last = rest.pop() ?? [];
  const end = text.length - last.length;
  if (end < first.length || !standsAt(first, text, 0) || !standsAt(last, text, end)) return false;
  let at = first.length;
  for (const part of rest) {
    at = endOfFirst(part, text, at);
    if (at < 0 || at > end) return false;
  }
  return true;
}

const standsAt = (part: Token[], text: string, at: number) =>
  part.every((token, n) => token === ONE || token === text[at + n]);

/** Where the first place of `part` from `from` on ends, or -1: the Shift-And automaton, a bit for each character of the part. */
function endOfFirst(part: Token[], text: string, from: number): number {
  if (part.length === 0) return from;
  const words = Math.ceil(part.length / 32);
  const any = new Int32Array(words);
  const masks = new Map<string, Int32Array>();
  for (const [n, token] of part.entries()) if (token === ONE) setBit(any, n);
  for (const [n, token] of part.entries()) {
    if (typeof token !== 'string') continue;
    const mask = masks.get(token) ?? any.slice();
    setBit(mask, n);
    masks.set(token, mask);
  }
  const goal = 1 << (part.length - 1);
  const state = new Int32Array(words);
  for (let i = from; i < text.length; i++) {
    const mask = masks.get(text[i] as string) ?? any;
    let carry = 1;
    for (let w = 0; w < words; w++) {
      const word = state[w] as number;
      state[w] = ((word << 1) | carry) & (mask[w] as number);
      carry = word >>> 31;
    }
    if ((state[words - 1] as number) & goal) return i + 1;
  }
  return -1;
}

function setBit(bits: Int32Array, n: number): void {
  bits[n >> 5] = (bits[n >> 5] as number) | (1 << n);
}
