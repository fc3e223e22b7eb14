import type { ServiceContext } from '../../../kit/service.ts';
import { noConfiguration } from '../errors.ts';
import { type BucketInput, requireBucket } from '../objects/buckets.ts';
import { onBucket } from '../resources/bucket.ts';
import { s3 } from './declare.ts';

/*
 * Configurations that a bucket cannot have yet (putting them is refused): asking answers, as AWS does for a
 * bucket without them, that there is none, and deleting them finds nothing to do. Terraform and CDK ask for all.
 */

function none(code: string, message: string) {
  return async (ctx: ServiceContext, input: BucketInput): Promise<never> => {
    const bucket = await requireBucket(ctx, input);
    throw noConfiguration(code, message, bucket.name);
  };
}

function always<O>(output: O) {
  return async (ctx: ServiceContext, input: BucketInput): Promise<O> => {
    await requireBucket(ctx, input);
    return output;
  };
}

const NO_LIFECYCLE = [
  'NoSuchLifecycleConfiguration',
  'The lifecycle configuration does not exist',
] as const;
const NO_CORS = ['NoSuchCORSConfiguration', 'The CORS configuration does not exist'] as const;
const NO_REPLICATION = [
  'ReplicationConfigurationNotFoundError',
  'The replication configuration was not found',
] as const;
const NO_OBJECT_LOCK = [
  'ObjectLockConfigurationNotFoundError',
  'Object Lock configuration does not exist for this bucket',
] as const;

export const getBucketLifecycleConfiguration = s3(
  'getBucketLifecycleConfiguration',
  { ...onBucket, action: 's3:GetLifecycleConfiguration' },
  none(...NO_LIFECYCLE),
);
export const deleteBucketLifecycle = s3(
  'deleteBucketLifecycle',
  { ...onBucket, action: 's3:PutLifecycleConfiguration' },
  always({}),
);
export const getBucketCors = s3(
  'getBucketCors',
  { ...onBucket, action: 's3:GetBucketCORS' },
  none(...NO_CORS),
);
export const deleteBucketCors = s3(
  'deleteBucketCors',
  { ...onBucket, action: 's3:PutBucketCORS' },
  always({}),
);
export const getBucketReplication = s3(
  'getBucketReplication',
  { ...onBucket, action: 's3:GetReplicationConfiguration' },
  none(...NO_REPLICATION),
);
export const deleteBucketReplication = s3(
  'deleteBucketReplication',
  { ...onBucket, action: 's3:PutReplicationConfiguration' },
  always({}),
);
export const getObjectLockConfiguration = s3(
  'getObjectLockConfiguration',
  { ...onBucket, action: 's3:GetBucketObjectLockConfiguration' },
  none(...NO_OBJECT_LOCK),
);
export const getBucketAccelerateConfiguration = s3(
  'getBucketAccelerateConfiguration',
  { ...onBucket, action: 's3:GetAccelerateConfiguration' },
  always({}),
);
export const getBucketLogging = s3('getBucketLogging', onBucket, always({}));
export const getBucketRequestPayment = s3(
  'getBucketRequestPayment',
  onBucket,
  always({ Payer: 'BucketOwner' }),
);
