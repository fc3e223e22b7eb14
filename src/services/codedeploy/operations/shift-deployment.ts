import { randomUUID } from 'node:crypto';
import * as sdk from '@aws-sdk/client-codedeploy';
import { exception } from '../../../aws/errors.ts';
import type { ShiftState } from '../model/strategies/shift-state.ts';
import type { Application, Group } from '../store/applications.ts';

const MINUTE_MS = 60_000;

/** What a deployment to Lambda or ECS begins with; undefined for servers, which have minimum healthy hosts instead. */
export function newShift(
  platform: Application['platform'],
  { trafficRoutingConfig }: sdk.DeploymentConfigInfo,
  { blueGreenDeploymentConfiguration: blueGreen }: Group['info'],
): ShiftState | undefined {
  if (platform === 'Server') return undefined;
  const { actionOnTimeout, waitTimeInMinutes = 0 } = blueGreen?.deploymentReadyOption ?? {};
  const { terminationWaitTimeInMinutes: minutes = 0 } =
    blueGreen?.terminateBlueInstancesOnDeploymentSuccess ?? {};
  return {
    ...{ platform, nonce: randomUUID(), routing: trafficRoutingConfig ?? { type: 'AllAtOnce' } },
    ...(actionOnTimeout === 'STOP_DEPLOYMENT' && { readyMs: waitTimeInMinutes * MINUTE_MS }),
    ...{ terminationMs: minutes * MINUTE_MS, at: 0, touched: false, weight: 0 },
  };
}

/** Members of CreateDeployment that are for servers alone (CD-MHH-13). */
export function checkShiftDeployment(
  platform: Application['platform'],
  input: sdk.CreateDeploymentCommandInput,
): void {
  if (platform === 'Server') return;
  if (input.updateOutdatedInstancesOnly)
    throw exception(
      sdk.InvalidUpdateOutdatedInstancesOnlyValueException,
      `The UpdateOutdatedInstancesOnly value is invalid: for ${platform} deployments, false is expected.`,
    );
  if (input.ignoreApplicationStopFailures)
    throw exception(
      sdk.InvalidIgnoreApplicationStopFailuresValueException,
      `The IgnoreApplicationStopFailures value is invalid: for ${platform} deployments, false is expected.`,
    );
}
