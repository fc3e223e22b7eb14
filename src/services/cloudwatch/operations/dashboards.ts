import { page } from '../../../kit/pages.ts';
import { at, atEach, authorizeOn, on, tagObject } from '../../../kit/resource.ts';
import { checkNewTags, tagsOf } from '../../../kit/tags.ts';
import { dashboardNotFound, invalidDashboard, invalidListToken } from '../errors.ts';
import { DASHBOARDS_PAGE, MAX_DASHBOARD_BYTES } from '../limits.ts';
import { dashboardErrors, dashboardMessage } from '../model/dashboard.ts';
import { TAG_RULES } from '../resources/alarm.ts';
import { dashboard, dashboard as resource } from '../resources/dashboard.ts';
import {
  deleteDashboard,
  findDashboard,
  listDashboards as list,
  putDashboard as put,
} from '../store/dashboards.ts';
import { cloudwatch } from './declare.ts';

export const putDashboard = cloudwatch(
  'putDashboard',
  at(dashboard, ({ DashboardName }) => DashboardName),
  async (ctx, { DashboardBody: body = '', Tags: tags = [] }, located) => {
    const wrong =
      Buffer.byteLength(body) > MAX_DASHBOARD_BYTES
        ? [{ DataPath: '', Message: `Should NOT be larger than ${MAX_DASHBOARD_BYTES} bytes` }]
        : dashboardErrors(body);
    if (wrong.length > 0) throw invalidDashboard(dashboardMessage(wrong), wrong);
    checkNewTags(tags, TAG_RULES);
    if (tags.length > 0) await authorizeOn(ctx, resource, located, 'cloudwatch:TagResource');
    const { accountId, name } = located;
    await ctx.transaction(async (tx) => {
      const before = await findDashboard(tx, accountId, name);
      await put(tx, {
        ...{ accountId, name, body, modifiedAt: ctx.clock.now().getTime() },
        // Tags are for new ones.
        tags: before?.tags ?? tagObject(tagsOf(tags)),
      });
    });
    return { DashboardValidationMessages: [] };
  },
);

export const getDashboard = cloudwatch(
  'getDashboard',
  on(dashboard, ({ DashboardName }) => DashboardName),
  async (ctx, _input, { name, body }) => ({
    DashboardArn: dashboard.locate(ctx, name).arn,
    DashboardName: name,
    DashboardBody: body,
  }),
);

export const listDashboards = cloudwatch('listDashboards', {}, async (ctx, input) => {
  const asked = { token: input.NextToken, limit: DASHBOARDS_PAGE, refuse: invalidListToken };
  const { DashboardNamePrefix: prefix = '' } = input;
  const { items, nextToken } = await page(
    ctx,
    asked,
    (after: string | undefined, count) => list(ctx.db, ctx.accountId, prefix, after, count),
    ({ name }) => name,
  );
  return {
    DashboardEntries: items.map(({ name, modifiedAt, size }) => ({
      DashboardName: name,
      DashboardArn: dashboard.locate(ctx, name).arn,
      LastModified: new Date(modifiedAt),
      Size: size,
    })),
    ...(nextToken !== undefined && { NextToken: nextToken }),
  };
});

/** All or none: who names one that is not there deletes nothing. */
export const deleteDashboards = cloudwatch(
  'deleteDashboards',
  atEach(dashboard, ({ DashboardNames = [] }) => DashboardNames),
  async (ctx, _input, all) => {
    await ctx.transaction(async (tx) => {
      for (const { accountId, name } of all)
        if (!(await findDashboard(tx, accountId, name))) throw dashboardNotFound(name);
      for (const { accountId, name } of all) await deleteDashboard(tx, accountId, name);
    });
    return {};
  },
);
