import { CodePipelineClient, ListPipelinesCommand } from '@aws-sdk/client-codepipeline';
import { useAwsPages } from '../../api/use-aws.ts';
import { Empty } from '../../parts/empty.tsx';
import { PlaceLink } from '../../parts/place-link.tsx';
import { TablePage } from '../../parts/table-page.tsx';
import { Time } from '../../parts/time.tsx';

export default function Pipelines() {
  const { data, isPending, error, refetch } = useAwsPages(
    CodePipelineClient,
    (nextToken) => new ListPipelinesCommand({ nextToken }),
    ({ nextToken }) => nextToken,
  );
  const items = data?.flatMap(({ pipelines = [] }) => pipelines);
  return (
    <TablePage
      noun="pipelines"
      title="Pipelines"
      crumbs={[]}
      items={items}
      loading={isPending}
      error={error}
      again={() => void refetch()}
      keyOf={({ name = '' }) => name}
      sorted={{ id: 'name' }}
      columns={[
        {
          id: 'name',
          header: 'Name',
          names: true,
          by: ({ name }) => name,
          cell: ({ name = '' }) => (
            <PlaceLink service="codepipeline" to="/view/:name" names={{ name }}>
              {name}
            </PlaceLink>
          ),
        },
        {
          id: 'updated',
          header: 'Updated',
          by: (p) => p.updated,
          cell: (p) => <Time at={p.updated} />,
        },
      ]}
      empty={
        <Empty
          title="There is no pipeline yet."
          commands={['aws codepipeline create-pipeline --cli-input-json file://pipeline.json']}
        />
      }
    />
  );
}
