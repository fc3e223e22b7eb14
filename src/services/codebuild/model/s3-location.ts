const BUCKET = /^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/;

export interface S3Location {
  bucket: string;
  key: string;
}

/** What a bucket's or an object's ARN names, or the text itself, as projects take both. */
export const withoutS3Arn = (text: string): string => text.replace(/^arn:[^:]+:s3:::/, '');

/** Reads `bucket/key`, or the ARN of one; there is no key where no slash is. */
export function readS3Location(text: string): { bucket: string; key: string | undefined } {
  const [bucket = '', ...key] = withoutS3Arn(text).split('/');
  return { bucket, key: key.length > 0 ? key.join('/') : undefined };
}

/** An object of that name below a location; undefined when the location has no bucket's name. */
export function belowS3Location(text: string, name: string): S3Location | undefined {
  const { bucket, key = '' } = readS3Location(text);
  if (!BUCKET.test(bucket)) return undefined;
  return { bucket, key: [...key.split('/').filter(Boolean), name].join('/') };
}

export const s3Arn = (partition: string, { bucket, key }: S3Location): string =>
  `arn:${partition}:s3:::${bucket}/${key}`;
