import * as sdk from '@aws-sdk/client-codedeploy';
import { parseArn } from '../../../aws/arn.ts';
import { exception } from '../../../aws/errors.ts';
import type { Tx } from '../../../db/database.ts';
import type { Platform } from '../../../kit/service.ts';
import { notServed } from '../../../kit/upstream.ts';
import { type Group, type GroupBody, listGroups } from '../store/applications.ts';
import type { Place } from '../store/tables.ts';
import { checkEcsBlueGreen } from './blue-green-input.ts';
import type { GroupInput } from './group-input.ts';

// Deployment groups of the compute platforms that shift traffic: Lambda and ECS.

type ShiftPlatform = 'Lambda' | 'ECS';
type Info = Partial<GroupBody['info']>;

/** As such a group is whatever its input says of it (CD-PLT-02). */
export const SHIFT_STYLE: sdk.DeploymentStyle = {
  deploymentType: 'BLUE_GREEN',
  deploymentOption: 'WITH_TRAFFIC_CONTROL',
};

/** Services without which nothing can be deployed there, by their signing names. */
const NEEDED = { Lambda: ['lambda'], ECS: ['ecs', 'elasticloadbalancing'] };

/** A group of a platform that nobody here answers for is refused by the setting that says who does. @throws 501 */
export function requireReach(ctx: Pick<Platform, 'reaches'>, platform: ShiftPlatform): void {
  const missing = NEEDED[platform].find((service) => !ctx.reaches(service));
  if (missing !== undefined) throw notServed(missing);
}

/**
 * The members that only such groups have, or have otherwise, checked (CD-DGF-10 to 13).
 * @param before the group that is changed
 */
export function checkShiftGroup(platform: ShiftPlatform, input: GroupInput, before?: Info): Info {
  refuseServers(platform, input);
  const { deploymentType, deploymentOption } = { ...SHIFT_STYLE, ...input.deploymentStyle };
  if (
    deploymentType !== SHIFT_STYLE.deploymentType ||
    deploymentOption !== SHIFT_STYLE.deploymentOption
  )
    throw exception(
      sdk.InvalidDeploymentStyleException,
      `For ${platform} deployment groups the deployment type must be BLUE_GREEN and the deployment option WITH_TRAFFIC_CONTROL.`,
    );
  return { deploymentStyle: SHIFT_STYLE, ...(platform === 'ECS' && checkEcs(input, before)) };
}

function refuseServers(platform: ShiftPlatform, input: GroupInput): void {
  const { loadBalancerInfo: lb, ec2TagSet, onPremisesTagSet } = input;
  const given = {
    ...{ ec2TagFilters: input.ec2TagFilters, ec2TagSet: ec2TagSet?.ec2TagSetList },
    onPremisesInstanceTagFilters: input.onPremisesInstanceTagFilters,
    ...{ onPremisesTagSet: onPremisesTagSet?.onPremisesTagSetList },
    ...{ autoScalingGroups: input.autoScalingGroups },
    ...{ elbInfoList: lb?.elbInfoList, targetGroupInfoList: lb?.targetGroupInfoList },
    ...(platform === 'Lambda' && {
      ...{ ecsServices: input.ecsServices, targetGroupPairInfoList: lb?.targetGroupPairInfoList },
    }),
  };
  const [name] = Object.entries(given).find(([, list]) => list?.length) ?? [];
  if (name !== undefined || input.terminationHookEnabled)
    throw exception(
      sdk.InvalidInputException,
      `${name ?? 'terminationHookEnabled'} cannot be specified for a deployment group of the ${platform} compute platform.`,
    );
  if (platform === 'Lambda' && input.blueGreenDeploymentConfiguration)
    throw exception(
      sdk.InvalidBlueGreenDeploymentConfigurationException,
      'A blue/green deployment configuration cannot be specified for a deployment group of the Lambda compute platform.',
    );
}

function checkEcs(input: GroupInput, before: Info = {}): Info {
  const services = input.ecsServices ?? before.ecsServices ?? [];
  const [service, ...more] = services;
  if (!service?.clusterName || !service.serviceName || more.length > 0)
    throw exception(
      sdk.InvalidECSServiceException,
      'The Amazon ECS service identifier is not valid: a deployment group has exactly one cluster name and service name.',
    );
  return {
    ecsServices: services,
    loadBalancerInfo: checkBalancer(input.loadBalancerInfo ?? before.loadBalancerInfo),
    blueGreenDeploymentConfiguration: checkEcsBlueGreen(
      input.blueGreenDeploymentConfiguration ?? before.blueGreenDeploymentConfiguration,
    ),
  };
}

function checkBalancer(info: sdk.LoadBalancerInfo | undefined): sdk.LoadBalancerInfo {
  const [pair, ...more] = info?.targetGroupPairInfoList ?? [];
  if (!pair || more.length > 0)
    throw exception(
      sdk.InvalidLoadBalancerInfoException,
      'An invalid load balancer name, or no load balancer name, was specified: targetGroupPairInfoList must have exactly one pair.',
    );
  const names = new Set(pair.targetGroups?.map(({ name }) => name || undefined));
  const prod = pair.prodTrafficRoute?.listenerArns ?? [];
  const test = pair.testTrafficRoute && (pair.testTrafficRoute.listenerArns ?? []);
  const routes = [prod, ...(test ? [test] : [])];
  const invalid = (why: string) =>
    exception(
      sdk.InvalidTargetGroupPairException,
      `A target group pair associated with this deployment is not valid: ${why}`,
    );
  if (pair.targetGroups?.length !== 2 || names.size !== 2 || names.has(undefined))
    throw invalid('it must have the names of two different target groups.');
  if (routes.some((arns) => arns.length !== 1 || !isListener(arns[0] ?? '')))
    throw invalid('each traffic route must have the ARN of exactly one listener.');
  return { targetGroupPairInfoList: [pair] };
}

function isListener(text: string): boolean {
  const arn = parseArn(text);
  return arn?.service === 'elasticloadbalancing' && arn.resource.startsWith('listener/');
}

/** A service is in one deployment group (CD-DGF-13). @throws ECSServiceMappingLimitExceededException */
export async function checkServiceIsFree(
  tx: Tx,
  place: Place,
  { ecsServices: [service] = [] }: Info,
  groupId: string,
): Promise<void> {
  if (!service) return;
  const taken = (await listGroups(tx, place)).some(
    (group: Group) =>
      group.groupId !== groupId &&
      group.info.ecsServices?.some(
        ({ clusterName, serviceName }) =>
          clusterName === service.clusterName && serviceName === service.serviceName,
      ),
  );
  if (!taken) return;
  throw exception(
    sdk.ECSServiceMappingLimitExceededException,
    `The Amazon ECS service ${service.serviceName} is associated with more than one deployment group. An Amazon ECS service can be associated with only one deployment group.`,
  );
}
