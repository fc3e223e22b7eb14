import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { buffer } from 'node:stream/consumers';
import type { BucketOwnerAccess } from '@aws-sdk/client-codebuild';
import type { PutObjectCommandInput } from '@aws-sdk/client-s3';
import type { S3Target } from '../../../kit/s3-upload.ts';
import { mediaTypeOf } from '../../../lib/media-types.ts';
import type { ArtifactFile } from './zip-files.ts';

/** The members by which S3 is told how an object is encrypted, and whose it is; none leave it to the bucket. */
export type Sealing = Pick<S3Target, 'ServerSideEncryption' | 'SSEKMSKeyId' | 'ACL'>;

/** As `encryptionDisabled` and a key's name say; `alias/aws/s3` is S3's own choice. */
export function sealingOf(disabled: boolean | undefined, key: string): Sealing {
  if (disabled) return {};
  const own = /alias\/aws\/s3$/.test(key) ? {} : { SSEKMSKeyId: key };
  return { ServerSideEncryption: 'aws:kms', ...own };
}

/** What the bucket's owner is given (CB-D3). Of a bucket whose owner has everything it says nothing new. */
export const ownersAcl = (access: BucketOwnerAccess | undefined): Pick<Sealing, 'ACL'> =>
  access === 'FULL' ? { ACL: 'bucket-owner-full-control' } : {};

type ObjectInput = Omit<PutObjectCommandInput, 'Bucket' | 'Key'>;

/** A ZIP file on the disk, with its sums, which its metadata tell (CB-D2). @param buildArn whose it is */
export async function zipObject(path: string, buildArn: string, signal: AbortSignal) {
  const [md5, sha256] = await digests(path, signal);
  const input: ObjectInput = {
    Body: createReadStream(path),
    ContentLength: (await stat(path)).size,
    ContentType: 'application/zip',
    Metadata: {
      'codebuild-content-md5': md5,
      'codebuild-content-sha256': sha256,
      'codebuild-buildarn': buildArn,
    },
  };
  return { md5, sha256, input };
}

/** One file of a folder. */
export async function fileObject(
  { name, size, body }: ArtifactFile,
  buildArn: string,
): Promise<ObjectInput> {
  const ContentType = mediaTypeOf(name);
  return {
    // An empty stream has no chunk to send.
    Body: size === 0 ? await buffer(body) : body,
    ContentLength: size,
    ...(ContentType && { ContentType }),
    Metadata: { 'codebuild-buildarn': buildArn },
  };
}

/** Where it is, in a folder. */
export const keyInFolder = (folder: string, name: string): string =>
  folder ? `${folder}/${name}` : name;

/** MD5 and SHA-256 of a file, hex. */
async function digests(path: string, signal: AbortSignal): Promise<[string, string]> {
  const md5 = createHash('md5');
  const sha256 = createHash('sha256');
  for await (const chunk of createReadStream(path, { signal })) {
    md5.update(chunk);
    sha256.update(chunk);
  }
  return [md5.digest('hex'), sha256.digest('hex')];
}
