import { CodeDeployClient, ListApplicationsCommand } from '@aws-sdk/client-codedeploy';
import { useAwsPages } from '../../api/use-aws.ts';
import { Empty } from '../../parts/empty.tsx';
import { PlaceLink } from '../../parts/place-link.tsx';
import { TablePage } from '../../parts/table-page.tsx';

export default function Applications() {
  const { data, error, isPending, refetch, more } = useAwsPages(
    CodeDeployClient,
    (nextToken) => new ListApplicationsCommand({ nextToken }),
    ({ nextToken }) => nextToken,
  );
  return (
    <TablePage<string>
      noun="applications"
      title="Applications"
      crumbs={[]}
      items={data?.flatMap(({ applications = [] }) => applications)}
      loading={isPending}
      error={error}
      again={() => void refetch()}
      more={more}
      keyOf={(name) => name}
      sorted={{ id: 'name' }}
      columns={[
        {
          id: 'name',
          header: 'Application name',
          names: true,
          by: (name) => name,
          cell: (name) => (
            <PlaceLink service="codedeploy" to="/applications/:name" names={{ name }}>
              {name}
            </PlaceLink>
          ),
        },
      ]}
      empty={
        <Empty
          title="There is no application yet."
          commands={['aws deploy create-application --application-name NAME']}
        />
      }
    />
  );
}
