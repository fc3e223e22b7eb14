import {
  CopyObjectCommand,
  type ObjectCannedACL,
  PutObjectCommand,
  S3Client,
} from '@aws-sdk/client-s3';
import { mediaTypeOf } from '../../../lib/media-types.ts';
import { invalidAction } from '../errors.ts';
import type { Artifact } from '../model/state.ts';
import {
  defineActionType,
  type Job,
  onlyInput,
  requiredSetting,
  roleOf,
  setting,
} from './action-type.ts';
import { eachArtifactFile } from './artifact-files.ts';
import { copySource } from './copy-source.ts';
import { bucketFailure, explain } from './failure.ts';
import type { ZipEntry } from './unzip.ts';

/** The store puts several together. */
const PUTS_AT_ONCE = 16;

/** The input artifact in a bucket: as the ZIP that it is, or file by file (CP-B10). */
export const s3Deploy = defineActionType({
  categories: ['Deploy'],
  provider: 'S3',
  inputs: [1, 1],
  outputs: [0, 0],
  timeoutMinutes: 90,
  configuration: [
    { name: 'BucketName', required: true, key: true, description: 'The bucket to deploy to.' },
    {
      name: 'Extract',
      required: true,
      key: true,
      description: 'Unzip the artifact before it is uploaded.',
      type: 'Boolean',
    },
    { name: 'ObjectKey', description: 'The key, or with Extract the prefix, to deploy to.' },
    { name: 'KMSEncryptionKeyARN', description: 'The key that encrypts the deployed objects.' },
    { name: 'CannedACL', description: 'The canned ACL of the deployed objects.' },
    { name: 'CacheControl', description: 'The Cache-Control of the deployed objects.' },
  ],
  rules({ name, configuration }) {
    if (configuration.Extract === 'false' && !configuration.ObjectKey) {
      throw invalidAction(
        `Action configuration for action '${name}' is missing required configuration 'ObjectKey': it is needed when Extract is false`,
      );
    }
  },
  links: {
    entity: { console: 's3', fragment: '' },
    execution: { console: 's3', fragment: '' },
  },

  async start(job, signal) {
    const artifact = onlyInput(job);
    if (requiredSetting(job, 'Extract') === 'true') await deployFiles(job, artifact, signal);
    else await deployArchive(job, artifact);
    return { state: 'succeeded', progress: { summary: 'Deployment Succeeded' } };
  },
});

/** What every deployed object gets. */
function objectSettings(job: Job) {
  const key = setting(job, 'KMSEncryptionKeyARN');
  return {
    ACL: setting(job, 'CannedACL') as ObjectCannedACL | undefined,
    CacheControl: setting(job, 'CacheControl'),
    ...(key && { ServerSideEncryption: 'aws:kms' as const, SSEKMSKeyId: key }),
  };
}

async function deployArchive(job: Job, artifact: Artifact): Promise<void> {
  const bucket = requiredSetting(job, 'BucketName');
  await explain(
    job.client(S3Client).send(
      new CopyObjectCommand({
        CopySource: copySource(artifact.bucket, artifact.key),
        Bucket: bucket,
        Key: substitute(job, requiredSetting(job, 'ObjectKey')),
        MetadataDirective: 'REPLACE',
        ContentType: 'application/zip',
        ...objectSettings(job),
      }),
    ),
    bucketFailure(roleOf(job), bucket),
  );
}

async function deployFiles(job: Job, artifact: Artifact, signal: AbortSignal): Promise<void> {
  const prefix = prefixOf(substitute(job, setting(job, 'ObjectKey') ?? ''));
  const put = async (entry: ZipEntry) => {
    signal.throwIfAborted();
    await putFile(job, `${prefix}${entry.name}`, entry);
  };
  await eachArtifactFile(job, artifact, put, PUTS_AT_ONCE);
}

async function putFile(job: Job, key: string, entry: ZipEntry): Promise<void> {
  const bucket = requiredSetting(job, 'BucketName');
  await explain(
    job.client(S3Client).send(
      new PutObjectCommand({
        Bucket: bucket,
        Key: key,
        Body: await entry.open(),
        ContentLength: entry.size,
        ContentType: mediaTypeOf(entry.name) ?? 'application/octet-stream',
        ...objectSettings(job),
      }),
    ),
    bucketFailure(roleOf(job), bucket),
  );
}

const prefixOf = (key: string) => (key === '' || key.endsWith('/') ? key : `${key}/`);

/** `{datetime}` as `06-28-2019_09-56-08`, and `{uuid}`: both stay the same when the action runs again after a crash. */
function substitute(job: Job, key: string): string {
  const at = new Date(job.run.startTime).toISOString();
  const [year, month, day] = at.slice(0, 10).split('-');
  const time = at.slice(11, 19).replaceAll(':', '-');
  return key
    .replaceAll('{datetime}', `${month}-${day}-${year}_${time}`)
    .replaceAll('{uuid}', job.run.actionExecutionId);
}
