import {
  BatchGetDeploymentTargetsCommand,
  CodeDeployClient,
  type DeploymentTarget,
  ListDeploymentTargetsCommand,
} from '@aws-sdk/client-codedeploy';
import type { DeployActionExecutionTarget, DeployTargetEvent } from '@aws-sdk/client-codepipeline';
import { parseArn } from '../../../aws/arn.ts';
import { append } from '../../../lib/append.ts';
import { type Job, roleOf } from './action-type.ts';

/** CodeDeploy tells of at most so many in one call. */
const BATCH = 25;
const CALLS = ['codedeploy:ListDeploymentTargets', 'codedeploy:BatchGetDeploymentTargets'];

/** The targets of the deployment that an action created. */
export async function deploymentTargets(job: Job): Promise<DeployActionExecutionTarget[]> {
  const client = clientOf(job);
  const deploymentId = job.run.progress.externalExecutionId ?? '';
  const ids: string[] = [];
  let nextToken: string | undefined;
  do {
    const page = await client.send(new ListDeploymentTargetsCommand({ deploymentId, nextToken }));
    append(ids, page.targetIds ?? []);
    nextToken = page.nextToken;
  } while (nextToken !== undefined);
  const targets: DeployActionExecutionTarget[] = [];
  for (let at = 0; at < ids.length; at += BATCH) {
    const targetIds = ids.slice(at, at + BATCH);
    const command = new BatchGetDeploymentTargetsCommand({ deploymentId, targetIds });
    const { deploymentTargets: some = [] } = await client.send(command);
    append(targets, some.map(targetOf));
  }
  return targets;
}

/** CodePipeline itself: who may see the action sees where it deploys. In another account it may only what the role may. */
function clientOf(job: Job): CodeDeployClient {
  const here = parseArn(roleOf(job))?.accountId === job.pipeline.accountId;
  return here ? job.itself(CodeDeployClient, CALLS) : job.client(CodeDeployClient);
}

function targetOf({
  deploymentTargetType,
  ...kinds
}: DeploymentTarget): DeployActionExecutionTarget {
  const { instanceTarget: target } = kinds;
  const events = (target?.lifecycleEvents ?? []).map(
    ({ lifecycleEventName: name, status, startTime, endTime, diagnostics }): DeployTargetEvent => ({
      ...{ name, status, startTime, endTime },
      ...(diagnostics?.message && { context: { message: diagnostics.message } }),
    }),
  );
  const starts = events.flatMap(({ startTime }) => startTime ?? []);
  const over = !['Pending', 'InProgress', 'Ready'].includes(target?.status ?? '');
  return {
    ...{
      targetId: target?.targetId,
      targetType: deploymentTargetType,
      status: target?.status,
      events,
    },
    ...(starts[0] && { startTime: starts[0] }),
    ...(over && target?.lastUpdatedAt && { endTime: target.lastUpdatedAt }),
  };
}
