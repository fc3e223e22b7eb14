import { CodeDeployClient, GetDeploymentGroupCommand } from '@aws-sdk/client-codedeploy';
import Button from '@cloudscape-design/components/button';
import { useState } from 'react';
import { useAws } from '../../api/use-aws.ts';
import { fragmentOf } from '../../app/place.ts';
import { KeyValues, mono } from '../../parts/key-values.tsx';
import { Page } from '../../parts/page.tsx';
import { Status } from '../../parts/status.tsx';
import type { PageProps } from '../page.ts';
import { DeployDialog } from './deploy-dialog.tsx';
import { DeploymentTable } from './deployment-table.tsx';
import { revisionText } from './deployment-text.ts';

interface Tag {
  Key?: string | undefined;
  Value?: string | undefined;
}
const tagText = (tags: readonly Tag[] = []) =>
  tags.map(({ Key = '*', Value = '*' }) => `${Key}=${Value}`).join(', ');

export default function Group({ params: { name, group } }: PageProps<'name' | 'group'>) {
  const { data, error, refetch } = useAws(
    CodeDeployClient,
    new GetDeploymentGroupCommand({ applicationName: name, deploymentGroupName: group }),
  );
  const [open, setOpen] = useState(false);
  const info = data?.deploymentGroupInfo;
  const { targetGroupInfoList = [], elbInfoList = [] } = info?.loadBalancerInfo ?? {};
  return (
    <Page
      title={group}
      crumbs={[
        { text: 'Applications', service: 'codedeploy', fragment: '/applications' },
        {
          text: name,
          service: 'codedeploy',
          fragment: fragmentOf('/applications/:name', { name }),
        },
      ]}
      error={error}
      again={() => void refetch()}
      actions={
        info && (
          <Button variant="primary" onClick={() => setOpen(true)}>
            Create deployment
          </Button>
        )
      }
    >
      {open && (
        <DeployDialog
          application={name}
          group={group}
          revision={info?.targetRevision}
          close={() => setOpen(false)}
        />
      )}
      {info && (
        <KeyValues
          header="Deployment group details"
          items={[
            ['Compute platform', info.computePlatform],
            [
              'Deployment type',
              info.deploymentStyle?.deploymentType === 'BLUE_GREEN' ? 'Blue/green' : 'In-place',
            ],
            ['Deployment configuration', info.deploymentConfigName],
            ['Service role', mono(info.serviceRoleArn)],
            ['Last attempted', <Status key="l" of={info.lastAttemptedDeployment?.status} />],
            ['Revision', mono(revisionText(info.targetRevision))],
            ['EC2 instances', tagText(info.ec2TagFilters)],
            ['On-premises instances', tagText(info.onPremisesInstanceTagFilters)],
            ['Auto Scaling groups', info.autoScalingGroups?.map((one) => one.name).join(', ')],
            [
              'Load balancers',
              [...targetGroupInfoList, ...elbInfoList].map((one) => one.name).join(', '),
            ],
            [
              'Rollback',
              info.autoRollbackConfiguration?.enabled
                ? info.autoRollbackConfiguration.events?.join(', ')
                : 'Disabled',
            ],
            ['Alarms', info.alarmConfiguration?.alarms?.map((one) => one.name).join(', ')],
          ]}
        />
      )}
      <DeploymentTable application={name} group={group} />
    </Page>
  );
}
