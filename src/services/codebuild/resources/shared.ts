import { parseArn } from '../../../aws/arn.ts';
import { defineResource, type Named } from '../../../kit/resource.ts';
import { invalidInput, reportNotFound } from '../errors.ts';
import type { StoredProject } from '../store/projects.ts';
import type { StoredGroup } from '../store/reports.ts';
import { inside } from './inside.ts';
import { ownProject } from './project.ts';
import { ownReportGroup } from './report-group.ts';

interface LocatedShared extends Named {
  kind: 'project' | 'report-group';
}

/** What can have a policy, by its ARN: a project or a report group. */
export const shared = defineResource<
  string | undefined,
  LocatedShared,
  StoredProject | StoredGroup
>({
  type: 'AWS::CodeBuild::ResourcePolicy',
  locate(caller, named = '') {
    const [, kind] = /^(project|report-group)\//.exec(parseArn(named)?.resource ?? '') ?? [];
    if (kind === 'project') return { ...ownProject.locate(caller, named), kind };
    if (kind === 'report-group') return { ...ownReportGroup.locate(caller, named), kind };
    throw invalidInput(`Invalid resource ARN: ${named}`);
  },
  parse: () => undefined,
  find: (db, located) =>
    located.kind === 'project' ? ownProject.find(db, located) : ownReportGroup.find(db, located),
  notFound: ({ arn }) => reportNotFound(arn),
  policy: inside,
});
