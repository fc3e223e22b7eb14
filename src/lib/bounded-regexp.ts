import { createContext, Script } from 'node:vm';

const script = new Script('texts.map((text) => expression.test(text))');

/** What a user's regular expression may cost: one that backtracks without end must not stop the server. */
const LIMIT_MS = 200;

/**
 * Tests each text against an expression that a user wrote.
 * @throws Error when it takes longer than 0.2 s
 */
export function testAllWithin(expression: RegExp, texts: string[]): boolean[] {
  return script.runInContext(createContext({ expression, texts }), { timeout: LIMIT_MS });
}

/** Like testAllWithin for one text; false when it takes too long. */
export function testWithin(expression: RegExp, text: string): boolean {
  try {
    return testAllWithin(expression, [text])[0] ?? false;
  } catch {
    return false;
  }
}
