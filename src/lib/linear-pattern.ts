import { RE2JS } from 're2js';

/** A regular expression that takes time linear in the text, whatever the expression: RE2's syntax, without back references. */
export interface LinearPattern {
  /** Whether it matches anywhere. */
  test(text: string): boolean;
  /** States of its automaton: what one character of a text may cost at the very worst. */
  size: number;
}

/** Beyond this many characters of source the automaton itself takes long to make. */
const MAX_SOURCE = 64 * 1024;

/** @throws Error for what is no expression of RE2's, or makes an automaton of more than `maxSize` states */
export function compileLinear(source: string, maxSize = Number.POSITIVE_INFINITY): LinearPattern {
  if (source.length > MAX_SOURCE) throw new Error('The regular expression is too long.');
  // Written out, a repetition of a long group may take seconds before anybody knows how large it gets.
  if (maxSize < Number.POSITIVE_INFINITY && writtenOut(source) > maxSize)
    throw new Error('The regular expression is too large.');
  const compiled = RE2JS.compile(source);
  const size = compiled.programSize();
  if (size > maxSize) throw new Error('The regular expression is too large.');
  return { test: (text) => compiled.test(text), size };
}

const TOKEN =
  /\\[pPx]\{[^}]*\}|\\.|\[\^?\]?(?:\\.|[^\]\\])*\]|\{(\d+)(?:,(\d*))?\}|(\((?:\?(?:P?<\w+>|[a-zA-Z]*:))?)|(\))|([*+?])|./gs;

/** How many characters an expression has when its counted repetitions are written out: its automaton is no smaller. */
export function writtenOut(source: string): number {
  const groups = [0];
  let atom = 0;
  const add = (size: number) => {
    groups.push((groups.pop() ?? 0) + size);
  };
  for (const [, least, most, open, close, sign] of source.matchAll(TOKEN)) {
    if (open !== undefined) groups.push(0);
    else if (close !== undefined) {
      atom = groups.length > 1 ? (groups.pop() ?? 0) : 0;
      add(atom);
    } else if (least !== undefined) {
      const times = Math.max(1, Number(most || least));
      add(atom * (times - 1));
      atom *= times;
    } else if (sign === undefined) {
      atom = 1;
      add(atom);
    }
  }
  return groups.reduce((sum, size) => sum + size, 0);
}
