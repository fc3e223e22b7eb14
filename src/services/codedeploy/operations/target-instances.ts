import * as sdk from '@aws-sdk/client-codedeploy';
import { exception, unsupported } from '../../../aws/errors.ts';
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
  if (!isGiven) throw invalidTargets('a blue/green deployment needs tags of its instances.');
  if (autoScalingGroups?.length)
    throw unsupported('Auto Scaling groups of a replacement environment');
  if (tagFilters?.length && ec2TagSet?.ec2TagSetList?.length)
    throw invalidTargets('tagFilters and ec2TagSet exclude each other.');
  const checked = tagsOrRefusal({ ec2TagFilters: tagFilters, ec2TagSet });
  return ec2TagSet?.ec2TagSetList?.length
    ? { ec2TagSet: checked.ec2TagSet }
    : { tagFilters: checked.ec2TagFilters };
}

/** CreateDeployment has one error for all that is wrong with these tags. */
function tagsOrRefusal(tags: Parameters<typeof checkEc2Tags>[0]): ReturnType<typeof checkEc2Tags> {
  try {
    return checkEc2Tags(tags);
  } catch (error) {
    throw invalidTargets((error as Error).message);
  }
}
