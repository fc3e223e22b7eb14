import { invalidInput, reportNotFound } from '../errors.ts';
import * as store from '../store-reports.ts';
import { codebuild } from './declare.ts';
import { page } from './op.ts';

/** AWS has permissions on groups, not on reports. */
const groupArn = (reportArn: string) =>
  reportArn.replace(/:report\/([^:]+):.*$/, ':report-group/$1');
const groupName = (arn: string) => arn.split(':report-group/')[1] ?? '';
const orderOf = (order: string | undefined) => (order === 'ASCENDING' ? 'asc' : 'desc');

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
  const { items, nextToken } = await page(ctx, input.nextToken, (offset, limit) =>
    store.listGroups(ctx.db, ctx, offset, limit),
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
  const query = {
    order: orderOf(input.sortOrder),
    ...(input.filter?.status && { status: input.filter.status }),
  } as const;
  const { items, nextToken } = await page(ctx, input.nextToken, (offset, limit) =>
    store.listReportArns(ctx.db, ctx, { ...query, offset, limit }),
  );
  return { reports: items, ...(nextToken && { nextToken }) };
});

export const listReportsForReportGroup = codebuild(
  'listReportsForReportGroup',
  {
    resource: (_, input) => input.reportGroupArn ?? '',
  },
  async (ctx, input) => {
    const group = groupName(input.reportGroupArn ?? '');
    if (!(await store.findGroup(ctx.db, ctx, group)))
      throw reportNotFound(input.reportGroupArn ?? '');
    const query = {
      group,
      order: orderOf(input.sortOrder),
      ...(input.filter?.status && { status: input.filter.status }),
    } as const;
    const { items, nextToken } = await page(ctx, input.nextToken, (offset, limit) =>
      store.listReportArns(ctx.db, ctx, { ...query, offset, limit }),
    );
    return { reports: items, ...(nextToken && { nextToken }) };
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
    const cases = found.cases.filter(
      (test) =>
        (!status || test.status === status) &&
        (!keyword || test.name?.includes(keyword) || test.prefix?.includes(keyword)),
    );
    const { items, nextToken } = await page(ctx, input.nextToken, async (offset, limit) =>
      cases.slice(offset, offset + limit),
    );
    return { testCases: items, ...(nextToken && { nextToken }) };
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
