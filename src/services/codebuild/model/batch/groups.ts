import { createHash } from 'node:crypto';
import type {
  Build,
  BuildArtifacts,
  BuildBatch,
  BuildGroup,
  BuildSummary,
  ResolvedArtifact,
  StatusType,
} from '@aws-sdk/client-codebuild';
import type { BatchFacts, BatchGroup } from './record.ts';
import { type BatchTask, READER } from './task.ts';

/** What the documented answers have, though the SDK's list has it not. */
export const PENDING = 'PENDING' as StatusType;
const NO_ARTIFACTS = 'no_artifacts' as 'NO_ARTIFACTS';

const UUID_GROUPS = /^(.{8})(.{4}).(.{3}).(.{3})(.{12}).*$/s;

/** The id of a build is known before it is started, so that it is started once: it follows from whose it is. */
export function buildIdOf(batchId: string, identifier: string, attempt: number): string {
  const [project = '', uuid = ''] = batchId.split(':');
  const digest = createHash('sha256').update(`${uuid}/${attempt}/${identifier}`).digest('hex');
  return `${project}:${digest.replace(UUID_GROUPS, '$1-$2-4$3-8$4-$5')}`;
}

const buildArnOf = ({ id, batch }: Pick<BatchFacts, 'id' | 'batch'>, name: string, n: number) =>
  `${(batch.arn ?? '').replace(/:build-batch\/.*$/, '')}:build/${buildIdOf(id, name, n)}`;

/** A build of a batch that has not begun. */
export function newGroup(
  facts: Pick<BatchFacts, 'id' | 'batch'>,
  task: BatchTask,
  now: Date,
  attempt = 1,
): BatchGroup {
  const arn = buildArnOf(facts, task.identifier, attempt);
  return {
    ...{ task, attempt, state: 'waiting', priors: [], uploaded: [] },
    summary: { arn, requestedOn: now, buildStatus: PENDING },
  };
}

/** The same build to be tried again; one that never ran is none that was tried. */
export function retriedGroup(facts: BatchFacts, group: BatchGroup, now: Date): BatchGroup {
  if (group.skipped) return newGroup(facts, group.task, now, group.attempt);
  const fresh = newGroup(facts, group.task, now, group.attempt + 1);
  return { ...fresh, priors: [...group.priors, group.summary] };
}

export const readerTask: BatchTask = { identifier: READER, ignoreFailure: false };

/** It has ended, and who depends on it may go on. */
export const endedWell = ({ state, skipped, task, summary }: BatchGroup): boolean =>
  state === 'ended' && !skipped && (task.ignoreFailure || summary.buildStatus === 'SUCCEEDED');

/** It ran, and its end is that of the batch. */
export const hasFailed = (group: BatchGroup): boolean =>
  group.state === 'ended' && !group.skipped && !endedWell(group);

/** What has to be done outside for a batch: builds that are to begin, or to end, and what is left to do with their artifacts. */
export function openOf({ slot, batch, run, inputs }: BatchFacts): string[] {
  if (slot === 'done') return [];
  const open = run.groups.flatMap(({ task, attempt, state, stopping }) => {
    if (state !== 'asked' && state !== 'running') return [];
    const id = `${task.identifier}#${attempt}`;
    return stopping ? [id, `stop ${id}`] : [id];
  });
  const combines = batch.currentPhase === 'COMBINE_ARTIFACTS' && inputs.config.combineArtifacts;
  return combines && !run.combined ? [...open, COMBINE] : open;
}

/** No identifier has a blank. */
export const COMBINE = 'combine artifacts';

/** A batch as it is shown. */
export function shownBatch({ batch, run }: Pick<BatchFacts, 'batch' | 'run'>): BuildBatch {
  const begun = run.groups.some(({ state }) => state !== 'waiting');
  return { ...batch, ...(begun && { buildGroups: run.groups.map(shownGroup) }) };
}

function shownGroup({ task, summary, priors }: BatchGroup): BuildGroup {
  return {
    identifier: task.identifier,
    ...(task.identifier !== READER && { dependsOn: task.dependsOn ?? [] }),
    ignoreFailure: task.ignoreFailure,
    currentBuildSummary: summary,
    ...(priors.length > 0 && { priorBuildSummaryList: priors }),
  };
}

/** How a build ended, for its batch. @param type of the project's artifacts */
export function endSummary(
  { summary, task }: BatchGroup,
  build: Build,
  type: ResolvedArtifact['type'],
): BuildSummary {
  const resolved = (artifact: BuildArtifacts | undefined, identifier: string): ResolvedArtifact =>
    artifact?.location
      ? { type, location: artifact.location, identifier }
      : { type: NO_ARTIFACTS, identifier };
  return {
    ...summary,
    buildStatus: build.buildStatus,
    primaryArtifact: resolved(build.artifacts, task.identifier),
    secondaryArtifacts: (build.secondaryArtifacts ?? []).map((each) =>
      resolved(each, each.artifactIdentifier ?? ''),
    ),
  };
}
