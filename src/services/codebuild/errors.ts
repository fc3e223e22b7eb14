import {
  AccountLimitExceededException,
  InvalidInputException,
  ResourceAlreadyExistsException,
  ResourceNotFoundException,
} from '@aws-sdk/client-codebuild';
import { exception } from '../../aws/errors.ts';

export const invalidInput = (message: string) => exception(InvalidInputException, message);

export const projectNotFound = (arn: string) =>
  exception(ResourceNotFoundException, `The provided project ${arn} does not exist`);

export const buildNotFound = (id: string) =>
  exception(ResourceNotFoundException, `Build ${id} does not exist`);

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

export const reportNotFound = (arn: string) =>
  exception(ResourceNotFoundException, `The provided resource ${arn} does not exist`);
