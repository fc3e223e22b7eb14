import {
  InvalidParameterException,
  LimitExceededException,
  OperationAbortedException,
  ResourceAlreadyExistsException,
  ResourceNotFoundException,
} from '@aws-sdk/client-cloudwatch-logs';
import { exception } from '../../aws/errors.ts';

export const groupNotFound = () =>
  exception(ResourceNotFoundException, 'The specified log group does not exist.');
export const streamNotFound = () =>
  exception(ResourceNotFoundException, 'The specified log stream does not exist.');
export const resourceNotFound = () =>
  exception(ResourceNotFoundException, 'The specified resource does not exist.');
export const groupExists = () =>
  exception(ResourceAlreadyExistsException, 'The specified log group already exists');
export const streamExists = () =>
  exception(ResourceAlreadyExistsException, 'The specified log stream already exists');
export const invalidParameter = (message: string) => exception(InvalidParameterException, message);
export const invalidToken = () => invalidParameter('The specified nextToken is invalid.');
export const policyNotFound = (name: string) =>
  exception(ResourceNotFoundException, `Policy with name [${name}] does not exist.`);
export const tooManyPolicies = () => exception(LimitExceededException, 'Resource limit exceeded.');
export const revisionOutdated = () =>
  exception(
    OperationAbortedException,
    'The expectedRevisionId is not the revision of the resource policy.',
  );
export const groupProtected = (name: string) =>
  exception(
    OperationAbortedException,
    `The log group ${name} cannot be deleted because it has deletion protection enabled.`,
  );
