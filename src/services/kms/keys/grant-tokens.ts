import type { ServiceContext } from '../../../kit/service.ts';
import { invalidGrantToken } from '../errors.ts';
import type { Key } from '../model/key.ts';
import { findGrant } from '../store/grants.ts';

const CONTEXT = 'kms:grant-token';

/** What a grant token says. Each CreateGrant gives another, also for the same grant. */
interface Token {
  keyId: string;
  grantId: string;
}

export const sealGrantToken = (ctx: ServiceContext, { keyId, grantId }: Token): string =>
  ctx.vault.seal(JSON.stringify({ keyId, grantId }), CONTEXT);

/** @throws InvalidGrantTokenException */
export function openGrantToken(ctx: ServiceContext, token: string): Token {
  try {
    return JSON.parse(ctx.vault.open(token, CONTEXT).toString()) as Token;
  } catch {
    throw invalidGrantToken();
  }
}

/**
 * A grant counts here from the moment it is made, so tokens tell nothing: but what is none is refused.
 * @throws InvalidGrantTokenException
 */
export async function checkTokens(
  ctx: ServiceContext,
  key: Key | undefined,
  tokens: readonly string[] = [],
): Promise<void> {
  for (const token of tokens) {
    const { keyId, grantId } = openGrantToken(ctx, token);
    if (!key || keyId !== key.keyId || !(await findGrant(ctx.db, keyId, grantId)))
      throw invalidGrantToken();
  }
}
