import * as sdk from '@aws-sdk/client-codedeploy';
import { exception } from '../../aws/errors.ts';

/** Messages in AWS's words where AWS has published them. */
export const applicationDoesNotExist = (name: string) =>
  exception(sdk.ApplicationDoesNotExistException, `No application found for name: ${name}`);

export const groupDoesNotExist = (name: string) =>
  exception(
    sdk.DeploymentGroupDoesNotExistException,
    `No Deployment Group found for name: ${name}`,
  );

export const deploymentDoesNotExist = (id: string) =>
  exception(sdk.DeploymentDoesNotExistException, `The deployment ${id} could not be found`);

export const invalidRevision = (why: string) =>
  exception(
    sdk.InvalidRevisionException,
    `The revision was specified in an invalid format: ${why}`,
  );

export const invalidBlueGreen = (why: string) =>
  exception(
    sdk.InvalidBlueGreenDeploymentConfigurationException,
    `The configuration for the blue/green deployment group was provided in an invalid format: ${why}`,
  );

export const invalidScalingGroup = (why: string) =>
  exception(
    sdk.InvalidAutoScalingGroupException,
    `The Auto Scaling group was specified in an invalid format or does not exist: ${why}`,
  );

export const configDoesNotExist = (name: string) =>
  exception(
    sdk.DeploymentConfigDoesNotExistException,
    `No deployment configuration found for name: ${name}`,
  );

export const instanceNotRegistered = (name: string) =>
  exception(
    sdk.InstanceNotRegisteredException,
    `The on-premises instance could not be found: ${name}`,
  );

export const batchLimit = (limit: number) =>
  exception(
    sdk.BatchLimitExceededException,
    `The number of requested items exceeds the limit of ${limit}.`,
  );

export const invalidNextToken = () =>
  exception(sdk.InvalidNextTokenException, 'The next token was specified in an invalid format.');
