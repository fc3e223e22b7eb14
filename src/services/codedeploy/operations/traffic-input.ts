import * as sdk from '@aws-sdk/client-codedeploy';
import { exception } from '../../../aws/errors.ts';
import { MAX_BALANCERS, MAX_READY_WAIT_MINUTES, MAX_TERMINATION_WAIT_MINUTES } from '../limits.ts';
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

const invalidBlueGreen = (why: string) =>
  exception(
    sdk.InvalidBlueGreenDeploymentConfigurationException,
    `The configuration for the blue/green deployment group was provided in an invalid format: ${why}`,
  );

/** CD-DGF-11. @throws InvalidBlueGreenDeploymentConfigurationException */
export function checkBlueGreen(
  given: sdk.BlueGreenDeploymentConfiguration | undefined,
): Info['blueGreenDeploymentConfiguration'] {
  const { deploymentReadyOption: ready, terminateBlueInstancesOnDeploymentSuccess: blue } =
    given ?? {};
  const oneOf = (what: string, value: string | undefined, known: readonly string[]) => {
    if (value !== undefined && !known.includes(value))
      throw invalidBlueGreen(`${what} is ${known.join(' or ')}, not ${value}.`);
  };
  const minutes = (what: string, value: number | undefined, most: number) => {
    if (value !== undefined && (!Number.isInteger(value) || value < 0 || value > most))
      throw invalidBlueGreen(`${what} is a number from 0 to ${most}.`);
  };
  oneOf('actionOnTimeout', ready?.actionOnTimeout, ['CONTINUE_DEPLOYMENT', 'STOP_DEPLOYMENT']);
  oneOf('action', blue?.action, ['TERMINATE', 'KEEP_ALIVE']);
  const { action } = given?.greenFleetProvisioningOption ?? {};
  oneOf('action', action, ['DISCOVER_EXISTING', 'COPY_AUTO_SCALING_GROUP']);
  minutes('waitTimeInMinutes', ready?.waitTimeInMinutes, MAX_READY_WAIT_MINUTES);
  const termination = blue?.terminationWaitTimeInMinutes;
  minutes('terminationWaitTimeInMinutes', termination, MAX_TERMINATION_WAIT_MINUTES);
  if (ready?.actionOnTimeout !== 'STOP_DEPLOYMENT' && ready?.waitTimeInMinutes)
    throw invalidBlueGreen('waitTimeInMinutes is for STOP_DEPLOYMENT.');
  return given;
}

/**
 * What a group's settings are together, those it keeps and those it is given.
 * @throws InvalidLoadBalancerInfoException, InvalidDeploymentStyleException
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
  if (style?.deploymentOption !== 'WITH_TRAFFIC_CONTROL') return;
  if (!named.some((list) => list?.length))
    throw invalidBalancer('WITH_TRAFFIC_CONTROL needs elbInfoList or targetGroupInfoList.');
  // They are no targets of load balancers (CD-ONP-05).
  if (onPremises.length > 0)
    throw invalidBalancer('on-premises instances cannot be registered with load balancers.');
}
