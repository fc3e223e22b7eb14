import { AwsError, unsupported } from '../../../aws/errors.ts';
import { malformedXml, noConfiguration } from '../errors.ts';
import type { DefaultEncryption } from '../model/bucket.ts';
import { changeBucket, requireBucket } from '../objects/buckets.ts';
import { onBucket } from '../resources/bucket.ts';
import { s3 } from './declare.ts';

export const putBucketVersioning = s3('putBucketVersioning', onBucket, async (ctx, input) => {
  const { Status: versioning, MFADelete } = input.VersioningConfiguration ?? {};
  if (MFADelete === 'Enabled') throw unsupported('MFA Delete');
  if (versioning !== 'Enabled' && versioning !== 'Suspended') {
    throw new AwsError(
      'IllegalVersioningConfigurationException',
      'The Versioning element must be specified',
      400,
    );
  }
  // To end it is let through on a full disk, where versions are what fills it.
  if (versioning === 'Enabled') ctx.disk.requireRoom();
  await changeBucket(ctx, input, (bucket) => ({ ...bucket, versioning }));
  return {};
});

export const getBucketVersioning = s3('getBucketVersioning', onBucket, async (ctx, input) => {
  const { versioning } = await requireBucket(ctx, input);
  return versioning === 'none' ? {} : { Status: versioning };
});

export const putBucketEncryption = s3(
  'putBucketEncryption',
  { ...onBucket, action: 's3:PutEncryptionConfiguration' },
  async (ctx, input) => {
    const rules = input.ServerSideEncryptionConfiguration?.Rules ?? [];
    const [rule] = rules;
    if (!rule || rules.length > 1) throw malformedXml();
    if (
      rule.BlockedEncryptionTypes?.EncryptionType?.some(
        (type) => type !== 'NONE' && type !== 'SSE-C',
      )
    ) {
      throw unsupported('blocked encryption types');
    }
    const { SSEAlgorithm = 'AES256', KMSMasterKeyID: keyId } =
      rule.ApplyServerSideEncryptionByDefault ?? {};
    if (SSEAlgorithm !== 'AES256' && SSEAlgorithm !== 'aws:kms') {
      throw unsupported(`default encryption with ${SSEAlgorithm}`);
    }
    if (SSEAlgorithm === 'AES256' && keyId !== undefined) {
      throw new AwsError(
        'InvalidArgument',
        'a KMSMasterKeyID is not applicable if the default sse algorithm is not aws:kms or aws:kms:dsse',
        400,
      );
    }
    const encryption: DefaultEncryption = {
      algorithm: SSEAlgorithm,
      keyId,
      bucketKey: rule.BucketKeyEnabled,
    };
    await changeBucket(ctx, input, (b) => ({ ...b, settings: { ...b.settings, encryption } }));
    return {};
  },
);

export const getBucketEncryption = s3(
  'getBucketEncryption',
  { ...onBucket, action: 's3:GetEncryptionConfiguration' },
  async (ctx, input) => {
    const { settings } = await requireBucket(ctx, input);
    // Every bucket has S3's own encryption when it has no other.
    const { algorithm, keyId, bucketKey }: DefaultEncryption = settings.encryption ?? {
      algorithm: 'AES256',
    };
    const ApplyServerSideEncryptionByDefault = {
      SSEAlgorithm: algorithm,
      ...(keyId && { KMSMasterKeyID: keyId }),
    };
    const rule = { ApplyServerSideEncryptionByDefault, BucketKeyEnabled: bucketKey ?? false };
    return { ServerSideEncryptionConfiguration: { Rules: [rule] } };
  },
);

export const deleteBucketEncryption = s3(
  'deleteBucketEncryption',
  { ...onBucket, action: 's3:PutEncryptionConfiguration' },
  async (ctx, input) => {
    await changeBucket(ctx, input, (b) => ({
      ...b,
      settings: { ...b.settings, encryption: undefined },
    }));
    return {};
  },
);

const ALL_BLOCKED = {
  BlockPublicAcls: true,
  IgnorePublicAcls: true,
  BlockPublicPolicy: true,
  RestrictPublicBuckets: true,
};

/** BlockPublicPolicy and RestrictPublicBuckets hold for the bucket's policy; ACLs there are none. */
export const putPublicAccessBlock = s3(
  'putPublicAccessBlock',
  { ...onBucket, action: 's3:PutBucketPublicAccessBlock' },
  async (ctx, input) => {
    const given = input.PublicAccessBlockConfiguration ?? {};
    const publicAccessBlock = {
      BlockPublicAcls: given.BlockPublicAcls ?? false,
      IgnorePublicAcls: given.IgnorePublicAcls ?? false,
      BlockPublicPolicy: given.BlockPublicPolicy ?? false,
      RestrictPublicBuckets: given.RestrictPublicBuckets ?? false,
    };
    await changeBucket(ctx, input, (b) => ({
      ...b,
      settings: { ...b.settings, publicAccessBlock },
    }));
    return {};
  },
);

export const getPublicAccessBlock = s3(
  'getPublicAccessBlock',
  { ...onBucket, action: 's3:GetBucketPublicAccessBlock' },
  async (ctx, input) => {
    const { name, settings } = await requireBucket(ctx, input);
    const { publicAccessBlock = ALL_BLOCKED } = settings;
    if (publicAccessBlock === 'deleted') {
      throw noConfiguration(
        'NoSuchPublicAccessBlockConfiguration',
        'The public access block configuration was not found',
        name,
      );
    }
    return { PublicAccessBlockConfiguration: publicAccessBlock };
  },
);

export const deletePublicAccessBlock = s3(
  'deletePublicAccessBlock',
  { ...onBucket, action: 's3:PutBucketPublicAccessBlock' },
  async (ctx, input) => {
    await changeBucket(ctx, input, (b) => ({
      ...b,
      settings: { ...b.settings, publicAccessBlock: 'deleted' },
    }));
    return {};
  },
);

export const putBucketOwnershipControls = s3(
  'putBucketOwnershipControls',
  onBucket,
  async (ctx, input) => {
    const rules = input.OwnershipControls?.Rules ?? [];
    const ownership = rules[0]?.ObjectOwnership;
    if (rules.length !== 1 || ownership === undefined) throw malformedXml();
    if (ownership !== 'BucketOwnerEnforced')
      throw unsupported(`object ownership ${ownership} (ACLs)`);
    await changeBucket(ctx, input, (b) => ({
      ...b,
      settings: { ...b.settings, ownershipDeleted: false },
    }));
    return {};
  },
);

export const getBucketOwnershipControls = s3(
  'getBucketOwnershipControls',
  onBucket,
  async (ctx, input) => {
    const { name, settings } = await requireBucket(ctx, input);
    if (settings.ownershipDeleted) {
      throw noConfiguration(
        'OwnershipControlsNotFoundError',
        'The bucket ownership controls were not found',
        name,
      );
    }
    return { OwnershipControls: { Rules: [{ ObjectOwnership: 'BucketOwnerEnforced' as const }] } };
  },
);

export const deleteBucketOwnershipControls = s3(
  'deleteBucketOwnershipControls',
  { ...onBucket, action: 's3:PutBucketOwnershipControls' },
  async (ctx, input) => {
    await changeBucket(ctx, input, (b) => ({
      ...b,
      settings: { ...b.settings, ownershipDeleted: true },
    }));
    return {};
  },
);
