import { CodeBuildClient, ListBuildsCommand } from '@aws-sdk/client-codebuild';
import { useEffect, useState } from 'react';
import { useAwsPages } from '../../api/use-aws.ts';
import { BuildTable } from './build-table.tsx';

export default function Builds() {
  const [pages, setPages] = useState(1);
  const { data, error, isFetching, isPending, refetch } = useAwsPages(
    CodeBuildClient,
    (nextToken) => new ListBuildsCommand({ nextToken, sortOrder: 'DESCENDING' }),
    ({ nextToken }) => nextToken,
    { pages, keep: true },
  );
  useEffect(() => {
    if (pages > 1) void refetch();
  }, [pages, refetch]);
  const more = data?.at(-1)?.nextToken !== undefined;
  return (
    <BuildTable
      title="Build history"
      crumbs={[]}
      ids={data?.flatMap(({ ids = [] }) => ids)}
      loading={isPending || (more && isFetching && data.length < pages)}
      error={error}
      again={() => void refetch()}
      more={more}
      showMore={() => setPages(pages + 1)}
    />
  );
}
