import { bucketArn } from './names.ts';
import type { Happening } from './notification.ts';

/** Something that has happened to an object, as both kinds of messages tell of it. */
export interface Told {
  happening: Happening;
  at: Date;
  bucket: { name: string; region: string; ownerId: string };
  object: {
    key: string;
    size?: number | undefined;
    etag?: string | undefined;
    versionId?: string | undefined;
    /** Only of what is created or removed: sorts a key's events as they happened. */
    sequencer?: string | undefined;
  };
  request: { id: string; hostId: string; principalId: string; sourceIp: string };
}

/** Of a sequence in which a key's changes are numbered. */
export function sequencerOf(sequence: number): string {
  return sequence.toString(16).toUpperCase().padStart(18, '0');
}

/** https://docs.aws.amazon.com/AmazonS3/latest/userguide/notification-content-structure.html */
export function recordsOf(told: Told, configurationId: string) {
  const { happening, at, bucket, object, request } = told;
  const { key, size, etag: eTag, versionId, sequencer } = object;
  return {
    Records: [
      {
        // Only what has been told of since then, as tags, is told in the later version.
        eventVersion: happening.startsWith('ObjectTagging') ? '2.3' : '2.1',
        eventSource: 'aws:s3',
        awsRegion: bucket.region,
        eventTime: at.toISOString(),
        eventName: happening,
        userIdentity: { principalId: `AWS:${request.principalId}` },
        requestParameters: { sourceIPAddress: request.sourceIp },
        responseElements: { 'x-amz-request-id': request.id, 'x-amz-id-2': request.hostId },
        s3: {
          s3SchemaVersion: '1.0',
          configurationId,
          bucket: {
            name: bucket.name,
            ownerIdentity: { principalId: bucket.ownerId },
            arn: bucketArn(bucket.name),
          },
          object: {
            key: encodedKey(key),
            ...(size !== undefined && { size }),
            ...(eTag !== undefined && { eTag }),
            ...(versionId !== undefined && { versionId }),
            ...(sequencer !== undefined && { sequencer }),
          },
        },
      },
    ],
  };
}

/** As forms encode it: a space is `+`. S3 leaves slashes as they are. */
function encodedKey(key: string): string {
  return encodeURIComponent(key.toWellFormed())
    .replace(/[!'()~]/g, (sign) => `%${sign.charCodeAt(0).toString(16).toUpperCase()}`)
    .replaceAll('%20', '+')
    .replaceAll('%2F', '/');
}

/** What a destination gets first: whether it is there, and lets S3 in. */
export function testEvent({ name }: { name: string }, at: Date, id: string, hostId: string) {
  return {
    ...{ Service: 'Amazon S3', Event: 's3:TestEvent', Time: at.toISOString() },
    ...{ Bucket: name, RequestId: id, HostId: hostId },
  };
}
