import { randomBytes } from 'node:crypto';
import {
  CopyObjectCommand,
  CreateBucketCommand,
  HeadObjectCommand,
  S3Client,
} from '@aws-sdk/client-s3';
import { forwarded } from '../../../kit/forwarded.ts';
import type { ServiceContext } from '../../../kit/service.ts';
import { isRefusal, statusOf } from '../../../lib/refusal.ts';
import { insufficient, noBundle } from '../errors.ts';
import { type Release, storageBucket } from '../model/environment.ts';
import type { Version } from '../store/applications.ts';

/** Makes the account's bucket, for the caller and with his rights, unless it is there. @returns its name */
export async function haveStorage(ctx: ServiceContext): Promise<string> {
  const Bucket = storageBucket(ctx);
  const s3 = ctx.client(S3Client, forwarded(ctx, 'elasticbeanstalk'));
  const CreateBucketConfiguration =
    ctx.region === 'us-east-1' ? undefined : { LocationConstraint: ctx.region as never };
  try {
    await s3.send(new CreateBucketCommand({ Bucket, CreateBucketConfiguration }));
  } catch (error) {
    if (!isRefusal(error)) throw error;
    if (error.name !== 'BucketAlreadyOwnedByYou')
      throw insufficient(`The bucket ${Bucket} cannot be made: ${error.message}`);
  }
  return Bucket;
}

/**
 * Copies a version's bundle to where its environment's instances may read it: AWS's policy for them
 * (AWSElasticBeanstalkWebTier) speaks of the account's own bucket alone, wherever versions are. The caller has to have the right
 * to read the one and to write the other.
 */
export async function stageBundle(
  ctx: ServiceContext,
  environmentId: string,
  { application, name, bundle }: Version,
): Promise<Omit<Release, 'deployment'>> {
  const bucket = await haveStorage(ctx);
  // A label may come back with other content: instances that come later still get what was deployed.
  const part = randomBytes(6).toString('hex');
  const key = `resources/environments/${environmentId}/_runtime/_versions/${application}/${name}/${part}`;
  const s3 = ctx.client(S3Client, forwarded(ctx, 'elasticbeanstalk'));
  try {
    const { CopyObjectResult } = await s3.send(
      new CopyObjectCommand({
        ...{ Bucket: bucket, Key: key, ChecksumAlgorithm: 'SHA256' },
        CopySource: `${bundle.bucket}/${bundle.key.split('/').map(encodeURIComponent).join('/')}`,
      }),
    );
    const head = await s3.send(
      new HeadObjectCommand({ Bucket: bucket, Key: key, ChecksumMode: 'ENABLED' }),
    );
    const checksum = CopyObjectResult?.ChecksumSHA256 ?? head.ChecksumSHA256;
    if (checksum === undefined) throw new Error('S3 gave no checksum of a copy');
    return { label: name, bucket, key, checksum, bytes: head.ContentLength ?? 0 };
  } catch (error) {
    if (!isRefusal(error)) throw error;
    throw noBundle(
      ...([bundle.bucket, bundle.key] as const),
      statusOf(error) === 404 ? 'Not Found' : error.message,
    );
  }
}
