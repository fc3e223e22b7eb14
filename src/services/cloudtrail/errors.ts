import {
  InvalidEventCategoryException,
  InvalidLookupAttributesException,
  InvalidMaxResultsException,
  InvalidNextTokenException,
  InvalidTimeRangeException,
} from '@aws-sdk/client-cloudtrail';
import { exception } from '../../aws/errors.ts';
import { MAX_RESULTS } from './limits.ts';

export const invalidAttributes = (why: string) => exception(InvalidLookupAttributesException, why);
export const invalidMaxResults = () =>
  exception(
    InvalidMaxResultsException,
    `The value for MaxResults must be between 1 and ${MAX_RESULTS}.`,
  );
export const invalidNextToken = () =>
  exception(
    InvalidNextTokenException,
    'Invalid nextToken: it was not given by this service, or for a request with other parameters.',
  );
export const invalidTimeRange = () =>
  exception(InvalidTimeRangeException, 'The start time must not be after the end time.');
export const invalidEventCategory = (category: string) =>
  exception(
    InvalidEventCategoryException,
    `The event category ${category} is not valid: it must be insight.`,
  );
