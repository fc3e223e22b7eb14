import { formatArn } from '../../../aws/arn.ts';

/**
 * Is this a name for a new bucket? Names are 3 to 63 lower-case letters, digits, dots and hyphens.
 * https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucketnamingrules.html
 */
export function isBucketName(name: string): boolean {
  if (!/^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/.test(name)) return false;
  if (name.includes('..') || /^\d+\.\d+\.\d+\.\d+$/.test(name)) return false;
  if (/^(xn--|sthree-|amzn-s3-demo-)/.test(name)) return false;
  return !/(-s3alias|--ol-s3|\.mrap|--x-s3|--table-s3)$/.test(name);
}

export function bucketArn(bucket = ''): string {
  return formatArn({ service: 's3', region: '', accountId: '', resource: bucket });
}

export function objectArn(bucket = '', key = ''): string {
  return formatArn({ service: 's3', region: '', accountId: '', resource: `${bucket}/${key}` });
}

/**
 * A key as the database keeps and sorts it: the hex of its UTF-8 bytes. S3 lists in the order of the bytes,
 * and hex digits sort alike in every collation, so SQLite and PostgreSQL agree with S3 and each other.
 */
export function toColumn(key: string): string {
  return Buffer.from(key, 'utf8').toString('hex');
}

export function fromColumn(column: string): string {
  return Buffer.from(column, 'hex').toString('utf8');
}

/** Sorts behind every key that begins with `prefix` and before every other key that follows them. */
export function behind(prefix: string): string {
  return `${toColumn(prefix)}g`;
}
