import { CloudWatchLogsClient, GetLogEventsCommand } from '@aws-sdk/client-cloudwatch-logs';
import { BatchGetBuildsCommand, type BuildPhase, CodeBuildClient } from '@aws-sdk/client-codebuild';
import {
  BatchGetDeploymentTargetsCommand,
  CodeDeployClient,
  type LifecycleEvent,
  ListDeploymentTargetsCommand,
} from '@aws-sdk/client-codedeploy';
import { clientConfig, type Server } from '../server.ts';
import type { ActionView, ExecutionView } from './view.ts';

/** How much of a log shows why something failed. */
const LINES = 20;

/** Reads the ends of logs of what has failed, each once. */
export function tailReader(server: Server) {
  const tails = new Map<string, string[]>();
  return async (view: ExecutionView): Promise<ReadonlyMap<string, string[]>> => {
    const failed = view.stages
      .flatMap(({ actions, rules }) => [...actions, ...rules])
      .filter((a) => a.status === 'Failed');
    for (const action of failed) {
      const id = action.actionExecutionId ?? '';
      // Who may not read it is told of the failure all the same.
      if (!tails.has(id)) tails.set(id, await tailOf(server, action).catch(() => []));
    }
    return tails;
  };
}

/** The last lines of what an action did; none where it has no log. */
export async function tailOf(server: Server, action: ActionView): Promise<string[]> {
  if (action.logStreamARN) return streamTail(server, action.logStreamARN);
  if (action.provider === 'CodeDeploy' && action.externalExecutionId)
    return deploymentTail(server, action.externalExecutionId);
  if (action.provider === 'CodeBuild' && action.externalExecutionId)
    return buildTail(server, action.externalExecutionId);
  return [];
}

/** @param arn `arn:aws:logs:REGION:ACCOUNT:log-group:GROUP:log-stream:STREAM` */
export async function streamTail(server: Server, arn: string): Promise<string[]> {
  const [, region, logGroupName, logStreamName] =
    /^arn:[^:]+:logs:([^:]*):[^:]*:log-group:([^:]+):log-stream:(.+)$/.exec(arn) ?? [];
  if (!logStreamName) return [];
  const client = new CloudWatchLogsClient({ ...clientConfig(server), ...(region && { region }) });
  const { events = [] } = await client.send(
    new GetLogEventsCommand({ logGroupName, logStreamName, limit: LINES, startFromHead: false }),
  );
  client.destroy();
  return events.map(({ message = '' }) => message.trimEnd());
}

/** The end of a build's log; of one that never came to have one, why not (its image, its source). */
async function buildTail(server: Server, id: string): Promise<string[]> {
  const client = new CodeBuildClient(clientConfig(server));
  const { builds: [build] = [] } = await client.send(new BatchGetBuildsCommand({ ids: [id] }));
  client.destroy();
  const arn = build?.logs?.streamName && build.logs.cloudWatchLogsArn;
  return arn ? streamTail(server, arn) : (build?.phases ?? []).flatMap(phaseLines);
}

const phaseLines = ({ phaseType, phaseStatus, contexts = [] }: BuildPhase): string[] =>
  phaseStatus === 'SUCCEEDED'
    ? []
    : contexts
        .filter(({ message }) => message)
        .map(({ statusCode, message }) => `${phaseType}: ${statusCode}: ${message}`);

/** What the scripts of a deployment's first failed host said. */
async function deploymentTail(server: Server, deploymentId: string): Promise<string[]> {
  const client = new CodeDeployClient(clientConfig(server));
  const { targetIds = [] } = await client.send(
    new ListDeploymentTargetsCommand({ deploymentId, targetFilters: { TargetStatus: ['Failed'] } }),
  );
  if (targetIds.length === 0) return [];
  const { deploymentTargets: [target] = [] } = await client.send(
    new BatchGetDeploymentTargetsCommand({ deploymentId, targetIds: targetIds.slice(0, 1) }),
  );
  client.destroy();
  const { targetId, lifecycleEvents = [] } = target?.instanceTarget ?? {};
  const failed = lifecycleEvents.find(({ status }) => status === 'Failed');
  return failed ? hookLines(targetId, failed) : [];
}

function hookLines(target: string | undefined, event: LifecycleEvent): string[] {
  const { errorCode, scriptName, message, logTail } = event.diagnostics ?? {};
  const script = scriptName ? ` (${scriptName})` : '';
  const said = (logTail ?? '').split('\n').filter((line) => line.trim() !== '');
  return [
    `${target} ${event.lifecycleEventName}${script}: ${[errorCode, message].filter(Boolean).join(' ')}`,
    ...said.slice(-LINES),
  ];
}
