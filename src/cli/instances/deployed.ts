import {
  BatchGetDeploymentGroupsCommand,
  BatchGetDeploymentTargetsCommand,
  type CodeDeployClient,
  type DeploymentGroupInfo,
  type DeploymentTarget,
  ListDeploymentTargetsCommand,
  paginateListApplications,
  paginateListDeploymentGroups,
} from '@aws-sdk/client-codedeploy';
import { append, greatest } from '../../lib/append.ts';
import { chunks } from '../../lib/chunks.ts';
import type { LastDeployment } from './instance.ts';
import { pagesOf } from './pages.ts';

/** An instance's last deployment, and when it has heard of the agent last. */
export type Deployed = LastDeployment & { agentHeardAt?: string };

/** AWS's most of a batch. */
const GROUPS = 100;
const TARGETS = 25;

/** The last deployment to each instance, by its id or name: of all groups' last ones, the latest. */
export async function deployedTo(client: CodeDeployClient): Promise<Map<string, Deployed>> {
  const found = new Map<string, Deployed>();
  for await (const { applications = [] } of paginateListApplications({ client }, {})) {
    for (const applicationName of applications) {
      for (const group of await groupsOf(client, applicationName)) {
        for (const [id, deployed] of await targetsOf(client, group)) {
          if ((found.get(id)?.at ?? '') <= (deployed.at ?? '')) found.set(id, deployed);
        }
      }
    }
  }
  return found;
}

async function groupsOf(
  client: CodeDeployClient,
  applicationName: string,
): Promise<DeploymentGroupInfo[]> {
  const found: DeploymentGroupInfo[] = [];
  const pages = paginateListDeploymentGroups({ client }, { applicationName });
  for await (const { deploymentGroups: names = [] } of pages) {
    for (const deploymentGroupNames of chunks(names, GROUPS)) {
      const command = new BatchGetDeploymentGroupsCommand({
        applicationName,
        deploymentGroupNames,
      });
      const { deploymentGroupsInfo = [] } = await client.send(command);
      append(found, deploymentGroupsInfo);
    }
  }
  return found.filter(({ computePlatform = 'Server' }) => computePlatform === 'Server');
}

async function targetsOf(
  client: CodeDeployClient,
  group: DeploymentGroupInfo,
): Promise<[string, Deployed][]> {
  const deploymentId = group.lastAttemptedDeployment?.deploymentId;
  if (deploymentId === undefined) return [];
  const found: [string, Deployed][] = [];
  const pages = pagesOf((nextToken) =>
    client.send(new ListDeploymentTargetsCommand({ deploymentId, nextToken })),
  );
  for await (const { targetIds: ids = [] } of pages) {
    for (const targetIds of chunks(ids, TARGETS)) {
      const command = new BatchGetDeploymentTargetsCommand({ deploymentId, targetIds });
      const { deploymentTargets = [] } = await client.send(command);
      for (const target of deploymentTargets)
        append(found, deployedAs(group, deploymentId, target));
    }
  }
  return found;
}

function deployedAs(
  { applicationName = '', deploymentGroupName = '', deploymentGroupId = '' }: DeploymentGroupInfo,
  deploymentId: string,
  { instanceTarget: target }: DeploymentTarget,
): [string, Deployed][] {
  const { targetId, status = 'Unknown', lastUpdatedAt, lifecycleEvents = [] } = target ?? {};
  if (targetId === undefined) return [];
  // Events of traffic are the server's; all others begin when the agent takes them.
  const heard = lifecycleEvents
    .filter(({ lifecycleEventName }) => !/^(?:Block|Allow)Traffic$/.test(lifecycleEventName ?? ''))
    .flatMap(({ startTime, endTime }) => (startTime ? [(endTime ?? startTime).getTime()] : []));
  const last = greatest(heard);
  const deployed: Deployed = {
    ...{ id: deploymentId, application: applicationName, group: deploymentGroupName },
    ...{ groupId: deploymentGroupId, status, at: lastUpdatedAt?.toISOString() },
    ...(last !== undefined && { agentHeardAt: new Date(last).toISOString() }),
  };
  return [[nameOf(targetId), deployed]];
}

/** Targets are named by ids, or by ARNs in older answers. */
const nameOf = (targetId: string) => targetId.slice(targetId.lastIndexOf('/') + 1);
