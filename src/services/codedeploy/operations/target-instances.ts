import * as sdk from '@aws-sdk/client-codedeploy';
import { exception } from '../../../aws/errors.ts';
import { MAX_SCALING_GROUPS } from '../limits.ts';
import type { Group } from '../store/applications.ts';
import { checkEc2Tags } from './group-input.ts';

const invalidTargets = (why: string) =>
  exception(
    sdk.InvalidTargetInstancesException,
    `The target instance configuration is invalid: ${why}`,
  );

/** The replacement instances of a blue/green deployment (CD-DEP-08). @throws InvalidTargetInstancesException */
export function checkTargetInstances(
  given: sdk.TargetInstances | undefined,
  { info }: Group,
): sdk.TargetInstances | undefined {
  const { autoScalingGroups, tagFilters, ec2TagSet } = given ?? {};
  const named = [autoScalingGroups, tagFilters, ec2TagSet?.ec2TagSetList];
  const { computePlatform: platform = 'Server' } = info;
  if (platform !== 'Server' && named.some((list) => list !== undefined))
    throw invalidTargets(`a deployment to ${platform} has no instances.`);
  if (platform !== 'Server') return undefined;
  const isGiven = named.some((list) => list?.length);
  if (info.deploymentStyle?.deploymentType !== 'BLUE_GREEN') {
    if (named.some((list) => list !== undefined))
      throw invalidTargets('it is for blue/green deployments only.');
    return undefined;
  }
  const { action } = info.blueGreenDeploymentConfiguration?.greenFleetProvisioningOption ?? {};
  if (action === 'COPY_AUTO_SCALING_GROUP') {
    if (isGiven) throw invalidTargets('the replacement instances are those of a copied group.');
    return undefined;
  }
  if (!isGiven)
    throw invalidTargets(
      'a blue/green deployment needs tags of its instances, or their Auto Scaling groups.',
    );
  const names = autoScalingGroups ?? [];
  if (names.length > MAX_SCALING_GROUPS || names.some((name) => !name || name.length > 255))
    throw invalidTargets(`autoScalingGroups are ${MAX_SCALING_GROUPS} names at most.`);
  if (tagFilters?.length && ec2TagSet?.ec2TagSetList?.length)
    throw invalidTargets('tagFilters and ec2TagSet exclude each other.');
  const checked = tagsOrRefusal({ ec2TagFilters: tagFilters, ec2TagSet });
  const scaled = autoScalingGroups?.length ? { autoScalingGroups } : {};
  if (ec2TagSet?.ec2TagSetList?.length) return { ec2TagSet: checked.ec2TagSet, ...scaled };
  return { ...(checked.ec2TagFilters && { tagFilters: checked.ec2TagFilters }), ...scaled };
}

/** CreateDeployment has one error for all that is wrong with these tags. */
function tagsOrRefusal(tags: Parameters<typeof checkEc2Tags>[0]): ReturnType<typeof checkEc2Tags> {
  try {
    return checkEc2Tags(tags);
  } catch (error) {
    throw invalidTargets((error as Error).message);
  }
}
