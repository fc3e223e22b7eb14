import { parseArn } from '../../../aws/arn.ts';
import { byName, defineResource, findByName, type Named } from '../../../kit/resource.ts';
import { tagsOf } from '../../../kit/tags.ts';
import { reportNotFound } from '../errors.ts';
import { findGroups, type StoredGroup } from '../store/reports.ts';
import { inside } from './inside.ts';

const { locate, parse } = byName('codebuild', 'report-group/');

/** Named by its ARN, or that of a report: AWS has permissions on groups, not on reports. */
export const reportGroup = defineResource<string | undefined, Named, StoredGroup>({
  type: 'AWS::CodeBuild::ReportGroup',
  locate(caller, named = '') {
    const text = named.replace(/:report\/([^:]+):.*$/, ':report-group/$1');
    const arn = parseArn(text);
    const found = arn?.service === 'codebuild' ? parse(arn) : undefined;
    if (found?.region !== caller.region) return { ...locate(caller, ''), arn: text };
    return { ...found, arn: text };
  },
  parse,
  ...findByName(findGroups),
  notFound: ({ arn }) => reportNotFound(arn),
  tags: { of: ({ group: { tags } }) => tagsOf(tags) },
  policy: { of: ({ policy }) => policy },
});

/** For what a shared group does not let other accounts do, whatever its policy says. */
export const ownReportGroup: typeof reportGroup = {
  ...reportGroup,
  policy: inside,
};

/** A group by its name, as the caller of CreateReportGroup names it. */
export const namedReportGroup: typeof reportGroup = { ...ownReportGroup, locate };
