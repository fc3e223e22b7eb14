/** Whether a message matches. */
export type Matcher = (message: string) => boolean;

/** A pattern that AWS would refuse. */
export class FilterPatternError extends Error {}
/** A pattern that AWS knows and Slipway does not. */
export class UnsupportedPatternError extends Error {}

/** AWS allows a subset of regular expressions that means the same in JavaScript. */
export function compileExpression(expression: string): Matcher {
  let compiled: RegExp;
  try {
    compiled = new RegExp(expression);
  } catch {
    throw new FilterPatternError(`Invalid regular expression '${expression}'`);
  }
  return (message) => compiled.test(message);
}
