import { isAwsError } from '../../../aws/errors.ts';
import type { Tx } from '../../../db/database.ts';
import type { Platform } from '../../../kit/service.ts';
import { BATCH_LIMIT_LOOK_MS } from '../limits.ts';
import { inputsOf } from '../model/batch/child.ts';
import { giveUp, noteStart } from '../model/batch/commands.ts';
import { buildIdOf } from '../model/batch/groups.ts';
import type { BatchFacts, BatchGroup, Problem } from '../model/batch/record.ts';
import { settleBatch } from '../reconcilers/batch.ts';
import { buildKey } from '../reconcilers/names.ts';
import { findBatch } from '../store/batches.ts';
import * as builds from '../store/builds.ts';
import { findProject } from '../store/projects.ts';
import { beginBuild } from './begin-build.ts';
import { SERVICE_PRINCIPAL, sessionName, sourceArnOf } from './service-role.ts';

/**
 * Starts the builds that a batch asks for, under the batch's own role (CB-G6).
 * @returns when to look again, where a limit of the project keeps some back
 */
export async function startBuilds(
  platform: Platform,
  facts: BatchFacts,
): Promise<Date | undefined> {
  if (!facts.run.groups.some(({ state }) => state === 'asked')) return undefined;
  const problem = await refusal(platform, facts);
  if (problem) {
    await platform.transaction((tx) => fail(platform, tx, facts, problem));
    return undefined;
  }
  const kept = await platform.transaction((tx) => startAll(platform, tx, facts));
  return kept ? new Date(platform.clock.now().getTime() + BATCH_LIMIT_LOOK_MS) : undefined;
}

/** Why the batch may not start builds; undefined when it may. */
async function refusal(platform: Platform, facts: BatchFacts): Promise<Problem | undefined> {
  const { serviceRole: roleArn } = facts.inputs.config;
  const project = sourceArnOf(facts);
  const role = {
    ...{ service: SERVICE_PRINCIPAL, sourceArn: project, roleArn },
    ...{ sessionName: sessionName(facts.id), region: facts.region },
  };
  try {
    await platform.authorizeAs(role, 'codebuild:StartBuild', project);
    return undefined;
  } catch (error) {
    if (!isAwsError(error, 'AccessDenied', 'AccessDeniedException')) throw error;
    return { statusCode: 'ACCESS_DENIED', message: (error as Error).message };
  }
}

/** @returns whether some could not be started yet */
async function startAll(
  platform: Platform,
  tx: Tx,
  { id, ...owner }: BatchFacts,
): Promise<boolean> {
  // As it is now: it may have been stopped meanwhile.
  const facts = await findBatch(tx, owner, id);
  const asked = facts?.run.groups.filter(({ state }) => state === 'asked') ?? [];
  if (!facts || asked.length === 0) return false;
  const name = facts.batch.projectName ?? '';
  const found = await findProject(tx, facts, name);
  if (!found) {
    const message = `The provided project ${sourceArnOf(facts)} does not exist`;
    await fail(platform, tx, facts, { statusCode: 'CLIENT_ERROR', message });
    return false;
  }
  const limit = found.project.concurrentBuildLimit ?? Number.POSITIVE_INFINITY;
  const room = Math.max(0, limit - (await builds.countActiveOfProject(tx, facts, name)));
  const started = asked.slice(0, room);
  for (const group of started) await insert(platform, tx, facts, group);
  await settleBatch(platform, tx, buildKey(facts, id), (draft) => {
    for (const { task, attempt } of started)
      noteStart(draft, { identifier: task.identifier, attempt });
  });
  return started.length < asked.length;
}

async function insert(
  platform: Platform,
  tx: Tx,
  facts: BatchFacts,
  group: BatchGroup,
): Promise<void> {
  const { inputs, batch } = facts;
  const own = inputsOf(facts, group);
  // Of a pipeline's source: it came with the call.
  const { resolvedSourceVersion } = own.source.type === 'CODEPIPELINE' ? batch : {};
  await beginBuild(
    platform,
    tx,
    facts,
    {
      id: buildIdOf(facts.id, group.task.identifier, group.attempt),
      ...{ inputs: own, cache: inputs.cache, partition: inputs.partition },
    },
    resolvedSourceVersion ? { resolvedSourceVersion } : {},
  );
}

async function fail(
  platform: Platform,
  tx: Tx,
  facts: BatchFacts,
  problem: Problem,
): Promise<void> {
  await settleBatch(platform, tx, buildKey(facts, facts.id), (draft) => giveUp(draft, problem));
}
