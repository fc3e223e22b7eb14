import type {
  Report,
  ReportGroupTrendFieldType,
  ReportGroupTrendStats,
  ReportWithRawData,
} from '@aws-sdk/client-codebuild';

type Field = (report: Report) => number | undefined;

const TESTS: Record<string, Field> = {
  PASS_RATE: ({ testSummary: { total = 0, statusCounts = {} } = {} as never }) =>
    total === 0 ? undefined : ((statusCounts.SUCCEEDED ?? 0) / total) * 100,
  DURATION: ({ testSummary }) => testSummary?.durationInNanoSeconds,
  TOTAL: ({ testSummary }) => testSummary?.total,
};
const COVERAGE: Record<string, Field> = {
  LINE_COVERAGE: ({ codeCoverageSummary }) => codeCoverageSummary?.lineCoveragePercentage,
  LINES_COVERED: ({ codeCoverageSummary }) => codeCoverageSummary?.linesCovered,
  LINES_MISSED: ({ codeCoverageSummary }) => codeCoverageSummary?.linesMissed,
  BRANCH_COVERAGE: ({ codeCoverageSummary }) => codeCoverageSummary?.branchCoveragePercentage,
  BRANCHES_COVERED: ({ codeCoverageSummary }) => codeCoverageSummary?.branchesCovered,
  BRANCHES_MISSED: ({ codeCoverageSummary }) => codeCoverageSummary?.branchesMissed,
};

/** Whether reports of a group of this type have the field. */
export function hasField(type: string | undefined, field: ReportGroupTrendFieldType): boolean {
  return Object.hasOwn(type === 'CODE_COVERAGE' ? COVERAGE : TESTS, field);
}

export interface Trend {
  stats?: ReportGroupTrendStats;
  rawData: ReportWithRawData[];
}

/** How a number went over reports (CB-H6); without stats where none has it. */
export function trendOf(reports: Report[], field: ReportGroupTrendFieldType): Trend {
  const read = { ...TESTS, ...COVERAGE }[field];
  const points = reports.flatMap((report) => {
    const value = read?.(report);
    return value === undefined ? [] : [{ reportArn: report.arn, value }];
  });
  const rawData = points.map(({ reportArn, value }) => ({ reportArn, data: text(value) }));
  if (points.length === 0) return { rawData };
  const values = points.map(({ value }) => value);
  const sum = values.reduce((total, value) => total + value, 0);
  const [max, min] = [values.reduce(greater), values.reduce(lesser)];
  return {
    stats: { average: text(sum / values.length), max: text(max), min: text(min) },
    rawData,
  };
}

const greater = (a: number, b: number) => Math.max(a, b);
const lesser = (a: number, b: number) => Math.min(a, b);
/** With two digits behind the point, as percentages have them. */
const text = (value: number) => String(Math.round(value * 100) / 100);
