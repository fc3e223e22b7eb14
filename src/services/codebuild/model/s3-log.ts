import type { S3LogsConfig } from '@aws-sdk/client-codebuild';
import { belowS3Location, type S3Location } from './s3-location.ts';

/** The place of a build's log in S3 (CB-E2). @returns undefined when it goes to none, or its location has no bucket's name */
export function s3LogPlace(config: S3LogsConfig | undefined, uuid: string): S3Location | undefined {
  if (config?.status !== 'ENABLED') return undefined;
  return belowS3Location(config.location ?? '', `${uuid}.gz`);
}
