/** What is no event pattern, with the reason in the words of AWS's own matcher (github.com/aws/event-ruler). */
export class PatternError extends Error {
  override readonly name = 'PatternError';
}

export const refuse = (reason: string): never => {
  throw new PatternError(reason);
};
