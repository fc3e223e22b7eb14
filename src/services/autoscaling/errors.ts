import {
  ActiveInstanceRefreshNotFoundFault,
  AlreadyExistsFault,
  InstanceRefreshInProgressFault,
  InvalidNextToken,
  IrreversibleInstanceRefreshFault,
  LimitExceededFault,
  ResourceInUseFault,
  ScalingActivityInProgressFault,
} from '@aws-sdk/client-auto-scaling';
import { AwsError, exception } from '../../aws/errors.ts';

export const invalid = (message: string) => new AwsError('ValidationError', message);
export const noGroup = (name: string) =>
  invalid(`AutoScalingGroup name not found - AutoScalingGroup '${name}' not found`);
export const noConfiguration = (name: string) =>
  invalid(
    `Launch configuration name not found - Launch configuration with name: ${name} does not exist`,
  );
export const notManaged = (id: string) =>
  invalid(`Instance Id not found - No managed instance found for instance ID: ${id}`);
export const notInGroup = (id: string, group: string) =>
  invalid(`The instance ${id} is not part of Auto Scaling group ${group}.`);
export const noHook = (name: string) => invalid(`No Lifecycle Hook found with name: ${name}`);
export const noAction = (by: string) => invalid(`No active Lifecycle Action found with ${by}`);
export const noPolicy = (name: string) => invalid(`Policy name not found - ${name}`);
export const noSchedule = (name: string) =>
  invalid(`Scheduled action name not found - Scheduled action ${name} not found`);
export const unauthorizedTemplate = (text: string) => new AwsError('AccessDenied', text, 403);

export const groupExists = (name: string) =>
  exception(
    AlreadyExistsFault,
    `AutoScalingGroup by this name already exists - A group with the name ${name} already exists`,
  );
export const groupEnds = (name: string) =>
  exception(
    AlreadyExistsFault,
    `AutoScalingGroup by this name already exists - The group ${name} is pending delete`,
  );
export const configurationExists = (name: string) =>
  exception(
    AlreadyExistsFault,
    `Launch Configuration by this name already exists - A launch configuration already exists with the name ${name}`,
  );
export const scheduleExists = (name: string) =>
  exception(
    AlreadyExistsFault,
    `A scheduled action with the name ${name} is due at this time already`,
  );
export const configurationInUse = (name: string, group: string) =>
  exception(
    ResourceInUseFault,
    `Cannot delete launch configuration ${name} because it is attached to AutoScalingGroup ${group}`,
  );
export const groupInUse = () =>
  exception(
    ResourceInUseFault,
    'You cannot delete an AutoScalingGroup while there are instances or pending Spot instance request(s) still in the group.',
  );
export const activityInProgress = () =>
  exception(
    ScalingActivityInProgressFault,
    'You cannot delete an AutoScalingGroup while there are scaling activities in progress for that group.',
  );
export const coolsDown = (name: string) =>
  exception(
    ScalingActivityInProgressFault,
    `Scaling activity for the group ${name} is in progress: its cooldown has not ended`,
  );
export const limit = (what: string, most: number) =>
  exception(LimitExceededFault, `You have reached the limit of ${most} ${what}`);
export const invalidToken = () => exception(InvalidNextToken, 'Invalid nextToken');
export const refreshInProgress = () =>
  exception(
    InstanceRefreshInProgressFault,
    'An Instance Refresh is already in progress and blocks the execution of this Instance Refresh.',
  );
export const noRefresh = () =>
  exception(
    ActiveInstanceRefreshNotFoundFault,
    'No in progress or pending Instance Refresh found for this Auto Scaling group.',
  );
export const irreversible = (why: string) => exception(IrreversibleInstanceRefreshFault, why);
