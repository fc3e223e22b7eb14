import { CopyObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { type Job, storeEncryption } from './action-type.ts';
import { copySource } from './copy-source.ts';
import { describe, explain, isDenied } from './failure.ts';

/**
 * Copies the input artifacts that an action of another region made into the store of this one's, under that store's key
 * (CP-C36). The place of a copy is committed before, so that copying it twice is copying it once.
 * @param pipelines clients that act under the pipeline's role, in the action's region: it is not the action that copies
 */
export async function bringInputs(
  job: Job,
  pipelines: Job['client'],
  abortSignal: AbortSignal,
): Promise<void> {
  const away = job.run.input.inputArtifacts.filter(({ copyOf }) => copyOf !== undefined);
  for (const { name, bucket: Bucket, key: Key, copyOf = '' } of away) {
    const command = new CopyObjectCommand({
      ...{ Bucket, Key, CopySource: copySource(copyOf, Key) },
      ...storeEncryption(job.store),
    });
    await explain(pipelines(S3Client).send(command, { abortSignal }), (error) => ({
      code: isDenied(error) ? 'PermissionError' : 'ConfigurationError',
      message: `The artifact '${name}' could not be copied from the S3 bucket "${copyOf}" to the S3 bucket "${Bucket}" of the region ${job.run.input.region}, under the role "${job.pipeline.declaration.roleArn}". Error: ${describe(error, 'Amazon S3')}`,
    }));
  }
}
