import { invalidInput } from '../errors.ts';
import { PAGE_SIZE } from '../limits.ts';
import { RuleError } from '../model/project-rules.ts';

/** Runs pure rules; what they refuse is the caller's mistake. */
export function ruled<T>(work: () => T): T {
  try {
    return work();
  } catch (error) {
    if (error instanceof RuleError) throw invalidInput(error.message);
    throw error;
  }
}

/** What the caller of a list asked for. @throws InvalidInputException for a token that is none */
export function asked(input: { nextToken?: string | undefined; maxResults?: number | undefined }) {
  return {
    token: input.nextToken,
    limit: input.maxResults ?? PAGE_SIZE,
    refuse: () => invalidInput('Invalid nextToken provided'),
  };
}
