/** A code point that Unicode sets aside for uses inside a program, so that no text is expected to hold it. */
const ESCAPE = '\uFDD0';
const ESCAPED = new RegExp(`${ESCAPE}([01])`, 'g');
const UNSAFE = /[\0\uFDD0]/;
const UNSAFE_ALL = new RegExp(UNSAFE, 'g');

/**
 * PostgreSQL's text holds every character but U+0000, which SQLite's holds, and AWS's names and values may: it goes
 * in as two others, and comes out as it was. Other parameters than texts stay as they are.
 */
export function toPostgres(parameter: unknown): unknown {
  if (typeof parameter !== 'string' || !UNSAFE.test(parameter)) return parameter;
  return parameter.replace(UNSAFE_ALL, (char) => ESCAPE + (char === '\0' ? 0 : 1));
}

/** The text that `toPostgres` was given. */
export function fromPostgres(text: string): string {
  if (!text.includes(ESCAPE)) return text;
  return text.replace(ESCAPED, (_, which) => (which === '0' ? '\0' : ESCAPE));
}
