import { groupArn } from '../resources/deployment-group.ts';
import type { PlacedDeployment } from '../store/deployments.ts';
import { SERVICE_PRINCIPAL } from './names.ts';

/** Under a deployment's service role, for its deployment group. */
export function asRoleOf(deployment: PlacedDeployment) {
  const { serviceRoleArn: roleArn, accountId, region, applicationName, groupName } = deployment;
  return {
    ...{ service: SERVICE_PRINCIPAL, roleArn, region, sessionName: deployment.deploymentId },
    sourceArn: groupArn({ partition: 'aws', accountId, region }, applicationName, groupName),
  };
}
