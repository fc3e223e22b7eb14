import { S3Client, S3ServiceException } from '@aws-sdk/client-s3';
import { defineReconciler } from '../../../engine/engine.ts';
import type { Platform } from '../../../kit/service.ts';
import { uploadStream } from '../s3-upload.ts';
import { endUpload, findUpload, type UploadRecord, type UploadResult } from '../store-uploads.ts';

/** Name of the reconciler that uploads a commit's archive. Its key is the upload id. */
export const UPLOADS = 'codecommit/uploads';

/** Uploads that end on another server are looked for this often. */
const LOOK_EVERY_MS = 1_000;

/** Those in this process that wait for the end of an upload. */
const listeners = new Map<string, Set<() => void>>();

/** Hears of the end of an upload; in any case after a second, and no later than `until` (epoch milliseconds). */
export function uploadEnded(platform: Platform, uploadId: string, until: number) {
  const { promise, resolve } = Promise.withResolvers<void>();
  const waiting = listeners.get(uploadId) ?? new Set();
  listeners.set(uploadId, waiting.add(resolve));
  const again = Math.min(until, platform.clock.now().getTime() + LOOK_EVERY_MS);
  const cancelTimer = platform.clock.at(new Date(again), resolve);
  const cancel = () => {
    cancelTimer();
    waiting.delete(resolve);
    if (waiting.size === 0 && listeners.get(uploadId) === waiting) listeners.delete(uploadId);
  };
  return { heard: promise.then(cancel), cancel };
}

/** Writes the archive of a commit to S3, for whom asked. Written again after a crash: the same bytes to the same key. */
export const uploads = defineReconciler<Platform>({
  name: UPLOADS,
  async reconcile(platform, uploadId) {
    const upload = await findUpload(platform.db, uploadId);
    if (upload?.status !== 'InProgress') return undefined;
    const result = await send(platform, upload);
    await platform.transaction((tx) => endUpload(tx, uploadId, result));
    for (const heard of listeners.get(uploadId) ?? []) heard();
    return undefined;
  },
});

async function send(platform: Platform, upload: UploadRecord): Promise<UploadResult> {
  const { principal, region, kmsKeyId } = upload;
  const s3 = platform.client(S3Client, { principal, region, via: ['codecommit'] });
  const archive = platform.git.repository(upload.repositoryId).archive(upload.commitId);
  try {
    const { versionId, etag } = await uploadStream(
      s3,
      {
        Bucket: upload.s3Bucket,
        Key: upload.s3Key,
        ContentType: 'application/zip',
        ...(kmsKeyId && { ServerSideEncryption: 'aws:kms', SSEKMSKeyId: kmsKeyId }),
      },
      archive,
    );
    return { status: 'Succeeded', s3VersionId: versionId, s3ETag: etag };
  } catch (error) {
    // What S3 or KMS refuses stays refused; anything else is tried again.
    if (!isRefusal(error)) throw error;
    return { status: 'Failed', errorCode: error.name, errorMessage: error.message };
  } finally {
    archive.destroy();
  }
}

function isRefusal(error: unknown): error is S3ServiceException {
  return error instanceof S3ServiceException && (error.$metadata.httpStatusCode ?? 500) < 500;
}
