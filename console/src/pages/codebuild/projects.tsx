import {
  BatchGetProjectsCommand,
  CodeBuildClient,
  ListProjectsCommand,
  type Project,
} from '@aws-sdk/client-codebuild';
import Button from '@cloudscape-design/components/button';
import { useState } from 'react';
import { chunks } from '../../../../src/lib/chunks.ts';
import { useAwsAll, useAwsPages } from '../../api/use-aws.ts';
import { Empty } from '../../parts/empty.tsx';
import { said } from '../../parts/flashes.ts';
import { Long } from '../../parts/long.tsx';
import { PlaceLink } from '../../parts/place-link.tsx';
import { TablePage } from '../../parts/table-page.tsx';
import { Time } from '../../parts/time.tsx';
import { useStartBuild } from './start-build.ts';

const AT_ONCE = 100;
type Row = Partial<Project> & { name: string };

export default function Projects() {
  const { data, error, isPending, refetch, more } = useAwsPages(
    CodeBuildClient,
    (nextToken) => new ListProjectsCommand({ nextToken }),
    ({ nextToken }) => nextToken,
  );
  const names = data?.flatMap(({ projects = [] }) => projects) ?? [];
  // Who may list and not look into them sees the names.
  const found = useAwsAll(
    CodeBuildClient,
    chunks(names, AT_ONCE).map((some) => new BatchGetProjectsCommand({ names: some })),
  );
  const details = new Map(
    found.flatMap((part) => part.data?.projects ?? []).map((one) => [one.name, one]),
  );
  const [selected, setSelected] = useState<Row[]>([]);
  const { start, busy } = useStartBuild();
  const [chosen] = selected;
  return (
    <TablePage<Row>
      noun="projects"
      title="Build projects"
      crumbs={[]}
      items={names.map((name) => ({ ...details.get(name), name }))}
      loading={isPending}
      error={error}
      again={() => void refetch()}
      more={more}
      partly={found.find((part) => part.error)?.error}
      keyOf={({ name }) => name}
      sorted={{ id: 'name' }}
      selection={{ type: 'single', selected, onChange: setSelected }}
      actions={
        <Button
          disabled={!chosen}
          loading={busy}
          onClick={() => chosen && void start({ projectName: chosen.name }).catch(said)}
        >
          Start build
        </Button>
      }
      columns={[
        {
          id: 'name',
          header: 'Name',
          names: true,
          by: ({ name }) => name,
          cell: ({ name }) => (
            <PlaceLink service="codebuild" to="/projects/:name/view" names={{ name }}>
              {name}
            </PlaceLink>
          ),
        },
        {
          id: 'source',
          header: 'Source provider',
          by: ({ source }) => source?.type,
          cell: ({ source }) => source?.type ?? '–',
        },
        {
          id: 'location',
          header: 'Repository',
          by: ({ source }) => source?.location,
          cell: ({ source }) => <Long text={source?.location} />,
        },
        {
          id: 'description',
          header: 'Description',
          by: ({ description }) => description,
          cell: ({ description }) => description ?? '–',
        },
        {
          id: 'modified',
          header: 'Last modified',
          by: ({ lastModified }) => lastModified,
          cell: ({ lastModified }) => <Time at={lastModified} />,
        },
      ]}
      empty={
        <Empty
          title="There is no build project yet."
          commands={['aws codebuild create-project --cli-input-json file://project.json']}
        />
      }
    />
  );
}
