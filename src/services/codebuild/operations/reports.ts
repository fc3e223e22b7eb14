import type { ListReportsForReportGroupCommandInput } from '@aws-sdk/client-codebuild';
import { page, pageOfList } from '../../../kit/pages.ts';
import type { ServiceContext } from '../../../kit/service.ts';
import { invalidInput, reportNotFound } from '../errors.ts';
import * as store from '../store-reports.ts';
import { codebuild } from './declare.ts';
import { asked } from './op.ts';

/** AWS has permissions on groups, not on reports. */
const groupArn = (reportArn: string) =>
  reportArn.replace(/:report\/([^:]+):.*$/, ':report-group/$1');
const groupName = (arn: string) => arn.split(':report-group/')[1] ?? '';

export const batchGetReportGroups = codebuild(
  'batchGetReportGroups',
  { resource: (_, input) => input.reportGroupArns ?? [] },
  async (ctx, input) => {
    const found = await Promise.all(
      (input.reportGroupArns ?? []).map(async (arn) => ({
        arn,
        group: await store.findGroup(ctx.db, ctx, groupName(arn)),
      })),
    );
    return {
      reportGroups: found.flatMap(({ arn, group }) => (group?.arn === arn ? [group] : [])),
      reportGroupsNotFound: found.flatMap(({ arn, group }) => (group?.arn === arn ? [] : [arn])),
    };
  },
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
  {
    resource: (_, input) => (input.reportArns ?? []).map(groupArn),
  },
  async (ctx, input) => {
    const found = await Promise.all(
      (input.reportArns ?? []).map(async (arn) => ({
        arn,
        report: (await store.findReport(ctx.db, ctx, arn))?.report,
      })),
    );
    return {
      reports: found.flatMap(({ report }) => report ?? []),
      reportsNotFound: found.flatMap(({ arn, report }) => (report ? [] : [arn])),
    };
  },
);

export const listReports = codebuild('listReports', {}, async (ctx, input) => {
  return pageOfReports(ctx, input);
});

/** A page of the reports of the account, or of one group. */
async function pageOfReports(
  ctx: ServiceContext,
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
      store.listReports(ctx.db, ctx, { ...query, after, limit }),
    (report) => report,
  );
  return { reports: items.map(([, arn]) => arn), ...(nextToken && { nextToken }) };
}

export const listReportsForReportGroup = codebuild(
  'listReportsForReportGroup',
  {
    resource: (_, input) => input.reportGroupArn ?? '',
  },
  async (ctx, input) => {
    const group = groupName(input.reportGroupArn ?? '');
    if (!(await store.findGroup(ctx.db, ctx, group)))
      throw reportNotFound(input.reportGroupArn ?? '');
    return pageOfReports(ctx, input, group);
  },
);

export const describeTestCases = codebuild(
  'describeTestCases',
  {
    resource: (_, input) => groupArn(input.reportArn ?? ''),
  },
  async (ctx, input) => {
    const found = await store.findReport(ctx.db, ctx, input.reportArn ?? '');
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
  { resource: (_, input) => groupArn(input.arn ?? '') },
  async (ctx, input) => {
    if (!/:report\/[^:]+:.+$/.test(input.arn ?? ''))
      throw invalidInput('Invalid report ARN provided');
    await ctx.transaction((tx) => store.deleteReport(tx, ctx, input.arn ?? ''));
    return {};
  },
);
