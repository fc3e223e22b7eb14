import * as sdk from '@aws-sdk/client-codedeploy';
import { exception, unsupported } from '../../../aws/errors.ts';
import type { ServiceContext } from '../../../kit/service.ts';
import { isTerminal } from '../model/deployment-state.ts';
import { continueShift } from '../model/strategies/drive.ts';
import { settle } from '../reconcilers/deployment.ts';
import { onDeployment } from '../resources/deployment.ts';
import type { Group } from '../store/applications.ts';
import { codedeploy } from './declare.ts';
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

type Wait = 'READY_WAIT' | 'TERMINATION_WAIT';

export const continueDeployment = codedeploy(
  'continueDeployment',
  onDeployment,
  async (ctx, input, { deploymentId }) => {
    const { deploymentWaitType: wait = 'READY_WAIT' } = input;
    if (wait !== 'READY_WAIT' && wait !== 'TERMINATION_WAIT')
      throw exception(
        sdk.InvalidDeploymentWaitTypeException,
        `The wait type is invalid: ${wait}. Valid ones are READY_WAIT and TERMINATION_WAIT.`,
      );
    await endWait(ctx, deploymentId, wait, notReady);
    return {};
  },
);

const notReady = (id: string) =>
  exception(
    sdk.DeploymentIsNotInReadyStateException,
    `The deployment ${id} does not have a status of Ready and cannot continue yet.`,
  );

/** The older way to say TERMINATION_WAIT. */
export const skipWaitTimeForInstanceTermination = codedeploy(
  'skipWaitTimeForInstanceTermination',
  onDeployment,
  async (ctx, _input, { deploymentId }) => {
    await endWait(ctx, deploymentId, 'TERMINATION_WAIT', (id) =>
      exception(
        sdk.DeploymentNotStartedException,
        `The wait for the termination of instances has not started: ${id}`,
      ),
    );
    return {};
  },
);

async function endWait(
  ctx: ServiceContext,
  deploymentId: string,
  wait: Wait,
  refusal: (id: string) => Error,
): Promise<void> {
  await ctx.transaction((tx) =>
    settle(ctx, tx, deploymentId, (draft) => {
      const { status, blueGreen, shift } = draft.state;
      if (isTerminal(status))
        throw exception(
          sdk.DeploymentAlreadyCompletedException,
          `The deployment ${deploymentId} is already complete.`,
        );
      if (shift) {
        if (!continueShift(draft, wait)) throw refusal(deploymentId);
        return;
      }
      if (!blueGreen)
        throw exception(
          sdk.UnsupportedActionForDeploymentTypeException,
          `The deployment ${deploymentId} is no blue/green deployment.`,
        );
      if (wait === 'READY_WAIT') {
        if (status !== 'Ready') throw refusal(deploymentId);
        draft.setReroute({ continued: true });
      } else {
        if (blueGreen.reroute.waitsSince === undefined) throw refusal(deploymentId);
        draft.setReroute({ waitSkipped: true });
      }
    }),
  );
}
