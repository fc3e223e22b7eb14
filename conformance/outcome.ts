import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { CloudWatchLogsClient, GetLogEventsCommand } from '@aws-sdk/client-cloudwatch-logs';
import { ListBuildsForProjectCommand } from '@aws-sdk/client-codebuild';
import { ListDeploymentsCommand } from '@aws-sdk/client-codedeploy';
import {
  GetPipelineStateCommand,
  ListActionExecutionsCommand,
  ListPipelineExecutionsCommand,
  PutApprovalResultCommand,
} from '@aws-sdk/client-codepipeline';
import { expect } from 'vitest';
import { NAMES } from '../src/cli/demo/policies.ts';
import { eventually } from './eventually.ts';
import { BUILD_LINES, type Journey } from './journey.ts';
import type { TestServer } from './server.ts';

/** Source, build, approval and deployment. */
const ACTIONS = 4;
const WITHIN_MS = 90_000;

/** Approves what waits until `count` executions have ended. */
export async function finished(journey: Journey, count: number): Promise<void> {
  await eventually(
    `execution ${count}`,
    async () => {
      await approve(journey);
      const executions = await pipelineExecutions(journey);
      return executions.length === count && executions.every((e) => e.status !== 'InProgress');
    },
    WITHIN_MS,
  );
}

/** What must hold after `count` executions, whatever happened to the servers meanwhile. */
export async function expectOutcome(
  journey: Journey,
  client: TestServer['client'],
  count: number,
): Promise<void> {
  expect(await failures(journey)).toEqual([]);
  const executions = await pipelineExecutions(journey);
  expect(executions.map((e) => e.status)).toEqual(Array(count).fill('Succeeded'));
  await noActionRanTwice(journey, count);
  await logsAreWhole(journey, client);
  hooksRanOnce(journey, count);
}

async function pipelineExecutions({ clients }: Journey) {
  const { pipelineExecutionSummaries = [] } = await clients.codepipeline.send(
    new ListPipelineExecutionsCommand({ pipelineName: NAMES.pipeline }),
  );
  return pipelineExecutionSummaries;
}

/** What failed and why: says more than a status when a test fails. */
async function failures({ clients }: Journey): Promise<unknown[]> {
  const { actionExecutionDetails = [] } = await clients.codepipeline.send(
    new ListActionExecutionsCommand({ pipelineName: NAMES.pipeline }),
  );
  return actionExecutionDetails
    .filter((action) => action.status === 'Failed')
    .map((action) => [action.actionName, action.output?.executionResult]);
}

async function approve({ clients }: Journey): Promise<void> {
  const { codepipeline } = clients;
  const { stageStates = [] } = await codepipeline.send(
    new GetPipelineStateCommand({ name: NAMES.pipeline }),
  );
  const action = stageStates.find((s) => s.stageName === 'Approval')?.actionStates?.[0];
  const token = action?.latestExecution?.token;
  if (!token || action?.latestExecution?.status !== 'InProgress') return;
  await codepipeline.send(
    new PutApprovalResultCommand({
      pipelineName: NAMES.pipeline,
      stageName: 'Approval',
      actionName: action.actionName,
      token,
      result: { status: 'Approved', summary: '' },
    }),
  );
}

async function buildIds({ clients }: Journey): Promise<string[]> {
  const list = new ListBuildsForProjectCommand({ projectName: NAMES.project });
  return (await clients.codebuild.send(list)).ids ?? [];
}

async function noActionRanTwice(journey: Journey, count: number): Promise<void> {
  const { codepipeline, codedeploy } = journey.clients;
  const { actionExecutionDetails = [] } = await codepipeline.send(
    new ListActionExecutionsCommand({ pipelineName: NAMES.pipeline }),
  );
  expect(actionExecutionDetails).toHaveLength(count * ACTIONS);
  expect(await buildIds(journey)).toHaveLength(count);
  const { deployments = [] } = await codedeploy.send(
    new ListDeploymentsCommand({
      applicationName: NAMES.application,
      deploymentGroupName: NAMES.group,
    }),
  );
  expect(deployments).toHaveLength(count);
}

/** Every build's log has each of its lines once, in order. */
async function logsAreWhole(journey: Journey, client: TestServer['client']): Promise<void> {
  const logs = new CloudWatchLogsClient(client);
  const wanted = Array.from({ length: BUILD_LINES }, (_, i) => `line ${i + 1}`);
  for (const id of await buildIds(journey)) {
    const { events = [] } = await logs.send(
      new GetLogEventsCommand({
        logGroupName: `/aws/codebuild/${NAMES.project}`,
        logStreamName: id.split(':')[1],
        startFromHead: true,
      }),
    );
    const lines = events.map((e) => e.message?.trimEnd() ?? '').filter((m) => /^line \d+$/.test(m));
    expect(lines, id).toEqual(wanted);
  }
}

/** Each deployment ran its one hook once on each instance. */
function hooksRanOnce({ instances }: Journey, count: number): void {
  for (const { prefix } of instances) {
    const lines = readFileSync(join(prefix, 'hooks.log'), 'utf8').trim().split('\n');
    expect(lines).toHaveLength(count);
    expect(new Set(lines).size).toBe(count);
  }
}
