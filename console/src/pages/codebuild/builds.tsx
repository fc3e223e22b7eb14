import { ListBuildsCommand } from '@aws-sdk/client-codebuild';
import { BuildTable, useBuildIds } from './build-table.tsx';

export default function Builds() {
  const listed = useBuildIds(
    (nextToken) => new ListBuildsCommand({ nextToken, sortOrder: 'DESCENDING' }),
  );
  return <BuildTable title="Build history" crumbs={[]} {...listed} />;
}
