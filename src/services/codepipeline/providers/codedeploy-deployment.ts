import {
  CodeDeployClient,
  CreateDeploymentCommand,
  type DeploymentInfo,
  GetDeploymentCommand,
  ListDeploymentsCommand,
  type RevisionLocation,
} from '@aws-sdk/client-codedeploy';
import type { AwsEvent, EventPattern } from '../../../engine/events.ts';
import type { Outcome } from '../model/outcome.ts';
import { type Hearing, type Job, requiredSetting } from './action-type.ts';
import { describe, explain, isDenied } from './failure.ts';

// What the action types that deploy with CodeDeploy share (CP-B11, CP-B12).

/** The keys that name what is deployed to. */
export const TARGET_KEYS = [
  {
    name: 'ApplicationName',
    required: true,
    key: true,
    description: 'The CodeDeploy application.',
  },
  { name: 'DeploymentGroupName', required: true, key: true, description: 'The deployment group.' },
];

export const LINKS = {
  entity: {
    console: 'codedeploy',
    fragment:
      '/applications/{Config:ApplicationName}/deployment-groups/{Config:DeploymentGroupName}',
  },
  execution: { console: 'codedeploy', fragment: '/deployments/{ExternalExecutionId}' },
};

/** @param prefix of the names of its subscriptions */
export const deploymentHearings = (prefix: string): Hearing[] => [
  {
    name: `${prefix}-started`,
    pattern: deploymentsThat(['START']),
    work,
    async isOf(job, deploymentId) {
      const { deploymentInfo } = await job
        .client(CodeDeployClient)
        .send(new GetDeploymentCommand({ deploymentId }));
      return deploymentInfo?.description === description(job);
    },
  },
  { name: `${prefix}-ended`, pattern: deploymentsThat(['SUCCESS', 'FAILURE', 'STOP']), work },
];

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

/**
 * Creates the action's deployment, or finds the one that it created before the server went down: CreateDeployment has
 * no idempotency token, so a deployment is known by its description.
 */
export async function deploy(
  job: Job,
  revision: () => Promise<RevisionLocation>,
): Promise<Outcome> {
  const found = job.again ? await findEarlier(job) : undefined;
  const deploymentId = found ?? (await createDeployment(job, await revision()));
  return { state: 'running', progress: { externalExecutionId: deploymentId } };
}

export async function lookAtDeployment(job: Job): Promise<Outcome> {
  const deploymentId = job.run.progress.externalExecutionId ?? '';
  const { deploymentInfo } = await explain(
    job.client(CodeDeployClient).send(new GetDeploymentCommand({ deploymentId })),
    failure,
  );
  return outcomeOf(deploymentId, deploymentInfo ?? {});
}

async function createDeployment(job: Job, revision: RevisionLocation): Promise<string> {
  const request = { ...target(job), description: description(job), revision };
  const { deploymentId } = await explain(
    job.client(CodeDeployClient).send(new CreateDeploymentCommand(request)),
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
