import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  CodePipelineClient,
  CreatePipelineCommand,
  DisableStageTransitionCommand,
  ListPipelineExecutionsCommand,
} from '@aws-sdk/client-codepipeline';
import { startServer, type TestServer } from '../conformance/server.ts';
import { ended } from './actions.ts';
import { fillStore } from './fill-store.ts';
import { load } from './load.ts';
import { declaration, makePipeline, makeRole } from './pipeline.ts';
import { cpuMs } from './process.ts';
import { jsonCall, signerOf } from './signed.ts';

const PIPELINES = 10_000;
const EXECUTIONS = 100_000;
/** Of those, in one pipeline. */
const HISTORY = 50_000;
const PAGE = 100;
const ROUND_MS = 400;
const ROUNDS = 3;
const ACTIONS = 2;

/** Milliseconds a call. */
interface Cost {
  /** Of the server's processor time. */
  cpu: number;
  wall: number;
}

/**
 * Calls in a store of 10,000 pipelines and 100,000 executions beside those in one of two pipelines, and pages of a history of 50,000.
 * Also by the server's processor time, which says more than the clock where others work on the machine.
 */
export async function benchScale(): Promise<string[]> {
  const dataDir = mkdtempSync(join(tmpdir(), 'slipway-scale-'));
  try {
    const server = await startServer({ dataDir });
    const executionId = await prepare(server);
    const empty = await costs(server, executionId);
    await server.stop();
    const filling = { pipelines: PIPELINES, executions: EXECUTIONS, history: HISTORY };
    await fillStore(dataDir, filling);
    const full = await startServer({ dataDir });
    const paged = await pages(full);
    const filled = await costs(full, executionId);
    await full.stop();
    return [...empty.map(({ name, cost }, i) => line(name, cost, filled[i]?.cost ?? cost)), paged];
  } finally {
    rmSync(dataDir, { recursive: true, force: true });
  }
}

/**
 * Two pipelines with an execution each. Nothing can enter the second any more, so that starting it is the call alone.
 * @returns the first's execution
 */
async function prepare(server: TestServer): Promise<string> {
  const role = await makeRole(server);
  await makePipeline(server, role, ACTIONS);
  const codepipeline = new CodePipelineClient(server.client);
  await ended(codepipeline);
  const closed = { ...declaration(role, ACTIONS), name: 'closed' };
  await codepipeline.send(new CreatePipelineCommand({ pipeline: closed }));
  await ended(codepipeline, 'closed');
  await codepipeline.send(
    new DisableStageTransitionCommand({
      ...{ pipelineName: 'closed', stageName: 'Source', transitionType: 'Inbound' },
      reason: 'bench',
    }),
  );
  const { pipelineExecutionSummaries: [first] = [] } = await codepipeline.send(
    new ListPipelineExecutionsCommand({ pipelineName: 'bench' }),
  );
  return first?.pipelineExecutionId ?? '';
}

/** Lists have one item: in both stores the same work to answer. */
const calls = (pipelineExecutionId: string): [string, string, object][] => {
  const bench = { pipelineName: 'bench', maxResults: 1 };
  const latestInPipelineExecution = { pipelineExecutionId, startTimeRange: 'Latest' };
  return [
    ['ListPipelines', '', { maxResults: 1 }],
    ['GetPipelineState', '', { name: 'bench' }],
    ['ListPipelineExecutions', '', bench],
    [
      ...(['ListPipelineExecutions', ' (succeeded in a stage)'] as const),
      { ...bench, filter: { succeededInStage: { stageName: 'Build' } } },
    ],
    [
      ...(['ListPipelineExecutions', ' (of which there is none)'] as const),
      { ...bench, filter: { succeededInStage: { stageName: 'None' } } },
    ],
    ['ListActionExecutions', '', bench],
    ['ListActionExecutions', ' (of one)', { ...bench, filter: { pipelineExecutionId } }],
    [
      'ListActionExecutions',
      ' (latest of one)',
      { ...bench, filter: { latestInPipelineExecution } },
    ],
    ['ListRuleExecutions', '', bench],
    ['GetPipelineExecution', '', { pipelineName: 'bench', pipelineExecutionId }],
    ['StartPipelineExecution', '', { name: 'closed' }],
  ];
};

async function costs(server: TestServer, executionId: string) {
  const found: { name: string; cost: Cost }[] = [];
  for (const [operation, more, input] of calls(executionId)) {
    const cost = await costOf(server, operation, input);
    found.push({ name: `${operation}${more}`, cost });
  }
  return found;
}

/** The cheapest of three rounds, after one that warms up. */
async function costOf(server: TestServer, operation: string, input: object): Promise<Cost> {
  const port = Number(new URL(server.endpoint).port);
  const call = jsonCall(`CodePipeline_20150709.${operation}`, input);
  const request = await signerOf(server, 'codepipeline')(call);
  const best = { cpu: Infinity, wall: Infinity };
  for (let round = 0; round <= ROUNDS; round += 1) {
    const cpu = cpuMs(server);
    const started = performance.now();
    const { failures, perSecond } = await load(port, request, 1, ROUND_MS);
    const wall = performance.now() - started;
    if (failures > 0) throw new Error(`${failures} calls of ${operation} failed`);
    if (round === 0) continue;
    best.cpu = Math.min(best.cpu, (cpuMs(server) - cpu) / ((perSecond * wall) / 1000));
    best.wall = Math.min(best.wall, 1000 / perSecond);
  }
  return best;
}

function line(name: string, empty: Cost, full: Cost): string {
  const both = (what: keyof Cost) =>
    `${empty[what].toFixed(2)} -> ${full[what].toFixed(2)} ms (${(full[what] / empty[what]).toFixed(2)})`;
  return `${name.padEnd(52)} processor ${both('cpu')}, clock ${both('wall')} (aim 1.50)`;
}

/** Through all of the history, a page after the other. */
async function pages(server: TestServer): Promise<string> {
  const codepipeline = new CodePipelineClient(server.client);
  const times: number[] = [];
  let nextToken: string | undefined;
  do {
    const started = performance.now();
    const page = await codepipeline.send(
      new ListPipelineExecutionsCommand({ pipelineName: 'bench', maxResults: PAGE, nextToken }),
    );
    times.push(performance.now() - started);
    nextToken = page.nextToken;
  } while (nextToken !== undefined);
  const tenth = Math.floor(times.length / 10);
  const median = (list: number[]) =>
    (list.toSorted((a, b) => a - b)[Math.floor(list.length / 2)] ?? 0).toFixed(1);
  const [first, last] = [median(times.slice(tenth, 2 * tenth)), median(times.slice(-tenth))];
  return `${times.length} pages of ${PAGE} executions: ${first} ms each in the second tenth, ${last} ms in the last`;
}
