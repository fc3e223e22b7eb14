import type { ListReportsForReportGroupCommandInput } from '@aws-sdk/client-codebuild';
import { page, pageOfList } from '../../../kit/pages.ts';
import { at, atEach, on, onEach } from '../../../kit/resource.ts';
import type { ServiceContext } from '../../../kit/service.ts';
import { invalidInput, reportNotFound } from '../errors.ts';
import { ownReportGroup, reportGroup } from '../resources/report-group.ts';
import * as store from '../store/reports.ts';
import type { Owner } from '../store/tables.ts';
import { asked } from './arguments.ts';
import { codebuild } from './declare.ts';

export const batchGetReportGroups = codebuild(
  'batchGetReportGroups',
  onEach(reportGroup, ({ reportGroupArns = [] }) => reportGroupArns),
  async (_ctx, { reportGroupArns = [] }, found) => ({
    reportGroups: found.flatMap(({ thing }) => thing?.group ?? []),
    reportGroupsNotFound: reportGroupArns.filter((_, index) => !found[index]?.thing),
  }),
);

export const listReportGroups = codebuild('listReportGroups', {}, async (ctx, input) => {
  const { items, nextToken } = await page(
    ctx,
    asked(input),
    (after: string | undefined, limit) => store.listGroups(ctx.db, ctx, after, limit),
    ({ name = '' }) => name,
  );
  return { reportGroups: items.map(({ arn = '' }) => arn), ...(nextToken && { nextToken }) };
});

export const batchGetReports = codebuild(
  'batchGetReports',
  atEach(reportGroup, ({ reportArns = [] }) => reportArns),
  async (ctx, { reportArns = [] }, groups) => {
    const found = await Promise.all(
      reportArns.map(async (arn, index) => ({
        arn,
        report: (await store.findReport(ctx.db, groups[index] ?? ctx, arn))?.report,
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
    const found = await store.findReport(ctx.db, group, input.reportArn ?? '');
    if (!found) throw reportNotFound(input.reportArn ?? '');
    const { status, keyword } = input.filter ?? {};
    // A report never changes, and two of its cases may be alike: their places are their keys.
    const cases = [...found.cases.entries()].filter(
      ([, test]) =>
        (!status || test.status === status) &&
        (!keyword || test.name?.includes(keyword) || test.prefix?.includes(keyword)),
    );
    const { items, nextToken } = pageOfList(ctx, asked(input), cases, ([place]) => place);
    return { testCases: items.map(([, test]) => test), ...(nextToken && { nextToken }) };
  },
);

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
