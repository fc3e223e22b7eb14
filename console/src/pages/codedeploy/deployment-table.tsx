import {
  BatchGetDeploymentsCommand,
  CodeDeployClient,
  type DeploymentInfo,
  ListDeploymentsCommand,
} from '@aws-sdk/client-codedeploy';
import Button from '@cloudscape-design/components/button';
import { type ReactNode, useState } from 'react';
import { useAws, useAwsPages } from '../../api/use-aws.ts';
import { Empty } from '../../parts/empty.tsx';
import { Long } from '../../parts/long.tsx';
import { PlaceLink } from '../../parts/place-link.tsx';
import { Status } from '../../parts/status.tsx';
import { TablePage } from '../../parts/table-page.tsx';
import { Duration, Time } from '../../parts/time.tsx';
import type { Crumb } from '../../parts/title.ts';
import { revisionText } from './deployment-text.ts';

const AT_ONCE = 25;
type Row = Partial<DeploymentInfo> & { deploymentId: string };

/**
 * Deployments, the newest first; 25 at a time, as BatchGetDeployments takes them. No column has `by`: what is there is a part,
 * and to sort or find in it would tell of all.
 */
export function DeploymentTable({
  crumbs,
  application,
  group,
  actions,
}: {
  crumbs?: readonly Crumb[];
  application?: string;
  group?: string;
  actions?: ReactNode;
}) {
  const [from, setFrom] = useState(0);
  const { data, error, isPending, refetch, more } = useAwsPages(
    CodeDeployClient,
    (nextToken) =>
      new ListDeploymentsCommand({
        ...{ applicationName: application, deploymentGroupName: group, nextToken },
      }),
    ({ nextToken }) => nextToken,
  );
  const ids = data?.flatMap(({ deployments = [] }) => deployments) ?? [];
  const shown = ids.slice(from, from + AT_ONCE);
  const { data: found, error: unknown } = useAws(
    CodeDeployClient,
    shown.length === 0 ? undefined : new BatchGetDeploymentsCommand({ deploymentIds: shown }),
    { keep: true },
  );
  const details = new Map(found?.deploymentsInfo?.map((one) => [one.deploymentId, one]));
  return (
    <TablePage<Row>
      noun="deployments"
      title="Deployments"
      {...(crumbs && { crumbs })}
      items={shown.map((deploymentId) => ({ ...details.get(deploymentId), deploymentId }))}
      loading={isPending}
      error={error}
      again={() => void refetch()}
      actions={actions}
      count={ids.length}
      partly={unknown}
      keyOf={({ deploymentId }) => deploymentId}
      empty={
        <Empty
          title="There is no deployment yet."
          commands={[
            `aws deploy create-deployment --application-name ${application ?? 'NAME'} --deployment-group-name ${group ?? 'GROUP'} --s3-location bucket=BUCKET,key=app.zip,bundleType=zip`,
          ]}
        />
      }
      footer={
        ids.length > AT_ONCE && (
          <>
            <Button disabled={from === 0} onClick={() => setFrom(from - AT_ONCE)}>
              Newer
            </Button>{' '}
            <Button disabled={from + AT_ONCE >= ids.length} onClick={() => setFrom(from + AT_ONCE)}>
              Older
            </Button>{' '}
            {from + 1}–{Math.min(ids.length, from + AT_ONCE)} of {ids.length}
            {more && ' and more, not shown'}
          </>
        )
      }
      columns={[
        {
          id: 'id',
          header: 'Deployment ID',
          names: true,
          cell: ({ deploymentId }) => (
            <PlaceLink service="codedeploy" to="/deployments/:id" names={{ id: deploymentId }}>
              {deploymentId}
            </PlaceLink>
          ),
        },
        {
          id: 'status',
          header: 'Status',
          width: 140,
          cell: ({ status }) => <Status of={status} />,
        },
        {
          id: 'application',
          header: 'Application',
          cell: ({ applicationName }) => applicationName ?? '–',
        },
        {
          id: 'group',
          header: 'Deployment group',
          width: 150,
          cell: ({ deploymentGroupName }) => deploymentGroupName ?? '–',
        },
        {
          id: 'revision',
          header: 'Revision',
          width: 200,
          cell: ({ revision }) => <Long text={revisionText(revision)} />,
        },
        {
          id: 'creator',
          header: 'Initiated by',
          cell: ({ creator }) => creator ?? '–',
        },
        {
          id: 'started',
          header: 'Started',
          cell: ({ createTime }) => <Time at={createTime} />,
        },
        {
          id: 'duration',
          header: 'Duration',
          cell: ({ createTime, completeTime }) => <Duration from={createTime} to={completeTime} />,
        },
      ]}
    />
  );
}
