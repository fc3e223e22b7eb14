import { formatArn } from '../../../aws/arn.ts';
import { pageOfList } from '../../../kit/pages.ts';
import type { ServiceContext } from '../../../kit/service.ts';
import { isSharedWith } from '../model/sharing.ts';
import { listPolicied, type Policied } from '../store/policies.ts';
import { asked } from './arguments.ts';
import { codebuild } from './declare.ts';

interface Input {
  sortBy?: 'ARN' | 'MODIFIED_TIME' | undefined;
  sortOrder?: 'ASCENDING' | 'DESCENDING' | undefined;
  maxResults?: number | undefined;
  nextToken?: string | undefined;
}

/** What other accounts share with the caller's, by the policies of their projects or report groups. */
async function pageOfShared(ctx: ServiceContext, kind: 'project' | 'report-group', input: Input) {
  const policied = await listPolicied(ctx.db, kind, ctx);
  const shared = policied
    .filter(({ policy }) => isSharedWith(policy, ctx.accountId))
    .map((each) => ({ arn: arnOf(kind, each), modifiedAt: each.modifiedAt }));
  const byTime = input.sortBy === 'MODIFIED_TIME';
  const { items, nextToken } = pageOfList<(typeof shared)[number], readonly [number, string]>(
    ctx,
    asked(input),
    shared,
    ({ arn, modifiedAt }) => [byTime ? modifiedAt : 0, arn],
    input.sortOrder === 'DESCENDING' ? 'descending' : 'ascending',
  );
  return { arns: items.map(({ arn }) => arn), ...(nextToken && { nextToken }) };
}

const arnOf = (kind: string, { accountId, region, name }: Policied) =>
  formatArn({ service: 'codebuild', region, accountId, resource: `${kind}/${name}` });

export const listSharedProjects = codebuild('listSharedProjects', {}, async (ctx, input) => {
  const { arns, ...more } = await pageOfShared(ctx, 'project', input);
  return { projects: arns, ...more };
});

export const listSharedReportGroups = codebuild(
  'listSharedReportGroups',
  {},
  async (ctx, input) => {
    const { arns, ...more } = await pageOfShared(ctx, 'report-group', input);
    return { reportGroups: arns, ...more };
  },
);
