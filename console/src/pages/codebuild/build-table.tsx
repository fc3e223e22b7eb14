import { BatchGetBuildsCommand, type Build, CodeBuildClient } from '@aws-sdk/client-codebuild';
import Button from '@cloudscape-design/components/button';
import { type ReactNode, useState } from 'react';
import { chunks } from '../../../../src/lib/chunks.ts';
import { type AwsCommand, useAws, useAwsAll, useAwsPages } from '../../api/use-aws.ts';
import { Empty } from '../../parts/empty.tsx';
import { Long } from '../../parts/long.tsx';
import { PlaceLink } from '../../parts/place-link.tsx';
import { Status } from '../../parts/status.tsx';
import { TablePage } from '../../parts/table-page.tsx';
import { Duration, Time } from '../../parts/time.tsx';
import type { Crumb } from '../../parts/title.ts';
import { partsOfId } from './build-text.ts';

const AT_ONCE = 100;

/** Builds of these ids, by them. */
export function useBuilds(ids: readonly string[]) {
  const [newest, ...older] = chunks(ids, AT_ONCE).map(
    (some) => new BatchGetBuildsCommand({ ids: some }),
  );
  // A new build moves all the others on: what is looked at most stays there meanwhile.
  const first = useAws(CodeBuildClient, newest, { keep: true });
  const parts = [first, ...useAwsAll(CodeBuildClient, older)];
  const builds = parts.flatMap(({ data }) => data?.builds ?? []);
  return {
    found: new Map(builds.map((build) => [build.id ?? '', build])),
    error: parts.find(({ error }) => error)?.error,
  };
}

/** Ids of builds, the newest first, as BuildTable takes them: a page, and one more whenever it is asked for. */
export function useBuildIds<I extends object, O extends { ids?: string[]; nextToken?: string }>(
  command: (token: string | undefined) => AwsCommand<I, O>,
) {
  const [pages, setPages] = useState(1);
  const { data, error, isPending, isPlaceholderData, refetch, more } = useAwsPages(
    CodeBuildClient,
    command,
    ({ nextToken }) => nextToken,
    { pages, keep: true },
  );
  return {
    ids: data?.flatMap((page) => page.ids ?? []),
    loading: isPending || isPlaceholderData,
    error,
    again: () => void refetch(),
    more,
    showMore: () => setPages(pages + 1),
  };
}

interface Props {
  title: string;
  crumbs?: readonly Crumb[];
  ids: readonly string[] | undefined;
  project?: string;
  loading: boolean;
  error: unknown;
  again: () => void;
  /** There are older ones. */
  more: boolean;
  showMore: () => void;
  actions?: ReactNode;
  description?: ReactNode;
}

type Row = Partial<Build> & { id: string };

export function BuildTable({
  ids = [],
  project,
  loading,
  error,
  again,
  more,
  showMore,
  ...rest
}: Props) {
  const { found, error: failed } = useBuilds(ids);
  const rows: Row[] = ids.map((id) => ({ ...found.get(id), id }));
  return (
    <TablePage<Row>
      {...rest}
      noun="builds"
      items={rows}
      loading={loading}
      error={error ?? failed}
      again={again}
      keyOf={({ id }) => id}
      pageSize={25}
      empty={
        <Empty
          title="There is no build yet."
          commands={[`aws codebuild start-build --project-name ${project ?? 'PROJECT'}`]}
        />
      }
      footer={
        more && (
          <Button onClick={showMore} loading={loading}>
            Older builds
          </Button>
        )
      }
      columns={[
        {
          id: 'id',
          header: 'Build run',
          names: true,
          by: ({ id }) => id,
          width: 380,
          cell: ({ id }) => (
            <PlaceLink service="codebuild" to="/builds/:id/view/new" names={{ id }}>
              {id}
            </PlaceLink>
          ),
        },
        {
          id: 'status',
          header: 'Status',
          width: 140,
          by: ({ buildStatus }) => buildStatus,
          cell: ({ buildStatus }) => <Status of={buildStatus} />,
        },
        {
          id: 'number',
          header: 'No.',
          width: 90,
          by: ({ buildNumber }) => buildNumber,
          cell: ({ buildNumber }) => buildNumber ?? '–',
        },
        ...(project === undefined
          ? [
              {
                id: 'project',
                header: 'Project',
                by: ({ id }: Row) => partsOfId(id).project,
                cell: ({ id }: Row) => {
                  const { project: name } = partsOfId(id);
                  return (
                    <PlaceLink service="codebuild" to="/projects/:name/view" names={{ name }}>
                      {name}
                    </PlaceLink>
                  );
                },
              },
            ]
          : []),
        {
          id: 'version',
          header: 'Source version',
          by: (b) => b.resolvedSourceVersion ?? b.sourceVersion,
          cell: (b) => <Long text={b.resolvedSourceVersion ?? b.sourceVersion} />,
        },
        {
          id: 'initiator',
          header: 'Submitter',
          width: 160,
          by: ({ initiator }) => initiator,
          cell: ({ initiator }) => initiator ?? '–',
        },
        {
          id: 'duration',
          header: 'Duration',
          width: 120,
          cell: ({ startTime, endTime }) => <Duration from={startTime} to={endTime} />,
        },
        {
          id: 'started',
          header: 'Started',
          width: 150,
          by: ({ startTime }) => startTime,
          cell: ({ startTime }) => <Time at={startTime} />,
        },
      ]}
    />
  );
}
