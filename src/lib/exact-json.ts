/** https://tc39.es/proposal-json-parse-with-source/, which TypeScript's library does not know yet. */
const { rawJSON, isRawJSON } = JSON as unknown as {
  rawJSON(text: string): ExactNumber;
  isRawJSON(value: unknown): value is ExactNumber;
};

/** A number as it was written, which JSON.stringify writes the same again. */
export interface ExactNumber {
  readonly rawJSON: string;
}

export const isExactNumber = (value: unknown): value is ExactNumber => isRawJSON(value);

/** Only such texts may have numbers that JavaScript's own would change. */
const MAY_CHANGE = /[\d.]{16}|\d[eE]/;

/**
 * Reads JSON that goes on to others as it came: numbers that would be rounded (ids of more than 15 digits), or be none
 * any more (`1e400`), stay what was written.
 * @throws SyntaxError
 */
export function parseExact(text: string): unknown {
  return MAY_CHANGE.test(text) ? JSON.parse(text, exact as never) : JSON.parse(text);
}

const exact = (_name: string, value: unknown, { source }: { source: string }) =>
  typeof value === 'number' && String(value) !== source ? rawJSON(source) : value;
