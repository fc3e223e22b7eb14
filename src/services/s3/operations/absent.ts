import type * as s3 from '@aws-sdk/client-s3';
import { type BucketInput, requireBucket } from '../buckets.ts';
import { noConfiguration } from '../errors.ts';
import { type Op, onBucket, operation } from './op.ts';

/*
 * Configurations that a bucket cannot have yet (putting them is refused): asking answers, as AWS does for a
 * bucket without them, that there is none, and deleting them finds nothing to do. Terraform and CDK ask for all.
 */

function none<I extends BucketInput, O>(action: string, code: string, message: string): Op<I, O> {
  return operation(onBucket(action), async (ctx, input) => {
    const bucket = await requireBucket(ctx, input);
    throw noConfiguration(code, message, bucket.name);
  });
}

function always<I extends BucketInput, O>(action: string, output: Omit<O, '$metadata'>): Op<I, O> {
  return operation(onBucket(action), async (ctx, input) => {
    await requireBucket(ctx, input);
    return output;
  });
}

const NO_POLICY = ['NoSuchBucketPolicy', 'The bucket policy does not exist'] as const;
const NO_LIFECYCLE = [
  'NoSuchLifecycleConfiguration',
  'The lifecycle configuration does not exist',
] as const;
const NO_CORS = ['NoSuchCORSConfiguration', 'The CORS configuration does not exist'] as const;
const NO_WEBSITE = [
  'NoSuchWebsiteConfiguration',
  'The specified bucket does not have a website configuration',
] as const;
const NO_REPLICATION = [
  'ReplicationConfigurationNotFoundError',
  'The replication configuration was not found',
] as const;
const NO_OBJECT_LOCK = [
  'ObjectLockConfigurationNotFoundError',
  'Object Lock configuration does not exist for this bucket',
] as const;

export const getBucketPolicy = none<
  s3.GetBucketPolicyCommandInput,
  s3.GetBucketPolicyCommandOutput
>('s3:GetBucketPolicy', ...NO_POLICY);
export const getBucketPolicyStatus = none<
  s3.GetBucketPolicyStatusCommandInput,
  s3.GetBucketPolicyStatusCommandOutput
>('s3:GetBucketPolicyStatus', ...NO_POLICY);
export const deleteBucketPolicy = always<
  s3.DeleteBucketPolicyCommandInput,
  s3.DeleteBucketPolicyCommandOutput
>('s3:DeleteBucketPolicy', {});
export const getBucketLifecycleConfiguration = none<
  s3.GetBucketLifecycleConfigurationCommandInput,
  s3.GetBucketLifecycleConfigurationCommandOutput
>('s3:GetLifecycleConfiguration', ...NO_LIFECYCLE);
export const deleteBucketLifecycle = always<
  s3.DeleteBucketLifecycleCommandInput,
  s3.DeleteBucketLifecycleCommandOutput
>('s3:PutLifecycleConfiguration', {});
export const getBucketCors = none<s3.GetBucketCorsCommandInput, s3.GetBucketCorsCommandOutput>(
  's3:GetBucketCORS',
  ...NO_CORS,
);
export const deleteBucketCors = always<
  s3.DeleteBucketCorsCommandInput,
  s3.DeleteBucketCorsCommandOutput
>('s3:PutBucketCORS', {});
export const getBucketWebsite = none<
  s3.GetBucketWebsiteCommandInput,
  s3.GetBucketWebsiteCommandOutput
>('s3:GetBucketWebsite', ...NO_WEBSITE);
export const deleteBucketWebsite = always<
  s3.DeleteBucketWebsiteCommandInput,
  s3.DeleteBucketWebsiteCommandOutput
>('s3:DeleteBucketWebsite', {});
export const getBucketReplication = none<
  s3.GetBucketReplicationCommandInput,
  s3.GetBucketReplicationCommandOutput
>('s3:GetReplicationConfiguration', ...NO_REPLICATION);
export const deleteBucketReplication = always<
  s3.DeleteBucketReplicationCommandInput,
  s3.DeleteBucketReplicationCommandOutput
>('s3:PutReplicationConfiguration', {});
export const getObjectLockConfiguration = none<
  s3.GetObjectLockConfigurationCommandInput,
  s3.GetObjectLockConfigurationCommandOutput
>('s3:GetBucketObjectLockConfiguration', ...NO_OBJECT_LOCK);
export const getBucketAccelerateConfiguration = always<
  s3.GetBucketAccelerateConfigurationCommandInput,
  s3.GetBucketAccelerateConfigurationCommandOutput
>('s3:GetAccelerateConfiguration', {});
export const getBucketLogging = always<
  s3.GetBucketLoggingCommandInput,
  s3.GetBucketLoggingCommandOutput
>('s3:GetBucketLogging', {});
export const getBucketRequestPayment = always<
  s3.GetBucketRequestPaymentCommandInput,
  s3.GetBucketRequestPaymentCommandOutput
>('s3:GetBucketRequestPayment', { Payer: 'BucketOwner' });
