import type { Asked } from '../../../kit/pages.ts';
import { invalidNextToken } from '../errors.ts';

/** What the caller of a list asked for. @throws InvalidNextTokenException */
export const asked = (
  input: { nextToken?: string | undefined; maxResults?: number | undefined },
  limit: number,
): Asked => ({
  token: input.nextToken,
  limit: input.maxResults ?? limit,
  refuse: invalidNextToken,
});
