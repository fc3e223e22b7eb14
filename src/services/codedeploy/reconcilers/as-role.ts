import { groupArn } from '../resources/deployment-group.ts';
import type { PlacedDeployment } from '../store/deployments.ts';
import type { Place } from '../store/tables.ts';
import { SERVICE_PRINCIPAL } from './names.ts';

/** A deployment group's service role, and for which resource it is assumed. */
export interface GroupRole extends Place {
  roleArn: string;
  sourceArn: string;
}

/** Under a group's service role, for that group. @param sessionName as CloudTrail shows it */
export const asGroup = ({ roleArn, sourceArn, region }: GroupRole, sessionName: string) => ({
  ...{ service: SERVICE_PRINCIPAL, roleArn, region, sessionName, sourceArn },
});

/** Under a deployment's service role, for its deployment group. */
export function asRoleOf(deployment: PlacedDeployment) {
  const { serviceRoleArn: roleArn, accountId, region, applicationName, groupName } = deployment;
  const sourceArn = groupArn({ accountId, region }, applicationName, groupName);
  return asGroup({ accountId, region, roleArn, sourceArn }, deployment.deploymentId);
}
