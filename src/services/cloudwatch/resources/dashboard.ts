import { type Arn, formatArn } from '../../../aws/arn.ts';
import { defineResource, type Named, type Place, tagObject } from '../../../kit/resource.ts';
import { tagsOf } from '../../../kit/tags.ts';
import { dashboardNotFound, invalidValue } from '../errors.ts';
import { type Dashboard, findDashboard, putDashboard } from '../store/dashboards.ts';
import { TAG_RULES } from './alarm.ts';

const PREFIX = 'dashboard/';

/** Dashboards are of an account, and of no region. */
function at({ accountId, partition }: Place, name = ''): Named {
  const resource = `${PREFIX}${name}`;
  const arn = formatArn({ partition, service: 'cloudwatch', region: '', accountId, resource });
  return { accountId, region: '', name, arn };
}

export const dashboard = defineResource<string | undefined, Named, Dashboard>({
  type: 'AWS::CloudWatch::Dashboard',
  locate: at,
  parse: (arn: Arn) =>
    arn.resource.startsWith(PREFIX) ? at(arn, arn.resource.slice(PREFIX.length)) : undefined,
  find: (db, { accountId, name }) => findDashboard(db, accountId, name),
  check({ name }) {
    if (!/^[A-Za-z0-9_-]{1,255}$/.test(name))
      throw invalidValue(
        'The value for field DashboardName contains invalid characters. It can only contain alphanumerics, dash (-) and underscore (_).\n',
      );
  },
  notFound: ({ name }) => dashboardNotFound(name),
  tags: {
    of: ({ tags }) => tagsOf(tags),
    save: (tx, found, tags) => putDashboard(tx, { ...found, tags: tagObject(tags) }),
    rules: () => TAG_RULES,
  },
});
