import { invalidToken } from '../errors.ts';
import { DEFAULT_DESCRIBE_LIMIT } from '../limits.ts';

/** What the caller of a Describe operation asked for. @throws InvalidParameterException for a token that is none */
export const asked = (input: { nextToken?: string | undefined; limit?: number | undefined }) => ({
  token: input.nextToken,
  limit: input.limit ?? DEFAULT_DESCRIBE_LIMIT,
  refuse: invalidToken,
});
