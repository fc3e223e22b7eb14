import type {
  CodeCoverage,
  ListReportsForReportGroupCommandInput,
} from '@aws-sdk/client-codebuild';
import { page, pageOfList } from '../../../kit/pages.ts';
import { at, atEach, on } from '../../../kit/resource.ts';
import type { ServiceContext } from '../../../kit/service.ts';
import { invalidInput, reportNotFound } from '../errors.ts';
import { ownReportGroup, reportGroup } from '../resources/report-group.ts';
import * as store from '../store/reports.ts';
import type { Owner } from '../store/tables.ts';
import { asked } from './arguments.ts';
import { codebuild } from './declare.ts';

export const batchGetReports = codebuild(
  'batchGetReports',
  atEach(reportGroup, ({ reportArns = [] }) => reportArns),
  async (ctx, { reportArns = [] }, groups) => {
    const found = await Promise.all(
      reportArns.map(async (arn, index) => ({
        arn,
        report: await store.findReport(ctx.db, groups[index] ?? ctx, arn),
      })),
    );
    return {
      reports: found.flatMap(({ report }) => report ?? []),
      reportsNotFound: found.flatMap(({ arn, report }) => (report ? [] : [arn])),
    };
  },
);

export const listReports = codebuild('listReports', {}, async (ctx, input) => {
  return pageOfReports(ctx, ctx, input);
});

/** A page of the reports of the account, or of one group. */
async function pageOfReports(
  ctx: ServiceContext,
  owner: Owner,
  input: Omit<ListReportsForReportGroupCommandInput, 'reportGroupArn'>,
  group?: string,
) {
  const query = {
    order: input.sortOrder === 'ASCENDING' ? 'asc' : 'desc',
    ...(group !== undefined && { group }),
    ...(input.filter?.status && { status: input.filter.status }),
  } as const;
  const { items, nextToken } = await page(
    ctx,
    asked(input),
    (after: store.ListedReport | undefined, limit) =>
      store.listReports(ctx.db, owner, { ...query, after, limit }),
    (report) => report,
  );
  return { reports: items.map(([, arn]) => arn), ...(nextToken && { nextToken }) };
}

export const listReportsForReportGroup = codebuild(
  'listReportsForReportGroup',
  on(reportGroup, ({ reportGroupArn }) => reportGroupArn),
  async (ctx, input, found) => pageOfReports(ctx, found, input, found.group.name),
);

export const describeTestCases = codebuild(
  'describeTestCases',
  at(reportGroup, ({ reportArn }) => reportArn),
  async (ctx, input, group) => {
    const kept = await store.findTestCases(ctx.db, group, input.reportArn ?? '');
    if (!kept) throw reportNotFound(input.reportArn ?? '');
    const { status, keyword } = input.filter ?? {};
    // A report never changes, and two of its cases may be alike: their places are their keys.
    const cases = [...kept.entries()].filter(
      ([, test]) =>
        (!status || test.status === status) &&
        (!keyword || test.name?.includes(keyword) || test.prefix?.includes(keyword)),
    );
    const { items, nextToken } = pageOfList(ctx, asked(input), cases, ([place]) => place);
    return { testCases: items.map(([, test]) => test), ...(nextToken && { nextToken }) };
  },
);

export const describeCodeCoverages = codebuild(
  'describeCodeCoverages',
  at(reportGroup, ({ reportArn }) => reportArn),
  async (ctx, input, group) => {
    const kept = await store.findCoverage(ctx.db, group, input.reportArn ?? '');
    // AWS declares no other error of this operation.
    if (!kept) throw invalidInput(reportNotFound(input.reportArn ?? '').message);
    const { minLineCoveragePercentage: least = 0, maxLineCoveragePercentage: most = 100 } = input;
    const files = kept
      .filter(({ lineCoveragePercentage: its = 0 }) => its >= least && its <= most)
      .sort(input.sortBy === 'LINE_COVERAGE_PERCENTAGE' ? byLines : byPath);
    if (input.sortOrder === 'DESCENDING') files.reverse();
    // A report never changes: in one order, the places of its files are their keys.
    const { items, nextToken } = pageOfList(
      ctx,
      asked(input),
      [...files.entries()],
      ([place]) => place,
    );
    return { codeCoverages: items.map(([, file]) => file), ...(nextToken && { nextToken }) };
  },
);

const byPath = (a: CodeCoverage, b: CodeCoverage) =>
  (a.filePath ?? '') < (b.filePath ?? '') ? -1 : 1;
const byLines = (a: CodeCoverage, b: CodeCoverage) =>
  (a.lineCoveragePercentage ?? 0) - (b.lineCoveragePercentage ?? 0) || byPath(a, b);

export const deleteReport = codebuild(
  'deleteReport',
  at(ownReportGroup, ({ arn }) => arn),
  async (ctx, input) => {
    if (!/:report\/[^:]+:.+$/.test(input.arn ?? ''))
      throw invalidInput('Invalid report ARN provided');
    await ctx.transaction((tx) => store.deleteReport(tx, ctx, input.arn ?? ''));
    return {};
  },
);
