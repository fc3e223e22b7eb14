import type { ReportGroup } from '@aws-sdk/client-codebuild';
import { page } from '../../../kit/pages.ts';
import { at, on, onEach } from '../../../kit/resource.ts';
import { invalidInput, reportGroupExists, reportNotFound, tooManyReportGroups } from '../errors.ts';
import { MAX_REPORT_GROUPS } from '../limits.ts';
import { checkReportGroup } from '../model/report-group-rules.ts';
import { hasField, trendOf } from '../model/report-trend.ts';
import { namedReportGroup, ownReportGroup, reportGroup } from '../resources/report-group.ts';
import * as store from '../store/reports.ts';
import { asked, ruled } from './arguments.ts';
import { codebuild } from './declare.ts';

/** CB-H6 */
const MOST_REPORTS = 100;

export const createReportGroup = codebuild(
  'createReportGroup',
  at(namedReportGroup, ({ name }) => name),
  async (ctx, { name = '', type, exportConfig, tags = [] }, { arn }) => {
    ruled(() => checkReportGroup({ name, exportConfig, tags }));
    const now = ctx.clock.now();
    const group: ReportGroup = {
      ...{ arn, name, type, exportConfig, tags },
      ...{ created: now, lastModified: now, status: 'ACTIVE' },
    };
    await ctx.transaction(async (tx) => {
      if (!(await store.insertGroup(tx, ctx, group))) throw reportGroupExists(arn);
      if ((await store.countGroups(tx, ctx)) > MAX_REPORT_GROUPS)
        throw tooManyReportGroups(MAX_REPORT_GROUPS);
    });
    return { reportGroup: group };
  },
);

/** What is absent stays. */
export const updateReportGroup = codebuild(
  'updateReportGroup',
  on(ownReportGroup, ({ arn }) => arn),
  async (ctx, { arn = '', exportConfig, tags }, { group: { name = '' } }) => {
    return ctx.transaction(async (tx) => {
      const found = await store.findGroup(tx, ctx, name);
      if (!found) throw reportNotFound(arn);
      const group = {
        ...found.group,
        ...(exportConfig && { exportConfig }),
        ...(tags && { tags }),
        lastModified: ctx.clock.now(),
      };
      ruled(() => checkReportGroup({ name, exportConfig: group.exportConfig, tags: group.tags }));
      await store.updateGroup(tx, ctx, group);
      return { reportGroup: group };
    });
  },
);

/** Deleting what is not there succeeds. */
export const deleteReportGroup = codebuild(
  'deleteReportGroup',
  at(ownReportGroup, ({ arn }) => arn),
  async (ctx, { arn = '', deleteReports }, { name }) => {
    if (name === '') throw invalidInput(`Invalid report group ARN: ${arn}`);
    await ctx.transaction(async (tx) => {
      if (deleteReports) await store.deleteReports(tx, ctx, name);
      else if (await store.hasReports(tx, ctx, name))
        throw invalidInput(
          `Report group ${arn} has reports: delete them first, or use deleteReports`,
        );
      await store.deleteGroup(tx, ctx, name);
    });
    return {};
  },
);

export const batchGetReportGroups = codebuild(
  'batchGetReportGroups',
  onEach(reportGroup, ({ reportGroupArns = [] }) => reportGroupArns),
  async (_ctx, { reportGroupArns = [] }, found) => ({
    reportGroups: found.flatMap(({ thing }) => thing?.group ?? []),
    reportGroupsNotFound: reportGroupArns.filter((_, index) => !found[index]?.thing),
  }),
);

const SORT_COLUMNS = {
  NAME: 'name',
  CREATED_TIME: 'created_at',
  LAST_MODIFIED_TIME: 'modified_at',
} as const;

/** Whatever the list is in order of: the next page may be asked for in another order. */
type GroupKey = readonly [name: string, createdAt: number, modifiedAt: number];

const listed = ([name, created_at, modified_at]: GroupKey): store.ListedGroup => ({
  ...{ name, created_at, modified_at },
});

export const listReportGroups = codebuild('listReportGroups', {}, async (ctx, input) => {
  const by = SORT_COLUMNS[input.sortBy ?? 'NAME'];
  const order = input.sortOrder === 'DESCENDING' ? 'desc' : 'asc';
  const { items, nextToken } = await page(
    ctx,
    asked(input),
    (after: GroupKey | undefined, limit) =>
      store.listGroups(ctx.db, ctx, { by, order }, after && listed(after), limit),
    ({ name, created_at, modified_at }): GroupKey => [name, created_at, modified_at],
  );
  const { accountId, region, partition } = ctx;
  const prefix = `arn:${partition}:codebuild:${region}:${accountId}:report-group/`;
  return {
    reportGroups: items.map(({ name }) => `${prefix}${name}`),
    ...(nextToken && { nextToken }),
  };
});

export const getReportGroupTrend = codebuild(
  'getReportGroupTrend',
  on(reportGroup, ({ reportGroupArn }) => reportGroupArn),
  async (ctx, { numOfReports = MOST_REPORTS, trendField = 'TOTAL' }, found) => {
    const { type, name = '' } = found.group;
    if (!hasField(type, trendField))
      throw invalidInput(`Invalid trend field: reports of the type ${type} have no ${trendField}`);
    return trendOf(await store.lastReports(ctx.db, found, name, numOfReports), trendField);
  },
);
