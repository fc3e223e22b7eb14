import { parseArn } from '../arn.ts';
import type { Principal } from '../principal.ts';

/**
 * An AWS service that acts for a resource, in the account of that: `aws:SourceArn` and `aws:SourceAccount`.
 * @param service `codepipeline.amazonaws.com`
 * @param may actions that the service may do in that account without anybody's policy, which the caller says itself
 */
export function servicePrincipal(
  service: string,
  sourceArn: string,
  may: readonly string[] = [],
  accountId = parseArn(sourceArn)?.accountId ?? '',
): Principal & { type: 'service' } {
  const own = may.length > 0 && { may };
  return { type: 'service', accountId, arn: service, userId: service, service, sourceArn, ...own };
}
