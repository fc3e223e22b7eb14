import type { AuthorizeOptions } from '../../aws/context.ts';
import { isPublicPolicy } from '../../kit/public-policy.ts';
import type { ServiceContext } from '../../kit/service.ts';
import { bucketArn, objectArn } from './model/names.ts';
import { findBucket } from './store/buckets.ts';

/** What a question about a bucket or its objects says of them: whose they are, and what the bucket's policy is. */
export async function ofBucket(
  ctx: ServiceContext,
  name = '',
): Promise<Pick<AuthorizeOptions, 'owner' | 'resourcePolicy'>> {
  const bucket = await findBucket(ctx.db, name);
  if (!bucket) return {};
  const { accountId: owner, settings } = bucket;
  const { policy, publicAccessBlock } = settings;
  if (policy === undefined) return { owner };
  // A policy that everybody may use counts for the owner's account alone where public access is restricted.
  const restricted = publicAccessBlock === undefined || isRestricted(publicAccessBlock);
  if (owner !== ctx.accountId && restricted && isPublicPolicy(policy)) return { owner };
  return { owner, resourcePolicy: { document: policy, kind: 'resource', required: false } };
}

const isRestricted = (block: { RestrictPublicBuckets?: boolean | undefined } | 'deleted') =>
  block !== 'deleted' && block.RestrictPublicBuckets === true;

/** Asks whether the caller may do this with an object, or with the bucket when no key is given. @throws AccessDenied */
export async function authorizeIn(
  ctx: ServiceContext,
  action: string,
  { bucket, key }: { bucket: string | undefined; key?: string | undefined },
  conditions?: Record<string, string>,
): Promise<void> {
  const resource = key === undefined ? bucketArn(bucket) : objectArn(bucket, key);
  await ctx.authorize(action, resource, { ...(await ofBucket(ctx, bucket)), conditions });
}
