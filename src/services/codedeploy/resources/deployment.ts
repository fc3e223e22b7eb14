import { defineResource, type Located, on } from '../../../kit/resource.ts';
import { deploymentDoesNotExist } from '../errors.ts';
import { requireDeploymentId } from '../operations/validate.ts';
import { type Deployment, findDeployment } from '../store/deployments.ts';
import { groupArn } from './deployment-group.ts';

interface LocatedDeployment extends Located {
  deploymentId: string;
}

/**
 * AWS asks for the permission on a deployment's group. What a refusal names is not that group, which would tell that
 * the deployment exists.
 */
export const deployment = defineResource<string | undefined, LocatedDeployment, Deployment>({
  type: 'AWS::CodeDeploy::Deployment',
  locate: ({ accountId, region, partition }, deploymentId = '') => ({
    ...{ accountId, region, deploymentId },
    arn: groupArn({ accountId, region, partition }, '*', '*'),
  }),
  parse: () => undefined,
  find: (db, { deploymentId, ...place }) => findDeployment(db, place, deploymentId),
  check: ({ deploymentId }) => void requireDeploymentId(deploymentId),
  known: ({ applicationName, groupName }, place) => ({
    arn: groupArn(place, applicationName, groupName),
  }),
  named: ({ arn }) => arn,
  notFound: ({ deploymentId }) => deploymentDoesNotExist(deploymentId),
});

export const onDeployment = on(
  deployment,
  ({ deploymentId }: { deploymentId?: string | undefined }) => deploymentId,
);
