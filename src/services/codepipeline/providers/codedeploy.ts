import type { RevisionLocation } from '@aws-sdk/client-codedeploy';
import { HeadObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { defineActionType, type Job, onlyInput, roleOf } from './action-type.ts';
import {
  deploy,
  deploymentHearings,
  LINKS,
  lookAtDeployment,
  TARGET_KEYS,
} from './codedeploy-deployment.ts';
import { deploymentTargets } from './codedeploy-targets.ts';
import { bucketFailure, explain } from './failure.ts';

/** A deployment of the input artifact (CP-B11). */
export const codeDeploy = defineActionType({
  categories: ['Deploy'],
  provider: 'CodeDeploy',
  inputs: [1, 1],
  outputs: [0, 0],
  timeoutMinutes: 5 * 24 * 60,
  configuration: TARGET_KEYS,
  links: LINKS,
  hears: deploymentHearings('deployment'),
  marksStart: true,

  start: (job) => deploy(job, () => artifactRevision(job)),
  look: lookAtDeployment,
  targets: deploymentTargets,
});

/** The version of the artifact that the action was given. */
async function artifactRevision(job: Job): Promise<RevisionLocation> {
  const { bucket, key } = onlyInput(job);
  const head = await explain(
    job.client(S3Client).send(new HeadObjectCommand({ Bucket: bucket, Key: key })),
    bucketFailure(roleOf(job), bucket),
  );
  const version = { eTag: head.ETag?.replaceAll('"', ''), version: head.VersionId };
  return { revisionType: 'S3', s3Location: { bucket, key, bundleType: 'zip', ...version } };
}
