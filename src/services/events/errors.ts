import {
  IllegalStatusException,
  InvalidEventPatternException,
  LimitExceededException,
  PolicyLengthExceededException,
  ResourceAlreadyExistsException,
  ResourceNotFoundException,
} from '@aws-sdk/client-eventbridge';
import { AwsError, exception } from '../../aws/errors.ts';

export const invalid = (message: string) => new AwsError('ValidationException', message);
export const invalidParameter = (name: string) => invalid(`Parameter ${name} is not valid.`);
export const invalidToken = () => invalidParameter('NextToken');

export const busNotFound = (name: string) =>
  exception(ResourceNotFoundException, `Event bus ${name} does not exist.`);
export const ruleNotFound = (name: string, bus: string) =>
  exception(ResourceNotFoundException, `Rule ${name} does not exist on EventBus ${bus}.`);
export const archiveNotFound = (name: string) =>
  exception(ResourceNotFoundException, `Archive ${name} does not exist.`);
export const replayNotFound = (name: string) =>
  exception(ResourceNotFoundException, `Replay ${name} does not exist.`);
export const connectionNotFound = (name: string) =>
  exception(
    ResourceNotFoundException,
    `Failed to describe the connection(s). Connection '${name}' does not exist.`,
  );
export const destinationNotFound = (name: string) =>
  exception(
    ResourceNotFoundException,
    `Failed to describe the api-destination(s). An api-destination '${name}' does not exist.`,
  );
export const noSuchStatement = () =>
  exception(ResourceNotFoundException, 'Statement with the provided id does not exist.');

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
