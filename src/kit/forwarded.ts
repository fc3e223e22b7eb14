import type { RequestFacts } from '../aws/context.ts';
import type { ActAs } from './platform.ts';

type Caller = Pick<RequestFacts, 'principal' | 'region' | 'via' | 'accessKeyId'>;

/**
 * For whom a service calls another one to do its part of a call: for the caller himself, with his rights and in his
 * name, which AWS calls a forward access session. Policies know the way it came by `kms:ViaService` and
 * `aws:CalledVia`, records by `invokedBy`.
 * @param service the calling one, as in ARNs: `s3`
 */
export function forwarded(ctx: Caller, service: string, region = ctx.region): ActAs {
  const { principal, accessKeyId, via } = ctx;
  return { principal, region, via: [...via, service], ...(accessKeyId && { accessKeyId }) };
}
