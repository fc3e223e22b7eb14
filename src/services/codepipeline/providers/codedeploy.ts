import {
  CodeDeployClient,
  CreateDeploymentCommand,
  type DeploymentInfo,
  GetDeploymentCommand,
  ListDeploymentsCommand,
} from '@aws-sdk/client-codedeploy';
import { HeadObjectCommand, S3Client } from '@aws-sdk/client-s3';
import type { AwsEvent, EventPattern } from '../../../engine/events.ts';
import type { Outcome } from '../model/outcome.ts';
import { defineActionType, type Job, onlyInput, requiredSetting } from './action-type.ts';
import { bucketFailure, describe, explain, isDenied } from './failure.ts';

/** A deployment of the input artifact (CP-B11). */
export const codeDeploy = defineActionType({
  categories: ['Deploy'],
  provider: 'CodeDeploy',
  inputs: [1, 1],
  outputs: [0, 0],
  timeoutMinutes: 5 * 24 * 60,
  configuration: [
    {
      name: 'ApplicationName',
      required: true,
      key: true,
      description: 'The CodeDeploy application.',
    },
    {
      name: 'DeploymentGroupName',
      required: true,
      key: true,
      description: 'The deployment group.',
    },
  ],
  links: {
    entity: {
      console: 'codedeploy',
      fragment:
        '/applications/{Config:ApplicationName}/deployment-groups/{Config:DeploymentGroupName}',
    },
    execution: { console: 'codedeploy', fragment: '/deployments/{ExternalExecutionId}' },
  },
  hears: [
    {
      name: 'deployment-started',
      pattern: deploymentsThat(['START']),
      work,
      async isOf(job, deploymentId) {
        const { deploymentInfo } = await job
          .client(CodeDeployClient)
          .send(new GetDeploymentCommand({ deploymentId }));
        return deploymentInfo?.description === description(job);
      },
    },
    { name: 'deployment-ended', pattern: deploymentsThat(['SUCCESS', 'FAILURE', 'STOP']), work },
  ],

  // CreateDeployment has no idempotency token: a deployment is known by its description.
  marksStart: true,

  async start(job) {
    const found = job.again ? await findEarlier(job) : undefined;
    const deploymentId = found ?? (await createDeployment(job));
    return { state: 'running', progress: { externalExecutionId: deploymentId } };
  },

  async look(job) {
    const deploymentId = job.run.progress.externalExecutionId ?? '';
    const { deploymentInfo } = await explain(
      job.client(CodeDeployClient).send(new GetDeploymentCommand({ deploymentId })),
      failure,
    );
    return outcomeOf(deploymentId, deploymentInfo ?? {});
  },
});

function deploymentsThat(state: string[]): EventPattern {
  return {
    'detail-type': ['CodeDeploy Deployment State-change Notification'],
    detail: { state },
  };
}

function work(event: AwsEvent): string {
  return String(event.detail.deploymentId);
}

const target = (job: Job) => ({
  applicationName: requiredSetting(job, 'ApplicationName'),
  deploymentGroupName: requiredSetting(job, 'DeploymentGroupName'),
});

/** What tells an action's deployment from others. */
export function deploymentDescription(pipelineName: string, actionExecutionId: string): string {
  return `Created by CodePipeline: pipeline ${pipelineName.slice(0, 40)}, action execution ${actionExecutionId}`;
}

const description = (job: Job) =>
  deploymentDescription(job.pipeline.name, job.run.actionExecutionId);

async function createDeployment(job: Job): Promise<string> {
  const artifact = onlyInput(job);
  const roleArn = job.run.input.roleArn ?? job.pipeline.declaration.roleArn;
  const head = await explain(
    job
      .client(S3Client)
      .send(new HeadObjectCommand({ Bucket: artifact.bucket, Key: artifact.key })),
    bucketFailure(roleArn, artifact.bucket),
  );
  const { deploymentId } = await explain(
    job.client(CodeDeployClient).send(
      new CreateDeploymentCommand({
        ...target(job),
        description: description(job),
        revision: {
          revisionType: 'S3',
          s3Location: {
            bucket: artifact.bucket,
            key: artifact.key,
            bundleType: 'zip',
            eTag: head.ETag?.replaceAll('"', ''),
            version: head.VersionId,
          },
        },
      }),
    ),
    failure,
  );
  return deploymentId ?? '';
}

/**
 * Tries for which a role that may not list deployments waits for the event of the one that it may have
 * created before (`isOf`).
 */
const TRIES_TO_WAIT = 3;

/** The deployment that an earlier try of this action created, if it came so far. */
async function findEarlier(job: Job): Promise<string | undefined> {
  try {
    return await searchEarlier(job);
  } catch (error) {
    // AWS asks no such permission of a pipeline's role.
    if (!isDenied(error)) throw error;
    if ((job.run.progress.tries ?? 0) < TRIES_TO_WAIT) {
      throw new Error('A deployment may have been created before the server went down');
    }
    return undefined;
  }
}

async function searchEarlier(job: Job): Promise<string | undefined> {
  const client = job.client(CodeDeployClient);
  const createTimeRange = { start: new Date(job.run.startTime - 1000) };
  let nextToken: string | undefined;
  do {
    const page = await client.send(
      new ListDeploymentsCommand({ ...target(job), createTimeRange, nextToken }),
    );
    for (const deploymentId of page.deployments ?? []) {
      const { deploymentInfo } = await client.send(new GetDeploymentCommand({ deploymentId }));
      if (deploymentInfo?.description === description(job)) return deploymentId;
    }
    nextToken = page.nextToken;
  } while (nextToken !== undefined);
  return undefined;
}

function outcomeOf(deploymentId: string, deployment: DeploymentInfo): Outcome {
  const progress = { externalExecutionId: deploymentId };
  switch (deployment.status) {
    case 'Succeeded':
      return { state: 'succeeded', progress: { ...progress, summary: 'Deployment Succeeded' } };
    case 'Failed':
    case 'Stopped': {
      const summary = `Deployment ${deploymentId} failed`;
      const cause = deployment.errorInformation?.message;
      return {
        state: 'failed',
        progress: { ...progress, summary },
        code: 'JobFailed',
        message: cause ? `${summary}: ${cause}` : summary,
      };
    }
    default:
      return { state: 'running', progress };
  }
}

function failure(error: Error) {
  return isDenied(error)
    ? {
        code: 'PermissionError' as const,
        message: `The provided role does not have sufficient permissions to access CodeDeploy: ${describe(error, 'AmazonCodeDeploy')}`,
      }
    : { code: 'ConfigurationError' as const, message: describe(error, 'AmazonCodeDeploy') };
}
