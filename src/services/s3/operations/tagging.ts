import type { Tag } from '@aws-sdk/client-s3';
import type { ServiceContext } from '../../../kit/service.ts';
import { noConfiguration, noSuchKey } from '../errors.ts';
import { tell } from '../events.ts';
import { MAX_BUCKET_TAGS, MAX_OBJECT_TAGS } from '../limits.ts';
import type { Happening } from '../model/notification.ts';
import { checkTags } from '../model/tags.ts';
import { nextSequence } from '../notifications/sequence.ts';
import { type BucketInput, changeBucket, requireBucket } from '../objects/buckets.ts';
import { commit } from '../objects/commit.ts';
import { requireVersion, versionIdOf } from '../objects/versions.ts';
import { authorizeVersioned, onBucket } from '../resources/bucket.ts';
import { findVersion, updateContent } from '../store/versions.ts';
import { s3 } from './declare.ts';

type ObjectInput = BucketInput & { Key?: string | undefined; VersionId?: string | undefined };

export const getObjectTagging = s3('getObjectTagging', 'self', async (ctx, input) => {
  await authorizeVersioned(ctx, input, 's3:GetObjectTagging', 's3:GetObjectVersionTagging');
  const bucket = await requireBucket(ctx, input);
  const version = await requireVersion(ctx, bucket, input.Key ?? '', input.VersionId);
  return { VersionId: versionIdOf(bucket, version), TagSet: version.content.tags };
});

export const putObjectTagging = s3('putObjectTagging', 'self', async (ctx, input) => {
  await authorizeVersioned(ctx, input, 's3:PutObjectTagging', 's3:PutObjectVersionTagging');
  const tags = input.Tagging?.TagSet ?? [];
  checkTags(tags, MAX_OBJECT_TAGS);
  return setTags(ctx, input, tags, 'ObjectTagging:Put');
});

export const deleteObjectTagging = s3('deleteObjectTagging', 'self', async (ctx, input) => {
  await authorizeVersioned(ctx, input, 's3:DeleteObjectTagging', 's3:DeleteObjectVersionTagging');
  return setTags(ctx, input, [], 'ObjectTagging:Delete');
});

async function setTags(ctx: ServiceContext, input: ObjectInput, tags: Tag[], happening: Happening) {
  const bucket = await requireBucket(ctx, input);
  const { key, versionId } = await requireVersion(ctx, bucket, input.Key ?? '', input.VersionId);
  return commit(ctx, async (tx) => {
    const version = await findVersion(tx, bucket.name, key, versionId);
    if (!version?.content) throw noSuchKey(key);
    await updateContent(tx, version, { ...version.content, tags });
    const current = await requireBucket(ctx, input, tx);
    await tell(ctx, tx, {
      happening,
      bucket: current,
      version,
      sequence: nextSequence(ctx.clock.now()),
    });
    return { VersionId: versionIdOf(bucket, version) };
  });
}

export const getBucketTagging = s3('getBucketTagging', onBucket, async (ctx, input) => {
  const { name, settings } = await requireBucket(ctx, input);
  if (!settings.tags) throw noConfiguration('NoSuchTagSet', 'The TagSet does not exist', name);
  return { TagSet: settings.tags };
});

export const putBucketTagging = s3('putBucketTagging', onBucket, async (ctx, input) => {
  const tags = input.Tagging?.TagSet ?? [];
  checkTags(tags, MAX_BUCKET_TAGS);
  await changeBucket(ctx, input, (bucket) => ({
    ...bucket,
    settings: { ...bucket.settings, tags },
  }));
  return {};
});

export const deleteBucketTagging = s3(
  'deleteBucketTagging',
  { ...onBucket, action: 's3:PutBucketTagging' },
  async (ctx, input) => {
    await changeBucket(ctx, input, (bucket) => ({
      ...bucket,
      settings: { ...bucket.settings, tags: undefined },
    }));
    return {};
  },
);
