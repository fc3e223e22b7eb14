import {
  IllegalArgumentException,
  InvalidPaginationTokenException,
  NoSuchResourceException,
  TooManyTagsException,
} from '@aws-sdk/client-service-quotas';
import { exception } from '../../aws/errors.ts';

export const noSuchService = () =>
  exception(
    NoSuchResourceException,
    'The request failed because the specified service does not exist.',
  );
export const noSuchQuota = () =>
  exception(
    NoSuchResourceException,
    'The request failed because the specified service quota does not exist.',
  );
export const noSuchRequest = () =>
  exception(NoSuchResourceException, 'The specified request does not exist.');
export const notMore = () =>
  exception(
    IllegalArgumentException,
    'You must provide a quota value greater than the current quota value',
  );
export const invalidToken = () =>
  exception(InvalidPaginationTokenException, 'Invalid NextToken provided');
export const tooManyTags = () =>
  exception(TooManyTagsException, "You've exceeded the number of tags allowed for a resource.");
