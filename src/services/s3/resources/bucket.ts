import { isPublicPolicy } from '../../../kit/public-policy.ts';
import { at, authorizeOn, defineResource, type Located } from '../../../kit/resource.ts';
import type { ServiceContext } from '../../../kit/service.ts';
import { invalidBucketName, noSuchBucket } from '../errors.ts';
import type { Bucket } from '../model/bucket.ts';
import { bucketArn, isBucketName, objectArn } from '../model/names.ts';
import { findBucket } from '../store/buckets.ts';

interface BucketNamed {
  Bucket?: string | undefined;
  /** Of an object in it. */
  Key?: string | undefined;
}

interface LocatedBucket extends Located {
  name: string;
}

/** A bucket, for its objects too: their ARNs do not say whose they are. */
export const bucket = defineResource<BucketNamed, LocatedBucket, Bucket>({
  type: 'AWS::S3::Bucket',
  locate: ({ accountId, region }, { Bucket: name = '', Key }) => ({
    ...{ accountId, region, name },
    arn: Key === undefined ? bucketArn(name) : objectArn(name, Key),
  }),
  parse: () => undefined,
  find: (db, { name }) => findBucket(db, name),
  known: ({ accountId }) => ({ accountId }),
  notFound: ({ name }) => (isBucketName(name) ? noSuchBucket(name) : invalidBucketName(name)),
  policy: {
    of({ accountId, settings: { policy, publicAccessBlock } }, caller) {
      if (policy === undefined || accountId === caller.accountId) return policy;
      // A policy that everybody may use counts for the owner's account alone where public access is restricted.
      const restricted = publicAccessBlock === undefined || isRestricted(publicAccessBlock);
      return restricted && isPublicPolicy(policy) ? undefined : policy;
    },
  },
});

const isRestricted = (block: { RestrictPublicBuckets?: boolean | undefined } | 'deleted') =>
  block !== 'deleted' && block.RestrictPublicBuckets === true;

interface OnBucket {
  Bucket?: string | undefined;
}
interface OnObject extends OnBucket {
  Key?: string | undefined;
  VersionId?: string | undefined;
}

/** The rule of an operation on a bucket. */
export const onBucket = at(bucket, ({ Bucket }: OnBucket) => ({ Bucket }));

/** The rule of an operation on an object. */
export const onObject = at(bucket, ({ Bucket, Key = '' }: OnObject) => ({ Bucket, Key }));

/** The root of the bucket's account gets to the policy whatever it says: no other way leads back to a bucket that it has locked. */
export const onBucketPolicy = at(
  {
    ...bucket,
    policy: {
      of: (found, caller) =>
        caller.principal.type === 'root' && found.accountId === caller.accountId
          ? undefined
          : bucket.policy?.of(found, caller),
    },
  },
  ({ Bucket }: OnBucket) => ({ Bucket }),
);

/** Asks whether the caller may do this with an object, or with the bucket when no key is given. @throws AccessDenied */
export async function authorizeIn(
  ctx: ServiceContext,
  action: string,
  { bucket: Bucket, key: Key }: { bucket: string | undefined; key?: string | undefined },
  conditions?: Record<string, string>,
): Promise<void> {
  await authorizeOn(ctx, bucket, bucket.locate(ctx, { Bucket, Key }), action, conditions);
}

/** Asks for `action`, or for `versionAction` when the call names a version. */
export async function authorizeVersioned(
  ctx: ServiceContext,
  input: OnObject,
  action: string,
  versionAction: string,
): Promise<void> {
  const { VersionId: versionId } = input;
  const object = { bucket: input.Bucket, key: input.Key ?? '' };
  if (versionId === undefined) await authorizeIn(ctx, action, object);
  else await authorizeIn(ctx, versionAction, object, { 's3:versionid': versionId });
}
