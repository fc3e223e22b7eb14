import * as sdk from '@aws-sdk/client-codedeploy';
import { exception } from '../../../aws/errors.ts';
import type { ServiceContext } from '../../../kit/service.ts';
import { isTerminal } from '../model/deployment-state.ts';
import { continueShift } from '../model/strategies/drive.ts';
import { settle } from '../reconcilers/deployment.ts';
import { onDeployment } from '../resources/deployment.ts';
import { codedeploy } from './declare.ts';

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
