import { checkAcl } from '../model/acl.ts';
import type { Bucket } from '../model/bucket.ts';
import { canonicalId, requireBucket } from '../objects/buckets.ts';
import { requireVersion } from '../objects/versions.ts';
import { authorizeVersioned, onBucket } from '../resources/bucket.ts';
import { s3 } from './declare.ts';

// Buckets are BucketOwnerEnforced, as new ones are on AWS: the owner has everything, ACLs say nothing else.

export const getBucketAcl = s3('getBucketAcl', onBucket, async (ctx, input) =>
  ownersAcl(await requireBucket(ctx, input)),
);

export const getObjectAcl = s3('getObjectAcl', 'self', async (ctx, input) => {
  await authorizeVersioned(ctx, input, 's3:GetObjectAcl', 's3:GetObjectVersionAcl');
  const bucket = await requireBucket(ctx, input);
  await requireVersion(ctx, bucket, input.Key ?? '', input.VersionId);
  return ownersAcl(bucket);
});

export const putBucketAcl = s3('putBucketAcl', onBucket, async (ctx, input) => {
  const bucket = await requireBucket(ctx, input);
  checkAcl(input, input.AccessControlPolicy, canonicalId(bucket.accountId));
  return {};
});

export const putObjectAcl = s3('putObjectAcl', 'self', async (ctx, input) => {
  await authorizeVersioned(ctx, input, 's3:PutObjectAcl', 's3:PutObjectVersionAcl');
  const bucket = await requireBucket(ctx, input);
  await requireVersion(ctx, bucket, input.Key ?? '', input.VersionId);
  checkAcl(input, input.AccessControlPolicy, canonicalId(bucket.accountId));
  return {};
});

function ownersAcl(bucket: Bucket) {
  const ID = canonicalId(bucket.accountId);
  return {
    Owner: { ID },
    Grants: [
      { Grantee: { ID, Type: 'CanonicalUser' as const }, Permission: 'FULL_CONTROL' as const },
    ],
  };
}
