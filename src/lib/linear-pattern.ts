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
  const compiled = RE2JS.compile(source);
  const size = compiled.programSize();
  if (size > maxSize) throw new Error('The regular expression is too large.');
  return { test: (text) => compiled.test(text), size };
}
