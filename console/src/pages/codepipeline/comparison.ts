import type { ActionExecutionDetail, PipelineExecution } from '@aws-sdk/client-codepipeline';

/** Two runs, line by line. Pure. */

export interface Line {
  key: string;
  a: string;
  b: string;
  differs: boolean;
}

interface Run {
  execution: PipelineExecution | undefined;
  details: readonly ActionExecutionDetail[];
}

type Duration = (ms: number) => string;

/** Durations that differ by less say nothing. */
const NOTABLE_MS = 1_000;
const NOTABLE_SHARE = 0.2;

/** What a run says, by the name of the line. */
function said({ execution, details }: Run): Map<string, { text: string; ms?: number }> {
  const lines = new Map<string, { text: string; ms?: number }>();
  if (!execution) return lines;
  lines.set('Status', { text: execution.status ?? '' });
  lines.set('Pipeline version', { text: `${execution.pipelineVersion ?? ''}` });
  for (const { name, revisionId, revisionSummary } of execution.artifactRevisions ?? [])
    lines.set(`Revision of ${name}`, {
      text: `${revisionId ?? ''} ${revisionSummary ?? ''}`.trim(),
    });
  for (const { name, resolvedValue } of execution.variables ?? [])
    lines.set(`Variable ${name}`, { text: resolvedValue ?? '' });
  // Newest first: of an action that was tried again, the last counts.
  for (const detail of [...details].reverse()) {
    const action = `${detail.stageName} / ${detail.actionName}`;
    const message = detail.output?.executionResult?.errorDetails?.message ?? '';
    lines.set(action, { text: `${detail.status ?? ''} ${message}`.trim() });
    const { startTime, lastUpdateTime } = detail;
    if (startTime && lastUpdateTime)
      lines.set(`${action}: took`, {
        ...{ text: '', ms: lastUpdateTime.getTime() - startTime.getTime() },
      });
  }
  return lines;
}

export function comparisonOf(a: Run, b: Run, duration: Duration): Line[] {
  const [one, other] = [said(a), said(b)];
  const show = (line: { text: string; ms?: number } | undefined) =>
    line === undefined ? '' : line.ms === undefined ? line.text : duration(line.ms);
  return [...new Set([...one.keys(), ...other.keys()])].map((key) => {
    const [x, y] = [one.get(key), other.get(key)];
    const differs =
      x?.ms !== undefined && y?.ms !== undefined
        ? Math.abs(x.ms - y.ms) >= Math.max(NOTABLE_MS, NOTABLE_SHARE * Math.max(x.ms, y.ms))
        : show(x) !== show(y);
    return { key, a: show(x), b: show(y), differs };
  });
}
