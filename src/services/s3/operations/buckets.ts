import type { CreateBucketCommandInput, GetBucketLocationCommandOutput } from '@aws-sdk/client-s3';
import { unsupported } from '../../../aws/errors.ts';
import type { ServiceContext } from '../../../kit/service.ts';
import {
  bucketAlreadyExists,
  bucketAlreadyOwnedByYou,
  bucketNotEmpty,
  headerNotImplemented,
  illegalLocation,
  invalidArgument,
  invalidBucketName,
  invalidLocation,
} from '../errors.ts';
import { MAX_BUCKET_TAGS, MAX_BUCKETS } from '../limits.ts';
import type { Bucket } from '../model/bucket.ts';
import { bucketArn, isBucketName } from '../model/names.ts';
import { checkTags } from '../model/tags.ts';
import { refuseUnsupported } from '../objects/attributes.ts';
import { canonicalId, requireBucket } from '../objects/buckets.ts';
import { commit } from '../objects/commit.ts';
import { integerBetween } from '../requests/page-arguments.ts';
import { onBucket } from '../resources/bucket.ts';
import { deleteBucketRow, findBucket, insertBucket, listBucketRows } from '../store/buckets.ts';
import { discardSegments } from '../store/segments.ts';
import { deleteUpload, uploadIds } from '../store/uploads.ts';
import { hasVersions } from '../store/versions.ts';
import { s3 } from './declare.ts';

/** Whoever has it: a name that is taken is told as such. */
const onNewBucket = {
  resource: (_ctx: ServiceContext, { Bucket }: { Bucket: string | undefined }) => bucketArn(Bucket),
};

/** Where S3 itself began: its name is no location constraint. */
const FIRST_REGION = 'us-east-1';

export const createBucket = s3('createBucket', onNewBucket, async (ctx, input) => {
  const name = input.Bucket ?? '';
  if (!isBucketName(name)) throw invalidBucketName(name);
  refuseOptions(input);
  const region = regionOf(ctx, input);
  const tags = input.CreateBucketConfiguration?.Tags;
  if (tags?.length) checkTags(tags, MAX_BUCKET_TAGS);
  const bucket: Bucket = {
    name,
    accountId: ctx.accountId,
    region,
    createdAt: ctx.clock.now(),
    versioning: 'none',
    settings: { tags: tags?.length ? tags : undefined },
  };
  const taken = await commit(ctx, async (tx) => {
    if (await insertBucket(tx, bucket)) return undefined;
    return findBucket(tx, name);
  });
  if (taken && taken.accountId !== ctx.accountId) throw bucketAlreadyExists(name);
  // In its first region S3 answers the owner's second CreateBucket as if it were the first.
  if (taken && (taken.region !== FIRST_REGION || region !== FIRST_REGION))
    throw bucketAlreadyOwnedByYou(name);
  return { Location: `/${name}`, BucketArn: bucketArn(name) };
});

function refuseOptions(input: CreateBucketCommandInput): void {
  refuseUnsupported(input);
  if (input.ObjectLockEnabledForBucket)
    throw headerNotImplemented('x-amz-bucket-object-lock-enabled', 'Object Lock');
  if (input.ObjectOwnership !== undefined && input.ObjectOwnership !== 'BucketOwnerEnforced') {
    throw headerNotImplemented(
      'x-amz-object-ownership',
      `Object ownership ${input.ObjectOwnership}`,
    );
  }
  const { Location, Bucket: kind } = input.CreateBucketConfiguration ?? {};
  if (Location || kind) throw unsupported('directory buckets');
  if (input.BucketNamespace !== undefined && input.BucketNamespace !== 'global') {
    throw headerNotImplemented(
      'x-amz-bucket-namespace',
      `The bucket namespace ${input.BucketNamespace}`,
    );
  }
}

/** Where the bucket goes: the constraint, which must be the region that was called unless that is the first. */
function regionOf(ctx: ServiceContext, input: CreateBucketCommandInput): string {
  const constraint: string | undefined =
    input.CreateBucketConfiguration?.LocationConstraint || undefined;
  if (constraint === undefined) {
    if (ctx.region !== FIRST_REGION) throw illegalLocation('unspecified');
    return FIRST_REGION;
  }
  const region = constraint === 'EU' ? 'eu-west-1' : constraint;
  if (region === FIRST_REGION || !/^[a-z]{2,}(-[a-z]+)+-\d+$/.test(region))
    throw invalidLocation(constraint);
  if (ctx.region !== FIRST_REGION && ctx.region !== region) throw illegalLocation(constraint);
  return region;
}

export const headBucket = s3(
  'headBucket',
  { ...onBucket, action: 's3:ListBucket' },
  async (ctx, input) => {
    const bucket = await requireBucket(ctx, input);
    return {
      BucketRegion: bucket.region,
      BucketArn: bucketArn(bucket.name),
      AccessPointAlias: false,
    };
  },
);

export const getBucketLocation = s3('getBucketLocation', onBucket, async (ctx, input) => {
  const { region } = await requireBucket(ctx, input);
  if (region === FIRST_REGION) return {};
  return {
    LocationConstraint: region as NonNullable<GetBucketLocationCommandOutput['LocationConstraint']>,
  };
});

export const deleteBucket = s3('deleteBucket', onBucket, async (ctx, input) => {
  await commit(ctx, async (tx) => {
    const bucket = await requireBucket(ctx, input, tx);
    if (await hasVersions(tx, bucket.name))
      throw bucketNotEmpty(bucket.name, bucket.versioning !== 'none');
    for (const uploadId of await uploadIds(tx, bucket.name)) {
      await deleteUpload(tx, uploadId);
      await discardSegments(tx, uploadId, ctx.clock.now());
    }
    await deleteBucketRow(tx, bucket.name);
  });
  return {};
});

export const listBuckets = s3(
  'listBuckets',
  { action: 's3:ListAllMyBuckets' },
  async (ctx, input) => {
    const limit =
      input.MaxBuckets === undefined
        ? undefined
        : integerBetween(input.MaxBuckets, 'max-buckets', 1, MAX_BUCKETS);
    const found = await listBucketRows(ctx.db, {
      accountId: ctx.accountId,
      prefix: input.Prefix ?? '',
      region: input.BucketRegion,
      after: openToken(ctx, input.ContinuationToken),
      limit: limit === undefined ? undefined : limit + 1,
    });
    const buckets = found.slice(0, limit ?? found.length);
    return {
      Owner: { ID: canonicalId(ctx.accountId) },
      Buckets: buckets.map(({ name, createdAt, region }) => ({
        Name: name,
        CreationDate: createdAt,
        // As on AWS: only the paginated form of the call tells more than a name and a date.
        ...(limit !== undefined && { BucketRegion: region, BucketArn: bucketArn(name) }),
      })),
      ...(input.Prefix !== undefined && { Prefix: input.Prefix }),
      ...(found.length > buckets.length && {
        ContinuationToken: ctx.sealToken(buckets.at(-1)?.name ?? ''),
      }),
    };
  },
);

function openToken(ctx: ServiceContext, token: string | undefined): string {
  if (token === undefined) return '';
  const after = ctx.openToken(token);
  if (typeof after === 'string') return after;
  throw invalidArgument('The continuation token provided is incorrect', 'continuation-token');
}
