import { createHmac, timingSafeEqual } from 'node:crypto';

type Headers = Readonly<Record<string, string | undefined>>;

/**
 * Has who sent this the secret? GitHub, Gitea and Bitbucket sign the body with it; GitLab sends it.
 * https://docs.github.com/en/webhooks/using-webhooks/validating-webhook-deliveries
 */
export function isSigned(headers: Headers, body: Uint8Array, secret: string): boolean {
  const token = headers['x-gitlab-token'];
  if (token !== undefined) return isEqual(Buffer.from(token), Buffer.from(secret));
  const shown =
    headers['x-hub-signature-256'] ?? headers['x-hub-signature'] ?? headers['x-gitea-signature'];
  const [, hex] = /^(?:sha256=)?([0-9a-f]{64})$/.exec(shown ?? '') ?? [];
  if (hex === undefined) return false;
  return isEqual(Buffer.from(hex, 'hex'), createHmac('sha256', secret).update(body).digest());
}

/** Of texts of different length, too, nothing is told by the time that it takes. */
function isEqual(a: Buffer, b: Buffer): boolean {
  const digest = (bytes: Buffer) => createHmac('sha256', 'length').update(bytes).digest();
  return timingSafeEqual(digest(a), digest(b));
}
