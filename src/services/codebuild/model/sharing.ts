import { readPolicy } from '../../../kit/policy-statements.ts';

/** Whether a resource policy lets in the account or somebody of it: what it is called shared by. */
export function isSharedWith(policy: string, accountId: string): boolean {
  return readPolicy(policy).Statement.some(
    ({ Effect, Principal }) =>
      Effect === 'Allow' && principalsOf(Principal).some((text) => isOf(text, accountId)),
  );
}

function principalsOf(principal: unknown): string[] {
  if (typeof principal === 'string') return [principal];
  const named = (principal as { AWS?: unknown } | undefined)?.AWS;
  return [named].flat().filter((text): text is string => typeof text === 'string');
}

const isOf = (text: string, accountId: string) =>
  text === '*' || text === accountId || text.split(':')[4] === accountId;
