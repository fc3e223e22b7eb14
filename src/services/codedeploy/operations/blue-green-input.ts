import type * as sdk from '@aws-sdk/client-codedeploy';
import { invalidBlueGreen } from '../errors.ts';
import { MAX_READY_WAIT_MINUTES, MAX_TERMINATION_WAIT_MINUTES } from '../limits.ts';
import type { GroupBody } from '../store/applications.ts';

/**
 * What is so whichever the platform is (CD-DGF-11); only how long traffic may wait is the platform's.
 * @throws InvalidBlueGreenDeploymentConfigurationException
 */
function checkWays(
  given: sdk.BlueGreenDeploymentConfiguration,
  platform: keyof typeof MAX_READY_WAIT_MINUTES,
): void {
  const { deploymentReadyOption: ready, terminateBlueInstancesOnDeploymentSuccess: blue } = given;
  oneOf('actionOnTimeout', ready?.actionOnTimeout, ['CONTINUE_DEPLOYMENT', 'STOP_DEPLOYMENT']);
  oneOf('action', blue?.action, ['TERMINATE', 'KEEP_ALIVE']);
  const { action } = given.greenFleetProvisioningOption ?? {};
  oneOf('action', action, ['DISCOVER_EXISTING', 'COPY_AUTO_SCALING_GROUP']);
  minutes('waitTimeInMinutes', ready?.waitTimeInMinutes, MAX_READY_WAIT_MINUTES[platform]);
  const termination = blue?.terminationWaitTimeInMinutes;
  minutes('terminationWaitTimeInMinutes', termination, MAX_TERMINATION_WAIT_MINUTES);
  if (ready?.actionOnTimeout !== 'STOP_DEPLOYMENT' && ready?.waitTimeInMinutes)
    throw invalidBlueGreen('waitTimeInMinutes is for STOP_DEPLOYMENT.');
}

function oneOf(what: string, value: string | undefined, known: readonly string[]): void {
  if (value !== undefined && !known.includes(value))
    throw invalidBlueGreen(`${what} is ${known.join(' or ')}, not ${value}.`);
}

function minutes(what: string, value: number | undefined, most: number): void {
  if (value !== undefined && (!Number.isInteger(value) || value < 0 || value > most))
    throw invalidBlueGreen(`${what} is a number from 0 to ${most}.`);
}

/** Of a group of servers, as it is given. @throws InvalidBlueGreenDeploymentConfigurationException */
export function checkServerBlueGreen(
  given: sdk.BlueGreenDeploymentConfiguration | undefined,
): GroupBody['info']['blueGreenDeploymentConfiguration'] {
  if (given) checkWays(given, 'Server');
  return given;
}

/** Of a group of ECS, with what it does not say. @throws InvalidBlueGreenDeploymentConfigurationException */
export function checkEcsBlueGreen(
  given: sdk.BlueGreenDeploymentConfiguration = {},
): sdk.BlueGreenDeploymentConfiguration {
  checkWays(given, 'ECS');
  const { deploymentReadyOption: ready, terminateBlueInstancesOnDeploymentSuccess: blue } = given;
  const { actionOnTimeout = 'CONTINUE_DEPLOYMENT', waitTimeInMinutes = 0 } = ready ?? {};
  const { action = 'TERMINATE', terminationWaitTimeInMinutes = 0 } = blue ?? {};
  if (given.greenFleetProvisioningOption)
    throw invalidBlueGreen('greenFleetProvisioningOption is for instances only.');
  if (actionOnTimeout === 'STOP_DEPLOYMENT' && waitTimeInMinutes === 0)
    throw invalidBlueGreen('STOP_DEPLOYMENT needs waitTimeInMinutes.');
  if (action !== 'TERMINATE')
    throw invalidBlueGreen('the original task set can only be terminated.');
  return {
    deploymentReadyOption: { actionOnTimeout, waitTimeInMinutes },
    terminateBlueInstancesOnDeploymentSuccess: { action, terminationWaitTimeInMinutes },
  };
}
