import type { Tx } from '../../db/database.ts';
import type { ServiceContext } from '../../kit/service.ts';
import type { Bucket } from './model/bucket.ts';
import { bucketArn } from './model/names.ts';
import type { Version } from './model/object.ts';

export type CreatedBy = 'PutObject' | 'CopyObject' | 'CompleteMultipartUpload';

/**
 * `Object Created`: https://docs.aws.amazon.com/AmazonS3/latest/userguide/ev-events.html. Published for every
 * bucket, because subscribers inside the server (CodePipeline's S3 source) need no notification configuration.
 */
export async function publishCreated(
  ctx: ServiceContext,
  tx: Tx,
  bucket: Bucket,
  version: Version,
  reason: CreatedBy,
): Promise<void> {
  const { size, etag } = version.content ?? { size: 0, etag: '' };
  const detail = {
    ...commonDetail(ctx, bucket, { ...objectOf(bucket, version), size, etag }),
    reason,
  };
  await publish(ctx, tx, bucket, 'Object Created', detail);
}

/** `Object Deleted`: a version is gone, or a delete marker hides the object. */
export async function publishDeleted(
  ctx: ServiceContext,
  tx: Tx,
  bucket: Bucket,
  version: Version,
  type: 'Permanently Deleted' | 'Delete Marker Created',
): Promise<void> {
  const detail = {
    ...commonDetail(ctx, bucket, objectOf(bucket, version)),
    reason: 'DeleteObject',
    'deletion-type': type,
  };
  await publish(ctx, tx, bucket, 'Object Deleted', detail);
}

function objectOf(bucket: Bucket, version: Version) {
  return {
    key: version.key,
    ...(bucket.versioning !== 'none' && { 'version-id': version.versionId }),
    sequencer: version.sequence.toString(16).toUpperCase().padStart(18, '0'),
  };
}

function commonDetail(ctx: ServiceContext, bucket: Bucket, object: object) {
  return {
    version: '0',
    bucket: { name: bucket.name },
    object,
    'request-id': ctx.requestId,
    requester: ctx.accountId,
    'source-ip-address': ctx.sourceIp,
  };
}

async function publish(
  ctx: ServiceContext,
  tx: Tx,
  bucket: Bucket,
  detailType: string,
  detail: Record<string, unknown>,
): Promise<void> {
  await ctx.events.publish(tx, {
    'detail-type': detailType,
    source: 'aws.s3',
    account: bucket.accountId,
    region: bucket.region,
    resources: [bucketArn(bucket.name)],
    detail,
  });
}
