import type { BuildPhase } from '@aws-sdk/client-codebuild';
import type { ActionExecutionDetail } from '@aws-sdk/client-codepipeline';
import { durationText } from '../../parts/time-text.ts';

/** A run's actions on one line of time. Pure. */

interface Piece {
  /** What it was: a build's phase. */
  text: string;
  failed: boolean;
  /** Percent of the whole. */
  from: number;
  width: number;
}

export interface Bar {
  key: string;
  stage: string;
  action: string;
  status: string | undefined;
  /** Percent of the whole. */
  from: number;
  width: number;
  took: string;
  pieces: Piece[];
  detail: ActionExecutionDetail;
}

export interface Gantt {
  bars: Bar[];
  /** Where lines of time stand: percent, and what is written there. */
  ticks: { at: number; text: string }[];
}

/** Of builds, by their ids. */
export type Phases = ReadonlyMap<string, readonly BuildPhase[]>;

const STEPS = [
  1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 14_400, 43_200, 86_400,
];
const MOST_TICKS = 8;
/** So that what took no time is seen. */
const LEAST = 0.6;

/** @param now epoch ms: until when runs what did not end */
export function ganttOf(
  details: readonly ActionExecutionDetail[],
  phases: Phases,
  now: number,
): Gantt {
  const began = details.filter((detail) => detail.startTime !== undefined);
  if (began.length === 0) return { bars: [], ticks: [] };
  const end = (detail: ActionExecutionDetail) =>
    detail.status === 'InProgress' ? now : (detail.lastUpdateTime?.getTime() ?? now);
  const first = Math.min(...began.map(({ startTime }) => startTime?.getTime() ?? now));
  const whole = Math.max(1_000, Math.max(...began.map(end)) - first);
  const at = (time: number) => Math.min(100, Math.max(0, ((time - first) / whole) * 100));

  const bars = began
    .map((detail): Bar => {
      const start = detail.startTime?.getTime() ?? now;
      const from = at(start);
      return {
        key: detail.actionExecutionId ?? '',
        stage: detail.stageName ?? '',
        action: detail.actionName ?? '',
        status: detail.status,
        from,
        width: Math.max(LEAST, at(end(detail)) - from),
        took: durationText(end(detail) - start),
        pieces: piecesOf(phases.get(externalId(detail)) ?? [], at, now),
        detail,
      };
    })
    .sort((a, b) => a.from - b.from);
  return { bars, ticks: ticksOf(whole) };
}

export const externalId = (detail: ActionExecutionDetail) =>
  detail.output?.executionResult?.externalExecutionId ?? '';

function piecesOf(phases: readonly BuildPhase[], at: (time: number) => number, now: number) {
  return phases.flatMap((phase): Piece[] => {
    if (phase.startTime === undefined || phase.phaseType === 'COMPLETED') return [];
    const start = phase.startTime.getTime();
    const end = phase.endTime?.getTime() ?? now;
    const from = at(start);
    return [
      {
        text: `${(phase.phaseType ?? '').toLowerCase().replaceAll('_', ' ')}: ${durationText(end - start)}`,
        failed: phase.phaseStatus !== undefined && phase.phaseStatus !== 'SUCCEEDED',
        from,
        width: at(end) - from,
      },
    ];
  });
}

function ticksOf(whole: number) {
  const step = (STEPS.find((s) => whole / (s * 1_000) <= MOST_TICKS) ?? 86_400) * 1_000;
  const ticks = [];
  for (let time = 0; time <= whole && ticks.length < 50; time += step)
    ticks.push({ at: (time / whole) * 100, text: time === 0 ? '0' : durationText(time) });
  return ticks;
}
