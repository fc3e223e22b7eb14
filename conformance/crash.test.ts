import { GetLogEventsCommand, CloudWatchLogsClient } from '@aws-sdk/client-cloudwatch-logs';
import { ListBuildsForProjectCommand } from '@aws-sdk/client-codebuild';
import { ListDeploymentsCommand } from '@aws-sdk/client-codedeploy';
import {
  GetPipelineStateCommand,
  ListActionExecutionsCommand,
  ListPipelineExecutionsCommand,
  PutApprovalResultCommand,
} from '@aws-sdk/client-codepipeline';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { NAMES } from '../src/cli/demo/policies.ts';
import { eventually, randomMoments } from './eventually.ts';
import { BUILD_LINES, type Journey, startJourney } from './journey.ts';
import { startServer, type TestServer } from './server.ts';

/** Twenty kills: five to each of four executions. */
const EXECUTIONS = 4;
const KILLS_EACH = 5;
/** An execution takes a few seconds; kills fall anywhere in it. */
const WITHIN_MS = 1500;
const seed = Number(process.env.SLIPWAY_TEST_SEED ?? Date.now() % 1_000_000);

let server: TestServer;
let journey: Journey;
let directory: string;

beforeAll(async () => {
  directory = mkdtempSync(join(tmpdir(), 'slipway-crash-'));
  server = await startServer();
  journey = await startJourney(server, directory);
});

afterAll(async () => {
  await journey?.stop();
  await server?.stop();
  rmSync(directory, { recursive: true, force: true });
});

test(`kill -9 at twenty random moments changes nothing in the outcome (seed ${seed})`, { timeout: 300_000 }, async () => {
  const atRandomMoment = randomMoments(seed);
  for (let execution = 0; execution < EXECUTIONS; execution += 1) {
    if (execution > 0) await eventually('the push', () => journey.push(`Push ${execution}`).then(() => true));
    for (let kill = 0; kill < KILLS_EACH; kill += 1) {
      await atRandomMoment(WITHIN_MS);
      await server.kill();
      await server.restart();
    }
    await finished(execution + 1);
  }
  const executions = await pipelineExecutions();
  expect(executions.map((e) => e.status)).toEqual(Array(EXECUTIONS).fill('Succeeded'));
  await noActionRanTwice();
  await logsAreWhole();
  await hooksRanOnce();
});

async function pipelineExecutions() {
  const { pipelineExecutionSummaries = [] } = await journey.clients.codepipeline.send(
    new ListPipelineExecutionsCommand({ pipelineName: NAMES.pipeline }),
  );
  return pipelineExecutionSummaries;
}

/** Approves what waits until `count` executions have ended. */
async function finished(count: number): Promise<void> {
  await eventually(
    `execution ${count}`,
    async () => {
      await approve();
      const executions = await pipelineExecutions();
      return executions.length === count && executions.every((e) => e.status !== 'InProgress');
    },
    90_000,
  );
}

async function approve(): Promise<void> {
  const { codepipeline } = journey.clients;
  const { stageStates = [] } = await codepipeline.send(new GetPipelineStateCommand({ name: NAMES.pipeline }));
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

async function noActionRanTwice(): Promise<void> {
  const { codepipeline, codebuild, codedeploy } = journey.clients;
  const { actionExecutionDetails = [] } = await codepipeline.send(
    new ListActionExecutionsCommand({ pipelineName: NAMES.pipeline }),
  );
  expect(actionExecutionDetails).toHaveLength(EXECUTIONS * 4);
  const { ids = [] } = await codebuild.send(new ListBuildsForProjectCommand({ projectName: NAMES.project }));
  expect(ids).toHaveLength(EXECUTIONS);
  const { deployments = [] } = await codedeploy.send(
    new ListDeploymentsCommand({ applicationName: NAMES.application, deploymentGroupName: NAMES.group }),
  );
  expect(deployments).toHaveLength(EXECUTIONS);
}

/** Every build's log has each of its lines once, in order. */
async function logsAreWhole(): Promise<void> {
  const logs = new CloudWatchLogsClient(server.client);
  const { ids = [] } = await journey.clients.codebuild.send(
    new ListBuildsForProjectCommand({ projectName: NAMES.project }),
  );
  const wanted = Array.from({ length: BUILD_LINES }, (_, i) => `line ${i + 1}`);
  for (const id of ids) {
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
async function hooksRanOnce(): Promise<void> {
  for (const { prefix } of journey.instances) {
    const lines = readFileSync(join(prefix, 'hooks.log'), 'utf8').trim().split('\n');
    expect(lines).toHaveLength(EXECUTIONS);
    expect(new Set(lines).size).toBe(EXECUTIONS);
  }
}
