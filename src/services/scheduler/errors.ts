import {
  ConflictException,
  ResourceNotFoundException,
  ServiceQuotaExceededException,
  ValidationException,
} from '@aws-sdk/client-scheduler';
import { exception } from '../../aws/errors.ts';

export const invalid = (Message: string) => exception(ValidationException, Message, { Message });
export const scheduleNotFound = (name: string) => notFound(`Schedule ${name} does not exist.`);
export const groupNotFound = (name: string) => notFound(`Schedule group ${name} does not exist.`);
const notFound = (Message: string) => exception(ResourceNotFoundException, Message, { Message });
export const conflict = (Message: string) => exception(ConflictException, Message, { Message });
export const tooMany = (Message: string) =>
  exception(ServiceQuotaExceededException, Message, { Message });
export const invalidToken = () => invalid('Invalid NextToken.');
