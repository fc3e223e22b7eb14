import {
  CopyObjectCommand,
  GetBucketVersioningCommand,
  HeadObjectCommand,
  S3Client,
} from '@aws-sdk/client-s3';
import { limits } from '../limits.ts';
import type { Outcome } from '../model/outcome.ts';
import {
  defineActionType,
  executionLink,
  type Job,
  onlyOutput,
  requiredSetting,
  roleOf,
  storeEncryption,
} from './action-type.ts';
import { copySource } from './copy-source.ts';
import { ActionFailure, bucketFailure, describe, explain } from './failure.ts';
import { object } from './watches.ts';

/** A version of an object in a versioned bucket, copied into the artifact store (CP-B1). */
export const s3Source = defineActionType({
  categories: ['Source'],
  provider: 'S3',
  inputs: [0, 0],
  outputs: [1, 1],
  timeoutMinutes: 60,
  configuration: [
    {
      name: 'S3Bucket',
      required: true,
      key: true,
      description: 'The versioned bucket of the source object.',
    },
    {
      name: 'S3ObjectKey',
      required: true,
      key: true,
      description: 'The key of the source object.',
    },
    {
      name: 'PollForSourceChanges',
      description: 'Start when the object changes (default true).',
      type: 'Boolean',
      default: 'true',
    },
    {
      name: 'AllowOverrideForS3ObjectKey',
      description: 'Permit S3_OBJECT_KEY source revisions.',
      type: 'Boolean',
      default: 'false',
    },
  ],
  outputVariables: ['BucketName', 'ETag', 'ObjectKey', 'VersionId'],
  revisions: {
    S3_OBJECT_VERSION_ID: {},
    S3_OBJECT_KEY: { allowedBy: 'AllowOverrideForS3ObjectKey' },
  },
  // Amazon S3's console has no fragments.
  links: {
    entity: { console: 's3', fragment: '' },
    execution: { console: 's3', fragment: '' },
  },
  watches: object,

  async start(job) {
    const bucket = requiredSetting(job, 'S3Bucket');
    const key = override(job, 'S3_OBJECT_KEY') ?? requiredSetting(job, 'S3ObjectKey');
    const s3 = job.client(S3Client);
    const roleArn = roleOf(job);
    const failure = sourceFailure(roleArn, bucket, key);
    await explain(requireVersioning(s3, bucket), failure);
    const head = await explain(
      s3.send(
        new HeadObjectCommand({
          Bucket: bucket,
          Key: key,
          VersionId: override(job, 'S3_OBJECT_VERSION_ID'),
        }),
      ),
      failure,
    );
    if ((head.ContentLength ?? 0) > limits.s3SourceBytes) {
      throw new ActionFailure(
        'ConfigurationError',
        `The object ${key} in the bucket ${bucket} is larger than ${limits.s3SourceBytes} bytes`,
      );
    }
    const artifact = onlyOutput(job);
    await explain(
      s3.send(
        new CopyObjectCommand({
          CopySource: copySource(bucket, key, head.VersionId),
          Bucket: artifact.bucket,
          Key: artifact.key,
          ...storeEncryption(job.store),
        }),
      ),
      bucketFailure(roleArn, artifact.bucket),
    );
    return succeeded(bucket, key, {
      versionId: head.VersionId ?? 'null',
      etag: (head.ETag ?? '').replaceAll('"', ''),
      summary: head.Metadata?.['codepipeline-artifact-revision-summary'],
      created: head.LastModified?.getTime(),
      revisionUrl: executionLink(job, head.VersionId ?? 'null'),
    });
  },
});

function override(job: Job, type: string): string | undefined {
  return job.run.input.sourceOverrides.find((o) => o.revisionType === type)?.revisionValue;
}

async function requireVersioning(s3: S3Client, bucket: string): Promise<void> {
  const { Status } = await s3.send(new GetBucketVersioningCommand({ Bucket: bucket }));
  if (Status === 'Enabled') return;
  throw new ActionFailure(
    'ConfigurationError',
    `The action failed because the Amazon S3 bucket ${bucket} does not have versioning enabled. Enable versioning on the bucket, and then try again`,
  );
}

function sourceFailure(roleArn: string, bucket: string, key: string) {
  const ofBucket = bucketFailure(roleArn, bucket);
  return (error: Error) =>
    error instanceof ActionFailure
      ? { code: error.code, message: error.message }
      : (ofBucket(error) ?? {
          code: 'ConfigurationError' as const,
          message: `The action failed because the object ${key} could not be found in the Amazon S3 bucket ${bucket}. Error: ${describe(error, 'Amazon S3')}`,
        });
}

function succeeded(
  bucket: string,
  key: string,
  object: {
    versionId: string;
    etag: string;
    summary?: string | undefined;
    created?: number | undefined;
    revisionUrl: string | undefined;
  },
): Outcome {
  const summary = object.summary ?? `Amazon S3 version id: ${object.versionId}`;
  return {
    state: 'succeeded',
    progress: {
      externalExecutionId: object.versionId,
      summary: `Amazon S3 version id: ${object.versionId}`,
    },
    outputVariables: {
      BucketName: bucket,
      ETag: object.etag,
      ObjectKey: key,
      VersionId: object.versionId,
    },
    revision: {
      revisionId: object.versionId,
      revisionChangeIdentifier: object.etag,
      revisionSummary: summary,
      ...(object.revisionUrl !== undefined && { revisionUrl: object.revisionUrl }),
      ...(object.created !== undefined && { created: object.created }),
    },
  };
}
