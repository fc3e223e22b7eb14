import type { Credentials } from '@aws-sdk/client-sts';
import { sealSession } from '../../../aws/auth/session-token.ts';
import { AwsError } from '../../../aws/errors.ts';
import type { Principal, SessionTerms } from '../../../aws/principal.ts';
import type { ServiceContext } from '../../../kit/service.ts';
import { newSecretAccessKey, randomId } from '../../../lib/access-key.ts';
import { malformedPolicy } from '../errors.ts';
import { DEFAULT_USER_SECONDS, ROOT_SESSION_SECONDS, USER_SESSION_SECONDS } from '../limits.ts';
import { packedSize } from '../model/terms.ts';

/** @throws MalformedPolicyDocumentException */
export function checkPolicy({ authorizer }: ServiceContext, document: string | undefined): void {
  const fault = document === undefined ? undefined : authorizer.faultOf(document, 'identity');
  if (fault !== undefined) throw malformedPolicy(fault);
}

/** The member of an answer that tells how much of the room for policies and tags a session takes. */
export function packed(terms: SessionTerms = {}): { PackedPolicySize?: number } {
  const size = packedSize(terms);
  return size > 0 ? { PackedPolicySize: size } : {};
}

const TEMPORARY_KEY = 'ASIA';

/**
 * The user or root that calls with a key of its own. A session must not prolong itself: who has stolen one would keep
 * it for ever.
 * @throws AwsError AccessDenied
 */
export function lastingCaller({ principal, accessKeyId }: ServiceContext, operation: string) {
  const temporary = accessKeyId?.startsWith(TEMPORARY_KEY);
  if ((principal.type !== 'user' && principal.type !== 'root') || temporary)
    throw new AwsError('AccessDenied', `Cannot call ${operation} with session credentials`, 403);
  return principal;
}

/** How long a session of a user or the root lasts that asks for so many seconds. */
export function userSeconds({ type }: Principal, asked = DEFAULT_USER_SECONDS): number {
  return Math.min(asked, type === 'root' ? ROOT_SESSION_SECONDS : USER_SESSION_SECONDS);
}

/** Temporary credentials whose token is the session itself. */
export function issue(ctx: ServiceContext, principal: Principal, seconds: number): Credentials {
  const accessKeyId = `${TEMPORARY_KEY}${randomId(16)}`;
  const secretAccessKey = newSecretAccessKey();
  // Whole seconds, as the answer says them.
  const end = Math.floor(ctx.clock.now().getTime() / 1000 + seconds) * 1000;
  const expires = new Date(end);
  const token = sealSession(ctx.vault, { accessKeyId, secretAccessKey, expires, principal });
  return {
    AccessKeyId: accessKeyId,
    SecretAccessKey: secretAccessKey,
    SessionToken: token,
    Expiration: expires,
  };
}
