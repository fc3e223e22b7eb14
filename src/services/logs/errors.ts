import {
  InvalidOperationException,
  InvalidParameterException,
  LimitExceededException,
  MalformedQueryException,
  OperationAbortedException,
  ResourceAlreadyExistsException,
  ResourceNotFoundException,
} from '@aws-sdk/client-cloudwatch-logs';
import { exception } from '../../aws/errors.ts';
import type { QueryError } from './model/insights/syntax.ts';

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
export const limitExceeded = () => exception(LimitExceededException, 'Resource limit exceeded.');
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

export const malformedQuery = ({ message, at: { start, end } }: QueryError) =>
  exception(MalformedQueryException, message, {
    queryCompileError: { location: { startCharOffset: start, endCharOffset: end }, message },
  });
export const queryNotFound = (id: string) =>
  exception(ResourceNotFoundException, `Query ${id} does not exist.`);
export const queryNotRunning = (id: string) => invalidParameter(`Query ${id} is not running.`);
export const queryDefinitionNotFound = (id: string) =>
  exception(ResourceNotFoundException, `Query definition ${id} does not exist.`);
export const recordNotFound = () =>
  invalidParameter('The specified logRecordPointer is invalid or expired.');
export const metricFilterNotFound = () =>
  exception(ResourceNotFoundException, 'The specified metric filter does not exist.');
export const invalidOperation = (message: string) => exception(InvalidOperationException, message);
export const exportNotFound = () =>
  exception(ResourceNotFoundException, 'The specified export task does not exist.');
export const exportEnded = () =>
  invalidOperation('The specified export task has already finished.');
export const noBucketAccess = (call: string) =>
  invalidParameter(
    `${call} call on the given bucket failed. Please check if CloudWatch Logs has been granted permission to perform this operation.`,
  );
export const subscriptionNotFound = () =>
  exception(ResourceNotFoundException, 'The specified subscription filter does not exist.');
export const destinationNotFound = () =>
  exception(ResourceNotFoundException, 'The specified destination does not exist.');
