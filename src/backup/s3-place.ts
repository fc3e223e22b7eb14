import { Readable } from 'node:stream';
import { GetObjectCommand, ListObjectsV2Command, NoSuchKey, S3Client } from '@aws-sdk/client-s3';
import { uploadStream } from '../kit/s3-upload.ts';
import { StartError } from '../lib/start-error.ts';
import { Missing, type Place } from './place.ts';

const ADDRESS = /^s3:\/\/([a-z0-9][a-z0-9.-]{1,61}[a-z0-9])(?:\/(.*))?$/;

export interface S3PlaceOptions {
  /** Of an S3 that is not AWS's. Default: AWS_ENDPOINT_URL, else AWS. */
  endpoint?: string | undefined;
  region?: string | undefined;
}

export const isS3Address = (text: string) => text.startsWith('s3://');

/**
 * Objects below a prefix of a bucket, by the credentials that SDKs find.
 * @throws StartError where it is no `s3://bucket/prefix`
 */
export function s3Place(address: string, { endpoint, region }: S3PlaceOptions): Place {
  const [, Bucket, given = ''] = ADDRESS.exec(address) ?? [];
  if (Bucket === undefined) throw new StartError(`${address} is not s3://BUCKET/PREFIX.`);
  const prefix = given === '' || given.endsWith('/') ? given : `${given}/`;
  const s3 = new S3Client({
    ...(endpoint !== undefined && { endpoint }),
    ...(region !== undefined && { region }),
    // Bucket names in host names are for AWS alone: elsewhere no resolver knows them.
    forcePathStyle: true,
  });
  const never = new AbortController().signal;
  return {
    name: address,
    async claim() {
      const list = new ListObjectsV2Command({ Bucket, Prefix: prefix, MaxKeys: 1 });
      const { Contents = [] } = await s3.send(list);
      if (Contents.length > 0)
        throw new StartError(`${address} is not empty: a backup needs a place of its own.`);
    },
    async write(path, body) {
      const target = { Bucket, Key: `${prefix}${path}`, ContentType: 'application/octet-stream' };
      await uploadStream(s3, target, body, never);
    },
    async read(path) {
      try {
        const { Body } = await s3.send(new GetObjectCommand({ Bucket, Key: `${prefix}${path}` }));
        return Body instanceof Readable ? Body : Readable.from([]);
      } catch (error) {
        if (error instanceof NoSuchKey) throw new Missing(`${address} has no ${path}`);
        throw error;
      }
    },
    close: () => s3.destroy(),
  };
}
