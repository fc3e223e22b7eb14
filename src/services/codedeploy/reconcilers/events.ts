import { formatArn } from '../../../aws/arn.ts';
import type { NewEvent } from '../../../engine/events.ts';
import type { DeploymentNotice, InstanceNotice } from '../model/deployment-state.ts';
import { ec2InstanceArn, isEc2Instance } from '../model/ec2-instances.ts';
import type { PlacedDeployment } from '../store/deployments.ts';

function arns(deployment: PlacedDeployment) {
  const arn = (resource: string) =>
    formatArn({
      service: 'codedeploy',
      region: deployment.region,
      accountId: deployment.accountId,
      resource,
    });
  return {
    application: arn(`application:${deployment.applicationName}`),
    group: arn(`deploymentgroup:${deployment.applicationName}/${deployment.groupName}`),
    instance: (name: string) =>
      isEc2Instance(name) ? ec2InstanceArn(deployment, name) : arn(`instance/${name}`),
  };
}

function common(deployment: PlacedDeployment): Pick<NewEvent, 'source' | 'account' | 'region'> {
  return { source: 'aws.codedeploy', account: deployment.accountId, region: deployment.region };
}

/** CD-EVT-01: the deployment changed its state. */
export function deploymentEvent(deployment: PlacedDeployment, state: DeploymentNotice): NewEvent {
  const { application, group } = arns(deployment);
  return {
    ...common(deployment),
    'detail-type': 'CodeDeploy Deployment State-change Notification',
    resources: [application, group],
    detail: {
      instanceGroupId: deployment.groupId,
      region: deployment.region,
      application: deployment.applicationName,
      deploymentId: deployment.deploymentId,
      state,
      deploymentGroup: deployment.groupName,
    },
  };
}

/** CD-EVT-01: an instance in the deployment changed its state. */
export function instanceEvent(
  deployment: PlacedDeployment,
  name: string,
  state: InstanceNotice,
): NewEvent {
  const { application, group, instance } = arns(deployment);
  return {
    ...common(deployment),
    'detail-type': 'CodeDeploy Instance State-change Notification',
    resources: [instance(name), group, application],
    detail: {
      instanceId: name,
      region: deployment.region,
      state,
      application: deployment.applicationName,
      deploymentId: deployment.deploymentId,
      instanceGroupId: deployment.groupId,
      deploymentGroup: deployment.groupName,
    },
  };
}
