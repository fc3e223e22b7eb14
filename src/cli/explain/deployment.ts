import {
  BatchGetDeploymentTargetsCommand,
  CodeDeployClient,
  DeploymentDoesNotExistException,
  type DeploymentInfo,
  type DeploymentTarget,
  GetDeploymentCommand,
  ListDeploymentTargetsCommand,
} from '@aws-sdk/client-codedeploy';
import { clientConfig, type Server } from '../server.ts';
import type { Explainer } from './denials.ts';
import type { Failure, Report } from './report.ts';

/** Hosts that are looked at: the first that failed tell why. */
const MOST_HOSTS = 5;
const LINES = 20;

/** @returns undefined where there is no such deployment */
export async function explainDeployment(
  server: Server,
  explainer: Explainer,
  deploymentId: string,
): Promise<Report | undefined> {
  const client = new CodeDeployClient(clientConfig(server));
  const info = await infoOf(client, deploymentId);
  if (!info) return undefined;
  const { createTime, completeTime, revision, errorInformation } = info;
  const { bucket, key } = revision?.s3Location ?? {};
  const hosts = await failedTargets(client, deploymentId);
  const whole: Failure[] = errorInformation
    ? [
        {
          ...(await failureOf(
            'the deployment',
            errorInformation.code,
            errorInformation.message ?? '',
          )),
        },
      ]
    : [];
  const failures = await Promise.all(hosts.flatMap((host) => failedEvents(host)));
  return {
    ...{ kind: 'deployment', id: deploymentId, status: info.status ?? '' },
    of: `${info.applicationName} ${info.deploymentGroupName}`,
    ...(createTime && completeTime && { ms: completeTime.getTime() - createTime.getTime() }),
    why: whyOf(info),
    sources: bucket && key ? [`s3://${bucket}/${key}`] : [],
    ...{ waited: [], waits: [], failures: [...whole, ...failures] },
  };

  async function failureOf(
    what: string,
    code: string | undefined,
    message: string,
  ): Promise<Failure> {
    const denials = await explainer.denials(message, [], []);
    return { what, code, message, denials, missing: [], log: [] };
  }

  function failedEvents({ instanceTarget }: DeploymentTarget): Promise<Failure>[] {
    const { targetId, lifecycleEvents = [] } = instanceTarget ?? {};
    return lifecycleEvents
      .filter(({ status }) => status === 'Failed')
      .map(async ({ lifecycleEventName, diagnostics }) => {
        const { errorCode, scriptName, message = '', logTail = '' } = diagnostics ?? {};
        const what = `${targetId} ${lifecycleEventName}${scriptName ? ` (${scriptName})` : ''}`;
        const log = logTail
          .split('\n')
          .filter((line) => line.trim() !== '')
          .slice(-LINES);
        return { ...(await failureOf(what, errorCode, message)), log };
      });
  }
}

async function infoOf(client: CodeDeployClient, deploymentId: string) {
  try {
    return (await client.send(new GetDeploymentCommand({ deploymentId }))).deploymentInfo;
  } catch (error) {
    if (error instanceof DeploymentDoesNotExistException) return undefined;
    throw error;
  }
}

function whyOf({ creator, description, rollbackInfo }: DeploymentInfo): string {
  const triggering = rollbackInfo?.rollbackTriggeringDeploymentId;
  if (triggering) return `${triggering} failed, and it brings the last good revision back`;
  const pipeline = /^Created by CodePipeline: pipeline (\S+), /.exec(description ?? '')?.[1];
  if (pipeline) return `the pipeline ${pipeline} made it: slipway explain ${pipeline} has the rest`;
  return `${creator ?? 'somebody'} made it${description ? ` (${description})` : ''}`;
}

async function failedTargets(
  client: CodeDeployClient,
  deploymentId: string,
): Promise<DeploymentTarget[]> {
  const { targetIds = [] } = await client.send(
    new ListDeploymentTargetsCommand({ deploymentId, targetFilters: { TargetStatus: ['Failed'] } }),
  );
  if (targetIds.length === 0) return [];
  const { deploymentTargets = [] } = await client.send(
    new BatchGetDeploymentTargetsCommand({
      ...{ deploymentId, targetIds: targetIds.slice(0, MOST_HOSTS) },
    }),
  );
  return deploymentTargets;
}
