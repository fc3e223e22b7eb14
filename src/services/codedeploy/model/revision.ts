import { createHash } from 'node:crypto';
import type { RevisionLocation } from '@aws-sdk/client-codedeploy';

/** Quotes around an ETag mean nothing. */
export function bareETag(eTag: string | undefined): string | undefined {
  return eTag?.replaceAll('"', '') || undefined;
}

/**
 * A key that is the same for the same revision. The members of an S3 location are all part of what it is:
 * without version and eTag it means the latest object.
 */
export function revisionKey(revision: RevisionLocation): string {
  return createHash('sha256')
    .update(JSON.stringify(identity(revision)))
    .digest('hex');
}

function identity(revision: RevisionLocation): unknown[] {
  const { revisionType, s3Location, gitHubLocation, appSpecContent, string } = revision;
  if (s3Location) {
    const { bucket, key, bundleType, version, eTag } = s3Location;
    return [revisionType, bucket, key, bundleType, version ?? null, bareETag(eTag) ?? null];
  }
  if (gitHubLocation) return [revisionType, gitHubLocation.repository, gitHubLocation.commitId];
  return [revisionType, (appSpecContent ?? string)?.sha256];
}
