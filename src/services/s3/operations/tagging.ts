import type {
  DeleteBucketTaggingCommandInput,
  DeleteBucketTaggingCommandOutput,
  DeleteObjectTaggingCommandInput,
  DeleteObjectTaggingCommandOutput,
  GetBucketTaggingCommandInput,
  GetBucketTaggingCommandOutput,
  GetObjectTaggingCommandInput,
  GetObjectTaggingCommandOutput,
  PutBucketTaggingCommandInput,
  PutBucketTaggingCommandOutput,
  PutObjectTaggingCommandInput,
  PutObjectTaggingCommandOutput,
  Tag,
} from '@aws-sdk/client-s3';
import type { ServiceContext } from '../../service.ts';
import { type BucketInput, changeBucket, requireBucket } from '../buckets.ts';
import { commit } from '../commit.ts';
import { noConfiguration, noSuchKey } from '../errors.ts';
import { MAX_BUCKET_TAGS, MAX_OBJECT_TAGS } from '../limits.ts';
import { checkTags } from '../model/tags.ts';
import { findVersion, updateContent } from '../store/versions.ts';
import { requireVersion, versionIdOf } from '../versions.ts';
import { authorizeVersioned, type Op, onBucket, operation } from './op.ts';

type ObjectInput = BucketInput & { Key?: string | undefined; VersionId?: string | undefined };

export const getObjectTagging: Op<GetObjectTaggingCommandInput, GetObjectTaggingCommandOutput> =
  operation('self', async (ctx, input) => {
    await authorizeVersioned(ctx, input, 's3:GetObjectTagging', 's3:GetObjectVersionTagging');
    const bucket = await requireBucket(ctx, input);
    const version = await requireVersion(ctx, bucket, input.Key ?? '', input.VersionId);
    return { VersionId: versionIdOf(bucket, version), TagSet: version.content.tags };
  });

export const putObjectTagging: Op<PutObjectTaggingCommandInput, PutObjectTaggingCommandOutput> =
  operation('self', async (ctx, input) => {
    await authorizeVersioned(ctx, input, 's3:PutObjectTagging', 's3:PutObjectVersionTagging');
    const tags = input.Tagging?.TagSet ?? [];
    checkTags(tags, MAX_OBJECT_TAGS);
    return setTags(ctx, input, tags);
  });

export const deleteObjectTagging: Op<
  DeleteObjectTaggingCommandInput,
  DeleteObjectTaggingCommandOutput
> = operation('self', async (ctx, input) => {
  await authorizeVersioned(ctx, input, 's3:DeleteObjectTagging', 's3:DeleteObjectVersionTagging');
  return setTags(ctx, input, []);
});

async function setTags(ctx: ServiceContext, input: ObjectInput, tags: Tag[]) {
  const bucket = await requireBucket(ctx, input);
  const { key, versionId } = await requireVersion(ctx, bucket, input.Key ?? '', input.VersionId);
  return commit(ctx, async (tx) => {
    const version = await findVersion(tx, bucket.name, key, versionId);
    if (!version?.content) throw noSuchKey(key);
    await updateContent(tx, version, { ...version.content, tags });
    return { VersionId: versionIdOf(bucket, version) };
  });
}

export const getBucketTagging: Op<GetBucketTaggingCommandInput, GetBucketTaggingCommandOutput> =
  operation(onBucket('s3:GetBucketTagging'), async (ctx, input) => {
    const { name, settings } = await requireBucket(ctx, input);
    if (!settings.tags) throw noConfiguration('NoSuchTagSet', 'The TagSet does not exist', name);
    return { TagSet: settings.tags };
  });

export const putBucketTagging: Op<PutBucketTaggingCommandInput, PutBucketTaggingCommandOutput> =
  operation(onBucket('s3:PutBucketTagging'), async (ctx, input) => {
    const tags = input.Tagging?.TagSet ?? [];
    checkTags(tags, MAX_BUCKET_TAGS);
    await changeBucket(ctx, input, (bucket) => ({
      ...bucket,
      settings: { ...bucket.settings, tags },
    }));
    return {};
  });

export const deleteBucketTagging: Op<
  DeleteBucketTaggingCommandInput,
  DeleteBucketTaggingCommandOutput
> = operation(onBucket('s3:PutBucketTagging'), async (ctx, input) => {
  await changeBucket(ctx, input, (bucket) => ({
    ...bucket,
    settings: { ...bucket.settings, tags: undefined },
  }));
  return {};
});
