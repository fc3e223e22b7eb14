import {
  BatchGetProjectsCommand,
  CreateProjectCommand,
  type ProjectArtifacts,
  type StartBuildCommandInput,
} from '@aws-sdk/client-codebuild';
import {
  CreateBucketCommand,
  PutBucketPolicyCommand,
  PutBucketVersioningCommand,
} from '@aws-sdk/client-s3';
import { anyBuildPolicy } from '../demo/policies.ts';
import { type Clients, makeRole } from '../demo/resources.ts';
import { type Run, rolesOf } from '../run/resources.ts';
import { Refused } from '../run/server-for.ts';

/** What is started, again and again, each time with another version of the source. */
export interface Target {
  bucket: string;
  input: Omit<StartBuildCommandInput, 'sourceVersion'>;
}

/** Of the tree, in the bucket. */
export const SOURCE_KEY = 'source.zip';

/** A project of the build's own, under a role that may what builds do. */
export async function ownTarget(clients: Clients, run: Run): Promise<Target> {
  const { name, bucket, image, runnable } = run;
  const role = await makeRole(
    clients.iam,
    rolesOf(run).build,
    'codebuild.amazonaws.com',
    anyBuildPolicy(run),
  );
  await makeBucket(clients, bucket, role);
  await clients.codebuild.send(
    new CreateProjectCommand({
      ...{ name, serviceRole: role },
      source: { type: 'S3', location: `${bucket}/${SOURCE_KEY}`, buildspec: runnable.buildspec },
      artifacts: runnable.makesArtifact ? inBucket(bucket, {}) : { type: 'NO_ARTIFACTS' },
      environment: { type: 'LINUX_CONTAINER', image, computeType: 'BUILD_GENERAL1_SMALL' },
    }),
  );
  return { bucket, input: { projectName: name } };
}

/**
 * A project that is there, as it is, with the tree in the place of its source. Its artifacts go to a bucket of the build's
 * own, and nothing to its cache: what is not committed must not stand where what was released does. Who looks at a build
 * that has failed does not want it tried again behind his back.
 * @throws Refused when there is no such project
 */
export async function projectTarget(
  clients: Clients,
  projectName: string,
  bucket: string,
): Promise<Target> {
  const { projects: [project] = [] } = await clients.codebuild.send(
    new BatchGetProjectsCommand({ names: [projectName] }),
  );
  if (!project) throw new Refused(`there is no project ${projectName}`);
  await makeBucket(clients, bucket, project.serviceRole ?? '');
  const { artifacts, secondaryArtifacts = [] } = project;
  const redirected = (artifact: ProjectArtifacts) =>
    artifact.type === 'NO_ARTIFACTS' ? artifact : inBucket(bucket, artifact);
  return {
    bucket,
    input: {
      projectName,
      sourceTypeOverride: 'S3',
      sourceLocationOverride: `${bucket}/${SOURCE_KEY}`,
      ...(artifacts && { artifactsOverride: redirected(artifacts) }),
      secondaryArtifactsOverride: secondaryArtifacts.map(redirected),
      cacheOverride: { type: 'NO_CACHE' },
      autoRetryLimitOverride: 0,
    },
  };
}

function inBucket(
  bucket: string,
  { type, packaging, artifactIdentifier, overrideArtifactName }: Partial<ProjectArtifacts>,
): ProjectArtifacts {
  return {
    ...{ type: 'S3', location: bucket, name: artifactIdentifier ?? 'primary', path: 'artifacts' },
    packaging: type === 'CODEPIPELINE' ? 'ZIP' : (packaging ?? 'NONE'),
    ...(artifactIdentifier && { artifactIdentifier }),
    ...(overrideArtifactName && { overrideArtifactName }),
  };
}

/** The project's role need not know of it: the bucket itself lets it in. */
async function makeBucket({ s3 }: Clients, Bucket: string, role: string): Promise<void> {
  await s3.send(new CreateBucketCommand({ Bucket }));
  const VersioningConfiguration = { Status: 'Enabled' as const };
  await s3.send(new PutBucketVersioningCommand({ Bucket, VersioningConfiguration }));
  const Statement = {
    ...{ Effect: 'Allow', Principal: { AWS: role }, Resource: `arn:aws:s3:::${Bucket}/*` },
    Action: ['s3:GetObject', 's3:GetObjectVersion', 's3:PutObject'],
  };
  const Policy = JSON.stringify({ Version: '2012-10-17', Statement });
  await s3.send(new PutBucketPolicyCommand({ Bucket, Policy }));
}
