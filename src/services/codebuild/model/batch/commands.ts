import type { Build, BuildArtifacts, StatusType } from '@aws-sdk/client-codebuild';
import { defined } from '../../../../lib/defined.ts';
import type { BatchDraft } from './draft.ts';
import { endedWell, endSummary, newGroup, retriedGroup } from './groups.ts';
import type { BatchGroup, Problem } from './record.ts';
import type { BatchSpec } from './task.ts';

/** StopBuildBatch: what runs is told to end, what does not never begins. */
export function stopBatch(draft: BatchDraft): void {
  const { slot, stopRequested } = draft.state;
  if (slot !== 'done' && !stopRequested) draft.set({ stopRequested: true });
}

/** Which build of a batch. */
export interface Attempt {
  identifier: string;
  attempt: number;
}

const is = ({ task, attempt }: BatchGroup, which: Attempt): boolean =>
  task.identifier === which.identifier && attempt === which.attempt;

/** A build has been started. @returns false, with nothing changed, when it is not to begin any more */
export function noteStart(draft: BatchDraft, which: Attempt): boolean {
  return draft.changeGroups((group) =>
    is(group, which) && group.state === 'asked'
      ? { state: 'running', summary: { ...group.summary, buildStatus: 'IN_PROGRESS' } }
      : undefined,
  );
}

/** What keeps builds from being started, or their artifacts from being combined, will not change. */
export function giveUp(draft: BatchDraft, problem: Problem): void {
  if (draft.state.slot !== 'done') draft.setRun({ problem });
}

/** How a build of the batch ended, and what the one that read the buildspec found. */
export interface BuildEnd extends Attempt {
  build: Build;
  plan?: BatchSpec | undefined;
}

export function noteEnd(draft: BatchDraft, end: BuildEnd): void {
  const { state } = draft;
  const { type } = state.inputs.build.artifacts;
  const changed = draft.changeGroups((group) =>
    is(group, end) && group.state === 'running'
      ? { state: 'ended', summary: endSummary(group, end.build, type), uploaded: uploadedBy(end) }
      : undefined,
  );
  if (!changed) return;
  const { reportArns = [] } = end.build;
  if (reportArns.length > 0) {
    // Of a fanout's builds all have the same.
    const all = new Set([...(state.batch.reportArns ?? []), ...reportArns]);
    draft.set({ batch: { ...state.batch, reportArns: [...all] } });
  }
  if (end.plan) plan(draft, end.plan, end.build);
  else if (!state.run.planned && !draft.state.run.planned) readingFailed(draft, end.build);
  // A build that a limit of the project kept back may have room now.
  if (draft.state.run.groups.some(({ state: each }) => each === 'asked')) draft.tryAgain();
}

function uploadedBy({ build }: BuildEnd): BatchGroup['uploaded'] {
  const all = [build.artifacts, ...(build.secondaryArtifacts ?? [])];
  return all.flatMap((artifact, index) =>
    artifact?.sha256sum && artifact.location
      ? {
          identifier: index === 0 ? '' : (artifact.artifactIdentifier ?? ''),
          location: artifact.location,
        }
      : [],
  );
}

function plan(draft: BatchDraft, { fastFail, tasks }: BatchSpec, build: Build): void {
  const { state } = draft;
  const now = new Date(draft.now);
  const groups = tasks.map((task) => newGroup(state, task, now));
  draft.setRun({ planned: true, fastFail, groups: [...state.run.groups, ...groups] });
  const { resolvedSourceVersion } = build;
  draft.set({ batch: { ...state.batch, ...defined({ resolvedSourceVersion }) } });
}

/** The buildspec was not read: the batch says what its reader does. A reader that was stopped is no such reason. */
function readingFailed(draft: BatchDraft, build: Build): void {
  const contexts = (build.phases ?? []).flatMap(({ contexts = [] }) => contexts);
  const said = contexts.find(({ statusCode }) => statusCode);
  draft.setRun({
    problem: {
      statusCode: said?.statusCode ?? 'CLIENT_ERROR',
      message: said?.message ?? `The build that reads the buildspec is ${build.buildStatus}`,
    },
  });
}

/** The artifacts of all builds are in one place. */
export function combined(
  draft: BatchDraft,
  {
    primary,
    secondary,
  }: { primary: BuildArtifacts | undefined; secondary: readonly BuildArtifacts[] },
): void {
  if (draft.phase !== 'COMBINE_ARTIFACTS') return;
  const { batch } = draft.state;
  const found = (each: BuildArtifacts) =>
    secondary.find(({ artifactIdentifier }) => artifactIdentifier === each.artifactIdentifier);
  draft.set({
    batch: {
      ...batch,
      artifacts: primary ?? batch.artifacts,
      secondaryArtifacts: (batch.secondaryArtifacts ?? []).map((each) => found(each) ?? each),
    },
  });
  draft.setRun({ combined: true });
}

/** RETRY_ALL_BUILDS or RETRY_FAILED_BUILDS: the same batch goes on. Only for one whose last phase is FAILED. */
export function retryBatch(
  draft: BatchDraft,
  kind: 'RETRY_ALL_BUILDS' | 'RETRY_FAILED_BUILDS',
  token?: BatchDraft['state']['run']['tokens'][number],
): void {
  const { state } = draft;
  const now = new Date(draft.now);
  const { problem: _, combined: __, ...run } = state.run;
  const [reader, ...builds] = run.groups.map((group) => {
    const again = kind === 'RETRY_ALL_BUILDS' || !endedWell(group);
    return again ? retriedGroup(state, group, now) : group;
  });
  const first = run.planned ? run.groups[0] : reader;
  draft.endPhase('RETRY' as StatusType, 'SUBMITTED');
  const { endTime: ___, ...batch } = draft.state.batch;
  draft.set({
    slot: 'running',
    stopRequested: false,
    batch: { ...batch, buildBatchStatus: 'IN_PROGRESS', complete: false },
    run: {
      ...run,
      groups: [...(first ? [first] : []), ...builds],
      deadline: draft.now + state.inputs.config.timeoutInMins * 60_000,
      tokens: token ? [...run.tokens, token] : run.tokens,
    },
  });
}
