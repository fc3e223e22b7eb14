/** What pages of builds say of them. Pure. */

import type { Build, EnvironmentVariable } from '@aws-sdk/client-codebuild';

/** `shop:UUID` → its project and its own part. */
export function partsOfId(id: string): { project: string; uuid: string } {
  const at = id.lastIndexOf(':');
  return at === -1
    ? { project: id, uuid: '' }
    : { project: id.slice(0, at), uuid: id.slice(at + 1) };
}

/** A plain variable whose name says that its value is none to be shown at once. */
export const looksSecret = ({ name = '', type = 'PLAINTEXT' }: Partial<EnvironmentVariable>) =>
  type === 'PLAINTEXT' &&
  /pass(word|wd|phrase)?|secret|token|credential|private|api_?key/i.test(name);

/** Where a variable's value is, as it is called. */
export const VARIABLE_TYPES: Record<NonNullable<EnvironmentVariable['type']>, string> = {
  PLAINTEXT: 'Plaintext',
  PARAMETER_STORE: 'Parameter',
  SECRETS_MANAGER: 'Secrets Manager',
};

/** The log group's ARN, from that of the log stream that a build has. */
export const groupArnOf = (streamArn: string | undefined) =>
  streamArn?.includes(':log-stream:')
    ? streamArn.slice(0, streamArn.indexOf(':log-stream:'))
    : undefined;

/** `arn:aws:s3:::BUCKET/KEY` as bucket and key. */
export function objectOf(arn: string | undefined): { bucket: string; key: string } | undefined {
  const [, bucket, key] = /^arn:[\w-]+:s3:::([^/]+)\/(.+)$/.exec(arn ?? '') ?? [];
  return bucket === undefined || key === undefined ? undefined : { bucket, key };
}

/** In ms, of one that has ended. */
export const tookOf = ({ startTime, endTime }: Build) =>
  startTime && endTime ? endTime.getTime() - startTime.getTime() : undefined;

/** A line number in the address: `L12`. */
export function lineOf(anchor: string | null): number | undefined {
  const digits = /^L(\d{1,9})$/.exec(anchor ?? '')?.[1];
  return digits === undefined ? undefined : Number(digits);
}
