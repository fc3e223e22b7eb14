import {
  IllegalStatusException,
  InvalidEventPatternException,
  LimitExceededException,
  PolicyLengthExceededException,
  ResourceAlreadyExistsException,
  ResourceNotFoundException,
} from '@aws-sdk/client-eventbridge';
import { AwsError, exception } from '../../aws/errors.ts';
import { DEFAULT_BUS } from './model/names.ts';

export const invalid = (message: string) => new AwsError('ValidationException', message);
export const invalidParameter = (name: string) => invalid(`Parameter ${name} is not valid.`);
export const invalidToken = () => invalidParameter('NextToken');

export const busNotFound = (name: string) =>
  exception(ResourceNotFoundException, `Event bus ${name} does not exist.`);
export const ruleNotFound = (name: string, bus: string) =>
  exception(
    ResourceNotFoundException,
    bus === DEFAULT_BUS
      ? `Rule ${name} does not exist.`
      : `Rule ${name} does not exist on EventBus ${bus}.`,
  );
export const notFound = (kind: string, name: string) =>
  exception(ResourceNotFoundException, `${kind} '${name}' does not exist.`);
export const noSuchStatement = () =>
  exception(ResourceNotFoundException, 'Statement with the provided id does not exist.');
export const noPolicy = () =>
  exception(ResourceNotFoundException, 'EventBus does not have a policy.');

export const busExists = (name: string) =>
  exception(ResourceAlreadyExistsException, `Event bus ${name} already exists.`);
export const alreadyExists = (kind: string, name: string) =>
  exception(ResourceAlreadyExistsException, `${kind} ${name} already exists.`);

export const limitExceeded = (message: string) => exception(LimitExceededException, message);
export const policyTooLong = () =>
  exception(PolicyLengthExceededException, 'The policy of the event bus is too long.');
export const invalidPattern = (reason: string) =>
  exception(InvalidEventPatternException, `Event pattern is not valid. Reason: ${reason}`);
export const illegalStatus = (message: string) => exception(IllegalStatusException, message);
