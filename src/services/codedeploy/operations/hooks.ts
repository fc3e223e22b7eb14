import * as sdk from '@aws-sdk/client-codedeploy';
import { exception } from '../../../aws/errors.ts';
import { tellHook } from '../model/strategies/drive.ts';
import { settle } from '../reconcilers/deployment.ts';
import { onDeployment } from '../resources/deployment.ts';
import { codedeploy } from './declare.ts';

/** The word of a Lambda function that validates a lifecycle event (CD-DP-14). */
export const putLifecycleEventHookExecutionStatus = codedeploy(
  'putLifecycleEventHookExecutionStatus',
  onDeployment,
  async (ctx, input, deployment) => {
    const { lifecycleEventHookExecutionId: id, status } = input;
    if (!deployment.shift)
      throw exception(
        sdk.UnsupportedActionForDeploymentTypeException,
        `The deployment ${deployment.deploymentId} is to servers, whose lifecycle events have no Lambda functions.`,
      );
    if (!id || id.length > MOST_ID) throw unknownExecution();
    if (status !== 'Succeeded' && status !== 'Failed')
      throw exception(
        sdk.InvalidLifecycleEventHookExecutionStatusException,
        `The result of a Lambda validation function that verifies a lifecycle event is invalid: ${status}. It should return Succeeded or Failed.`,
      );
    const told = await ctx.transaction((tx) =>
      settle(ctx, tx, deployment.deploymentId, (draft) => tellHook(draft, id, status)),
    );
    if (told?.result === 'completed')
      throw exception(
        sdk.LifecycleEventAlreadyCompletedException,
        'An attempt to return the status of an already completed lifecycle event occurred.',
      );
    if (told?.result !== 'taken') throw unknownExecution();
    return { lifecycleEventHookExecutionId: id };
  },
);

const MOST_ID = 256;

const unknownExecution = () =>
  exception(
    sdk.InvalidLifecycleEventHookExecutionIdException,
    'A lifecycle event hook is invalid. Review the hooks section in your AppSpec file to ensure the lifecycle events and hooks functions are valid.',
  );
