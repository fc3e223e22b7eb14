import { isPublicPolicy } from '../../../kit/public-policy.ts';
import type { ServiceContext } from '../../../kit/service.ts';
import { accessDenied, malformedPolicy, methodNotAllowed, noConfiguration } from '../errors.ts';
import { MAX_POLICY_BYTES } from '../limits.ts';
import { bucketPolicyFault } from '../model/bucket-policy.ts';
import { type BucketInput, changeBucket, requireBucket } from '../objects/buckets.ts';
import { onBucket, onBucketPolicy } from '../resources/bucket.ts';
import { s3 } from './declare.ts';

export const putBucketPolicy = s3('putBucketPolicy', onBucketPolicy, async (ctx, input) => {
  const document = input.Policy ?? '';
  const { name, settings } = await ownBucket(ctx, input);
  if (Buffer.byteLength(document) > MAX_POLICY_BYTES)
    throw malformedPolicy('Policies must be no more than 20KB in size.');
  const fault = ctx.authorizer.faultOf(document, 'resource') ?? bucketPolicyFault(document, name);
  if (fault !== undefined) throw malformedPolicy(fault);
  const { publicAccessBlock: block } = settings;
  const blocked = block === undefined || (block !== 'deleted' && block.BlockPublicPolicy === true);
  if (blocked && isPublicPolicy(document))
    throw accessDenied(
      `User: ${ctx.principal.arn} is not authorized to perform: s3:PutBucketPolicy on resource: "arn:aws:s3:::${name}" because public policies are blocked by the BlockPublicPolicy block public access setting.`,
    );
  await changeBucket(ctx, input, (bucket) => ({
    ...bucket,
    settings: { ...bucket.settings, policy: document },
  }));
  return {};
});

export const getBucketPolicy = s3('getBucketPolicy', onBucketPolicy, async (ctx, input) => {
  const bucket = await ownBucket(ctx, input);
  return { Policy: policyOf(bucket) };
});

export const getBucketPolicyStatus = s3('getBucketPolicyStatus', onBucket, async (ctx, input) => {
  const bucket = await requireBucket(ctx, input);
  return { PolicyStatus: { IsPublic: isPublicPolicy(policyOf(bucket)) } };
});

export const deleteBucketPolicy = s3('deleteBucketPolicy', onBucketPolicy, async (ctx, input) => {
  await ownBucket(ctx, input);
  await changeBucket(ctx, input, (bucket) => ({
    ...bucket,
    settings: { ...bucket.settings, policy: undefined },
  }));
  return {};
});

/** A policy is for the bucket's own account to read and write, whatever it says. @throws MethodNotAllowed */
async function ownBucket(ctx: ServiceContext, input: BucketInput) {
  const bucket = await requireBucket(ctx, input);
  if (bucket.accountId !== ctx.accountId) throw methodNotAllowed('BucketPolicy');
  return bucket;
}

function policyOf({ name, settings }: Awaited<ReturnType<typeof requireBucket>>): string {
  if (settings.policy === undefined)
    throw noConfiguration('NoSuchBucketPolicy', 'The bucket policy does not exist', name);
  return settings.policy;
}
