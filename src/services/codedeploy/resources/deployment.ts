import { defineResource, findByName, type Named, on } from '../../../kit/resource.ts';
import { deploymentDoesNotExist } from '../errors.ts';
import { requireDeploymentId } from '../operations/validate.ts';
import { type Deployment, findDeployments } from '../store/deployments.ts';
import { groupArn } from './deployment-group.ts';

/**
 * Named by its id. AWS asks for the permission on a deployment's group. What a refusal names is not that group, which would tell that
 * the deployment exists.
 */
export const deployment = defineResource<string | undefined, Named, Deployment>({
  type: 'AWS::CodeDeploy::Deployment',
  locate: ({ accountId, region, partition }, name = '') => ({
    ...{ accountId, region, name },
    arn: groupArn({ accountId, region, partition }, '*', '*'),
  }),
  parse: () => undefined,
  ...findByName(findDeployments),
  check: ({ name }) => void requireDeploymentId(name),
  known: ({ applicationName, groupName }, place) => ({
    arn: groupArn(place, applicationName, groupName),
  }),
  named: ({ arn }) => arn,
  notFound: ({ name }) => deploymentDoesNotExist(name),
});

export const onDeployment = on(
  deployment,
  ({ deploymentId }: { deploymentId?: string | undefined }) => deploymentId,
);
