import type { Build } from '@aws-sdk/client-codebuild';
import type { DeploymentTarget, LifecycleEvent } from '@aws-sdk/client-codedeploy';
import type { ClientClass } from '../kit/service.ts';
import { append, greatest, least } from '../lib/append.ts';
import { ownValue } from '../lib/own.ts';
import { isRefusal } from '../lib/refusal.ts';
import type { PartFacts } from './facts.ts';
import type { Result } from './span.ts';

/** Makes clients that read as this server, in the account and region that the work was done in. */
export interface Reader {
  client<T extends { destroy(): void }>(Client: ClientClass<T>, may: readonly string[]): T;
}

/** As many as AWS's API takes in a call. */
const TARGETS_A_CALL = 25;

const PHASES: Record<string, Result> = {
  SUCCEEDED: 'success',
  FAILED: 'failure',
  FAULT: 'error',
  CLIENT_ERROR: 'error',
  TIMED_OUT: 'timeout',
  STOPPED: 'cancellation',
};
const LIFECYCLE: Record<string, Result> = {
  Succeeded: 'success',
  Failed: 'failure',
  Skipped: 'skip',
};

/** The parts of an action's work; none where its provider has none, or does not show them to this server. */
export async function readParts(
  reader: Reader,
  provider: string,
  externalId: string | undefined,
): Promise<PartFacts[]> {
  const read = ownValue(READERS, provider);
  if (!read || externalId === undefined) return [];
  try {
    return await read(reader, externalId);
  } catch (error) {
    // It is gone, or lies where this server may not look.
    if (isRefusal(error)) return [];
    throw error;
  }
}

const READERS: Record<string, (reader: Reader, id: string) => Promise<PartFacts[]>> = {
  CodeBuild: readBuild,
  CodeDeploy: readDeployment,
};

async function readBuild(reader: Reader, id: string): Promise<PartFacts[]> {
  const { BatchGetBuildsCommand, CodeBuildClient } = await import('@aws-sdk/client-codebuild');
  const client = reader.client(CodeBuildClient, ['codebuild:BatchGetBuilds']);
  const { builds = [] } = await client.send(new BatchGetBuildsCommand({ ids: [id] }));
  return builds.flatMap(phasesOf);
}

/** Those that have ended: the last, COMPLETED, is no work. */
function phasesOf({ arn, phases = [] }: Build): PartFacts[] {
  return phases.flatMap(({ phaseType: name = '', phaseStatus, startTime, endTime, contexts }) => {
    if (!startTime || !endTime) return [];
    const { message } = contexts?.find((context) => context.message) ?? {};
    return {
      ...{ id: `${arn}/${name}`, name, start: startTime, end: endTime },
      result: ownValue(PHASES, phaseStatus ?? '') ?? 'error',
      error: { ...(phaseStatus && { code: phaseStatus }), ...(message && { message }) },
      attributes: { 'aws.codebuild.build.arn': arn, 'aws.codebuild.phase.type': name },
    };
  });
}

async function readDeployment(reader: Reader, deploymentId: string): Promise<PartFacts[]> {
  const sdk = await import('@aws-sdk/client-codedeploy');
  const may = ['codedeploy:ListDeploymentTargets', 'codedeploy:BatchGetDeploymentTargets'];
  const client = reader.client(sdk.CodeDeployClient, may);
  const found: PartFacts[] = [];
  let nextToken: string | undefined;
  do {
    const page = await client.send(
      new sdk.ListDeploymentTargetsCommand({ deploymentId, nextToken }),
    );
    nextToken = page.nextToken;
    const { targetIds: all = [] } = page;
    for (let at = 0; at < all.length; at += TARGETS_A_CALL) {
      const targetIds = all.slice(at, at + TARGETS_A_CALL);
      const command = new sdk.BatchGetDeploymentTargetsCommand({ deploymentId, targetIds });
      const { deploymentTargets = [] } = await client.send(command);
      append(found, deploymentTargets.flatMap(targetOf));
    }
  } while (nextToken !== undefined);
  return found;
}

/** A target is as long as its lifecycle events: no API tells when it began. */
function targetOf(target: DeploymentTarget): PartFacts[] {
  const { instanceTarget, lambdaTarget, ecsTarget, cloudFormationTarget } = target;
  const found = instanceTarget ?? lambdaTarget ?? ecsTarget ?? cloudFormationTarget;
  const { deploymentId = '', targetId: name = '', status = '', lifecycleEvents = [] } = found ?? {};
  const id = `${deploymentId}/${name}`;
  const attributes = {
    'aws.codedeploy.deployment.id': deploymentId,
    'aws.codedeploy.target.id': name,
  };
  const parts = lifecycleEvents.flatMap((event) => lifecycleEventOf(id, event, attributes));
  if (parts.length === 0) return [];
  return [
    {
      ...{ id, name, attributes, parts, result: ownValue(LIFECYCLE, status) ?? 'error' },
      ...(status === 'Failed' && { error: { code: status } }),
      start: new Date(least(parts.map(({ start }) => start.getTime())) ?? 0),
      end: new Date(greatest(parts.map(({ end }) => end.getTime())) ?? 0),
    },
  ];
}

/** One that was skipped took no time, and has none. */
function lifecycleEventOf(
  target: string,
  { lifecycleEventName: name = '', status, startTime, endTime, diagnostics }: LifecycleEvent,
  attributes: PartFacts['attributes'],
): PartFacts[] {
  if (!startTime || !endTime) return [];
  const { errorCode, message } = diagnostics ?? {};
  return [
    {
      ...{ id: `${target}/${name}`, name, start: startTime, end: endTime },
      result: ownValue(LIFECYCLE, status ?? '') ?? 'error',
      error: { ...(errorCode && { code: errorCode }), ...(message && { message }) },
      attributes: { ...attributes, 'aws.codedeploy.lifecycle_event.name': name },
    },
  ];
}
