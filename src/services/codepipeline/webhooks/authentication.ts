import { createHmac, timingSafeEqual } from 'node:crypto';
import { isIP } from 'node:net';
import type { WireRequest } from '../../../aws/http.ts';
import { blockList } from '../../../lib/address-block.ts';
import type { Webhook } from '../model/webhook.ts';

/** GitHub's signatures of a body: the stronger one counts where it is there. */
const SIGNATURES = [
  { header: 'x-hub-signature-256', algorithm: 'sha256' },
  { header: 'x-hub-signature', algorithm: 'sha1' },
] as const;

/** Does a request come from where it may (CP-C45)? Known before its body is read. */
export function comesFrom({ authentication, authenticationConfiguration }: Webhook, ip: string) {
  if (authentication !== 'IP') return true;
  const address = ip.replace(/^::ffff:(?=\d+\.)/, '');
  const family = isIP(address);
  const range = blockList([authenticationConfiguration.AllowedIPRange ?? '']);
  return family !== 0 && range.check(address, family === 4 ? 'ipv4' : 'ipv6');
}

/** Is a body signed as it must be? Where they differ shows in no time. */
export function isSigned(
  { authentication, authenticationConfiguration: { SecretToken = '' } }: Webhook,
  headers: WireRequest['headers'],
  body: Buffer,
): boolean {
  if (authentication !== 'GITHUB_HMAC') return true;
  const sent = SIGNATURES.find(({ header }) => headers[header] !== undefined);
  if (!sent) return false;
  const given = Buffer.from(String(headers[sent.header]));
  const digest = createHmac(sent.algorithm, SecretToken).update(body).digest('hex');
  const wanted = Buffer.from(`${sent.algorithm}=${digest}`);
  return given.length === wanted.length && timingSafeEqual(given, wanted);
}
