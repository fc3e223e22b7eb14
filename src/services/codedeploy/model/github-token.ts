import type { Tag } from '@aws-sdk/client-codedeploy';
import { ownValue } from '../../../lib/own.ts';

/** A deployment group names by this tag the secret with its token of GitHub (ours: AWS's come about in its console alone). */
const TOKEN_TAG = 'slipway:github-token';

/** The name or ARN of the secret in Secrets Manager. */
export const tokenSecretOf = (tags: readonly Tag[]): string | undefined =>
  tags.find(({ Key }) => Key === TOKEN_TAG)?.Value || undefined;

/** The token in a secret: all of it, or its member `Token`, as in those of CodeBuild. Undefined for what can be none. */
export function tokenIn(secret: string): string | undefined {
  const token = memberIn(secret) ?? secret.trim();
  // It goes into a header.
  return typeof token === 'string' && /^[\x21-\x7e]{1,1024}$/.test(token) ? token : undefined;
}

function memberIn(secret: string): unknown {
  try {
    const said: unknown = JSON.parse(secret);
    if (typeof said === 'object' && said !== null)
      return ownValue(said as Record<string, unknown>, 'Token') ?? null;
  } catch {
    // All of it is the token.
  }
  return undefined;
}
