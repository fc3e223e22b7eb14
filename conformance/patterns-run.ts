import { setTimeout as sleep } from 'node:timers/promises';
import { type ActionExecutionDetail, CodePipelineClient } from '@aws-sdk/client-codepipeline';
import { GetObjectCommand, ListObjectVersionsCommand, S3Client } from '@aws-sdk/client-s3';
import { append } from '../src/lib/append.ts';
import { eventually } from './eventually.ts';
import { makePattern, NUMBER, type Pattern, SITE } from './patterns.ts';
import { actionsOf, executionsOf, outOfOrder, shared } from './pipeline-history.ts';
import type { TestServer } from './server.ts';

const EVERY_MS = 150;

export interface Run {
  pushes: number;
  /** Until the next push comes, whatever goes on. */
  pause(): Promise<void>;
  /** How long all may take after the last push. */
  withinMs: number;
}

/** Pushes to a pattern's repository while its pipeline runs, until all is over. @returns what does not hold */
export async function runPattern(
  server: TestServer,
  roleArn: string,
  pattern: Pattern,
  { pushes, pause, withinMs }: Run,
): Promise<string[]> {
  const running = await makePattern(server, roleArn, pattern);
  const codepipeline = new CodePipelineClient(server.client);
  let over = false;
  const approving = (async () => {
    while (!over) {
      await running.approve();
      await sleep(EVERY_MS);
    }
  })();
  const commits: string[] = [];
  try {
    for (let number = 1; number <= pushes; number += 1) {
      await pause();
      commits.push(await running.push(number));
    }
    await eventually(
      `the end of all of ${pattern.name}`,
      async () => {
        const all = await executionsOf(codepipeline, pattern.name);
        return all.length > pushes && all.every(({ status }) => status !== 'InProgress');
      },
      withinMs,
    );
  } finally {
    over = true;
    await approving;
  }
  const found = await outcome(codepipeline, pattern, commits);
  append(found, await effects(server, pattern, pushes));
  return found.map((what) => `${pattern.name}: ${what}`);
}

async function outcome(
  codepipeline: CodePipelineClient,
  { name, mode, stages }: Pattern,
  commits: string[],
): Promise<string[]> {
  const found: string[] = [];
  const executions = (await executionsOf(codepipeline, name)).reverse();
  const actions = await actionsOf(codepipeline, name);
  if (executions.length !== commits.length + 1)
    found.push(`${executions.length} executions of ${commits.length} pushes and one`);
  for (const [index, { status, sourceRevisions = [] }] of executions.entries()) {
    const last = index === executions.length - 1;
    const expected = ['Succeeded', ...(mode === 'SUPERSEDED' && !last ? ['Superseded'] : [])];
    if (!expected.includes(status ?? '')) found.push(`execution ${index} ended ${status}`);
    const revision = sourceRevisions[0]?.revisionId;
    // What was superseded in front of its source has none; creating the pipeline takes what there is.
    if (index > 0 && revision !== undefined && revision !== commits[index - 1])
      found.push(`execution ${index} worked with the commit of another push`);
  }
  const order = [...executions].reverse();
  append(found, [...shared(actions), ...outOfOrder(order, actions)]);
  const complete = 1 + stages.flatMap((stage) => stage.actions ?? []).length;
  const byExecution = Map.groupBy(actions, (a) => a.pipelineExecutionId ?? '');
  for (const { pipelineExecutionId: id = '', status } of executions) {
    const its = byExecution.get(id) ?? [];
    if (status === 'Succeeded' && its.length !== complete)
      found.push(`${id} ran ${its.length} actions of ${complete}`);
    append(found, stagesOutOfOrder(id, its, ['Source', ...stages.map((s) => s.name ?? '')]));
  }
  for (const { actionName, status, output } of actions)
    if (status !== 'Succeeded')
      found.push(
        `${actionName} ended ${status}: ${output?.executionResult?.errorDetails?.message}`,
      );
  return found;
}

/** No action of a stage began before those of the stage before it had ended. */
function stagesOutOfOrder(id: string, its: ActionExecutionDetail[], stages: string[]): string[] {
  const ordered = its.toSorted((a, b) => Number(a.startTime) - Number(b.startTime));
  return ordered.flatMap(({ stageName = '', actionName, startTime }) => {
    const earlier = ordered.filter(
      (other) => stages.indexOf(other.stageName ?? '') < stages.indexOf(stageName),
    );
    const open = earlier.some(({ lastUpdateTime }) => Number(lastUpdateTime) > Number(startTime));
    return open ? [`${id}: ${actionName} began before its time`] : [];
  });
}

/** What lies where it was deployed to is the last push's, and was never older than what had been there. */
async function effects(server: TestServer, pattern: Pattern, pushes: number): Promise<string[]> {
  const s3 = new S3Client({ ...server.client, forcePathStyle: true });
  const found: string[] = [];
  for (const prefix of pattern.deploysTo) {
    const Key = `${prefix}/${NUMBER}`;
    const { Versions = [] } = await s3.send(
      new ListObjectVersionsCommand({ Bucket: SITE, Prefix: Key }),
    );
    const numbers: number[] = [];
    // Newest first.
    for (const { VersionId } of Versions.reverse()) {
      const { Body } = await s3.send(new GetObjectCommand({ Bucket: SITE, Key, VersionId }));
      numbers.push(Number(await Body?.transformToString()));
    }
    if (numbers.at(-1) !== pushes) found.push(`${prefix} has ${numbers.at(-1)} of ${pushes}`);
    const sorted = numbers.toSorted((a, b) => a - b);
    if (numbers.join() !== sorted.join()) found.push(`${prefix} had ${numbers.join()}`);
    if (pattern.mode === 'QUEUED' && new Set(numbers).size < pushes)
      found.push(`${prefix} had ${new Set(numbers).size} of ${pushes}`);
  }
  return found;
}
