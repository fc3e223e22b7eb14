import * as sdk from '@aws-sdk/client-codedeploy';
import { exception } from '../../../aws/errors.ts';
import { invalidBlueGreen } from '../errors.ts';
import { MAX_BALANCERS } from '../limits.ts';
import type { GroupBody } from '../store/applications.ts';

type Info = GroupBody['info'];

const invalidBalancer = (why: string) =>
  exception(
    sdk.InvalidLoadBalancerInfoException,
    `An invalid load balancer name, or no load balancer name, was specified: ${why}`,
  );

/** CD-DGF-12. Whether they are there shows when a deployment starts. @throws InvalidLoadBalancerInfoException */
export function checkBalancers(info: sdk.LoadBalancerInfo | undefined): Info['loadBalancerInfo'] {
  for (const list of [info?.elbInfoList ?? [], info?.targetGroupInfoList ?? []]) {
    if (list.length > MAX_BALANCERS) throw invalidBalancer(`more than ${MAX_BALANCERS} are named.`);
    const names = list.map(({ name }) => name);
    const bad = names.find((name) => !/^[A-Za-z0-9-]{1,32}$/.test(name ?? ''));
    if (bad !== undefined || names.includes(undefined)) throw invalidBalancer(`${bad ?? ''}`);
    if (new Set(names).size < names.length) throw invalidBalancer('one is named twice.');
  }
  return info;
}

/**
 * What a group's settings are together, those it keeps and those it is given.
 * @throws InvalidLoadBalancerInfoException, InvalidDeploymentStyleException, InvalidBlueGreenDeploymentConfigurationException
 */
export function checkTraffic(info: Info): void {
  const { deploymentStyle: style, loadBalancerInfo: balancers } = info;
  const named = [balancers?.elbInfoList, balancers?.targetGroupInfoList];
  const onPremises = [
    ...(info.onPremisesInstanceTagFilters ?? []),
    ...(info.onPremisesTagSet?.onPremisesTagSetList ?? []),
  ];
  if (style?.deploymentType === 'BLUE_GREEN' && onPremises.length > 0)
    throw exception(
      sdk.InvalidDeploymentStyleException,
      'On-premises instances are deployed to in place: the deployment type BLUE_GREEN is not for them.',
    );
  if (
    style?.deploymentType === 'BLUE_GREEN' &&
    style.deploymentOption === 'WITHOUT_TRAFFIC_CONTROL'
  )
    throw exception(
      sdk.InvalidDeploymentStyleException,
      'The deployment type BLUE_GREEN needs the deployment option WITH_TRAFFIC_CONTROL.',
    );
  const { action } = info.blueGreenDeploymentConfiguration?.greenFleetProvisioningOption ?? {};
  if (
    style?.deploymentType === 'BLUE_GREEN' &&
    action === 'COPY_AUTO_SCALING_GROUP' &&
    info.autoScalingGroups?.length !== 1
  )
    throw invalidBlueGreen('COPY_AUTO_SCALING_GROUP needs exactly one Auto Scaling group.');
  if (style?.deploymentOption !== 'WITH_TRAFFIC_CONTROL') return;
  if (!named.some((list) => list?.length))
    throw invalidBalancer('WITH_TRAFFIC_CONTROL needs elbInfoList or targetGroupInfoList.');
  // They are no targets of load balancers (CD-ONP-05).
  if (onPremises.length > 0)
    throw invalidBalancer('on-premises instances cannot be registered with load balancers.');
}
