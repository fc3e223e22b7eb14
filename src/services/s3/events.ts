import { randomUUID } from 'node:crypto';
import { toText } from '../../aws/protocols/bindings.ts';
import type { Tx } from '../../db/database.ts';
import type { ServiceContext } from '../../kit/service.ts';
import { defined } from '../../lib/defined.ts';
import type { Bucket } from './model/bucket.ts';
import { recordsOf, sequencerOf, type Told } from './model/event-record.ts';
import { bucketArn } from './model/names.ts';
import { type Happening, wanting } from './model/notification.ts';
import type { Version } from './model/object.ts';
import { destinationOf, NOTIFY } from './notifications/names.ts';
import { canonicalId } from './objects/buckets.ts';
import { insertOwed } from './store/notifications.ts';

/** How EventBridge tells of it: https://docs.aws.amazon.com/AmazonS3/latest/userguide/ev-events.html */
const BRIDGED: Record<Happening, { type: string; more?: Record<string, string> }> = {
  'ObjectCreated:Put': { type: 'Object Created', more: { reason: 'PutObject' } },
  'ObjectCreated:Copy': { type: 'Object Created', more: { reason: 'CopyObject' } },
  'ObjectCreated:CompleteMultipartUpload': {
    type: 'Object Created',
    more: { reason: 'CompleteMultipartUpload' },
  },
  'ObjectRemoved:Delete': {
    type: 'Object Deleted',
    more: { reason: 'DeleteObject', 'deletion-type': 'Permanently Deleted' },
  },
  'ObjectRemoved:DeleteMarkerCreated': {
    type: 'Object Deleted',
    more: { reason: 'DeleteObject', 'deletion-type': 'Delete Marker Created' },
  },
  'ObjectTagging:Put': { type: 'Object Tags Added' },
  'ObjectTagging:Delete': { type: 'Object Tags Deleted' },
};

/** The ETag of nothing, which a delete marker has. */
const EMPTY_ETAG = 'd41d8cd98f00b204e9800998ecf8427e';

/**
 * Tells of a change whoever the bucket says, in the transaction of the change: queues, topics, EventBridge; and, whatever
 * the bucket says, CodePipeline, which on AWS would poll.
 * @param sequence when the change was, among those of its key
 */
export async function tell(
  ctx: ServiceContext,
  tx: Tx,
  change: { happening: Happening; bucket: Bucket; version: Version; sequence: number },
): Promise<void> {
  const { bucket, happening } = change;
  const told = toldOf(ctx, change);
  for (const { id, arn } of wanting(bucket.settings.notifications, happening, told.object.key)) {
    const destination = destinationOf(bucket, arn);
    await insertOwed(tx, {
      ...{ id: randomUUID(), destination, sequence: change.sequence, createdAt: told.at },
      ...{ accountId: bucket.accountId, attempts: 0 },
      message: JSON.stringify(recordsOf(told, id)),
    });
    await ctx.engine.wake(tx, NOTIFY, destination);
  }
  await publish(ctx, tx, bucket, told);
}

function toldOf(
  ctx: ServiceContext,
  { happening, bucket, version, sequence }: Parameters<typeof tell>[2],
): Told {
  const { content, key } = version;
  const created = happening.startsWith('ObjectCreated');
  return {
    happening,
    at: ctx.clock.now(),
    bucket: { name: bucket.name, region: bucket.region, ownerId: canonicalId(bucket.accountId) },
    object: {
      key,
      size: created ? content?.size : undefined,
      etag: happening === 'ObjectRemoved:Delete' ? undefined : (content?.etag ?? EMPTY_ETAG),
      versionId: bucket.versioning === 'none' ? undefined : version.versionId,
      sequencer: happening.startsWith('ObjectTagging') ? undefined : sequencerOf(sequence),
    },
    request: {
      id: ctx.requestId,
      hostId: toText(ctx.requestId),
      principalId: ctx.principal.userId,
      sourceIp: ctx.sourceIp,
    },
  };
}

async function publish(ctx: ServiceContext, tx: Tx, bucket: Bucket, told: Told): Promise<void> {
  const { type, more } = BRIDGED[told.happening];
  const { key, size, etag, versionId, sequencer } = told.object;
  const object = defined({ key, size, etag, 'version-id': versionId, sequencer });
  const event = {
    'detail-type': type,
    source: 'aws.s3',
    account: bucket.accountId,
    region: bucket.region,
    resources: [bucketArn(bucket.name)],
    detail: {
      version: '0',
      'event-version': '1.0',
      bucket: { name: bucket.name },
      object,
      'request-id': told.request.id,
      requester: ctx.principal.type === 'service' ? ctx.principal.service : ctx.accountId,
      'source-ip-address': told.request.sourceIp,
      ...more,
    },
  };
  await ctx.events.publish(tx, event, { toWatchersOnly: !bucket.settings.eventBridge });
}
