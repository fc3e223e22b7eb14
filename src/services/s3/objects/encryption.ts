import { randomBytes } from 'node:crypto';
import type { ServerSideEncryption } from '@aws-sdk/client-s3';
import { AwsError } from '../../../aws/errors.ts';
import { forwarded } from '../../../kit/forwarded.ts';
import * as kms from '../../../kit/kms.ts';
import type { ServiceContext } from '../../../kit/service.ts';
import { accessDenied, headerNotImplemented, invalidArgument } from '../errors.ts';
import type { Bucket } from '../model/bucket.ts';
import { bucketArn, objectArn } from '../model/names.ts';
import type { Encryption } from '../model/object.ts';

/** What a writer says of encryption. */
export interface EncryptionInput {
  ServerSideEncryption?: ServerSideEncryption | undefined;
  SSEKMSKeyId?: string | undefined;
  SSEKMSEncryptionContext?: string | undefined;
  BucketKeyEnabled?: boolean | undefined;
}

const DATA_KEY_BYTES = 32;

/**
 * A fresh data key for a body, as the call or else the bucket's default says.
 * @throws AccessDenied when the caller may not use the KMS key; `KMS.…` errors when the key cannot be used
 */
export async function makeDataKey(
  ctx: ServiceContext,
  bucket: Bucket,
  key: string,
  bodyId: string,
  input: EncryptionInput,
): Promise<{ encryption: Encryption; dataKey: Uint8Array }> {
  const wanted = wantedEncryption(bucket, input);
  if (wanted.algorithm === 'AES256') {
    const dataKey = randomBytes(DATA_KEY_BYTES);
    return {
      encryption: { algorithm: 'AES256', dataKey: ctx.vault.seal(dataKey, sealContext(bodyId)) },
      dataKey,
    };
  }
  const own = {
    'aws:s3:arn': wanted.bucketKey ? bucketArn(bucket.name) : objectArn(bucket.name, key),
  };
  const context = { ...own, ...givenContext(input.SSEKMSEncryptionContext) };
  const made = await kms.makeDataKey(ctx, wanted.keyId, underKey(ctx, bucket, context));
  const { keyArn, sealed, plaintext } = made;
  const { bucketKey } = wanted;
  const encryption: Encryption = {
    ...{ algorithm: 'aws:kms', keyArn, context, bucketKey, dataKey: sealed },
  };
  return { encryption, dataKey: plaintext };
}

/** The data key of a stored body. @throws AccessDenied when the caller may not use the KMS key */
export async function openDataKey(
  ctx: ServiceContext,
  bucket: Bucket,
  bodyId: string,
  encryption: Encryption,
): Promise<Uint8Array> {
  if (encryption.algorithm === 'AES256')
    return ctx.vault.open(encryption.dataKey, sealContext(bodyId));
  const { dataKey, keyArn, context } = encryption;
  return kms.openDataKey(ctx, { sealed: dataKey, keyArn }, underKey(ctx, bucket, context));
}

/** The members of outputs that say how an object is encrypted. */
export function encryptionMembers(encryption: Encryption) {
  if (encryption.algorithm === 'AES256') return { ServerSideEncryption: 'AES256' as const };
  return {
    ServerSideEncryption: 'aws:kms' as const,
    SSEKMSKeyId: encryption.keyArn,
    ...(encryption.bucketKey && { BucketKeyEnabled: true }),
  };
}

/** The condition keys that a write's encryption headers make. */
export function encryptionConditions(input: EncryptionInput): Record<string, string> {
  return {
    ...(input.ServerSideEncryption && {
      's3:x-amz-server-side-encryption': input.ServerSideEncryption,
    }),
    ...(input.SSEKMSKeyId && {
      's3:x-amz-server-side-encryption-aws-kms-key-id': input.SSEKMSKeyId,
    }),
  };
}

function wantedEncryption(bucket: Bucket, input: EncryptionInput) {
  const standard = bucket.settings.encryption;
  const algorithm = input.ServerSideEncryption ?? standard?.algorithm ?? 'AES256';
  if (algorithm === 'AES256') {
    if (input.SSEKMSKeyId !== undefined) {
      throw invalidArgument(
        'Server Side Encryption with AWS KMS managed key requires HTTP header x-amz-server-side-encryption : aws:kms',
        'x-amz-server-side-encryption',
        algorithm,
      );
    }
    return { algorithm: 'AES256' as const };
  }
  if (algorithm !== 'aws:kms') {
    if (algorithm === 'aws:kms:dsse')
      throw headerNotImplemented('x-amz-server-side-encryption', 'aws:kms:dsse');
    throw invalidArgument(
      'The encryption method specified is not supported',
      'x-amz-server-side-encryption',
      algorithm,
    );
  }
  const keyId =
    input.SSEKMSKeyId ?? (standard?.algorithm === 'aws:kms' ? standard.keyId : undefined);
  return {
    algorithm: 'aws:kms' as const,
    keyId: keyId ?? 'alias/aws/s3',
    bucketKey: input.BucketKeyEnabled ?? standard?.bucketKey ?? false,
  };
}

function givenContext(header: string | undefined): Record<string, string> {
  if (header === undefined) return {};
  try {
    const context = JSON.parse(Buffer.from(header, 'base64').toString('utf8'));
    if (Object.values(context).every((value) => typeof value === 'string')) return context;
  } catch {
    // Not JSON: the error below.
  }
  throw invalidArgument(
    'The header x-amz-server-side-encryption-context shall be Base64-encoded UTF-8 string holding JSON which represents a string-string map',
    'x-amz-server-side-encryption-context',
    header,
  );
}

const words: kms.KmsWords = (error) => {
  if (kms.isDenied(error)) return accessDenied(error.message);
  return kms.isUnusable(error) ? new AwsError(`KMS.${error.name}`, error.message, 400) : undefined;
};

const underKey = (
  ctx: ServiceContext,
  { region }: Bucket,
  context: Record<string, string>,
): kms.UnderKey => ({ actAs: forwarded(ctx, 's3', region), context, words });

function sealContext(bodyId: string): string {
  return `s3:body:${bodyId}`;
}
