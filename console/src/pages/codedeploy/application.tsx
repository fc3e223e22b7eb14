import {
  BatchGetDeploymentGroupsCommand,
  CodeDeployClient,
  type DeploymentGroupInfo,
  GetApplicationCommand,
  ListDeploymentGroupsCommand,
} from '@aws-sdk/client-codedeploy';
import { chunks } from '../../../../src/lib/chunks.ts';
import { useAws, useAwsAll, useAwsPages } from '../../api/use-aws.ts';
import { Empty } from '../../parts/empty.tsx';
import { KeyValues, mono } from '../../parts/key-values.tsx';
import { Page } from '../../parts/page.tsx';
import { PlaceLink } from '../../parts/place-link.tsx';
import { Status } from '../../parts/status.tsx';
import { TablePage } from '../../parts/table-page.tsx';
import { Time } from '../../parts/time.tsx';
import type { PageProps } from '../page.ts';
import { DeploymentTable } from './deployment-table.tsx';

const AT_ONCE = 100;

export default function Application({ params: { name } }: PageProps<'name'>) {
  const { data, error, refetch } = useAws(
    CodeDeployClient,
    new GetApplicationCommand({ applicationName: name }),
  );
  const groups = useAwsPages(
    CodeDeployClient,
    (nextToken) => new ListDeploymentGroupsCommand({ applicationName: name, nextToken }),
    ({ nextToken }) => nextToken,
  );
  const names = groups.data?.flatMap(({ deploymentGroups = [] }) => deploymentGroups) ?? [];
  const found = useAwsAll(
    CodeDeployClient,
    chunks(names, AT_ONCE).map(
      (some) =>
        new BatchGetDeploymentGroupsCommand({
          ...{ applicationName: name, deploymentGroupNames: some },
        }),
    ),
  );
  const details = new Map(
    found.flatMap(({ data: part }) =>
      (part?.deploymentGroupsInfo ?? []).map((one) => [one.deploymentGroupName, one] as const),
    ),
  );
  const application = data?.application;
  return (
    <Page
      title={name}
      crumbs={[{ text: 'Applications', service: 'codedeploy', fragment: '/applications' }]}
      error={error}
      again={() => void refetch()}
    >
      {application && (
        <KeyValues
          header="Application details"
          items={[
            ['Name', application.applicationName],
            ['Compute platform', application.computePlatform],
            ['Created', <Time key="c" at={application.createTime} />],
            ['Application ID', mono(application.applicationId)],
          ]}
        />
      )}
      <TablePage<DeploymentGroupInfo>
        noun="deployment groups"
        title="Deployment groups"
        items={names.map((group) => ({ ...details.get(group), deploymentGroupName: group }))}
        loading={groups.isPending}
        error={groups.error}
        more={groups.more}
        partly={found.find((part) => part.error)?.error}
        keyOf={({ deploymentGroupName = '' }) => deploymentGroupName}
        empty={
          <Empty
            title="The application has no deployment group yet."
            commands={[
              `aws deploy create-deployment-group --application-name ${name} --deployment-group-name GROUP --service-role-arn ARN --on-premises-instance-tag-filters Key=Role,Value=web,Type=KEY_AND_VALUE`,
            ]}
          />
        }
        columns={[
          {
            id: 'name',
            header: 'Name',
            names: true,
            by: ({ deploymentGroupName }) => deploymentGroupName,
            cell: ({ deploymentGroupName: group = '' }) => (
              <PlaceLink
                service="codedeploy"
                to="/applications/:name/deployment-groups/:group"
                names={{ name, group }}
              >
                {group}
              </PlaceLink>
            ),
          },
          {
            id: 'status',
            header: 'Last attempted',
            cell: ({ lastAttemptedDeployment: last }) => <Status of={last?.status} />,
          },
          {
            id: 'attempted',
            header: 'When',
            cell: ({ lastAttemptedDeployment: last }) => <Time at={last?.createTime} />,
          },
          {
            id: 'succeeded',
            header: 'Last successful',
            cell: ({ lastSuccessfulDeployment: last }) => <Time at={last?.endTime} />,
          },
          {
            id: 'config',
            header: 'Deployment configuration',
            cell: ({ deploymentConfigName }) => deploymentConfigName ?? '–',
          },
        ]}
      />
      <DeploymentTable application={name} />
    </Page>
  );
}
