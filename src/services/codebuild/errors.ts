import {
  AccountLimitExceededException,
  InvalidInputException,
  OAuthProviderException,
  ResourceAlreadyExistsException,
  ResourceNotFoundException,
} from '@aws-sdk/client-codebuild';
import { exception } from '../../aws/errors.ts';

export const invalidInput = (message: string) => exception(InvalidInputException, message);

export const projectNotFound = (arn: string) =>
  exception(ResourceNotFoundException, `The provided project ${arn} does not exist`);

export const buildNotFound = (id: string) =>
  exception(ResourceNotFoundException, `Build ${id} does not exist`);

export const sandboxNotFound = (id: string) =>
  exception(ResourceNotFoundException, `Sandbox ${id} does not exist`);

export const batchNotFound = (id: string) =>
  exception(ResourceNotFoundException, `Build batch ${id} does not exist`);

export const projectExists = (arn: string) =>
  exception(ResourceAlreadyExistsException, `Project already exists: ${arn}`);

export const tooManyProjects = (limit: number) =>
  exception(
    AccountLimitExceededException,
    `Cannot have more than ${limit} build projects for the account`,
  );

export const tooManyBuilds = (limit: number) =>
  exception(
    AccountLimitExceededException,
    `Cannot have more than ${limit} active builds for the account`,
  );

export const invalidRole = (roleArn: string) =>
  invalidInput(`CodeBuild is not authorized to perform: sts:AssumeRole on ${roleArn}`);

export const fleetNotFound = (arn: string) =>
  exception(ResourceNotFoundException, `The provided fleet ${arn} does not exist`);

export const fleetExists = (name: string) =>
  exception(ResourceAlreadyExistsException, `Fleet already exists: ${name}`);

export const tooManyFleets = (limit: number) =>
  exception(
    AccountLimitExceededException,
    `Cannot have more than ${limit} compute fleets for the account`,
  );

export const tooManyMachines = (limit: number) =>
  exception(
    AccountLimitExceededException,
    `Cannot have a base capacity of more than ${limit} in the compute fleets of the account`,
  );

export const reportNotFound = (arn: string) =>
  exception(ResourceNotFoundException, `The provided resource ${arn} does not exist`);

export const reportGroupExists = (arn: string) =>
  exception(ResourceAlreadyExistsException, `Report group already exists: ${arn}`);

export const tooManyReportGroups = (limit: number) =>
  exception(
    AccountLimitExceededException,
    `Cannot have more than ${limit} report groups for the account`,
  );

export const credentialExists = (arn: string) =>
  exception(ResourceAlreadyExistsException, `Source credentials already exist: ${arn}`);

export const credentialNotFound = (arn: string) =>
  exception(ResourceNotFoundException, `The provided source credentials ${arn} do not exist`);

export const webhookExists = (project: string) =>
  exception(ResourceAlreadyExistsException, `Webhook already exists for project ${project}`);

export const webhookNotFound = (project: string) =>
  exception(ResourceNotFoundException, `There is no webhook for project ${project}`);

/** What the forge says, or that it says nothing. */
export const providerRefused = (message: string) => exception(OAuthProviderException, message);
