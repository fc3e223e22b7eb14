import type { Decisions } from '../../../../engine/machine.ts';
import { BatchDraft, type BatchEnd } from './draft.ts';
import { endedWell, hasFailed, PENDING } from './groups.ts';
import type { BatchFacts, BatchGroup } from './record.ts';

/** A batch from phase to phase (CB-G5). Its builds are builds like others, which tell it of their end. */
export const batchDecisions: Decisions<BatchFacts, BatchDraft> = {
  draft: (snapshot, now) => new BatchDraft(snapshot, now),
  decide(draft) {
    while (move(draft)) {
      // Each move ends a phase, or brings a build on, so there is a last one.
    }
  },
};

/** Does what there is a reason for. Returns false when it can only wait. */
function move(draft: BatchDraft): boolean {
  const { state, phase } = draft;
  if (state.slot === 'done') return false;
  const end = endingOf(draft);
  if (end) return windUp(draft, end);
  switch (phase) {
    case 'SUBMITTED':
      draft.endPhase('SUCCEEDED', state.run.planned ? 'IN_PROGRESS' : 'DOWNLOAD_BATCHSPEC');
      return true;
    case 'DOWNLOAD_BATCHSPEC':
      return read(draft);
    case 'IN_PROGRESS':
      return goOn(draft);
    case 'COMBINE_ARTIFACTS':
      if (state.inputs.config.combineArtifacts && !state.run.combined) return false;
      draft.complete('SUCCEEDED');
      return true;
    default:
      return false;
  }
}

/** Why the batch comes to its end before its time. */
function endingOf({ state, now, phase }: BatchDraft): BatchEnd | undefined {
  const { run, stopRequested } = state;
  if (stopRequested) return 'STOPPED';
  if (now >= run.deadline) return 'TIMED_OUT';
  if (run.problem) return 'FAILED';
  return phase === 'IN_PROGRESS' && run.fastFail && run.groups.some(hasFailed)
    ? 'FAILED'
    : undefined;
}

/** Nothing new is begun, what runs is told to end, and when it has, so has the batch. */
function windUp(draft: BatchDraft, end: BatchEnd): boolean {
  draft.changeGroups((group) => {
    if (group.state === 'waiting' || group.state === 'asked') return neverRun(group);
    return group.state === 'running' && !group.stopping ? { stopping: true } : undefined;
  });
  const { run } = draft.state;
  if (run.groups.some(({ state }) => state === 'running')) return false;
  draft.complete(end, problemOf(draft, end));
  return true;
}

function problemOf({ state, phase }: BatchDraft, end: BatchEnd) {
  const { run, inputs } = state;
  if (end === 'FAILED') return run.problem;
  const message = `Build batch has timed out after ${inputs.config.timeoutInMins} minutes.`;
  return end === 'TIMED_OUT' && phase !== 'SUBMITTED'
    ? { statusCode: 'BUILD_TIMED_OUT', message }
    : undefined;
}

const neverRun = ({ summary }: BatchGroup): Partial<BatchGroup> => ({
  ...{ state: 'ended', skipped: true },
  summary: { ...summary, buildStatus: 'STOPPED' },
});

/** DOWNLOAD_BATCHSPEC: the build that reads the buildspec, and what it has read. */
function read(draft: BatchDraft): boolean {
  const { run } = draft.state;
  const [reader] = run.groups;
  if (reader?.state === 'waiting') return ask(draft, ({ task }) => task === reader.task);
  if (reader?.state !== 'ended') return false;
  if (run.planned) draft.endPhase('SUCCEEDED', 'IN_PROGRESS');
  else draft.complete('FAILED', run.problem);
  return true;
}

/** IN_PROGRESS: each build once all that it depends on has ended well. */
function goOn(draft: BatchDraft): boolean {
  const byName = new Map(draft.state.run.groups.map((group) => [group.task.identifier, group]));
  const needs = ({ task }: BatchGroup) =>
    (task.dependsOn ?? []).flatMap((name) => byName.get(name) ?? []);
  const lost = draft.changeGroups((group) => {
    const never = needs(group).some((need) => need.state === 'ended' && !endedWell(need));
    return group.state === 'waiting' && never ? neverRun(group) : undefined;
  });
  if (lost || ask(draft, (group) => needs(group).every(endedWell))) return true;
  const { groups } = draft.state.run;
  if (groups.some(({ state }) => state !== 'ended')) return false;
  if (groups.some(hasFailed)) draft.complete('FAILED');
  else draft.endPhase('SUCCEEDED', 'COMBINE_ARTIFACTS');
  return true;
}

/** Asks for those of the builds that wait which may begin. */
function ask(draft: BatchDraft, mayBegin: (group: BatchGroup) => boolean): boolean {
  const requestedOn = new Date(draft.now);
  return draft.changeGroups((group) =>
    group.state === 'waiting' && mayBegin(group)
      ? { state: 'asked', summary: { ...group.summary, requestedOn, buildStatus: PENDING } }
      : undefined,
  );
}
